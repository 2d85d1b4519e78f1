"""What mails and pages are given to show: values, filled from database rows by the outbox and the page.

Fields marked "hostile" may hold anything that a stranger typed; compose shows them only through `alerts.safe`, and
never in a header. All times are aware UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from alerts.envelope import need_link, need_reference
from monitor.domain import Done, ItemKind, Reason, Role, Severity, VerificationState


class StepState(StrEnum):
    DONE = "done"
    WAITING = "waiting"
    HERE = "here"  # this mail is that step
    FAILED = "failed"

    @property
    def sign(self) -> str:
        return {"done": "✔", "waiting": "○", "here": "●", "failed": "✖"}[self.value]


@dataclass(frozen=True, slots=True)
class Taken:
    """What truly came of one action: `done` is None while nobody has asked for it."""

    done: Done | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """One case, for the first mail, an update, a reminder or an escalation (`reason` says which)."""

    ref: str
    reason: Reason
    category: str
    severity: Severity
    network: str
    kind: ItemKind
    account: str  # the official account as people know it, such as "St Elsewhere Primary School"
    seen_at: datetime
    posted_at: datetime | None
    link: str
    target: str = ""  # whom it is aimed at: staff, pupil, parent, school, or not known
    why: str = ""  # Finding.reason of the leading finding
    policy: str = ""  # the clause it carries out
    author_state: VerificationState | None = VerificationState.UNVERIFIED
    author_role: str | None = None
    copied_at: datetime | None = None
    has_media: bool = False
    removal: Taken = Taken()
    removable: bool = True  # False: the network gives no way to hide or delete it
    network_report: Taken = Taken()
    place: int = 1  # this recipient is the place-th of `of` who were told
    of: int = 1
    also_told: tuple[Role, ...] = ()
    escalates_at: datetime | None = None
    escalates_to: Role | None = None
    first_told_at: datetime | None = None  # when the case's first mail went out
    reminder: int = 0
    text: str = ""  # hostile: the item as posted; only ever shown as a masked extract
    spans: tuple[tuple[int, int], ...] = ()
    hidden_spans: tuple[tuple[int, int], ...] = ()  # names and the like, masked whole

    def __post_init__(self) -> None:
        need_reference(self.ref)
        need_link(self.link)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    ref: str
    category: str
    network: str
    kind: ItemKind
    seen_at: datetime
    copied: bool = True
    removal: Taken = Taken()
    target: str = ""

    def __post_init__(self) -> None:
        need_reference(self.ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """Cases told together: those that can wait, at most one such mail an hour, or a crowd that cannot.

    `severity` is the worst of them, `more` how many there are beside `rows`; `link` opens their list.
    """

    rows: tuple[GroupRow, ...]
    link: str
    more: int = 0
    severity: Severity = Severity.MEDIUM

    def __post_init__(self) -> None:
        need_link(self.link)
        if not self.rows:
            raise ValueError("a group mail needs at least one case")


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCase:
    ref: str
    category: str
    network: str
    since: datetime
    severity: Severity

    def __post_init__(self) -> None:
        need_reference(self.ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedCase:
    ref: str
    category: str
    removal: Taken = Taken()
    false_alarm: bool = False

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
    quiet_counts: tuple[tuple[str, int], ...] = ()
    new_followers: int = 0
    followers: tuple[FollowerRow, ...] = ()
    known_once: tuple[FollowerRow, ...] = ()  # verified or approved once, and by now not any more
    following: FollowingView | None = None  # None: no network lists followers
    watched: tuple[WatchRow, ...] = ()
    undelivered: tuple[UndeliveredRow, ...] = ()
    expiring: tuple[ExpiryRow, ...] = ()
    spending: tuple[SpendRow, ...] = ()
    decided: int = 0  # of the last 30 days
    false_alarms: int = 0  # of those
    chain_head: str = ""  # hex of the newest audit entry

    def __post_init__(self) -> None:
        need_link(self.link)
        if not re.fullmatch(r"[0-9a-f]*", self.chain_head):
            raise ValueError("chain_head must be hex")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeView:
    """A sign-in code: eight figures, good until `until`, asked for at `asked_at`."""

    code: str
    asked_at: datetime
    until: datetime

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9]{8}", self.code):
            raise ValueError("a sign-in code is eight figures")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """Somebody says that an account on `network` is theirs, and gave this mail's address. The handle is not here: it
    is what a stranger typed, and the page shows it."""

    network: str
    asked_at: datetime
    until: datetime
    link: str

    def __post_init__(self) -> None:
        need_link(self.link)


class Trouble(StrEnum):
    """What an operations mail is about; its subject comes from this, never from a network's own words."""

    NOT_WATCHED = "not_watched"
    EXPIRING = "expiring"
    CREDIT = "credit"
    MAIL = "mail"
    DIGEST = "digest"
    STORAGE = "storage"
    CLAIM = "claim"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsView:
    """What is wrong and how to mend it, for whoever keeps the service running. Never content."""

    trouble: Trouble
    since: datetime
    says: str  # one sentence; may repeat a network's own words
    cure: tuple[str, ...] = ()
    network: str = ""  # empty: not about a network
    account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestView:
    """A mail that shows that mail works."""

    asked_at: datetime
    accounts: tuple[str, ...] = ()

    __test__ = False  # a mail about testing, not a test: pytest collects by name
