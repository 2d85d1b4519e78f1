"""What the judge of the running service says of a phrase, with everything that it would not say of a comment: rules that are
silenced or in shadow, what a change took away, what the model made of it. Values and shapes; nothing is stored or logged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from monitor.detectors.changes import Change
from monitor.domain import Finding, ItemKind, Role, Verdict

JUDGED = frozenset({ItemKind.COMMENT, ItemKind.MENTION, ItemKind.VISITOR_POST})


@dataclass(frozen=True, slots=True)
class Opinion:
    """One head of the model: `chance` 0 to 1, and the chances from which it is noted and from which it is a finding."""

    name: str
    chance: float
    notice: float
    alert: float


@dataclass(frozen=True, slots=True)
class Tried:
    """`silenced`, `shadowed` and `changed` are findings that led to nothing, and why. `is_judged`: items of this kind
    are judged at all. `has_model`: a model reads beside the rules."""

    verdict: Verdict
    is_judged: bool
    has_model: bool
    silenced: tuple[Finding, ...] = ()
    shadowed: tuple[Finding, ...] = ()
    changed: tuple[Finding, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    told: tuple[Role, ...] = ()
    bypassed: frozenset[Role] = frozenset()


class Trying(Protocol):
    """The judge of the running service, as the page may ask it. Safe in threads."""

    def tried(self, text: str, kind: ItemKind, *, before: int = 0) -> Tried:
        """`before`: how many items of the same author had findings in the last days."""
        ...

    def words(self, text: str) -> tuple[str, ...]:
        """The words as the detectors read them."""
        ...

    def judged(self, text: str, extra: Sequence[Change] = ()) -> tuple[Finding, ...]:
        """The findings with the school's changes, and `extra` ones."""
        ...
