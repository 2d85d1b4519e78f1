"""Tables of backups: which were made and tried, and the mark by which their files are known. As monitor/tables.py."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class BackupRow(SQLModel, table=True):
    """One try to make a backup, or to restore one as a drill. `says` is why it failed."""

    __tablename__ = "backup_run"
    id: int | None = Field(default=None, primary_key=True)
    school_id: str = Field(index=True)
    kind: str  # "backup", "drill"
    at: datetime
    ok: bool
    file: str = ""  # its name, without the folder
    size: int = 0  # bytes
    records: int = 0  # rows of all tables
    says: str = ""


class BackupSeriesRow(SQLModel, table=True):
    """What marks this school's backups as its own, whatever key they are sealed with: 16 random bytes as hex."""

    __tablename__ = "backup_series"
    __table_args__ = (UniqueConstraint("school_id"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    mark: str
