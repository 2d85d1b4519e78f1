"""Tables of evidence beside the copies: what people gave, and the audit log's heads that were told to the outside.

The same rules as in monitor/tables.py: no methods, no judgement, `school_id` everywhere.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel


class GivenRow(SQLModel, table=True):
    """What somebody gave to a case, such as a parent's screenshot. `sealed` is the file, `said` who gave it and how;
    both are emptied when it is no longer kept."""

    __tablename__ = "given_evidence"
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    case_id: int = Field(foreign_key="cases.id", index=True)
    kind: str  # a Kind value (monitor/given.py), by what the file begins with
    size: int  # bytes
    sha256: str
    sealed: bytes = Field(sa_type=LargeBinary)
    said: bytes = Field(sa_type=LargeBinary)
    received_at: datetime
    entered_at: datetime
    entered_by: str  # a role


class HeadRow(SQLModel, table=True):
    """The newest audit entry at some time, and where that was said. `token` is a time stamp of its hash (RFC 3161)."""

    __tablename__ = "audit_head"
    id: int | None = Field(default=None, primary_key=True)
    school_id: str = Field(index=True)
    seq: int
    hash: str
    at: datetime
    said_in: str  # "digest", "check", "export"
    token: bytes | None = Field(default=None, sa_type=LargeBinary)
