"""What becomes of a message that a server did not take, or that could not even be handed over. The outbox's other half."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session, select

from monitor import quarantine
from monitor.domain import Reason
from monitor.incidents import open_incident
from monitor.quarantine import Stage
from monitor.store import Store
from monitor.tables import CaseRow, NoticeRow, OutboxRow

SEALED = "outbox.sealed"
MAIL_INCIDENT = "mail"
GIVE_UP_AFTER = timedelta(days=5)
UNSURE = timedelta(
    minutes=10
)  # the server may have it: a reader's own server may still find the twin by then
RETRIES = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 20, 30))
_LOUD_AFTER = 3
Instead = Callable[
    [Session, OutboxRow, str | None, datetime], bool
]  # makes it, told the address if that is known


def refused(
    store: Store,
    message_id: int,
    *,
    permanent: bool,
    says: str,
    now: datetime,
    unsure: bool = False,
    about_content: bool = False,
    instead: Instead | None = None,
) -> None:
    """The server did not take it: again later, or, when that is final or five days have gone, a visible failure.

    `unsure`: the server may have it all the same; the same bytes go out again after UNSURE. `about_content`: it was this
    message that it would not have, so that `instead` may put another in its place.
    """
    with store.write() as session:
        row = session.get_one(OutboxRow, message_id)
        row.lease_until = None
        row.reply = says
        if _is_erased(store, session, row, now):
            return
        if not permanent and now - row.created_at < GIVE_UP_AFTER:
            wait = RETRIES[min(row.attempts, len(RETRIES)) - 1]
            row.next_attempt_at = now + (max(wait, UNSURE) if unsure else wait)
            quarantine.finished(session, store, Stage.DELIVER, thing_of(row), now)
            if row.attempts >= _LOUD_AFTER and row.reason != Reason.CLAIM:  # a family's mailbox may be full
                open_incident(
                    store,
                    session,
                    MAIL_INCIDENT,
                    says=f"mail has not been accepted since {row.created_at:%d %b %H:%M} UTC",
                    cure=says,
                    now=now,
                )
            return
        row.failed_at = now
        quarantine.finished(session, store, Stage.DELIVER, thing_of(row), now)
        if (
            row.reason == Reason.CLAIM
        ):  # a family's mailbox: the claim says so to the office, nothing of ours is wrong
            row.sealed = b""
            return
        address = store.vault.unseal_json(row.sealed, SEALED)["to"]
        if about_content and _replaced(store, session, row, address, now, instead):
            return
        _gave_up(store, session, row, says, now)


def _is_erased(store: Store, session: Session, row: OutboxRow, now: datetime) -> bool:
    """Whether its case was erased while it was on its way (monitor/key_ends.py): nobody is told anything in its place."""
    if row.sealed:
        return False
    row.failed_at = row.failed_at or now
    quarantine.finished(session, store, Stage.DELIVER, thing_of(row), now)
    return True


def _replaced(
    store: Store,
    session: Session,
    row: OutboxRow,
    address: str | None,
    now: datetime,
    instead: Instead | None,
) -> bool:
    if instead is None or not instead(session, row, address, now):
        return False
    row.replaced = True
    store.audit(
        session,
        at=now,
        actor="schoolgate",
        happened=f"mail replaced by a bare one ({row.reason})",
        thing=thing_of(row),
    )
    return True


def _gave_up(store: Store, session: Session, row: OutboxRow, says: str, now: datetime) -> None:
    open_incident(
        store,
        session,
        f"outbox:{row.id}",
        says=f"a {row.reason.replace('_', ' ')} mail to the {row.role} could not be delivered",
        cure=says,
        now=now,
    )
    if row.case_id is not None:
        _escalate(store, session, row.case_id, now)


def _escalate(store: Store, session: Session, case_id: int, now: datetime) -> None:
    """Nobody heard: the deputy is told at once."""
    case = session.get_one(CaseRow, case_id)
    there = session.exec(
        select(NoticeRow.id).where(
            NoticeRow.case_id == case_id, NoticeRow.reason == Reason.ESCALATION.value, NoticeRow.number == 1
        )
    ).first()
    if there is None:
        session.add(
            NoticeRow(
                school_id=store.school,
                case_id=case_id,
                reason=Reason.ESCALATION.value,
                severity=case.severity,
                created_at=now,
                not_before=now,
            )
        )


def thing_of(row: OutboxRow) -> str:
    """Its name in the quarantine and the audit log."""
    return f"message {row.id}"


def set_aside(
    store: Store,
    session: Session,
    row: OutboxRow,
    address: str | None,
    now: datetime,
    error: Exception | None,
    instead: Instead | None,
) -> None:
    """Out of the way of those behind it, in the caller's transaction. `error` None: the process ended at it."""
    row.failed_at, row.lease_until = now, None
    row.reply = f"set aside ({type(error).__name__ if error else 'the process ended'})"
    quarantine.set_aside(session, store, Stage.DELIVER, thing_of(row), now, error)
    if not _replaced(store, session, row, address, now, instead):
        _gave_up(store, session, row, row.reply, now)


def broke(store: Store, message_id: int, error: Exception, *, now: datetime, instead: Instead | None) -> None:
    """Sending it failed in a way that nobody foresaw: again later, or aside when that was too often."""
    with store.write() as session:
        row = session.get_one(OutboxRow, message_id)
        row.lease_until = None
        if _is_erased(store, session, row, now):
            return
        if quarantine.tries(session, store, Stage.DELIVER, thing_of(row)) < quarantine.MOST:
            row.next_attempt_at = now + RETRIES[min(row.attempts, len(RETRIES)) - 1]
            return
        address = store.vault.unseal_json(row.sealed, SEALED)["to"]
        set_aside(store, session, row, address, now, error, instead)


def replay(session: Session, store: Store, thing: str, now: datetime) -> bool:
    """Have a message of the quarantine sent once more, as it was written; False when it is no longer kept."""
    row = session.get(OutboxRow, int(thing.removeprefix("message ")))
    if row is None or row.school_id != store.school or not row.sealed:
        return False
    row.failed_at, row.next_attempt_at, row.attempts = None, now, quarantine.MOST - 1
    row.replaced = False
    return True
