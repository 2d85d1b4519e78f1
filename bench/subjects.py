"""What is measured: Schoolgate's judge without and with its model, and two word filters that others publish.

A filter only says flagged or not. `python -m bench.subjects NAME [REGISTER]` loads one in a process of its own, judges
the texts that it reads as a JSON list, and prints what that needed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

RULES, WITH_MODEL = "rules", "rules + model"
BETTER, ALT = "better_profanity", "alt-profanity-check"
OURS, PEERS = (RULES, WITH_MODEL), (BETTER, ALT)
_MODULES = {BETTER: "better_profanity", ALT: "profanity_check"}
_BLOCK = 200  # texts that a process judges at a time
_MOST_PROCESSES = 4


class Answer(NamedTuple):
    """`flagged`: medium or graver. `found`: anything at all. A filter has one answer for both, and nothing else."""

    flagged: bool
    found: bool
    severity: str = ""
    categories: frozenset[str] = frozenset()
    detectors: frozenset[str] = frozenset()

    def is_of(self, category: str) -> bool:
        """Whether this category was found; "discrimination" stands for all of its kinds. A filter knows no categories."""
        return self.flagged if not self.severity else any(_is_kind(one, category) for one in self.categories)


class Question(NamedTuple):
    """A text, and the register that it is judged with ("": none)."""

    text: str
    register: str = ""


Subject = Callable[[str], Answer]
Answers = Mapping[str, Mapping[Question, Answer]]


def _is_kind(found: str, category: str) -> bool:
    return found == category or (category == "discrimination" and found.startswith("discrimination."))


def problem(name: str) -> str:
    """Why this one cannot be measured here, in one sentence; empty if it can."""
    if name in _MODULES:
        if find_spec(_MODULES[name]) is None:
            return "is not installed here: `pip install -r bench/requirements.txt`."
    elif name == WITH_MODEL:
        from monitor.detectors import Model, ModelError

        try:
            Model()
        except ModelError as error:
            return f"cannot be measured: {error}."
    return ""


@cache
def subject(name: str, register: str = "") -> Subject:
    """Loaded once a process."""
    if name == BETTER:
        return _better()
    if name == ALT:
        many = alt_many()
        return lambda text: many([text])[0]
    return _ours(register, with_model=name == WITH_MODEL)


def _ours(register: str, *, with_model: bool) -> Subject:
    from monitor.detectors import Judge, Model, load_rules
    from monitor.domain import Severity
    from monitor.triage import triage

    if register:
        from monitor.register import register_from_csv

        known = register_from_csv(Path(register))
    judge = Judge(
        load_rules(), register=known if register else None, model=Model() if with_model else None
    )

    def answer(text: str) -> Answer:
        verdict = triage(judge(text))
        found = verdict.findings
        return Answer(
            flagged=verdict.severity is not None and verdict.severity > Severity.LOW,
            found=bool(found),
            severity=verdict.severity.word if verdict.severity else "none",
            categories=frozenset(one.category for one in found),
            detectors=frozenset(one.detector for one in found),
        )

    return answer


def _better() -> Subject:
    from better_profanity import profanity

    def answer(text: str) -> Answer:
        said = bool(profanity.contains_profanity(text))
        return Answer(said, said)

    return answer


def alt_many() -> Callable[[Sequence[str]], list[Answer]]:
    """alt-profanity-check on many texts at once, as it was made to be used."""
    from profanity_check import predict

    return lambda texts: [Answer(bool(one), bool(one)) for one in predict(list(texts))]


def answers(names: Sequence[str], questions: Iterable[Question]) -> Answers:
    """What each says to each question, with as many processes as there are cores, up to four."""
    asked = sorted(set(questions), key=lambda one: one.register)
    blocks = [asked[at : at + _BLOCK] for at in range(0, len(asked), _BLOCK)]
    processes = min(_MOST_PROCESSES, os.cpu_count() or 1)
    found: dict[str, dict[Question, Answer]] = {name: {} for name in names}
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        slowest_first = [(name, block) for name in reversed(names) for block in blocks]
        said = pool.map(_block, *zip(*slowest_first, strict=True)) if slowest_first else ()
        for (name, block), result in zip(slowest_first, said, strict=True):
            found[name].update(zip(block, result, strict=True))
    return found


def _block(name: str, block: Sequence[Question]) -> list[Answer]:
    if name == ALT:
        return alt_many()([one.text for one in block])
    return [subject(name, "" if name in PEERS else one.register)(one.text) for one in block]


def _memory() -> dict[str, float]:
    """MiB that this process holds and has held at most; NaN where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return {"VmRSS": float("nan"), "VmHWM": float("nan")}
    told = dict(line.split(":", 1) for line in lines if ":" in line)
    return {name: int(told[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")}


def main() -> int:
    name, register = (*sys.argv[1:], "")[:2]
    texts = json.load(sys.stdin)
    began = time.process_time()
    judge = subject(name, register)
    judge("Lovely assembly today")  # some load on first use
    loaded = time.process_time() - began
    for text in texts:
        judge(text)
    memory = _memory()
    print(json.dumps({"load_s": loaded, "rss_mib": memory["VmRSS"], "peak_mib": memory["VmHWM"]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
