"""`assess`: judge texts on the spot, without a database and without a network."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from rich.table import Table
from rich.text import Text

from monitor.commands.opened import err, out, say
from monitor.domain import Finding
from monitor.errors import MonitorError

Look = Callable[[str], Sequence[Finding]]


def assess(
    text: str | None,
    *,
    file: Path | None,
    jsonl: bool,
    register: Path | None,
    silenced: Sequence[str] = (),
    model: bool = True,
) -> int:
    """One text, a file, or lines on standard input; a table for people, JSON Lines for machines. The exit code."""
    look = _look(register, silenced, model=model)
    if jsonl:
        return _lines(file, look)
    if text is None:
        with _opened(file) as source:
            text = source.read().rstrip("\n")
    _table(text, look(text))
    return 0


def answer_to(given: Any, look: Look) -> dict[str, Any]:
    """The answer to one {"id", "text"}: {"id", "severity", "findings"}; severity is null when nothing was found.

    ValueError when it is not such an object.
    """
    from monitor.detectors import as_json
    from monitor.triage import triage

    if not isinstance(given, dict) or not isinstance(given.get("text"), str):
        raise ValueError('is not an object with "id" and "text"')  # noqa: TRY004 - a line's fault, not a caller's
    verdict = triage(look(given["text"]))
    return {
        "id": given.get("id"),
        "severity": verdict.severity.word if verdict.severity else None,
        "findings": as_json(verdict.findings),
    }


def _lines(file: Path | None, look: Look) -> int:
    """Each line answered in order. A line that cannot be read is answered with `error`, said, and the rest goes on."""
    bad = 0
    with _opened(file) as source:
        for number, line in enumerate(_counted(source), start=1):
            if not line.strip():
                continue
            given: Any = None
            try:
                given = json.loads(line, parse_constant=_no_number)
                answer = answer_to(given, look)
            except (ValueError, RecursionError) as error:
                bad += 1
                why = str(error) if str(error).startswith("is not") else "is not JSON"
                say(f'line {number} {why}; write {{"id": "1", "text": "..."}}, one object a line')
                named = given.get("id") if isinstance(given, dict) else None
                answer = {"id": named, "severity": None, "findings": [], "error": f"line {number} {why}"}
            sys.stdout.write(json.dumps(answer, ensure_ascii=True) + "\n")
    sys.stdout.flush()
    return 1 if bad else 0


def _no_number(word: str) -> None:
    """Python reads NaN and Infinity, which JSON does not have and an answer must not hold."""
    raise ValueError(word)


def _look(register: Path | None, silenced: Sequence[str], *, model: bool) -> Look:
    from monitor.detectors import Judge, Model, ModelError, load_rules
    from monitor.register import register_from_csv

    known = register_from_csv(register) if register else None
    try:
        reader = Model() if model else None
    except ModelError as error:
        raise MonitorError(str(error)) from error
    return Judge(load_rules(), register=known, silenced=frozenset(silenced), model=reader)


@contextlib.contextmanager
def _opened(file: Path | None) -> Iterator[IO[str]]:
    """The file, or standard input, as UTF-8; bytes that are not UTF-8 are kept as they are."""
    if file is None:
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="surrogateescape")  # type: ignore[union-attr]
        yield sys.stdin
        return
    try:
        with file.open(encoding="utf-8-sig", errors="surrogateescape") as source:
            yield source
    except OSError as error:
        raise MonitorError(f"{file} cannot be read ({error.strerror}); name a file that exists") from error


def _counted(source: IO[str]) -> Iterator[str]:
    """The lines, with a count on standard error while a person waits."""
    if not err.is_terminal:
        yield from source
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    with Progress(
        SpinnerColumn(),
        TextColumn("{task.completed} assessed"),
        TimeElapsedColumn(),
        console=err,
        transient=True,
    ) as progress:
        task = progress.add_task("assess", total=None)
        for line in source:
            yield line
            progress.advance(task)


def _table(text: str, findings: Sequence[Finding]) -> None:
    from monitor.triage import triage

    verdict = triage(findings)
    if verdict.severity is None:
        out.print("Nothing found.")
        return
    table = Table(title=f"{verdict.severity.word}: {verdict.category}", title_justify="left")
    for column in ("severity", "category", "words", "why", "rule"):
        table.add_column(column)
    for one in verdict.findings:
        words = "".join(c if c.isprintable() else "\u2426" for c in text[one.span[0] : one.span[1]])
        table.add_row(one.severity.word, one.category, Text(words), Text(one.reason), one.detector)
    out.print(table)
