"""`python -m bench.assess` from the root: how fast texts are judged, and how the rules do on the corpus of tests/monitor/corpus.

The corpus was written together with the rules: what is printed guards against slipping back and says nothing of a
school's real comments. A text of `found` counts as found when a finding is of its set's category; one of `spared` is a
false alarm when one is (in the set without a category, when there is any finding at all).
"""

from __future__ import annotations

import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench.machine import machine
from monitor.detectors import Judge, load_rules

ROOT = Path(__file__).parents[1]
SECONDS = 3.0  # of timing


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


def speed(judge: Judge, texts: list[str]) -> tuple[float, float]:
    """(texts a second, milliseconds of the slowest) over at least SECONDS."""
    slowest, done, began = 0.0, 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        for text in texts:
            start = time.perf_counter()
            judge(text)
            slowest = max(slowest, time.perf_counter() - start)
        done += len(texts)
    return done / (time.perf_counter() - began), slowest * 1000


def main() -> int:
    print(machine())
    began = time.perf_counter()
    judge = Judge(load_rules())  # without a register, as tests/monitor/detectors judges the corpus
    print(f"rules loaded in {time.perf_counter() - began:.2f} s")
    sets = list(corpus())
    texts = [text for one in sets for text in (*one.found, *one.spared)]
    rate, slowest = speed(judge, texts)
    print(
        f"{len(texts)} texts of {sum(map(len, texts)) / len(texts):.0f} characters on average, in one thread"
    )
    print(f"{rate:.0f} texts a second; the slowest took {slowest:.1f} ms")
    print(f"\n{'category':<36}{'found':>12}{'false alarms':>16}")
    totals = [0, 0, 0, 0]
    for one in sorted(sets):
        found = sum(is_hit(judge, one.category, text) for text in one.found)
        alarms = sum(is_hit(judge, one.category, text) for text in one.spared)
        counts = [found, len(one.found), alarms, len(one.spared)]
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
        print(row(one.category or "(nothing)", *counts))
    print(row("all", *totals))
    return 0


def row(name: str, found: int, of: int, alarms: int, spared: int) -> str:
    return f"{name:<36}{f'{found} of {of}':>12}{f'{alarms} of {spared}':>16}"


if __name__ == "__main__":
    sys.exit(main())
