"""Tables only: no methods, no judgement. Every table carries `school_id`, so that a trust is more rows.

A null timestamp is the to-do list: `assessed_at`, `composed_at`, `sent_at`, `done_at`. Columns named `sealed` are
encrypted by monitor/vault.py; times are aware UTC; enums are stored by value as plain text.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel


class StreamRow(SQLModel, table=True):
    """One (account, kind) that is polled: its cursor, its schedule, its health."""

    __tablename__ = "stream"
    __table_args__ = (UniqueConstraint("school_id", "account", "kind"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str = Field(index=True)
    account: str
    kind: str
    cursor: str | None = None
    known: int = 0  # items ever stored from this stream
    baseline_at: datetime | None = None  # when the first whole answer was stored
    last_attempt_at: datetime | None = None
    last_success_at: datetime | None = None
    next_due: datetime
    error_count: int = 0
    last_error: str | None = None
    blocked_at: datetime | None = None  # a permanent error: a person must mend it
    lease_until: datetime | None = None
    fence: int = 0
    reconcile_due: datetime | None = None  # followers: when their number is next compared with the network's
    listed_at: datetime | None = None  # followers: when the whole list was last read and believed
    unreachable_at: datetime | None = None  # since when no answer of any kind came
    whole_at: datetime | None = None  # when the newest turn that came to the list's end was stored
    uncounted: int = 0  # followers: how many more the network counted then than it listed


class ItemRow(SQLModel, table=True):
    """One version of one item. `sealed` holds text, author, address and the object as the network returned it."""

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("school_id", "account", "kind", "external_id", "version"),
        Index("ix_item_to_assess", "school_id", "assessed_at"),
        Index("ix_item_author", "school_id", "network", "author_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    account: str
    network: str
    kind: str
    external_id: str
    version: int = 1
    target_id: str
    thread_id: str | None = None
    parent_id: str | None = None
    author_id: str | None = None
    sealed: bytes = Field(sa_type=LargeBinary)
    digest: bytes = Field(sa_type=LargeBinary)  # keyed hash of what makes a version: the text
    posted_at: datetime | None = None
    seen_at: datetime
    baseline: bool = False
    hidden: bool = False
    refused: str = ""  # actions the network says it will not do, comma-separated
    assessed_at: datetime | None = None
    attempts: int = 0  # tries to assess it; the third failure brings it to a human
    severity: int | None = None
    category: str | None = None
    pruned_at: datetime | None = None


class FindingRow(SQLModel, table=True):
    __tablename__ = "finding"
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    item_id: int = Field(foreign_key="item.id", index=True)
    category: str
    severity: int
    detector: str
    reason: str
    start: int
    end: int
    policy: str = ""


class CaseRow(SQLModel, table=True):
    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("school_id", "number"),
        Index("ix_cases_item", "school_id", "account", "kind", "external_id"),
        Index("ix_cases_sight", "school_id", "category", "roles", "bypassed", "state"),  # who may see which
        Index("ix_cases_ref", "school_id", "ref"),
    )
    id: int | None = Field(default=None, primary_key=True)
    school_id: str = Field(index=True)
    number: int
    ref: str  # "SM-0142"
    account: str
    network: str
    kind: str
    external_id: str
    item_id: int = Field(foreign_key="item.id")  # the newest version
    category: str
    severity: int
    state: str = "open"
    roles: str = ""  # who is told, the first foremost, comma-separated
    handed_to: str = (
        ""  # of `roles`, those that a person or a pile-on brought in: another text does not drop them
    )
    bypassed: str = ""  # roles that are not told: who holds them is named in it, comma-separated
    opened_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    outcome: str | None = None
    closing_reason: str | None = None
    standing: str = "visible"  # a Done value: what the network said last
    standing_at: datetime | None = None
    decisions: int = 0  # how many so far: the next one's `seq`
    joined_to: int | None = Field(
        default=None, foreign_key="cases.id", index=True
    )  # the case that people handle in its stead: this one is an item of that pile-on


class EvidenceRow(SQLModel, table=True):
    """What copy made: canonical JSON, sealed, and its SHA-256 in clear."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("school_id", "case_id", "item_id"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    case_id: int = Field(foreign_key="cases.id", index=True)
    item_id: int = Field(foreign_key="item.id")
    captured_at: datetime
    sha256: str
    sealed: bytes = Field(sa_type=LargeBinary)


