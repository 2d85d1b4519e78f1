"""Asks once a term, of those who may see it, whether what is held must still be kept. Lifts nothing itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from alerts import links
from alerts.compose_holds import HeldView, compose_holds
from alerts.desk import Desk, Reader
from alerts.outbox import enqueue
from monitor import holds
from monitor.domain import Reason, Role
from monitor.hours import waking
from monitor.ports import Clock
from monitor.store import Store
from monitor.tables import CaseRow
from monitor.tables_holds import HoldRow
from monitor.terms import Term, ended_last

_ASKED = (Role.DSL, Role.HEADTEACHER, Role.CHAIR)


def review_holds(store: Store, desk: Desk, *, clock: Clock) -> int:
    """Put a mail to each who may see something that was held before the last term ended; returns how many it made."""
    now = clock()
    term = ended_last(now, desk.schedule.at, desk.hours.zone, desk.schedule.terms)
    if term is None or waking(now, desk.hours) != now:
        return 0
    ended = datetime.combine(term.last, desk.schedule.at, desk.hours.zone)

    def due(session: Session) -> list[HoldRow]:
        standing = holds.all_holds(session, store.school)
        return [one for one in standing if (one.asked_at or one.placed_at) < ended]

    with store.read() as session:
        if not due(session):
            return 0
    with store.write() as session:
        rows = due(session)
        made = 0
        for reader, seen in _seen(session, desk, rows, now).items():
            made += _mail(store, session, desk, reader, seen, term, now)
        for row in rows:
            holds.note_asked(session, store, row, now)
    return made


def _seen(
    session: Session, desk: Desk, rows: Sequence[HoldRow], now: datetime
) -> Mapping[Reader, list[HeldView]]:
    """What each may see, each address once; the chair hears of what is the chair's alone."""
    found: dict[Reader, list[HeldView]] = {}
    addresses: set[str] = set()
    today = desk.today(now)
    for role in _ASKED:
        reader = desk.reader(role, today)
        seen: list[HeldView] = []
        for row in rows:
            case = session.get(CaseRow, row.case_id) if row.case_id is not None else None
            if case is None and role is not Role.CHAIR:
                seen.append(HeldView("", row.placed_at))
            elif case is not None and desk.may_see(role, case) and desk.may_hear(reader, case, now):
                seen.append(HeldView(case.ref, row.placed_at))
        if seen and reader.address not in addresses:
            addresses.add(reader.address)
            found[reader] = seen
    return found


def _mail(
    store: Store,
    session: Session,
    desk: Desk,
    reader: Reader,
    seen: Sequence[HeldView],
    term: Term,
    now: datetime,
) -> int:
    token = links.issue(
        store, session, case_id=None, role=reader.role, address=reader.address, now=now, valid=desk.link_valid
    )
    stamp = desk.stamp(reader, store.school, "holds", term.last.isoformat(), now=now)
    made = enqueue(
        store,
        session,
        now=now,
        dedup_key=f"holds:{term.last.isoformat()}:{reader.role}",
        role=reader.role,
        recipient=reader.address,
        reason=Reason.HOLD,
        message_id=stamp.message_id,
        message=compose_holds(seen, term.name, links.address_of(desk.public_url, token), stamp),
    )
    return int(made)
