"""The daily digest: what one day's rows say, for whom, once a day, quiet days too. Sends nothing itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from alerts import digest_rows as rows
from alerts.compose_digest import digest_values
from alerts.desk import Desk, Reader, routed
from alerts.digest_backup_rows import backup_line
from alerts.digest_drills import drill_lines
from alerts.digest_following import in_figures, known_once, new_and_waiting, newly_verified
from alerts.digest_overdue import still_public
from alerts.digest_spending import spending_rows
from alerts.inbox.counts import answers_to_nothing
from alerts.posting import post
from alerts.rows import waiting_case
from alerts.views_digest import DigestView
from alerts.words import family
from monitor.crash import point
from monitor.domain import Role
from monitor.heads import newest_hash, note_head
from monitor.hours import digest_due, next_digest
from monitor.ports import Clock
from monitor.set_back import ahead
from monitor.store import Store
from monitor.tables import CaseRow, DigestRow

_THEIRS = frozenset({"complaint", "press"})
READERS = (Role.OFFICE, Role.ESAFETY, Role.DSL, Role.HEADTEACHER)
_WHEN_NEEDED = frozenset(
    {Role.DSL, Role.HEADTEACHER}
)  # on days with something of theirs; the head always, if so configured


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
    sees = partial(desk.may_see, reader.role)
    return DigestView(
        day=day,
        link=link,
        next_at=next_digest(now, desk.hours),
        read=rows.items_read(session, store, since),
        waiting=tuple(
            replace(waiting_case(case), facts=rows.case_facts(session, case, sees))
            for case in rows.waiting(session, store)
            if sees(case)
        ),
        closed=tuple(
            rows.closed_case(session, case, sees)
            for case in rows.closed_since(session, store, since)
            if sees(case)
        ),
        still_public=still_public(session, store, desk, reader.role),
        quiet_counts=rows.quiet_counts(session, store, since),
        new_followers=rows.new_followers(session, store, since),
        followers=new_and_waiting(session, store, desk, reader.role, since),
        verified=newly_verified(session, store, desk, reader.role, since),
        known_once=known_once(session, store, desk, reader.role),
        following=in_figures(session, store, desk, reader.role, since, now),
        watched=rows.watched(session, store, desk, since, now),
        # the office sees no case, and is told by no reference that a mail did not arrive
        undelivered=rows.undelivered(session, store, lambda case: reader.role is Role.OFFICE or sees(case)),
        not_delivered=sum(sees(case) for case in rows.not_delivered(session, store, now)),
        soon=rows.soon(session, store),
        drills=drill_lines(session, store, since),
        answers=answers_to_nothing(session, store, since),
        spending=spending_rows(session, store, desk.networks.values(), desk.budget, now),
        decided=rows.decided(session, store, now, sees, false_alarm=False),
        false_alarms=rows.decided(session, store, now, sees, false_alarm=True),
        backup=backup_line(session, store, since, now),
        chain_head=newest_hash(session, store),
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
        view = view_of(session, store, desk, reader, day, now, desk.public_url)
        always = role is Role.HEADTEACHER and desk.schedule.head_always
        if role in _WHEN_NEEDED and not always and not has_theirs(session, reader, view):
            continue
        made += post(store, session, desk, reader, digest_values(view, desk.stamp(reader, now=now)), day, now)
    session.add(
        DigestRow(
            school_id=store.school, local_date=day, covers_from=covers_from, covers_to=now, created_at=now
        )
    )
    note_head(session, store, "digest", now)
    store.audit(
        session, at=now, actor="schoolgate", happened="digest made", thing=f"digest {day.isoformat()}"
    )
    return made


def has_theirs(session: Session, reader: Reader, view: DigestView) -> bool:
    """Whether the day holds anything of this reader's own: what waits for them, what became of it, a complaint or the
    press. What only others must decide is in theirs."""
    refs = [case.ref for case in view.waiting] + [case.ref for case in view.closed]
    own = session.exec(select(CaseRow).where(col(CaseRow.ref).in_(refs))).all() if refs else ()
    heads = reader.role is Role.HEADTEACHER
    told = any(heads and number and family(category) in _THEIRS for category, number in view.quiet_counts)
    return told or any(reader.role in routed(case) for case in own)


def _since(session: Session, store: Store, now: datetime) -> datetime:
    last = session.exec(
        select(func.max(DigestRow.covers_to)).where(
            DigestRow.school_id == store.school, ~ahead(DigestRow.covers_to, now)
        )
    ).one()
    return last or now - timedelta(days=1)
