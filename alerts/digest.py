"""The daily digest: what one day's rows say, for whom, once a day, quiet days too. Sends nothing itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from alerts import digest_rows as rows
from alerts import links
from alerts.compose import compose_digest
from alerts.desk import Desk, Reader
from alerts.digest_following import in_figures, known_once, new_and_waiting
from alerts.digest_spending import spending_rows
from alerts.inbox.counts import answers_to_nothing
from alerts.outbox import enqueue
from alerts.rows import waiting_case
from alerts.views_digest import DigestView
from monitor.crash import point
from monitor.domain import Reason, Role
from monitor.hours import digest_due, next_digest
from monitor.ports import Clock
from monitor.store import Store
from monitor.tables import AuditRow, DigestRow

READERS = (Role.OFFICE, Role.ESAFETY, Role.HEADTEACHER)


def digest(store: Store, desk: Desk, *, clock: Clock) -> int:
    """Put today's digest into the outbox when it is due and not there yet; returns how many messages it made."""
    now = clock()
    day = digest_due(now, desk.hours)
    if day is None:
        return 0
    with store.read() as session:
        if _there(session, store, day):
            return 0
    try:
        with store.write() as session:
            made = _make(session, store, desk, day, now)
    except IntegrityError:
        return 0  # another run made it meanwhile
    point("digest.stored")
    return made


def view_of(
    session: Session, store: Store, desk: Desk, reader: Reader, day: date, now: datetime, link: str
) -> DigestView:
    """What the digest of `day` says to one reader, from the last one to `now`."""
    since = _since(session, store, now)
    return DigestView(
        day=day,
        link=link,
        next_at=next_digest(now, desk.hours),
        read=rows.items_read(session, store, since),
        waiting=tuple(
            waiting_case(case) for case in rows.waiting(session, store) if desk.may_see(reader.role, case)
        ),
        closed=tuple(
            rows.closed_case(session, case)
            for case in rows.closed_since(session, store, since)
            if desk.may_see(reader.role, case)
        ),
        quiet_counts=rows.quiet_counts(session, store, since),
        new_followers=rows.new_followers(session, store, since),
        followers=new_and_waiting(session, store, desk, reader.role, since),
        known_once=known_once(session, store, desk, reader.role),
        following=in_figures(session, store, desk, reader.role, since, now),
        watched=rows.watched(session, store, desk, since),
        undelivered=rows.undelivered(session, store),
        answers=answers_to_nothing(session, store, since),
        spending=spending_rows(session, store, desk, now),
        decided=rows.decided(session, store, now, false_alarm=False),
        false_alarms=rows.decided(session, store, now, false_alarm=True),
        chain_head=session.exec(
            select(AuditRow.hash)
            .where(AuditRow.school_id == store.school)
            .order_by(col(AuditRow.seq).desc())
            .limit(1)
        ).first()
        or "",
    )


def _there(session: Session, store: Store, day: date) -> bool:
    return (
        session.exec(
            select(DigestRow.id).where(DigestRow.school_id == store.school, DigestRow.local_date == day)
        ).first()
        is not None
    )


def _make(session: Session, store: Store, desk: Desk, day: date, now: datetime) -> int:
    covers_from = _since(session, store, now)
    made = 0
    told: set[str] = set()
    for role in READERS:
        reader: Reader = desk.reader(role, desk.today(now))
        if reader.address in told:
            continue
        told.add(reader.address)
        token = links.issue(
            store,
            session,
            case_id=None,
            role=reader.role,
            address=reader.address,
            now=now,
            valid=desk.link_valid,
        )
        view = view_of(session, store, desk, reader, day, now, f"{desk.public_url.rstrip('/')}/c/{token}")
        stamp = desk.stamp(reader, store.school, "digest", day.isoformat(), now=now)
        made += enqueue(
            store,
            session,
            now=now,
            dedup_key=f"digest:{day.isoformat()}:{reader.role}",
            role=reader.role,
            recipient=reader.address,
            reason=Reason.DIGEST,
            message_id=stamp.message_id,
            message=compose_digest(view, stamp),
        )
    session.add(
        DigestRow(
            school_id=store.school, local_date=day, covers_from=covers_from, covers_to=now, created_at=now
        )
    )
    store.audit(
        session, at=now, actor="schoolgate", happened="digest made", thing=f"digest {day.isoformat()}"
    )
    return made


def _since(session: Session, store: Store, now: datetime) -> datetime:
    last = session.exec(
        select(func.max(DigestRow.covers_to)).where(DigestRow.school_id == store.school)
    ).one()
    return last or now - timedelta(days=1)
