"""What only time brings: reminders and escalations of cases that nobody acknowledged, and the word that one is closed.

Leaves notices; `alerts/notify.py` tells them. Each next reminder is counted from the last one that went, so that a
machine that was off, or a mail server that was away, brings one reminder and no storm of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from alerts.desk import Desk
from alerts.tellings import told_of
from monitor.domain import CaseState, Reason, Severity
from monitor.hours import Hours, escalate_at, waking
from monitor.ports import Clock
from monitor.set_back import is_ahead
from monitor.store import Store
from monitor.tables import CaseRow, NoticeRow, OutboxRow
from monitor.tables_telling import TellingRow

_SLOWEST = timedelta(hours=4)  # between two reminders of a critical case
_STILL_NEWS = timedelta(days=2)  # a case that was closed longer ago is told by the digest
_NEWS = (Reason.FIRST.value, Reason.UPDATED.value)


def remind(store: Store, desk: Desk, *, clock: Clock) -> int:
    """Leave what is due: for each critical or high case that nobody has acknowledged a reminder to those who were told,
    and one after the other whoever stands behind them; for each closed one a word to who was told. Returns how many.
    """
    now = clock()
    with store.write() as session:
        cases = session.exec(
            select(CaseRow).where(
                CaseRow.school_id == store.school,
                CaseRow.state == CaseState.OPEN.value,
                CaseRow.severity >= Severity.HIGH.value,
                col(CaseRow.joined_to).is_(
                    None
                ),  # the case that leads its pile-on is the one that people know
            )
        ).all()
        left = sum(_nag(session, store, desk, case, now) for case in cases)
        if desk.closed_mails:
            left += _closed(session, store, now)
    return left


def gap(severity: Severity, reminded: int, hours: Hours) -> timedelta:
    """How long to wait for the next reminder when `reminded` have gone: critical twice as long each time, at most 4
    hours; high `remind_high_after`, then `remind_high_every`."""
    if severity is Severity.CRITICAL:
        return min(hours.remind_every * (1 << min(reminded, 16)), max(_SLOWEST, hours.remind_every))
    return hours.remind_high_every if reminded else hours.remind_high_after


def _nag(session: Session, store: Store, desk: Desk, case: CaseRow, now: datetime) -> int:
    severity, hours = Severity(case.severity), desk.hours
    told = session.exec(
        select(NoticeRow)
        .where(
            NoticeRow.case_id == case.id,
            col(NoticeRow.reason).in_(_NEWS),
            col(NoticeRow.composed_at).is_not(None),
        )
        .order_by(col(NoticeRow.id).desc())
        .limit(1)
    ).first()
    if told is None or told.composed_at is None:
        return 0
    if is_ahead(told.composed_at, now):  # the clock was put back: it is counted from now on
        told.composed_at = now
    left = 0
    nags = session.exec(
        select(NoticeRow).where(
            NoticeRow.case_id == case.id,
            col(NoticeRow.created_at) >= told.composed_at,
            col(NoticeRow.reason).in_([Reason.REMINDER.value, Reason.ESCALATION.value]),
        )
    ).all()
    reminders = [nag for nag in nags if nag.reason == Reason.REMINDER]
    escalations = [nag for nag in nags if nag.reason == Reason.ESCALATION]
    wait = gap(severity, len(reminders), hours)
    if now >= told.composed_at + wait and not _on_its_way(session, case):
        heard = [row.told_at for row in told_of(session, store, case.id) if row.reason != Reason.ESCALATION]
        due = max([told.composed_at, *(at for at in heard if at and not is_ahead(at, now))]) + wait
        if now >= (due if severity is Severity.CRITICAL else waking(due, hours, severity)):
            left += _leave(session, store, case, Reason.REMINDER, now)
    steps = (one.created_at for one in escalations if not is_ahead(one.created_at, now))
    last_step = max([told.composed_at, *steps])
    if now >= escalate_at(severity, last_step, 1, hours) and len(escalations) < len(desk.behind(case, now)):
        left += _leave(session, store, case, Reason.ESCALATION, now)
    return left


def _on_its_way(session: Session, case: CaseRow) -> bool:
    """Whether somebody is still to get a mail of this case: nobody is reminded of what has not arrived."""
    notice = session.exec(
        select(NoticeRow.id)
        .where(NoticeRow.case_id == case.id, col(NoticeRow.composed_at).is_(None))
        .limit(1)
    ).first()
    share = session.exec(
        select(TellingRow.id).where(TellingRow.case_id == case.id, col(TellingRow.told_at).is_(None)).limit(1)
    ).first()
    mail = session.exec(
        select(OutboxRow.id)
        .where(
            col(OutboxRow.sent_at).is_(None),
            col(OutboxRow.failed_at).is_(None),
            col(OutboxRow.message_id).in_(
                select(TellingRow.message_id).where(
                    TellingRow.case_id == case.id, TellingRow.message_id != ""
                )
            ),
        )
        .limit(1)
    ).first()
    return any(found is not None for found in (notice, share, mail))


def _closed(session: Session, store: Store, now: datetime) -> int:
    cases = session.exec(
        select(CaseRow).where(
            CaseRow.school_id == store.school,
            CaseRow.state == CaseState.CLOSED.value,
            col(CaseRow.closed_at) > now - _STILL_NEWS,
        )
    ).all()
    left = 0
    for case in cases:
        said = session.exec(
            select(func.max(NoticeRow.created_at)).where(
                NoticeRow.case_id == case.id, NoticeRow.reason == Reason.CLOSED.value
            )
        ).one()
        if (said is None or (case.closed_at and said < case.closed_at)) and told_of(session, store, case.id):
            left += _leave(session, store, case, Reason.CLOSED, now)
    return left


def _leave(session: Session, store: Store, case: CaseRow, reason: Reason, now: datetime) -> int:
    assert case.id is not None
    number = session.exec(
        select(func.max(NoticeRow.number)).where(
            NoticeRow.case_id == case.id, NoticeRow.reason == reason.value
        )
    ).one()
    session.add(
        NoticeRow(
            school_id=store.school,
            case_id=case.id,
            reason=reason.value,
            number=(number or 0) + 1,
            severity=Severity.HIGH.value if reason is Reason.CLOSED else case.severity,
            created_at=now,
            not_before=now,
        )
    )
    return 1