class NoticeRow(SQLModel, table=True):
    """Somebody must be told of a case: left by assess (and by the reminder clock), composed into the outbox."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("school_id", "case_id", "reason", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    case_id: int = Field(foreign_key="cases.id", index=True)
    reason: str
    number: int = 1
    severity: int
    only_role: str | None = None  # null: everybody who is told of the case
    created_at: datetime
    not_before: datetime
    composed_at: datetime | None = Field(default=None, index=True)


class OutboxRow(SQLModel, table=True):
    """One message to one recipient, rendered once. `sealed` holds recipient and bytes, and is emptied when sent."""

    __tablename__ = "outbox"
    __table_args__ = (UniqueConstraint("school_id", "dedup_key"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    case_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    role: str
    reason: str
    dedup_key: str
    message_id: str = Field(index=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    sha256: str  # of the message's bytes
    severity: int | None = None  # of what it tells, which leaves in those hours only; None: at any hour
    created_at: datetime
    next_attempt_at: datetime
    lease_until: datetime | None = None
    attempts: int = 0
    sent_at: datetime | None = Field(default=None, index=True)
    failed_at: datetime | None = None
    replaced: bool = False  # it failed, and a bare mail went in its place
    reply: str | None = None


class DecisionRow(SQLModel, table=True):
    """A human's POST. `seq` is the case's count of decisions when the page was shown: two cannot share it."""

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("school_id", "case_id", "seq"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    case_id: int = Field(foreign_key="cases.id", index=True)
    item_id: int = Field(foreign_key="item.id")
    seq: int
    choice: str
    role: str
    sealed: bytes = Field(sa_type=LargeBinary)  # the reviewer's reason, in their words
    created_at: datetime
    next_attempt_at: datetime
    lease_until: datetime | None = None
    attempts: int = 0
    done_at: datetime | None = Field(default=None, index=True)
    done: str | None = None  # a Done value
    detail: str = ""
    read_back: bool = False


class DigestRow(SQLModel, table=True):
    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("school_id", "local_date"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    local_date: date
    covers_from: datetime
    covers_to: datetime
    created_at: datetime


class IncidentRow(SQLModel, table=True):
    """Something an administrator must mend. Mailed once when it opens, once when it closes."""

    __tablename__ = "incident"
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    key: str = Field(index=True)  # "stream:x-main:mention", "outbox:12" ...
    says: str
    cure: str
    opened_at: datetime
    composed_at: datetime | None = None
    closed_at: datetime | None = None


class SpendRow(SQLModel, table=True):
    """Metered reads of one network in one calendar month (UTC)."""

    __tablename__ = "spend"
    __table_args__ = (UniqueConstraint("school_id", "network", "month"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    network: str
    month: str  # "2026-11"
    reads: int = 0
    whole: int = 0  # of those, in first or whole listings: no part of the daily pace
    since: datetime | None = None  # the month's first read


class AuditRow(SQLModel, table=True):
    """The hash-chained history. `hash` covers everything else in the row and the row before."""

    __tablename__ = "audit"
    __table_args__ = (UniqueConstraint("school_id", "seq"), Index("ix_audit_thing", "school_id", "thing"))
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    seq: int
    at: datetime
    actor: str  # a role, or "schoolgate"
    event: str
    thing: str  # "case SM-0142", "item 17": ids only
    detail: str = ""
    prev_hash: str
    hash: str


class PruneRow(SQLModel, table=True):
    """What pruning left behind: when it last finished, what it has removed since, and the audit entry it ended with."""

    __tablename__ = "prune"
    __table_args__ = (UniqueConstraint("school_id"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    finished_at: datetime | None = None
    removed: str = "{}"  # counts, as JSON, of a run that has not finished yet
    audit_seq: int = 0  # the last audit entry that was pruned: the chain goes on from it
    audit_hash: str = "0" * 64
