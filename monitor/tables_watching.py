"""Tables of what was watched, of the reports made of it, and of the digests as they were mailed. As monitor/tables.py."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel


class WatchedDayRow(SQLModel, table=True):
    """One (account, kind) on one local day of the school: the turns that were made, failed, and never came."""

    __tablename__ = "watched_day"
    __table_args__ = (UniqueConstraint("school_id", "account", "kind", "day"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    account: str
    kind: str
    day: date
    every: int  # seconds between two turns, as configured at the last of the day
    made: int = 0  # turns that the network answered to the end
    missed: int = 0  # turns that should have been and were not, whatever the reason
    failed: int = 0  # tries that the network, or the way to it, refused
    longest: int = 0  # seconds: the longest time of this day without an answer


class WatchGapRow(SQLModel, table=True):
    """A time in which one (account, kind) was not read: from the last answer before it to the first one after."""

    __tablename__ = "watch_gap"
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    account: str
    kind: str
    since: datetime
    until: datetime = Field(index=True)


class ReportRow(SQLModel, table=True):
    """A week's or a term's report that was made: `day` is the day it is the report of, and there is one a day."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("school_id", "kind", "day"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    kind: str  # "weekly", "termly"
    day: date
    covers_from: datetime
    covers_to: datetime
    created_at: datetime


class KeptDigestRow(SQLModel, table=True):
    """A digest as one role was mailed it: `sealed` holds the values that the mail showed, as JSON, without its link."""

    __tablename__ = "kept_digest"
    __table_args__ = (UniqueConstraint("school_id", "kind", "day", "role"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    kind: str  # "daily", "weekly", "termly"
    day: date
    role: str
    sealed: bytes = Field(sa_type=LargeBinary)
    created_at: datetime
