"""The corpus of tests/monitor/corpus, found and spared side by side. It was written together with the rules: what they do on
it guards against slipping back and says nothing of a school's real comments.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from monitor.detectors import Judge

ROOT = Path(__file__).parents[1]


class Set(NamedTuple):
    category: str
    found: list[str]
    spared: list[str]


def corpus() -> Iterator[Set]:
    """One set a category, from every file."""
    sets: dict[str, Set] = {}
    for path in sorted((ROOT / "tests/monitor/corpus").glob("*.toml")):
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
