"""The week's report to the headteacher and the term's to the chair of governors: each made once, late after an outage.

Sends nothing itself: it puts messages into the outbox, as the daily digest does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, func, select

from alerts.compose_report import termly_values, weekly_values, withheld
from alerts.desk import Desk, Reader
from alerts.figures import figures
from alerts.posting import post
from alerts.schedule import next_termly, next_weekly, termly_due, weekly_due
from alerts.words import family
from monitor import coverage
from monitor.crash import point
from monitor.domain import Role
from monitor.ports import Clock
from monitor.set_back import ahead
from monitor.store import Store
from monitor.tables import CaseRow
from monitor.tables_watching import ReportRow

_WEEK = timedelta(days=6)  # before the last of seven days


def reports(store: Store, desk: Desk, *, clock: Clock) -> int:
    """Put each report that is due and not there yet into the outbox; returns how many messages it made."""
    now = clock()
    made = 0
    day = weekly_due(now, desk.schedule, desk.hours)
    if day is not None:
        made += _once(store, desk, "weekly", day, day - _WEEK, now)
    term = termly_due(now, desk.schedule, desk.hours)
    if term is not None:
        made += _once(store, desk, "termly", term.last, term.first, now, term.name)
    return made


def weekly(
    session: Session, store: Store, desk: Desk, reader: Reader, since: datetime, now: datetime
) -> dict[str, Any]:
    """The headteacher's page from `since` to now."""
    view = figures(session, store, desk, since, now, counts=partial(desk.may_see, reader.role))
    return weekly_values(view, desk.stamp(reader, now=now), next_weekly(now, desk.schedule, desk.hours))


def termly(
    session: Session, store: Store, desk: Desk, reader: Reader, since: datetime, now: datetime, name: str
) -> dict[str, Any]:
    """The governors' report from `since` to now; `name` is what the time is called."""
    view = figures(session, store, desk, since, now, counts=_for_governors)
    return termly_values(view, desk.stamp(reader, now=now), name, next_termly(now, desk.schedule, desk.hours))


def term_so_far(session: Session, store: Store, desk: Desk, now: datetime) -> dict[str, Any]:
    """The governors' report since the last one, or since anything was watched."""
    reader = desk.reader(Role.CHAIR, desk.today(now))
    began = coverage.began(session, store) or desk.today(now)
    since = _covered(session, store, "termly", now) or _midnight(desk, began)
    return termly(session, store, desk, reader, since, now, "This term so far")


def _for_governors(case: CaseRow) -> bool:
    return not withheld(family(case.category))


def _once(store: Store, desk: Desk, kind: str, day: date, first: date, now: datetime, name: str = "") -> int:
    """Make one report, unless it is there, or nothing was watched by its day."""
    with store.read() as session:
        began = coverage.began(session, store)
        if began is None or began > day or _there(session, store, kind, day):
            return 0
    try:
        with store.write() as session:
            made = _make(session, store, desk, kind, day, first, now, name)
    except IntegrityError:
        return 0  # another run made it meanwhile
    point("report.stored")
    return made


def _make(
    session: Session, store: Store, desk: Desk, kind: str, day: date, first: date, now: datetime, name: str
) -> int:
    # from where the one before ended, however late that was
    since = _covered(session, store, kind, now) or _midnight(desk, first)
    reader = desk.reader(Role.HEADTEACHER if kind == "weekly" else Role.CHAIR, desk.today(now))
    values: Mapping[str, Any] = (
        weekly(session, store, desk, reader, since, now)
        if kind == "weekly"
        else termly(session, store, desk, reader, since, now, name)
    )
    made = post(store, session, desk, reader, values, day, now, kind=kind)
    session.add(
        ReportRow(
            school_id=store.school,
            kind=kind,
            day=day,
            covers_from=since,
            covers_to=now,
            created_at=now,
        )
    )
    store.audit(
        session, at=now, actor="schoolgate", happened=f"{kind} report made", thing=f"report {day.isoformat()}"
    )
    return made


def _midnight(desk: Desk, day: date) -> datetime:
    return datetime.combine(day, time(), desk.hours.zone).astimezone(UTC)


def _there(session: Session, store: Store, kind: str, day: date) -> bool:
    query = select(ReportRow.id).where(
        ReportRow.school_id == store.school, ReportRow.kind == kind, ReportRow.day == day
    )
    return session.exec(query).first() is not None


def _covered(session: Session, store: Store, kind: str, now: datetime) -> datetime | None:
    return session.exec(
        select(func.max(ReportRow.covers_to)).where(
            ReportRow.school_id == store.school, ReportRow.kind == kind, ~ahead(ReportRow.covers_to, now)
        )
    ).one()
