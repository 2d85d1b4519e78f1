"""What an administrator must mend, as rows: opened once, told once, closed when it is well again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from monitor.store import Store
from monitor.tables import IncidentRow
from monitor.troubles import kind_of

NEWS_FOR = timedelta(days=3)  # what happened once and was told of stands in lists for so long


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


def close_news(store: Store, now: datetime) -> int:
    """What happened and does not last is closed some days after it was told; returns how many."""
    with store.write() as session:
        old = [
            one
            for one in open_incidents(session, store.school)
            if kind_of(one.key).news and one.composed_at is not None and one.composed_at <= now - NEWS_FOR
        ]
        for one in old:
            close_incident(store, session, one.key, now=now)
    return len(old)


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
