"""Which backups were made and which were tried, as rows. Makes none."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from monitor.tables_backup import BackupRow


def last(
    session: Session, school: str, kind: str, *, ok: bool | None = None, now: datetime
) -> BackupRow | None:
    """The newest run of a kind that is not of a time to come (a clock that was put back)."""
    query = select(BackupRow).where(
        BackupRow.school_id == school, BackupRow.kind == kind, BackupRow.at <= now
    )
    if ok is not None:
        query = query.where(col(BackupRow.ok).is_(ok))
    return session.exec(query.order_by(col(BackupRow.at).desc(), col(BackupRow.id).desc()).limit(1)).first()
