"""The outbox: messages that wait, each rendered once. Puts them in, leases them out, marks what became of them.

It never sends: alerts/deliver.py does. Sent is marked only after the server's 250, so a crash in between sends the
same bytes again (same Message-ID, same Date) rather than nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from monitor import keys
from monitor.domain import CaseState, Reason, Severity
from monitor.hours import Hours, may_tell
from monitor.incidents import close_incident, open_incident
from monitor.set_back import ahead
from monitor.store import Store
from monitor.tables import CaseRow, NoticeRow, OutboxRow
from monitor.tables_telling import TellingRow

SEALED = "outbox.sealed"
MAIL_INCIDENT = "mail"
LEASE = timedelta(minutes=12)  # longer than the wait for a reply after the final dot (600 s)
GIVE_UP_AFTER = timedelta(days=5)
_RETRIES = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 20, 30))
_LOUD_AFTER = 3


def enqueue(
    store: Store,
    session: Session,
    *,
    now: datetime,
    dedup_key: str,
    role: str,
    recipient: str,
    reason: Reason,
    message_id: str,
    message: bytes,
    case_id: int | None = None,
    severity: Severity | None = None,
) -> bool:
    """Put one rendered message for one recipient into the outbox; False when `dedup_key` is there already.

    `severity` is that of what it tells: it leaves in those hours only. None: at any hour.
    """
    there = session.exec(
        select(OutboxRow.id).where(OutboxRow.school_id == store.school, OutboxRow.dedup_key == dedup_key)
    ).first()
    if there is not None:
        return False
    content = {"to": recipient, "message": message.decode("ascii")}
    session.add(
        OutboxRow(
            school_id=store.school,
            case_id=case_id,
            role=role,
            reason=reason.value,
            dedup_key=dedup_key,
            message_id=message_id,
            sealed=keys.for_case(session, store, case_id, now).seal_json(content, SEALED),
            sha256=hashlib.sha256(message).hexdigest(),
            created_at=now,
            next_attempt_at=now,
            severity=None if severity is None else severity.value,
        )
    )
    session.flush()
    return True


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message that is leased for sending."""

    id: int
    to: str
    message: bytes
    attempts: int


def lease(store: Store, now: datetime, *, most: int = 20, hours: Hours | None = None) -> list[Waiting]:
    """Take messages that are due, oldest first. A lease that runs out makes the same bytes due again.

    With `hours`, what the mail server would not take in its hours waits for the next ones, and a reminder of a case that
    somebody has by now is withdrawn.
    """
    with store.write() as session:
        if hours is not None:
            _withdraw(store, session, now)
        rows = session.exec(
            select(OutboxRow)
            .where(
                OutboxRow.school_id == store.school,
                col(OutboxRow.sent_at).is_(None),
                col(OutboxRow.failed_at).is_(None),
                _is_due(now),
                _is_free(now),
                col(OutboxRow.severity).is_(None) | col(OutboxRow.severity).in_(_may_go(now, hours)),
            )
            .order_by(col(OutboxRow.id))
            .limit(most)
        ).all()
        taken = []
        for row in rows:
            row.lease_until = now + LEASE
            row.attempts += 1
            content = store.vault.unseal_json(row.sealed, SEALED)
            assert row.id is not None
            taken.append(Waiting(row.id, content["to"], content["message"].encode("ascii"), row.attempts))
    return taken


def _is_due(now: datetime) -> ColumnElement[bool]:
    new = (col(OutboxRow.attempts) == 0) & ahead(OutboxRow.created_at, now)
    return (
        (col(OutboxRow.next_attempt_at) <= now) | new | ahead(OutboxRow.next_attempt_at, now + _RETRIES[-1])
    )


def _is_free(now: datetime) -> ColumnElement[bool]:
    until = OutboxRow.lease_until
    return col(until).is_(None) | (col(until) <= now) | ahead(until, now + LEASE)


def _may_go(now: datetime, hours: Hours | None) -> list[int]:
    return [one.value for one in Severity if hours is None or may_tell(one, now, hours)]


def _withdraw(store: Store, session: Session, now: datetime) -> None:
    """Reminders that no server has taken yet, of cases that somebody has acknowledged or closed meanwhile."""
    answered = select(CaseRow.id).where(
        CaseRow.school_id == store.school, CaseRow.state != CaseState.OPEN.value
    )
    rows = session.exec(
        select(OutboxRow).where(
            OutboxRow.school_id == store.school,
            col(OutboxRow.sent_at).is_(None),
            col(OutboxRow.failed_at).is_(None),
            _is_free(now),
            col(OutboxRow.reason).in_([Reason.REMINDER.value, Reason.ESCALATION.value]),
            col(OutboxRow.case_id).in_(answered),
        )
    ).all()
    for row in rows:
        store.audit(
            session,
            at=now,
            actor="schoolgate",
            happened=f"mail withdrawn ({row.reason})",
            thing=f"message {row.id}",
            detail="somebody has the case",
        )
        for share in session.exec(select(TellingRow).where(TellingRow.message_id == row.message_id)):
            share.message_id = ""  # nobody was told
        session.delete(row)


def accepted(store: Store, message_id: int, *, reply: str, now: datetime) -> None:
    """The server took it: mark it sent, and keep only its hash."""
    with store.write() as session:
        row = session.get_one(OutboxRow, message_id)
        row.sent_at = row.sent_at or now
        row.reply = reply
        row.lease_until = None
        row.sealed = b""
        store.audit(
            session,
            at=now,
            actor="schoolgate",
            happened=f"mail accepted ({row.reason})",
            thing=f"message {row.id}",
            detail=f"to {row.role}",
        )
        close_incident(store, session, MAIL_INCIDENT, now=now)


def refused(store: Store, message_id: int, *, permanent: bool, says: str, now: datetime) -> None:
    """The server did not take it: again later, or, when that is final or five days have gone, a visible failure."""
    with store.write() as session:
        row = session.get_one(OutboxRow, message_id)
        row.lease_until = None
        row.reply = says
        if not permanent and now - row.created_at < GIVE_UP_AFTER:
            row.next_attempt_at = now + _RETRIES[min(row.attempts, len(_RETRIES)) - 1]
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
        if (
            row.reason == Reason.CLAIM
        ):  # a family's mailbox: the claim says so to the office, nothing of ours is wrong
            row.sealed = b""
            return
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
