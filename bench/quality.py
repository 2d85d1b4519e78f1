"""How well texts are judged: on our own hold-outs, on what was kept from training, and on ordinary messages.

A `Look` gives the findings of a text; the peers only say whether they would flag it, so that of them only what is found at
all counts. No text here was trained on. Of those in `held_back`, `hate` and `ordinary` the thresholds of the model were set.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.train.heads import DISCRIMINATION, HEADS
from bench.train.public import public
from bench.train.seeds import Text, everything
from monitor.domain import Finding, Severity
from monitor.triage import triage

HOLDOUT = Path(__file__).parent / "holdout"
CRITICAL = frozenset({"threat", "grooming", "child_at_risk"})
ORDINARY = ("sms_spam", "davidson", "convabuse", "surge", "madlibs")
PARTS = {"open": ("dev",), "sealed": ("test", "fresh", "third", "fourth")}
_MOST_HEADS_UNDECIDED = 3  # of a line that counts as harmless

Look = Callable[[str], Sequence[Finding]]
Flag = Callable[[str], bool]


def look_of(flag: Flag) -> Look:
    """A peer's yes as a finding of no category, grave enough to alert."""
    yes = (Finding("flagged", Severity.MEDIUM, "flagged", "It was flagged", (0, 0)),)
    return lambda text: yes if flag(text) else ()


def rows_of(name: str, half: str, most: int) -> list[dict[str, Any]]:
    """The lines of the "open" or the "sealed" files of a hold-out; of each kind at most so many, the first ones."""
    rows: list[dict[str, Any]] = []
    for part in PARTS[half]:
        rows += next(iter(tomllib.loads((HOLDOUT / f"{name}_{part}.toml").read_text("utf-8")).values()))
    seen: dict[str, int] = defaultdict(int)
    kept = []
    for row in rows:
        kind = str(row.get("category", row.get("function", row.get("kind", ""))))
        seen[kind] += 1
        if seen[kind] <= most:
            kept.append(row)
    return kept


def mixed(lines: Iterable[Text]) -> list[Text]:
    """In an order that has nothing to do with where they stood, so that the first of them are of many kinds."""
    return sorted(lines, key=lambda one: hashlib.sha256(one.text.encode()).digest())


def alerts(findings: Sequence[Finding]) -> bool:
    """Whether somebody is told before the digest."""
    severity = triage(findings).severity
    return severity is not None and severity >= Severity.MEDIUM


def hateful(findings: Sequence[Finding]) -> bool:
    return any(one.category.startswith("discrimination") for one in findings)


def macro(answers: Iterable[tuple[bool, bool]]) -> tuple[float, float, float]:
    """(macro-F1, recall, false-positive rate), in percent, of pairs (true, said)."""
    counts = {(true, said): 0 for true in (True, False) for said in (True, False)}
    for pair in answers:
        counts[pair] += 1
    hit, missed = counts[True, True], counts[True, False]
    alarm, quiet = counts[False, True], counts[False, False]
    yes = 2 * hit / max(1, 2 * hit + alarm + missed)
    no = 2 * quiet / max(1, 2 * quiet + alarm + missed)
    return 50 * (yes + no), 100 * hit / max(1, hit + missed), 100 * alarm / max(1, alarm + quiet)


def functions(flag: Flag, half: str, most: int) -> dict[str, Any]:
    """Hateful or not, by function and by group."""
    cases = rows_of("functions", half, most)
    said = [(case, flag(case["text"])) for case in cases]
    f1, recall, alarms = macro((case["hateful"], one) for case, one in said)
    by_function, by_group = _tally(), _tally()
    for case, one in said:
        right = one is case["hateful"]
        _count(by_function, case["function"], right)
        if case.get("group"):
            _count(by_group, case["group"], right)
    shares = [100 * right / of for right, of in by_group.values()]
    return {
        "macro_f1": f1,
        "recall": recall,
        "false_positive_rate": alarms,
        "group_gap": max(shares, default=0.0) - min(shares, default=0.0),
        "by_function": dict(by_function),
        "by_group": dict(by_group),
    }


