"""What every measurement of faults gives, and its command line: a promise, how it was attacked, how often, how often it broke."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from bench.machine import machine

HEAD = "| promise | attacked by | times | violations |\n|---|---|---:|---:|"


@dataclass(frozen=True, slots=True)
class Attack:
    """One row. `promise` and `how` are short sentences; `times` and `violations` are counts; `note` is a measured extra,
    such as a share of duplicates."""

    promise: str
    how: str
    times: int
    violations: int
    note: str = ""


def table(rows: Sequence[Attack]) -> str:
    """The rows as a table in Markdown, as README quotes it."""
    lines = [
        f"| {row.promise} | {row.how}{f' ({row.note})' if row.note else ''} | {row.times:,} | {row.violations:,} |"
        for row in rows
    ]
    return "\n".join([HEAD, *lines])


def by_promise(rows: Sequence[Attack]) -> list[Attack]:
    """One row a promise, in their order: what was tried against it in several ways is added up."""
    alike: dict[str, list[Attack]] = {}
    for row in rows:
        alike.setdefault(row.promise, []).append(row)
    return [
        ways[0]
        if len(ways) == 1
        else Attack(
            promise,
            f"{len(ways)} kinds of attack, such as {ways[0].how}",
            sum(way.times for way in ways),
            sum(way.violations for way in ways),
        )
        for promise, ways in alike.items()
    ]


def command(measure: Callable[[bool], Sequence[Attack]], says: str) -> int:
    """The command line of one measurement, `measure(full)`: 0 when nothing was violated and something was tried, else 1."""
    parser = argparse.ArgumentParser(description=says)
    parser.add_argument(
        "--full", action="store_true", help="as often as a release asks for; else minutes at most"
    )
    parser.add_argument("--json", action="store_true", help="one JSON array of rows instead of a table")
    asked = parser.parse_args()
    rows = measure(asked.full)
    print(json.dumps([asdict(row) for row in rows]) if asked.json else f"{machine()}\n\n{table(rows)}")
    return int(not held(rows))


def held(rows: Sequence[Attack]) -> bool:
    """Whether every promise was attacked and none was broken."""
    return bool(rows) and all(row.times and not row.violations for row in rows)
