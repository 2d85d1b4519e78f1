"""The table of the keys that everything private is sealed with. The same rules as in monitor/tables.py.

It is kept apart from the database in backups, so that a key that was destroyed is destroyed in those too.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel


class SealingKeyRow(SQLModel, table=True):
    """One random 256-bit key, wrapped by a key that comes from the master key. Destroyed, `wrapped` is empty and
    nothing that was sealed with it opens any more, wherever a copy of that lies.

    `purpose`: a monitor.keys.Purpose value. `ref`: whose (a case's id, "2026-11-21", "2026-11"). `wrapped_by`: the
    fingerprint of the master key that opens it.
    """

    __tablename__ = "sealing_key"
    __table_args__ = (Index("ix_sealing_key_ref", "school_id", "purpose", "ref"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    key_id: bytes = Field(sa_type=LargeBinary, unique=True)  # 16 random bytes, which every sealed value names
    purpose: str
    ref: str
    wrapped: bytes = Field(sa_type=LargeBinary)
    wrapped_by: str
    made_at: datetime
    destroyed_at: datetime | None = None