def school(look: Look, half: str, most: int) -> dict[str, Any]:
    """Category and severity of invented comments; false alarms among those that are harmless."""
    right, named, found = _tally(), _tally(), _tally()
    alarms = {"hard": [0, 0], "ordinary": [0, 0]}
    raised = [0, 0]
    for row in rows_of("school", half, most):
        findings = look(row["text"])
        verdict = triage(findings)
        word = verdict.severity.word if verdict.severity else ""
        category = row["category"]
        if not category:
            of = alarms["hard" if row.get("hard") else "ordinary"]
            of[0] += alerts(findings)
            of[1] += 1
            continue
        wanted = {category, *row.get("also", ())}
        is_named = any(one.category in wanted for one in verdict.findings)
        _count(named, category, is_named)
        _count(right, category, is_named and word in row["severity"])
        _count(found, category, word != "")
        if category in CRITICAL:
            raised[0] += word in ("high", "critical")
            raised[1] += 1
    return {
        "right": dict(right),
        "named": dict(named),
        "found": dict(found),
        "alarms": alarms,
        "critical_raised": raised,
    }


def obfuscated(look: Look, most: int) -> dict[str, Any]:
    """How many disguised comments are still found, of those that are found in plain words."""
    data = tomllib.loads((HOLDOUT / "obfuscated_test.toml").read_text("utf-8"))
    by_kind = _tally()
    for pair in data["pair"][: most * 14]:
        if look(pair["plain"]):
            _count(by_kind, pair["kind"], bool(look(pair["obfuscated"])))
    benign = [row["text"] for row in data["benign"]][: most * 10]
    return {"by_kind": dict(by_kind), "alarms": [sum(alerts(look(text)) for text in benign), len(benign)]}


def ordinary(look: Look, data: Path, most: int) -> dict[str, list[int]]:
    """By set: how many ordinary messages, kept from training, would alert somebody."""
    counts: dict[str, list[int]] = {name: [0, 0] for name in ORDINARY}
    for one in mixed(public(data, held_back=True)):
        if one.function in counts and one.labels.get(DISCRIMINATION) == 0 and not any(one.labels.values()):
            of = counts[one.function]
            if of[1] < most * 20:
                of[0] += alerts(look(one.text))
                of[1] += 1
    return counts


def hate(flag: Flag, data: Path, most: int) -> dict[str, dict[str, list[int]]]:
    """By public set: how many hateful texts are found, and how many others are taken for hateful."""
    found, alarms = _tally(), _tally()
    for one in mixed(public(data, held_back=True)):
        hateful_one = one.labels.get(DISCRIMINATION)
        if hateful_one is not None:
            tally = found if hateful_one else alarms
            if tally[one.function][1] < most * 20:
                _count(tally, one.function, flag(one.text))
    return {"found": dict(found), "alarms": dict(alarms)}


def held_back(look: Look, most: int) -> dict[str, dict[str, list[int]]]:
    """Of our own lines that were kept from training: by category how many were named, how many found at all, and how
    many that are harmless alert somebody. A line without any label that is certain is left out."""
    named, found, alarms = _tally(), _tally(), _tally()
    for one in mixed(everything(1, held_back=True)):
        for head in (head for head, value in one.labels.items() if value and head != DISCRIMINATION):
            if named[head][1] < most * 10:
                findings = look(one.text)
                _count(named, head, any(finding.category == head for finding in findings))
                _count(found, head, bool(findings))
        if not any(one.labels.values()) and len(one.labels) >= len(HEADS) - _MOST_HEADS_UNDECIDED:
            kind = "twins" if one.function.endswith("twin") else "everyday"
            if alarms[kind][1] < most * 100:
                _count(alarms, kind, alerts(look(one.text)))
    return {"named": dict(named), "found": dict(found), "alarms": dict(alarms)}


def total(rows: Mapping[str, Sequence[int]]) -> tuple[int, int]:
    return sum(row[0] for row in rows.values()), sum(row[1] for row in rows.values())


def _tally() -> defaultdict[str, list[int]]:
    return defaultdict(lambda: [0, 0])


def _count(tally: defaultdict[str, list[int]], key: str, right: bool) -> None:
    tally[key][0] += right
    tally[key][1] += 1
