"""The table of what was set aside: things that failed, or ended the process, again and again. No methods, no judgement."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class QuarantineRow(SQLModel, table=True):
    """One thing at one stage: how often it was tried in vain and, once that was too often, since when it is set aside.

    A row is there while a thing is handled, too: one that is left over tells that the process ended meanwhile.
    """

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("school_id", "stage", "thing"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    stage: str  # a Stage value (monitor/quarantine.py)
    thing: str  # "item 17", "message 12", "letter 3.44": ids only
    tries: int = 0
    why: str = ""  # the name of an exception; empty: the process ended
    first_at: datetime
    last_at: datetime
    aside_at: datetime | None = None  # null: it is still tried
    again_at: datetime | None = None  # an administrator asked for another try
    dropped_at: datetime | None = None  # an administrator leaves it as it is
