"""What an administrator must mend, as rows: opened once, told once, closed when it is well again."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from monitor.store import Store
from monitor.tables import IncidentRow


def open_incident(store: Store, session: Session, key: str, *, says: str, cure: str, now: datetime) -> bool:
    """Note that something is wrong; False when it is open already (its words are brought up to date)."""
    row = _open(session, store, key)
    if row is not None:
        row.says, row.cure = says, cure
        return False
    session.add(IncidentRow(school_id=store.school, key=key, says=says, cure=cure, opened_at=now))
    store.audit(session, at=now, actor="schoolgate", happened="incident opened", thing=key)
    return True


def close_incident(store: Store, session: Session, key: str, *, now: datetime) -> bool:
    """Note that it is well again; False when it never was wrong."""
    row = _open(session, store, key)
    if row is None:
        return False
    row.closed_at = now
    store.audit(session, at=now, actor="schoolgate", happened="incident closed", thing=key)
    return True


def open_incidents(session: Session, school: str) -> list[IncidentRow]:
    return list(
        session.exec(
            select(IncidentRow)
            .where(IncidentRow.school_id == school, col(IncidentRow.closed_at).is_(None))
            .order_by(col(IncidentRow.opened_at))
        )
    )


def _open(session: Session, store: Store, key: str) -> IncidentRow | None:
    return session.exec(
        select(IncidentRow).where(
            IncidentRow.school_id == store.school,
            IncidentRow.key == key,
            col(IncidentRow.closed_at).is_(None),
        )
    ).first()
