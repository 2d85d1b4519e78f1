"""Who is to hear of what: one reader's share of a notice, told in a mail of its own or together with others."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel


class TellingRow(SQLModel, table=True):
    """One reader's share of a notice, and the mail in which it was told.

    `recipient` is the keyed hash of the address, `sealed` the address. Untold while `told_at` is null: a share that an
    hour has no place for waits here for the next mail. `message_id` is empty when there was nothing left to tell.
    """

    __tablename__ = "telling"
    __table_args__ = (UniqueConstraint("school_id", "notice_id", "recipient"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    notice_id: int = Field(foreign_key="notice.id")
    case_id: int = Field(foreign_key="cases.id", index=True)
    reason: str
    number: int = 1
    severity: int
    role: str
    recipient: str = Field(index=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    created_at: datetime
    due_at: datetime
    told_at: datetime | None = Field(default=None, index=True)
    message_id: str = ""
