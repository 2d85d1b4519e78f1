"""Each reader's share of a notice as a row: made when the notice is due, read back to see who was told of what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from alerts.crowd import HOUR, NAGS, Recent
from alerts.desk import Desk, Reader
from alerts.links import recipient_hash
from monitor import keys
from monitor.domain import CaseState, Reason, Role, Severity
from monitor.set_back import ahead
from monitor.store import Store
from monitor.tables import CaseRow, NoticeRow, OutboxRow
from monitor.tables_telling import TellingRow

SEALED = "telling.sealed"
_GIVEN_UP = timedelta(days=6)  # the outbox gives a message up after five


def share_out(session: Session, store: Store, desk: Desk, notice: NoticeRow, now: datetime) -> None:
    """Leave a share for everybody who is to hear of this notice, unless somebody has the case already.

    Raises LookupError when everybody who could decide is named in it: the caller makes that loud.
    """
    notice.composed_at = now
    case = session.get_one(CaseRow, notice.case_id)
    if is_past(case, Reason(notice.reason)):
        return
    readers = _readers(session, store, desk, case, notice, now)
    if not readers and notice.reason not in {Reason.ESCALATION, Reason.CLOSED}:
        raise LookupError(case.ref)
    for reader in readers:
        recipient = recipient_hash(store.vault, reader.address)
        there = session.exec(
            select(TellingRow.id).where(
                TellingRow.school_id == store.school,
                TellingRow.notice_id == notice.id,
                TellingRow.recipient == recipient,
            )
        ).first()
        if there is None:
            assert notice.id is not None
            session.add(
                TellingRow(
                    school_id=store.school,
                    notice_id=notice.id,
                    case_id=notice.case_id,
                    reason=notice.reason,
                    number=notice.number,
                    severity=notice.severity,
                    role=reader.role.value,
                    recipient=recipient,
                    sealed=keys.for_case(session, store, notice.case_id, now).seal_json(
                        {"to": reader.address}, SEALED
                    ),
                    created_at=now,
                    due_at=now,
                )
            )


def is_past(case: CaseRow, reason: Reason) -> bool:
    """Whether there is nothing left to tell: the case is closed, or, for a reminder, somebody has it."""
    if reason is Reason.CLOSED:
        return case.state != CaseState.CLOSED
    return case.state == CaseState.CLOSED or (reason in NAGS and case.state != CaseState.OPEN)


def reader_of(store: Store, row: TellingRow) -> Reader:
    return Reader(Role(row.role), store.vault.unseal_json(row.sealed, SEALED)["to"])


def told_of(session: Session, store: Store, case_id: int | None) -> Sequence[TellingRow]:
    """Every share of this case that a mail told, the first first."""
    return session.exec(
        select(TellingRow)
        .where(
            TellingRow.school_id == store.school,
            TellingRow.case_id == case_id,
            col(TellingRow.told_at).is_not(None),
            TellingRow.message_id != "",
        )
        .order_by(col(TellingRow.told_at), col(TellingRow.id))
    ).all()


def thread_of(session: Session, store: Store, case_id: int | None, reader: Reader) -> str | None:
    """The Message-ID of the first mail that told this reader of this case, alone or with others; later ones answer it."""
    recipient = recipient_hash(store.vault, reader.address)
    return next(
        (row.message_id for row in told_of(session, store, case_id) if row.recipient == recipient), None
    )


def recent_of(session: Session, store: Store, recipient: str, now: datetime) -> Recent:
    """What this recipient has had of late. A mail that has not left counts: it will arrive."""
    mails = session.exec(
        select(OutboxRow).where(
            OutboxRow.school_id == store.school,
            col(OutboxRow.failed_at).is_(None),
            ~ahead(OutboxRow.created_at, now),
            col(OutboxRow.sent_at).is_(None) | ~ahead(OutboxRow.sent_at, now),
            col(OutboxRow.message_id).in_(
                select(TellingRow.message_id).where(
                    TellingRow.school_id == store.school,
                    TellingRow.recipient == recipient,
                    col(TellingRow.told_at) > now - _GIVEN_UP,
                    TellingRow.message_id != "",
                )
            ),
        )
    ).all()
    crowds = [
        mail
        for mail in mails
        if mail.reason == Reason.GROUPED and (mail.severity or 0) > Severity.MEDIUM.value
    ]
    calm = [
        mail
        for mail in mails
        if mail.severity is not None and mail.severity <= Severity.MEDIUM.value and mail.reason not in NAGS
    ]
    return Recent(
        mails=sum(mail.sent_at is None or mail.sent_at > now - HOUR for mail in mails),
        crowd_at=max((mail.created_at for mail in crowds), default=None),
        crowd_waits=any(mail.sent_at is None for mail in crowds),
        calm_at=max((mail.sent_at or now for mail in calm), default=None),
    )


def _readers(
    session: Session, store: Store, desk: Desk, case: CaseRow, notice: NoticeRow, now: datetime
) -> tuple[Reader, ...]:
    if notice.reason == Reason.CLOSED:
        return _others(session, store, desk, case, now)
    if notice.only_role is not None:
        return desk.standing_in(Role(notice.only_role), case, now)
    if notice.reason != Reason.ESCALATION:
        return desk.readers(case, now)
    since = session.exec(
        select(NoticeRow.created_at)
        .where(NoticeRow.case_id == case.id, col(NoticeRow.reason).in_([Reason.FIRST, Reason.UPDATED]))
        .order_by(col(NoticeRow.id).desc())
        .limit(1)
    ).first()
    heard = {
        row.recipient
        for row in session.exec(select(TellingRow).where(TellingRow.case_id == case.id))
        if since is None or row.created_at >= since
    }
    behind = desk.behind(case, now)
    fresh = (one for one in behind if recipient_hash(store.vault, one.address) not in heard)
    return tuple(one for one in (next(fresh, None),) if one)


def _others(session: Session, store: Store, desk: Desk, case: CaseRow, now: datetime) -> tuple[Reader, ...]:
    """Whoever was told of the case and may know of it as it was closed, but for who closed it."""
    found: dict[str, Reader] = {}
    closer = Role(case.closed_by) if case.closed_by in set(Role) else None
    for row in told_of(session, store, case.id):
        reader = reader_of(store, row)
        if reader.role is not closer and desk.may_hear(reader, case, now):
            found.setdefault(reader.address, reader)
    if closer is not None:
        found.pop(desk.reader(closer, desk.today(now)).address, None)
    return tuple(found.values())
