"""The words of Schoolgate as values. Pure: imports the standard library only, reads no clock and no network.

account       the school's own profile on a network
author        the other person
item          a comment, mention, visitor post, follower or own post; named by (account, kind, external_id)
page          one answer to a poll: items oldest first, and the cursor to go on from
finding       one hit of one detector, with its span in the text as posted
verdict       the machine's conclusion; a decision is always a human's
case          what the headteacher handles: open, acknowledged, closed
action        copy, hide, delete, report, restore, dismiss ...: what is done about a case
evidence      what copy makes
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any


class ItemKind(StrEnum):
    COMMENT = "comment"  # under one of the school's posts, replies included
    MENTION = "mention"  # the account named, or a reply to it, elsewhere on the network
    VISITOR_POST = "visitor_post"  # somebody else's post on the school's page
    FOLLOWER = "follower"
    POST = "post"  # the school's own


class ActionKind(StrEnum):
    """What a reviewer may ask of a network. Deciding without the network (acknowledge, dismiss) is `Choice`."""

    HIDE = "hide"
    UNHIDE = "unhide"
    DELETE = "delete"
    BLOCK = "block"
    ACCEPT_FOLLOWER = "accept_follower"
    REMOVE_FOLLOWER = "remove_follower"
    REPORT = "report"


class Means(StrEnum):
    BY_API = "by_api"
    GUIDED = "guided"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Guide:
    """How a person does what the network's API cannot: where to go and what to press.

    `link` may hold the fields {handle}, {author_id}, {url}, {external_id}; `filled` puts them in.
    """

    link: str
    steps: tuple[str, ...]

    def filled(self, item: Item) -> Guide:
        """This guide for one item; an address that the network did not give leaves the link empty."""
        values = {
            "{handle}": item.author.handle or "",
            "{author_id}": item.author.external_id or "",
            "{url}": item.url or "",
            "{external_id}": item.target_id,
        }
        link = self.link
        for field_name, value in values.items():
            if field_name in link:
                if not value:
                    return Guide("", self.steps)
                link = link.replace(field_name, value)
        return Guide(link, self.steps)


@dataclass(frozen=True, slots=True)
class Capability:
    """What a network can do for one action: by its API, by a person with steps to follow, or not at all."""

    means: Means
    guide: Guide | None = None
    note: str = ""  # one sentence of truth for the page, such as "its author still sees it"


@dataclass(frozen=True, slots=True)
class Author:
    """The other person, as far as the network tells; every field may be absent (a Graph comment has no `from`
    without the right token). `external_id` is the stable one: handles change."""

    external_id: str | None = None
    handle: str | None = None
    name: str | None = None
    bio: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a network returned.

    `external_id` stays the same when its author edits; `target_id` is what the network wants in an action (X gives
    an edited post a new id). `posted_at` is aware UTC or None. `raw` is the object as the network returned it,
    for evidence; it never holds a token. `refused` are the actions that the network itself says it will not do for
    this item (Graph `can_hide: false`).
    """

    account: str  # the account's key in the configuration
    kind: ItemKind
    external_id: str
    text: str
    author: Author = field(default_factory=Author)
    posted_at: datetime | None = None
    url: str | None = None
    parent_id: str | None = None  # the item it answers
    thread_id: str | None = None  # the post or conversation it stands under
    target_id: str = ""
    has_media: bool = False
    hidden: bool = False
    refused: frozenset[ActionKind] = frozenset()
    raw: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.target_id:
            object.__setattr__(self, "target_id", self.external_id)


@dataclass(frozen=True, slots=True)
class Page:
    """One answer to a poll. `cursor` is opaque: only its connector reads it. `more` asks to be polled again now.

    `reads` counts what the network bills for this page, in units of its cheapest read: on X one unit is an owned read
    (0.001 US dollars), and what costs ten times as much counts ten. `complete` is True only when the page
    was a full listing of what exists (a follower reconcile), so that what is missing may have left.
    """

    items: tuple[Item, ...]
    cursor: str | None
    more: bool = False
    reads: int = 0
    complete: bool = False


