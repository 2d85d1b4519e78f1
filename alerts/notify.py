"""Notify: notices that are due become rendered messages in the outbox, each notice in one transaction.

Says nothing new about a case: assess and the reminder clock leave the notices, this only tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, func, select

from alerts import links
from alerts.compose import compose_alert, compose_group
from alerts.crowd import NAGS, batches
from alerts.desk import Desk, Reader
from alerts.digest_parts import MAX_ROWS
from alerts.outbox import enqueue
from alerts.rows import alert_view, group_row, thread_of
from alerts.views import GroupView
from monitor.crash import point
from monitor.domain import CaseState, Reason, Role, Severity
from monitor.incidents import open_incident
from monitor.ports import Clock
from monitor.store import Store
from monitor.tables import CaseRow, NoticeRow

log = structlog.get_logger(__name__)
_AGAIN = timedelta(minutes=5)  # before a notice that could not be told is tried again
_SLOWEST = timedelta(hours=4)  # between two reminders


def notify(store: Store, desk: Desk, *, clock: Clock) -> int:
    """Compose what is due; returns how many notices were handled."""
    now = clock()
    with store.read() as session:
        due = session.exec(
            select(NoticeRow)
            .where(
                NoticeRow.school_id == store.school,
                col(NoticeRow.composed_at).is_(None),
                col(NoticeRow.not_before) <= now,
            )
            .order_by(col(NoticeRow.severity).desc(), col(NoticeRow.id))
        ).all()
        together = batches(session, store, due, now)
    for ids in together:
        _tell_or_say(store, desk, ids, now)
    return sum(map(len, together))


def _tell_or_say(store: Store, desk: Desk, ids: Sequence[int], now: datetime) -> None:
    """Tell one batch. One notice that cannot be told must not silence the others: a batch that fails is halved."""
    try:
        with store.write() as session:
            _tell(session, store, desk, ids, now)
            point("notify.composed")
        point("notify.stored")
    except Exception as error:
        if len(ids) > 1:
            middle = len(ids) // 2
            _tell_or_say(store, desk, ids[:middle], now)
            _tell_or_say(store, desk, ids[middle:], now)
            return
        log.exception("notify failed", notices=list(ids))
        _loud(store, ids[0], error, now)


def remind(store: Store, desk: Desk, *, clock: Clock) -> int:
    """Leave a notice for each critical case that nobody has acknowledged in time: reminders to those who were told,
    and once to whoever stands behind them. Returns how many were left.
    """
    now = clock()
    left = 0
    with store.write() as session:
        cases = session.exec(
            select(CaseRow).where(
                CaseRow.school_id == store.school,
                CaseRow.state == CaseState.OPEN.value,
                CaseRow.severity == Severity.CRITICAL.value,
                col(CaseRow.joined_to).is_(
                    None
                ),  # the case that leads its pile-on is the one that people know
            )
        ).all()
        for case in cases:
            told_at = session.exec(
                select(func.max(NoticeRow.composed_at)).where(
                    NoticeRow.case_id == case.id, col(NoticeRow.reason).not_in(NAGS)
                )
            ).one()
            if told_at is None:
                continue
            reminded = _count(session, case, Reason.REMINDER)
            if now >= reminder_at(told_at, reminded + 1, desk.hours.remind_every):
                left += _leave(session, store, case, Reason.REMINDER, reminded + 1, now)
            if now >= told_at + desk.hours.escalate_after and not _count(session, case, Reason.ESCALATION):
                left += _leave(session, store, case, Reason.ESCALATION, 1, now)
    return left


def reminder_at(told_at: datetime, number: int, every: timedelta) -> datetime:
    """When reminder `number` (from 1) is due: after `every`, then twice as long each time, at most 4 hours apart."""
    at, wait = told_at, every
    for _ in range(number):
        at, wait = at + wait, min(wait * 2, max(_SLOWEST, every))
    return at


def _tell(session: Session, store: Store, desk: Desk, ids: Sequence[int], now: datetime) -> None:
    by_reader: dict[Reader, list[tuple[NoticeRow, CaseRow]]] = {}
    for notice_id in ids:
        notice = session.get_one(NoticeRow, notice_id)
        if notice.composed_at is not None:
            continue
        notice.composed_at = now
        case = session.get_one(CaseRow, notice.case_id)
        if case.state == CaseState.CLOSED or (notice.reason in NAGS and case.state != CaseState.OPEN):
            continue  # somebody has it already
        readers = _readers(desk, case, notice, now)
        if not readers:
            raise LookupError(case.ref)  # everybody who could decide is named in it: made loud by the caller
        for reader in readers:
            by_reader.setdefault(reader, []).append((notice, case))
    for reader, told in by_reader.items():
        if len(told) == 1:
            _tell_one(session, store, desk, reader, *told[0], now)
        else:
            _tell_group(session, store, desk, reader, told, now)


def _readers(desk: Desk, case: CaseRow, notice: NoticeRow, now: datetime) -> tuple[Reader, ...]:
    if notice.reason == Reason.ESCALATION:
        return (desk.escalated(case, now),)
    if notice.only_role is not None:
        return desk.standing_in(Role(notice.only_role), case, now)
    return desk.readers(case, now)


def _link(
    session: Session, store: Store, desk: Desk, reader: Reader, case_id: int | None, now: datetime
) -> str:
    token = links.issue(
        store,
        session,
        case_id=case_id,
        role=reader.role,
        address=reader.address,
        now=now,
        valid=desk.link_valid,
    )
    return f"{desk.public_url.rstrip('/')}/c/{token}"


def _tell_one(
    session: Session,
    store: Store,
    desk: Desk,
    reader: Reader,
    notice: NoticeRow,
    case: CaseRow,
    now: datetime,
) -> None:
    reason = Reason(notice.reason)
    escalates: tuple[datetime, Role] | None = None
    if case.severity == Severity.CRITICAL and reason in {Reason.FIRST, Reason.UPDATED}:
        escalates = (now + desk.hours.escalate_after, desk.escalated(case, now).role)
    view = alert_view(
        session,
        store,
        desk,
        case,
        reader,
        reason=reason,
        link=_link(session, store, desk, reader, case.id, now),
        told=desk.readers(case, now),
        escalates=escalates,
        reminder=notice.number if reason is Reason.REMINDER else 0,
    )
    stamp = desk.stamp(
        reader,
        store.school,
        case.ref,
        notice.reason,
        str(notice.number),
        now=now,
        thread=thread_of(session, case, reader),
    )
    enqueue(
        store,
        session,
        now=now,
        dedup_key=f"notice:{notice.id}:{reader.role}",
        role=reader.role,
        recipient=reader.address,
        reason=reason,
        message_id=stamp.message_id,
        message=compose_alert(view, stamp),
        case_id=case.id,
    )


def _tell_group(
    session: Session,
    store: Store,
    desk: Desk,
    reader: Reader,
    told: Sequence[tuple[NoticeRow, CaseRow]],
    now: datetime,
) -> None:
    first = told[0][0].id
    view = GroupView(
        rows=tuple(group_row(session, case) for _, case in told[:MAX_ROWS]),
        more=max(len(told) - MAX_ROWS, 0),
        severity=Severity(max(case.severity for _, case in told)),
        link=_link(session, store, desk, reader, None, now),
    )
    stamp = desk.stamp(reader, store.school, "group", str(first), now=now)
    enqueue(
        store,
        session,
        now=now,
        dedup_key=f"group:{first}:{reader.role}",
        role=reader.role,
        recipient=reader.address,
        reason=Reason.GROUPED,
        message_id=stamp.message_id,
        message=compose_group(view, stamp),
    )


def _count(session: Session, case: CaseRow, reason: Reason) -> int:
    return session.exec(
        select(func.count())
        .select_from(NoticeRow)
        .where(NoticeRow.case_id == case.id, NoticeRow.reason == reason.value)
    ).one()


def _leave(session: Session, store: Store, case: CaseRow, reason: Reason, number: int, now: datetime) -> int:
    assert case.id is not None
    session.add(
        NoticeRow(
            school_id=store.school,
            case_id=case.id,
            reason=reason.value,
            number=number,
            severity=case.severity,
            created_at=now,
            not_before=now,
        )
    )
    return 1


def _loud(store: Store, notice_id: int, error: Exception, now: datetime) -> None:
    """The administrator hears of it, and it is tried again after a while rather than at every tick."""
    with store.write() as session:
        session.get_one(NoticeRow, notice_id).not_before = now + _AGAIN
        open_incident(
            store,
            session,
            f"notify:{notice_id}",
            says=f"an alert could not be composed ({type(error).__name__}); its case is on the page all the same",
            cure="Open the page's list of cases now, and report this with the log.",
            now=now,
        )
