"""The table of holds: what must not be pruned or erased, whoever says so, until it is lifted.

The same rules as in monitor/tables.py: no methods, no judgement, `school_id` everywhere.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel


class HoldRow(SQLModel, table=True):
    """One hold on one case, or on everything of one author; it stands while `lifted_at` is null. `sealed` holds why, in
    people's words. `kind`: legal, or restriction (Article 18 UK GDPR)."""

    __tablename__ = "hold"
    __table_args__ = (Index("ix_hold_author", "school_id", "network", "author_id"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    kind: str
    case_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    network: str | None = None
    author_id: str | None = None
    sealed: bytes = Field(sa_type=LargeBinary)
    placed_at: datetime
    placed_by: str  # a role
    asked_at: datetime | None = None  # when somebody was last asked whether it is still needed
    lifted_at: datetime | None = None
    lifted_by: str | None = None
