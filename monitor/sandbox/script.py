"""What a scripted school day is made of: its school, people, own posts and entries, and what each entry must lead to.

Values only: no file, no network, no clock. They must not judge a text; they carry what the script's author expects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from monitor.domain import ItemKind, Role, Severity, Verdict, VerificationState
from monitor.triage import may_hide


class Phase(StrEnum):
    BASELINE = "baseline"  # before the first poll: stored, and nobody is alerted
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What one entry must lead to. `categories`: the ideal first, then what will do as well; "identifying" stands for
    every "identifying.*". `severity`: the least that will do. `to` / `not_to`: who must, and must not, be told."""

    categories: tuple[str, ...]
    severity: Severity
    to: tuple[Role, ...] = ()
    not_to: tuple[Role, ...] = ()

    def accepts(self, category: str) -> bool:
        return any(category == name or category.startswith(f"{name}.") for name in self.categories)

    def met_by(self, verdict: Verdict) -> bool:
        """Grave enough, with a finding of an accepted category; a complaint or a reporter not raised either."""
        if verdict.severity is None or verdict.severity < self.severity:
            return False
        if not may_hide(self.categories[0]) and verdict.severity > self.severity:
            return False
        return any(self.accepts(finding.category) for finding in verdict.findings)


@dataclass(frozen=True, slots=True)
class Staff:
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class School:
    """`first_poll` is aware UTC: what is older is baseline."""

    name: str
    town: str
    domain: str
    timezone: str
    phone: str
    day: date
    first_poll: datetime
    roles: Mapping[Role, Staff]


@dataclass(frozen=True, slots=True)
class Account:
    network: str
    external_id: str
    handle: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """`known`: the office wrote this handle down. `organisation`: on the school's list of known organisations."""

    id: str
    network: str
    name: str
    handle: str | None = None
    bio: str = ""
    known: bool = False
    organisation: bool = False


@dataclass(frozen=True, slots=True)
class OwnPost:
    id: str
    network: str
    at: datetime
    phase: Phase
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happens, at an aware UTC time. `about` is one line on why it is in the script."""

    id: str
    network: str
    at: datetime
    phase: Phase
    about: str = ""
    expect: Expectation | None = None

    @property
    def planted(self) -> bool:
        """Must be found. A baseline entry never is, whatever it says."""
        return self.expect is not None and self.phase is Phase.DAY

    def allows(self, category: str) -> bool:
        """Whether finding this is no false alarm."""
        return self.planted and self.expect is not None and self.expect.accepts(category)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Entry):
    """A comment, a mention or a visitor's post. `under` is an OwnPost's id, `answers` a Said's."""

    by: str
    kind: ItemKind
    text: str
    under: str | None = None
    answers: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit(Entry):
    of: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete(Entry):
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow(Entry):
    """`also`: categories that a follower's profile may be found under without being a false alarm."""

    by: str
    state: VerificationState
    also: tuple[str, ...] = ()

    def allows(self, category: str) -> bool:
        if self.state is VerificationState.UNVERIFIED and category == "unverified_follower":
            return True
        return category in self.also or Entry.allows(self, category)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfollow(Entry):
    by: str


@dataclass(frozen=True, slots=True)
class Script:
    """The whole day. `entries` and `posts` are in the order of their times."""

    school: School
    accounts: Mapping[str, Account]  # by network
    people: Mapping[str, Person]
    posts: tuple[OwnPost, ...]
    entries: tuple[Entry, ...]
    register_csv: Path

    @property
    def planted(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.planted)

    @property
    def said(self) -> tuple[Said, ...]:
        return tuple(entry for entry in self.entries if isinstance(entry, Said))

    @property
    def timeline(self) -> tuple[OwnPost | Entry, ...]:
        """Posts and entries together, in order; a post comes before what is said at the same moment."""
        return tuple(
            sorted([*self.posts, *self.entries], key=lambda each: (each.at, isinstance(each, Entry)))
        )
