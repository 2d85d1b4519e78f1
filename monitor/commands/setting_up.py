"""`init` and `test`: what comes before the service runs."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.commands.opened import out, say
from monitor.errors import MonitorError

if TYPE_CHECKING:
    from monitor.init import Question

_TRIES = 5  # wrong answers to one question before giving up
_ROOT = Path(__file__).parents[2]
_HOW_MUCH_TO_SAY = re.compile(r"-[qvx]+|-r\w+|--(tb|durations|maxfail|color)=\w+")  # of pytest's options


def init(target: Path) -> None:
    """Ask, check each answer at once, and write the configuration, its secrets and the master key (0600)."""
    import typer

    from monitor.app import account_problems
    from monitor.init import QUESTIONS, write

    if target.exists():
        raise MonitorError(f"{target} exists already; move it away or name another file")
    out.print("A few questions; an empty line takes what stands in brackets.", highlight=False)
    answers: dict[str, str] = {}
    for question in QUESTIONS:
        if question.asked(answers):
            answers[question.key] = _answer(question, answers, typer.prompt)
    written = write(answers, target, account_check=account_problems)
    for path in written:
        out.print(f"Wrote {path}", markup=False, highlight=False)
    out.print(
        "Next: schoolgate check-config --online, then schoolgate register import FILE --dry-run",
        highlight=False,
    )


def _answer(question: Question, answers: Mapping[str, str], prompt: Callable[..., str]) -> str:
    for _ in range(_TRIES):
        text = prompt(
            question.text,
            default=question.default,
            show_default=bool(question.default),
            hide_input=question.secret,
        )
        try:
            return question.check(text, answers)
        except ValueError as error:
            say(f"That {error}")
    raise MonitorError(f"{question.key}: no usable answer after {_TRIES} tries; start again with it at hand")


def in_parallel(arguments: Sequence[str]) -> list[str]:
    """What makes pytest share a whole run among the cores, file by file, eight at most (each may load the model).

    Nothing when a part was chosen (a file, -k, -m slow, -m browser) or anything else than how much to print: such a
    run is over sooner in one process, and a debugger needs it.
    """
    if all(_HOW_MUCH_TO_SAY.fullmatch(one) for one in arguments):
        return ["--numprocesses=auto", "--maxprocesses=8", "--dist=loadfile", "--no-loadscope-reorder"]
    return []


def test(arguments: Sequence[str]) -> int:
    """Pytest's own exit code; 5 (no test was run) stays a failure."""
    if not (_ROOT / "tests").is_dir():
        raise MonitorError("the tests are not part of an installed package; clone the source to run them")
    if util.find_spec("pytest") is None:
        raise MonitorError("pytest is not installed here; run `uv sync --frozen --extra test` and try again")
    command = [sys.executable, "-m", "pytest", *in_parallel(arguments), *arguments]
    return subprocess.run(command, cwd=_ROOT, check=False).returncode  # noqa: S603 - our own interpreter
