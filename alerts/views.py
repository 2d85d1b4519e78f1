"""What mails and pages are given to show: values, filled from database rows by the outbox and the page.

Fields marked "hostile" may hold anything that a stranger typed; compose shows them only through `alerts.safe`, and
never in a header. All times are aware UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alerts.envelope import need_link, need_reference
from alerts.reply_words import Word
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
class ByReply:
    """How a mail may be answered: one of `words`, to `address`, until `until`. `code` (K7QM-4TXD-9HWP) says which mail it
    is that is answered, where the address does not."""

    address: str
    code: str
    words: tuple[Word, ...]
    until: datetime


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
    drill: bool = False  # nobody wrote it: the mail says so first
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
    by_reply: ByReply | None = None
    found: tuple[str, ...] = ()  # the categories of everything found in it, the leading one's among them

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
    drill: bool = False

    def __post_init__(self) -> None:
        need_reference(self.ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Cases that a group mail only counts: of one thread, or of a whole account. `refs` in order."""

    account: str
    in_thread: bool
    refs: tuple[str, ...]

    def __post_init__(self) -> None:
        for ref in self.refs:
            need_reference(ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """Cases told together: those that can wait, at most one such mail an hour, or a crowd that cannot.

    `severity` is the worst of them, `crowds` those beside `rows`; `link` opens their list. `news`: one of them at least
    was never told of before.
    """

    rows: tuple[GroupRow, ...]
    link: str
    crowds: tuple[Crowd, ...] = ()
    severity: Severity = Severity.MEDIUM
    news: bool = True

    def __post_init__(self) -> None:
        need_link(self.link)
        if not self.rows:
            raise ValueError("a group mail needs at least one case")


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
    BACKUP = "backup"
    CLOCK = "clock"
    RESTART = "restart"
    CLAIM = "claim"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsView:
    """What is wrong and how to mend it, for whoever keeps the service running. Never content."""

    trouble: Trouble
    since: datetime
    says: str  # one sentence; may repeat a network's own words
    cure: tuple[str, ...] = ()
    more: str = ""  # one sentence of ours on why this is told now
    network: str = ""  # empty: not about a network
    account: str = ""
    until: datetime | None = None  # it is well again
    late: int | None = (
        None  # comments, mentions and visitors' posts of meanwhile that were read when it was; None: no matter
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TestView:
    """A mail that shows that mail works."""

    asked_at: datetime
    accounts: tuple[str, ...] = ()

    __test__ = False  # a mail about testing, not a test: pytest collects by name
