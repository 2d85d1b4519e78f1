"""The table of what is looked at again on the networks after something was done about it.

The same rules as in monitor/tables.py: no methods, no judgement, `school_id` everywhere.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class RecheckRow(SQLModel, table=True):
    """One look that is due after one decision was carried out; `found` is a monitor.rechecks.Found value."""

    __tablename__ = "recheck"
    __table_args__ = (UniqueConstraint("school_id", "decision_id", "hours"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    case_id: int = Field(foreign_key="cases.id", index=True)
    decision_id: int = Field(foreign_key="decision.id")
    hours: int  # after the decision was carried out: 1 or 48
    due_at: datetime
    next_attempt_at: datetime
    attempts: int = 0
    done_at: datetime | None = Field(default=None, index=True)
    found: str | None = None
    edited: bool = False  # its author had changed it since
    nudge: bool = False  # public though reported for 48 hours: time to ask for help outside
    detail: str = ""
