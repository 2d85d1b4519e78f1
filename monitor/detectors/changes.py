"""What a school changed about a rule: a rule put aside, an exact phrase that is no finding, or "only about a person". Pure.

A change takes findings away and never adds one. What protects a child or a life can be changed by an exact phrase only:
that is held here, where the findings are, whoever asked for the change and whatever the database says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from monitor.detectors.context import People, Target
from monitor.detectors.normalise import Reading
from monitor.domain import Finding, Severity

# Never put aside as a whole. An allegation is among them: whoever decides on rules may be the one it is about.
PROTECTED = frozenset({"threat", "grooming", "child_at_risk", "self_harm_encouragement", "staff_allegation"})
LONGEST_PHRASE = 200  # characters
MOST_WORDS = 30
FEWEST_WORDS, FEWEST_PROTECTED = 2, 4  # of an exact phrase; a short one would stand in every second threat


class Kind(StrEnum):
    SHADOW = "shadow"  # the rule looks, and leads to nothing
    PHRASE = "phrase"  # what it finds inside this exact phrase is no finding
    PERSON = "person"  # it counts only where a person is spoken of in the same sentence


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one rule. `words`: the phrase as the detectors read it, of Kind.PHRASE only."""

    rule: str
    kind: Kind
    words: tuple[str, ...] = ()


def is_protected(category: str, severity: Severity) -> bool:
    """Whether what a rule finds may be changed by an exact phrase only."""
    return severity is Severity.CRITICAL or category.partition(".")[0] in PROTECTED


def spared(finding: Finding, changes: Sequence[Change], reading: Reading, people: People) -> bool:
    """Whether one of the changes takes this finding away. `reading` is of the text that the finding's span is in."""
    mine = [one for one in changes if one.rule == finding.detector]
    if not mine:
        return False
    start, end = _words_of(finding, reading)
    return any(_takes(one, finding, reading, people, start, end) for one in mine)


def _takes(change: Change, finding: Finding, reading: Reading, people: People, start: int, end: int) -> bool:
    if change.kind is Kind.PHRASE:
        return _within(change.words, reading.words, start, end)
    if is_protected(finding.category, finding.severity):
        return False
    if change.kind is Kind.SHADOW:
        return True
    return start < end and people.target(reading, start, end) is Target.NOBODY


def _words_of(finding: Finding, reading: Reading) -> tuple[int, int]:
    """The words [start, end) that a finding covers; (0, 0) when it covers none."""
    low, high = finding.span
    at = [number for number, (start, end) in enumerate(reading.spans) if start < high and low < end]
    return (at[0], at[-1] + 1) if at else (0, 0)


def _within(phrase: tuple[str, ...], words: tuple[str, ...], start: int, end: int) -> bool:
    """Whether the words [start, end) stand inside one exact occurrence of the phrase, and are not all of it."""
    size = len(phrase)
    if start >= end or size <= end - start:
        return False
    first = max(0, end - size)
    return any(words[at : at + size] == phrase for at in range(first, start + 1))
