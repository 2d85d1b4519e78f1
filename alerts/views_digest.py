"""What a digest is given to show. As in alerts/views.py: fields marked "hostile" may hold anything that a stranger typed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from alerts.envelope import need_link, need_reference
from alerts.views import Taken
from monitor.domain import Done, Role, Severity, VerificationState


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What was done about a case, by whom in which role; `copies` of evidence, `earlier` cases of the same author."""

    standing: Done = Done.VISIBLE
    taken_by: Role | None = None
    decided_by: Role | None = None
    reported_by: Role | None = None
    told_by: Role | None = None  # somebody outside the school
    copies: int = 0
    packed: bool = False  # everything was taken out as one ZIP
    earlier: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCase:
    ref: str
    category: str
    network: str
    since: datetime
    severity: Severity
    facts: CaseFacts = field(default_factory=CaseFacts)

    def __post_init__(self) -> None:
        need_reference(self.ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedCase:
    ref: str
    category: str
    removal: Taken = field(default_factory=Taken)
    false_alarm: bool = False
    facts: CaseFacts = field(default_factory=CaseFacts)

    def __post_init__(self) -> None:
        need_reference(self.ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowerRow:
    handle: str  # hostile
    network: str
    account: str
    state: VerificationState
    since: datetime
    says: str = ""  # what is known, in our words: "no claim in 14 days"
    todo: str = ""  # what to do, in our words: "open the list of followers and press Remove"
    unnamed: bool = False  # the handle may be a pupil's name, which no mail holds


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowingView:
    """All followers in figures: `counts` in our words, `by_hand` what a person must still do on a network, `reviews` the
    organisations whose review is due, `overdue` who has waited longer than `overdue_days` to be verified, `followed` whom
    the school follows without a list, `letters` how many messages to the claims mailbox came to nothing, by why, since
    the last digest, `doors` what a network lets the school do, with how many are not verified."""

    counts: tuple[tuple[str, int], ...] = ()
    by_hand: int = 0
    reviews: int = 0
    overdue: int = 0
    overdue_days: int = 14
    possible: int = 0  # not verified, and of a name that resembles one on the records
    followed: int = 0
    letters: tuple[tuple[str, int], ...] = ()
    doors: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRow:
    """One account: when it was last read with success, and since when it was not watched in the digest's day."""

    account: str
    network: str
    last_success: datetime | None
    gaps: tuple[tuple[datetime, datetime | None], ...] = ()  # None: still not watched


@dataclass(frozen=True, slots=True, kw_only=True)
class UndeliveredRow:
    ref: str  # of the case, or empty
    role: Role
    since: datetime
    says: str  # Receipt.says


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryRow:
    what: str  # in our words: "the Facebook token"
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendRow:
    """One network's paid reads this month. `expected`: at the month's end at this pace, None while it is too early to
    say; in pounds the same two. `optional_stops` and `all_stops`: when the budget stops what is optional, and
    everything, this month; None: it does not."""

    network: str
    reads: int
    pounds: Decimal
    expected: int | None = None
    expected_pounds: Decimal | None = None
    budget: int | None = None
    optional_stops: datetime | None = None
    all_stops: datetime | None = None


@dataclass(frozen=True, slots=True)
class DrillLine:
    """One drill that ended: `how` it ended, in words, and how long after it was seen somebody was on it."""

    ref: str
    category: str
    how: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupLine:
    """How backups stand. `records` are the rows that the last drill restored; `since` is when the last digest was."""

    failing: bool
    made_at: datetime | None  # the last one; None: there is none
    drill_at: datetime | None
    drill_ok: bool
    records: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestView:
    """One day. Everybody's view may be filled the same: compose shows the office no case but follower ones.

    `read` counts items read; `quiet_counts` what was noted and needs nothing (category → number).
    """

    day: date
    link: str
    next_at: datetime
    read: int = 0
    waiting: tuple[WaitingCase, ...] = ()
    closed: tuple[ClosedCase, ...] = ()
    still_public: tuple[WaitingCase, ...] = ()  # though they were reported two days ago
    quiet_counts: tuple[tuple[str, int], ...] = ()
    new_followers: int = 0
    followers: tuple[FollowerRow, ...] = ()
    verified: tuple[FollowerRow, ...] = ()  # since the last digest
    known_once: tuple[FollowerRow, ...] = ()  # verified or approved once, and by now not any more
    following: FollowingView | None = None  # None: no network lists followers
    watched: tuple[WatchRow, ...] = ()
    undelivered: tuple[UndeliveredRow, ...] = ()
    answers: tuple[tuple[str, int], ...] = ()  # answers to alerts that did nothing, by why
    expiring: tuple[ExpiryRow, ...] = ()
    spending: tuple[SpendRow, ...] = ()
    soon: tuple[str, ...] = ()  # what runs out, in our words
    not_delivered: int = 0  # cases that were found and of which nobody could be told
    decided: int = 0  # of the last 30 days
    false_alarms: int = 0  # of those
    drills: tuple[DrillLine, ...] = ()  # since the last digest; in none of the figures
    backup: BackupLine | None = None  # None: nothing to tell
    chain_head: str = ""  # hex of the newest audit entry

    def __post_init__(self) -> None:
        need_link(self.link)
        if not re.fullmatch(r"[0-9a-f]*", self.chain_head):
            raise ValueError("chain_head must be hex")