@dataclass(frozen=True, slots=True)
class People:
    """Whom an account blocks or follows, each with a stable id; `complete`: nobody is missing. `reads` as in `Page`."""

    people: tuple[Author, ...]
    complete: bool
    reads: int = 0


@dataclass(frozen=True, slots=True)
class Count:
    """How many a network says there are, and what asking cost (as in `Page.reads`)."""

    number: int
    reads: int = 0


class Done(StrEnum):
    """What truly happened. Never just "removed"."""

    HIDDEN = "hidden"  # its author still sees it
    VISIBLE = "visible"  # restored, or found never hidden
    DELETED = "deleted"
    BLOCKED = "blocked"
    REPORTED = "reported"
    GONE = "gone"  # the network no longer has it
    ASKED = "asked"  # a person was asked to do it, with steps
    REFUSED = "refused"  # the network, or our own rule (no evidence), said no
    FAILED = "failed"
    UNDONE = "undone"  # taken back before it was carried out


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action led to, as re-read from the network where it lets us (`read_back`)."""

    done: Done
    detail: str = ""
    read_back: bool = False


class Severity(IntEnum):
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, word: str) -> Severity:
        return cls[word.upper()]


@dataclass(frozen=True, slots=True)
class Finding:
    """One hit. `span` is (start, end) in code points of the text as posted; `reason` is one sentence for a person and
    quotes nothing of the text; `detector` names the rule (`words/threat.toml` id, `name.full`, `contact.phone`)."""

    category: str
    severity: Severity
    detector: str
    reason: str
    span: tuple[int, int]
    policy: str = ""  # the clause this rule carries out, e.g. "St Mary's 5.2"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The machine's conclusion on one item: worst severity, leading category, every finding. None: nothing found."""

    severity: Severity | None
    category: str | None
    findings: tuple[Finding, ...] = ()


class VerificationState(StrEnum):
    NEW = "new"
    VERIFIED = "verified"
    CLAIMED = "claimed"
    UNVERIFIED = "unverified"
    ORGANISATION = "organisation"
    REJECTED = "rejected"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Verification:
    state: VerificationState
    reason: str
    person: str | None = None  # the register's opaque person id
    role: str | None = None  # parent, staff, pupil, governor


class Role(StrEnum):
    HEADTEACHER = "headteacher"
    DEPUTY = "deputy"
    DSL = "dsl"
    ESAFETY = "esafety"
    OFFICE = "office"
    IT = "it"
    CHAIR = "chair"


class CaseState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class Choice(StrEnum):
    """What a reviewer decides on the case page."""

    ACKNOWLEDGE = "acknowledge"
    REMOVE = "remove"  # hide before delete
    DELETE = "delete"
    REPORT = "report"
    REPORTED = "reported"  # "I have done it": a person says a guided step is done
    RESTORE = "restore"
    UNDO = "undo"  # take back what was asked in the last minutes
    TOLD = "told"  # "I told them": a person says that somebody outside was told
    ASK_DSL = "ask_dsl"  # give it to the designated safeguarding lead
    DISMISS = "dismiss"
    CLOSE = "close"
    REOPEN = "reopen"


class Reason(StrEnum):
    """Why a message exists: a value, so that it can be logged, tested by table and shown."""

    FIRST = "first"
    UPDATED = "updated"
    GROUPED = "grouped"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    DIGEST = "digest"
    SIGN_IN_CODE = "sign_in_code"
    DEVICE = "device"
    OPERATIONS = "operations"
    CLAIM = "claim"
    ANSWER = "answer"  # to somebody who answered an alert by mail
    CLOSED = "closed"
    HOLD = "hold"  # is what is held still needed?
    TEST = "test"
