"""What detection is meant to reach, and whether a measurement reaches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.quality import total
from bench.speed import LONGEST

HARD = 77  # harmless comments that look otherwise, of which one may alert


def targets(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row a target: what was measured, the bound, and whether it holds (None: it was not measured in this run)."""
    rows = [*_quality(result), *_names(result), *_speed(result)]
    return [
        {
            "target": what, "measured": value, "bound": bound, "is": "at most" if at_most else "at least",
            "reached": None if value is None else value <= bound if at_most else value >= bound,
        }
        for what, value, at_most, bound in rows
    ]  # fmt: skip


Row = tuple[str, float | None, bool, float]  # what, measured, whether the bound is the most, the bound


def _quality(result: Mapping[str, Any]) -> list[Row]:
    ours = result.get("rules + model") or result["rules"]
    functions, school = ours["functions"], ours["school"]
    worst = min((100 * right / of for right, of in functions["by_function"].values()), default=None)
    ordinary = ours.get("ordinary")
    disguised = ours.get("obfuscated")
    return [
        ("hateful or not: macro-F1", functions["macro_f1"], False, 90),
        ("hateful or not: false-positive rate, %", functions["false_positive_rate"], True, 10),
        ("hateful or not: worst function, %", worst, False, 60),
        ("hateful or not: gap between groups, points", functions["group_gap"], True, 8),
        ("school comments: right category and severity, %", _share(total(school["right"])), False, 95),
        ("critical kinds raised to high or critical, %", _share(school["critical_raised"]), False, 100),
        (f"hard harmless comments that alert, of {HARD}", _share(school["alarms"]["hard"], HARD), True, 1),
        ("ordinary messages that alert, of 1,000", ordinary and _share(total(ordinary), 1000), True, 1),
        ("disguised, of those found in plain words, %", disguised and _share(total(disguised["by_kind"])), False, 95),
    ]  # fmt: skip


def _names(result: Mapping[str, Any]) -> list[Row]:
    names = result["names"]
    return [
        ("full names found, %", _share(names["full name"]), False, 100),
        ("full names with one letter wrong found, %", _share(names["one letter wrong"]), False, 90),
        ("texts without a pupil's name taken for one, %", _share(names["no pupil's name"]), True, 0.1),
    ]


def _speed(result: Mapping[str, Any]) -> list[Row]:
    def rate(name: str) -> float | None:
        measured: dict[str, float] = result["speed"].get(name, {})
        return measured.get("texts_a_second")

    lengths = result["speed"]["seconds_by_length"]
    longest = (lengths.get("rules + names + model") or lengths["rules + names"]).get(LONGEST)
    fresh = result["fresh_process"].get("rules + model", {})
    return [
        ("rules + names, texts a second", rate("rules + names"), False, 10_000),
        ("with the model too, texts a second", rate("rules + names + model"), False, 250),
        ("memory with the model, MiB", fresh.get("peak_mib"), True, 300),
        ("one comment of a megabyte, seconds", longest, True, 1),
    ]


def _share(pair: Sequence[int], of: int = 100) -> float | None:
    """None where there was nothing to count."""
    return of * pair[0] / pair[1] if pair[1] else None
