"""The texts of tests/monitor/corpus, which were written together with the rules.

A text of `found` counts as found when a finding is of its set's category; one of `spared` is a false alarm when one is
(in the set without a category, when there is any finding at all).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from monitor.detectors import Judge

CORPUS = Path(__file__).parents[1] / "tests/monitor/corpus"


class Set(NamedTuple):
    category: str
    found: list[str]
    spared: list[str]


def corpus() -> Iterator[Set]:
    """One set a category, from every file."""
    sets: dict[str, Set] = {}
    for path in sorted(CORPUS.glob("*.toml")):
        data = tomllib.loads(path.read_text("utf-8"))
        for one in data.get("set", [data]):
            known = sets.setdefault(one["category"], Set(one["category"], [], []))
            known.found.extend(one["found"])
            known.spared.extend(one["spared"])
    yield from sets.values()


def is_hit(judge: Judge, category: str, text: str) -> bool:
    findings = judge(text)
    return any(one.category == category for one in findings) if category else bool(findings)


def row(name: str, found: int, of: int, alarms: int, spared: int) -> str:
    return f"{name:<36}{f'{found} of {of}':>12}{f'{alarms} of {spared}':>16}"
