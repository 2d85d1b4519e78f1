"""The audit log's head as it was said to the outside: in a digest, on a sheet, or at the daily check."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from monitor.store import Store
from monitor.tables import AuditRow
from monitor.tables_evidence import HeadRow


def newest(session: Session, store: Store) -> AuditRow | None:
    """The newest entry of the audit log."""
    return session.exec(
        select(AuditRow).where(AuditRow.school_id == store.school).order_by(col(AuditRow.seq).desc()).limit(1)
    ).first()


def newest_hash(session: Session, store: Store) -> str:
    """Hex of the newest entry's hash; empty before the first."""
    entry = newest(session, store)
    return entry.hash if entry else ""


def note_head(session: Session, store: Store, said_in: str, now: datetime) -> HeadRow | None:
    """Keep what the head is now, in the caller's transaction, so that a later cut shows. None: the log is empty."""
    entry = newest(session, store)
    if entry is None:
        return None
    row = HeadRow(school_id=store.school, seq=entry.seq, hash=entry.hash, at=now, said_in=said_in)
    session.add(row)
    return row


def last_said(session: Session, store: Store, said_in: str) -> HeadRow | None:
    """The newest head that was said there."""
    return session.exec(
        select(HeadRow)
        .where(HeadRow.school_id == store.school, HeadRow.said_in == said_in)
        .order_by(col(HeadRow.id).desc())
        .limit(1)
    ).first()
