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

from alerts.outbox_failed import (
    MAIL_INCIDENT,
    RETRIES,
    SEALED,
    Instead,
    broke,
    refused,
    set_aside,
    thing_of,
)
from monitor import keys, quarantine
from monitor.domain import CaseState, Reason, Severity
from monitor.errors import StoreError
from monitor.hours import Hours, may_tell
from monitor.incidents import close_incident
from monitor.quarantine import Stage
from monitor.set_back import ahead
from monitor.store import Store
from monitor.tables import CaseRow, OutboxRow
from monitor.tables_telling import TellingRow

__all__ = ["MAIL_INCIDENT", "SEALED", "Waiting", "accepted", "broke", "enqueue", "lease", "refused"]

LEASE = timedelta(minutes=12)  # longer than the wait for a reply after the final dot (600 s)
BARE = "bare:"  # before the key of a mail that stands in for another


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


def lease(
    store: Store, now: datetime, *, most: int = 20, hours: Hours | None = None, instead: Instead | None = None
) -> list[Waiting]:
    """Take messages that are due, oldest first. A lease that runs out makes the same bytes due again.

    With `hours`, what the mail server would not take in its hours waits for the next ones, and a reminder of a case that
    somebody has by now is withdrawn. A message that does not open, or at which the process ended time and again, is set
    aside: it must not stop those behind it. `instead` may put another in its place.
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
            try:
                content = store.vault.unseal_json(row.sealed, SEALED)
                address, message = content["to"], content["message"].encode("ascii")
            except (StoreError, ValueError, KeyError, TypeError) as error:
                set_aside(store, session, row, None, now, error, instead)
                continue
            if quarantine.tried(session, store, Stage.DELIVER, thing_of(row), now) > quarantine.MOST:
                set_aside(store, session, row, address, now, None, instead)
                continue
            row.lease_until = now + LEASE
            row.attempts += 1
            assert row.id is not None
            taken.append(Waiting(row.id, address, message, row.attempts))
    return taken


def _is_due(now: datetime) -> ColumnElement[bool]:
    new = (col(OutboxRow.attempts) == 0) & ahead(OutboxRow.created_at, now)
    return (col(OutboxRow.next_attempt_at) <= now) | new | ahead(OutboxRow.next_attempt_at, now + RETRIES[-1])


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
        # a number may be given again: tries at this one must not count against another
        quarantine.finished(session, store, Stage.DELIVER, thing_of(row), now)
        session.delete(row)


def accepted(store: Store, message_id: int, *, reply: str, now: datetime) -> None:
    """The server took it: mark it sent, and keep only its hash."""
    with store.write() as session:
        row = session.get_one(OutboxRow, message_id)
        row.sent_at = row.sent_at or now
        row.reply = reply
        row.lease_until = None
        row.sealed = b""
        quarantine.finished(session, store, Stage.DELIVER, thing_of(row), now)
        store.audit(
            session,
            at=now,
            actor="schoolgate",
            happened=f"mail accepted ({row.reason})",
            thing=f"message {row.id}",
            detail=f"to {row.role}",
        )
        close_incident(store, session, MAIL_INCIDENT, now=now)
