"""The table of what lets an alert be answered by mail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel, UniqueConstraint


class ReplyCodeRow(SQLModel, table=True):
    """A case code in one mail to one reader: it may be used once, for the case as it stood when the mail was made.

    `digest` is the keyed hash of the code, `recipient` of the address. `used_at` without `confirmed_at`: a decision was
    taken by mail, and whoever took it has not been told yet what came of it.
    """

    __tablename__ = "reply_code"
    __table_args__ = (UniqueConstraint("school_id", "digest"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    digest: bytes = Field(sa_type=LargeBinary)
    case_id: int = Field(foreign_key="cases.id", index=True)
    item_id: int = Field(foreign_key="item.id")
    seq: int  # the case's count of decisions
    role: str
    recipient: str
    created_at: datetime
    expires_at: datetime = Field(index=True)
    used_at: datetime | None = None
    choice: str | None = None  # a Choice value
    confirmed_at: datetime | None = None
