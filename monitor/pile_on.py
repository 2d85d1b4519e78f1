"""When many write against one target it is one case: which items may be gathered, when they are, when people are told
again. Pure: reads no row, no clock and no network.

Source: requirement C6 (policy 6.12, cyber-bullying: a pile-on is one grouped alert). What is grave by itself is never
gathered, so nobody can hide a threat in a crowd that they bring.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.domain import Finding, Role, Severity, Verdict

# Abuse aimed at somebody: these are gathered.
AIMED = frozenset({"insult", "bullying", "discrimination", "sexual", "self_harm_encouragement"})
# Each of these is about one child, one danger or one person's good name: a person reads each by itself.
ALONE = frozenset(
    {"threat", "grooming", "child_at_risk", "extremism", "staff_allegation", "drugs_weapons", "unassessed"}
)
_A_NAME = frozenset({"identifying.name", "identifying.part_name"})  # whom it is about, not where to find them
_PUPIL = frozenset({"name.full", "name.near", "name.part"})  # detectors that know the school's register


@dataclass(frozen=True, slots=True)
class PileOn:
    """The school's measure: so many authors or so many comments on one target within `window` are a pile-on.

    `window` is also how long a pile must have been quiet before what comes is a new wave. A wave that comes later than
    `again` after the case was closed gets a case of its own, which names the old one.
    """

    authors: int = 5
    comments: int = 10
    window: timedelta = timedelta(hours=6)
    again: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Pile:
    """A pile-on as it stands: how many items, at how many it was last told, what kinds of abuse its readers know of
    (family → the gravest severity), who reads it, and whether its case is closed."""

    items: int
    told: int
    kinds: Mapping[str, int]
    roles: frozenset[Role]
    severity: Severity
    last_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Joining:
    """What follows when one more item comes to a pile. `tell`: its readers get a mail; `why` is for the audit."""

    tell: bool
    why: str = ""
    reopen: bool = False


def family(category: str) -> str:
    return category.partition(".")[0]


def gathers(verdict: Verdict, *, named: bool) -> bool:
    """Whether an item may stand in a pile: abuse aimed at somebody that does not stand alone."""
    return not stands_alone(verdict, named=named) and bool(kinds(verdict))


def stands_alone(verdict: Verdict, *, named: bool) -> bool:
    """Whether a person must read it by itself: one finding is critical, or is of a kind that is never gathered, or
    tells where a child is; or it shuts a reader out (`named`). A severity that only rose because its author repeats
    it, or names a child beside it, does not stand alone: the first such item is told, as graver than what was known."""
    return named or any(_alone(one) for one in verdict.findings if one.severity >= Severity.MEDIUM)


def _alone(finding: Finding) -> bool:
    if family(finding.category) == "identifying":
        return finding.category not in _A_NAME or finding.severity >= Severity.HIGH
    return finding.severity is Severity.CRITICAL or family(finding.category) in ALONE


def kinds(verdict: Verdict) -> Mapping[str, int]:
    """The families of abuse in one item, each with its gravest severity, the verdict's own for what leads."""
    found: dict[str, int] = {}
    for one in verdict.findings:
        if family(one.category) in AIMED and one.severity >= Severity.MEDIUM:
            found[family(one.category)] = max(found.get(family(one.category), 0), one.severity.value)
    return found


def against_pupil(findings: Iterable[Finding]) -> bool:
    """Whether a child of the school is the target: named, or the finding itself is bullying."""
    return any(one.detector in _PUPIL or family(one.category) == "bullying" for one in findings)


def names_in(text: str, findings: Sequence[Finding]) -> frozenset[str]:
    """The children's names that stand in a text, as spelt there but for case, space and marks; never to be stored."""
    spans = {one.span for one in findings if one.detector in _PUPIL and one.span[0] < one.span[1]}
    names = ("".join(filter(str.isalnum, text[start:end])).casefold() for start, end in spans)
    return frozenset(name for name in names if name)


def is_pile(authors: int, comments: int, measure: PileOn) -> bool:
    """`authors` and `comments` on one target within the window."""
    return authors >= measure.authors or comments >= measure.comments


def one_up(severity: Severity) -> Severity:
    return Severity(min(Severity.CRITICAL, severity + 1))


def comes_to(
    pile: Pile, verdict: Verdict, roles: Iterable[Role], measure: PileOn, now: datetime
) -> Joining | None:
    """What one more item does to a pile; None when the pile was closed so long ago that the item is a new matter.

    People are told when it is graver than what they know, of a kind they do not know, for somebody who was not told,
    a new wave, or when the pile has doubled since they were told. Everything else is silent.
    """
    assert verdict.severity is not None
    if pile.closed_at is not None:
        if now - pile.closed_at > measure.again:
            return None
        return Joining(tell=True, why="a second wave after it was closed", reopen=True)
    known = all(level <= pile.kinds.get(name, 0) for name, level in kinds(verdict).items())
    reasons = (
        (verdict.severity > pile.severity or not known, "graver or of another kind than before"),
        (not pile.roles.issuperset(roles), "it concerns somebody else too"),
        (now - pile.last_at > measure.window, "a new wave"),
        (pile.items + 1 >= 2 * pile.told, f"it doubled to {pile.items + 1} comments"),
    )
    why = next((says for holds, says in reasons if holds), "")
    return Joining(tell=bool(why), why=why)
