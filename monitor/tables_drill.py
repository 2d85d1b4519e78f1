"""Drills: what was asked for, what became of it, and the times that are kept when the rest is pruned. Tables only."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel


class DrillRow(SQLModel, table=True):
    """One drill. `state`: asked, running, ended. `record` is JSON of roles and times only, written when it ends."""

    __tablename__ = "drill"
    id: int | None = Field(default=None, primary_key=True)
    school_id: str = Field(index=True)
    category: str
    account: str
    asked_at: datetime
    asked_by: str  # a role, "command line" or "schedule"
    at_night: bool = False
    state: str = "asked"
    item_id: int | None = Field(default=None, foreign_key="item.id")
    case_id: int | None = Field(default=None, foreign_key="cases.id")
    ref: str = ""
    began_at: datetime | None = None
    ended_at: datetime | None = None
    how: str = ""  # how it ended: answered, nobody, not_found, lapsed
    record: str = "{}"
