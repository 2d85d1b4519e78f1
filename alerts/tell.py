"""One batch of shares becomes one mail in the outbox, in the caller's transaction.

What is past by now, because somebody answered or closed the case meanwhile, is marked and not told; so is a case that
its reader may not know of any more, because its author changed the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from alerts import links
from alerts.compose import compose_alert, compose_group
from alerts.compose_closed import compose_closed
from alerts.crowd import Batch
from alerts.desk import Desk, Reader
from alerts.envelope import Stamp, Thread
from alerts.outbox import enqueue
from alerts.reply_codes import by_reply
from alerts.rolled import rolled_up
from alerts.rows import alert_view
from alerts.tellings import is_past, reader_of, thread_of
from alerts.views import GroupView
from monitor.domain import Reason, Role, Severity
from monitor.hours import escalate_at
from monitor.store import Store
from monitor.tables import CaseRow
from monitor.tables_telling import TellingRow

_ESCALATES = frozenset({Reason.FIRST, Reason.UPDATED})
Told = tuple[TellingRow, CaseRow]


def tell(session: Session, store: Store, desk: Desk, batch: Batch, now: datetime) -> None:
    """Make the batch's mail, and mark its rows. All of them are one recipient's."""
    told: list[Told] = []
    for share in batch.shares:
        rows = [session.get_one(TellingRow, row_id) for row_id in share.ids]
        case = session.get_one(CaseRow, share.case_id)
        for row in rows:
            row.told_at = now
        left = [row for row in rows if not is_past(case, Reason(row.reason))]
        if left and desk.may_hear(reader_of(store, left[0]), case, now):
            told.append((left[0], case))
    if not told:
        return
    reader = reader_of(store, told[0][0])
    if batch.together:
        name = _tell_group(session, store, desk, reader, told, now)
    elif told[0][0].reason == Reason.CLOSED:
        name = _tell_closed(session, store, desk, reader, *told[0], now)
    else:
        name = _tell_one(session, store, desk, reader, *told[0], now)
    cases = {case.id for _, case in told}
    for share in batch.shares:
        if share.case_id in cases:
            for row_id in share.ids:
                session.get_one(TellingRow, row_id).message_id = name


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


def _stamp(
    session: Session, store: Store, desk: Desk, reader: Reader, row: TellingRow, case: CaseRow, now: datetime
) -> Stamp:
    return desk.stamp(
        reader,
        store.school,
        case.ref,
        row.reason,
        str(row.number),
        now=now,
        thread=thread_of(session, store, case.id, reader),
        topic=Thread(f"Case {case.ref}", f"{store.school} {case.ref}", case.opened_at),
    )


def _tell_one(
    session: Session, store: Store, desk: Desk, reader: Reader, row: TellingRow, case: CaseRow, now: datetime
) -> str:
    reason, severity = Reason(row.reason), Severity(case.severity)
    escalates: tuple[datetime, Role] | None = None
    if severity >= Severity.HIGH and reason in _ESCALATES and (behind := desk.behind(case, now)):
        escalates = (escalate_at(severity, now, 1, desk.hours), behind[0].role)
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
        reminder=row.number if reason is Reason.REMINDER else 0,
    )
    view = replace(view, by_reply=by_reply(session, store, desk, case, reader, now))
    stamp = _stamp(session, store, desk, reader, row, case, now)
    _enqueue(session, store, stamp, row, now, reason, compose_alert(view, stamp), severity, case.id)
    return stamp.message_id


def _tell_closed(
    session: Session, store: Store, desk: Desk, reader: Reader, row: TellingRow, case: CaseRow, now: datetime
) -> str:
    view = alert_view(
        session,
        store,
        desk,
        case,
        reader,
        reason=Reason.CLOSED,
        link=_link(session, store, desk, reader, case.id, now),
        told=(reader,),
        escalates=None,
    )
    stamp = _stamp(session, store, desk, reader, row, case, now)
    closer = Role(case.closed_by) if case.closed_by in set(Role) else None
    message = compose_closed(view, stamp, at=case.closed_at or now, by=closer)
    _enqueue(session, store, stamp, row, now, Reason.CLOSED, message, Severity.HIGH, case.id)
    return stamp.message_id


def _tell_group(
    session: Session, store: Store, desk: Desk, reader: Reader, told: Sequence[Told], now: datetime
) -> str:
    first = told[0][0]
    worst = Severity(max(row.severity for row, _ in told))
    rows, crowds = rolled_up(session, desk, [case for _, case in told])
    reasons = {Reason(row.reason) for row, _ in told}
    view = GroupView(
        rows=rows,
        crowds=crowds,
        severity=worst,
        news=bool(reasons & {Reason.FIRST, Reason.ESCALATION}),
        link=_link(session, store, desk, reader, told[0][1].id if len(told) == 1 else None, now),
    )
    stamp = desk.stamp(reader, store.school, "group", str(first.id), now=now)
    _enqueue(session, store, stamp, first, now, Reason.GROUPED, compose_group(view, stamp), worst, None)
    return stamp.message_id


def _enqueue(
    session: Session,
    store: Store,
    stamp: Stamp,
    row: TellingRow,
    now: datetime,
    reason: Reason,
    message: bytes,
    severity: Severity,
    case_id: int | None,
) -> None:
    kind = "group" if reason is Reason.GROUPED else "notice"
    enqueue(
        store,
        session,
        now=now,
        dedup_key=f"{kind}:{row.id if reason is Reason.GROUPED else row.notice_id}:{stamp.role}",
        role=stamp.role,
        recipient=stamp.to,
        reason=reason,
        message_id=stamp.message_id,
        message=message,
        case_id=case_id,
        severity=severity,
    )
