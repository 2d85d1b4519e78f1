"""Inviting the owner of a handle to claim it: only where the records hold both the handle and an e-mail address.

The records are kept as keyed hashes, so the office types the address from its own; nothing goes to any other.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, select

from alerts.envelope import can_be_written_to
from monitor.domain import VerificationState
from monitor.names import normal_email
from monitor.register_hashes import email_digest
from monitor.store import Store
from monitor.tables import OutboxRow
from monitor.tables_people import FollowerRow, RegisterRow

AGAIN = timedelta(days=7)
_STATES = frozenset({VerificationState.CLAIMED.value, VerificationState.UNVERIFIED.value})


class Invited(StrEnum):
    """What is to be done with a typed address."""

    SEND = "send"
    NO_ADDRESS = "no_address"
    NOT_THEIRS = "not_theirs"
    TOO_SOON = "too_soon"
    LETTER = "letter"  # the records have no address for this handle


def invitable(store: Store, session: Session, follower: FollowerRow) -> bool:
    """Whether the records hold an e-mail address for whoever's handle this is, and no restriction."""
    if follower.person is None or follower.state not in _STATES:
        return False
    rows = _emails(store, session, follower.person)
    return bool(rows) and not any(row.restricted for row in rows)


def weighed(store: Store, session: Session, follower: FollowerRow, typed: str, now: datetime) -> Invited:
    """Whether an invitation may go to `typed`: an address of the very person whose handle this is."""
    if not invitable(store, session, follower):
        return Invited.LETTER
    address = normal_email(typed)
    if address is None or not can_be_written_to(address):
        return Invited.NO_ADDRESS
    digest = email_digest(store.vault.digest, address)
    assert follower.person is not None
    if all(row.digest != digest for row in _emails(store, session, follower.person)):
        return Invited.NOT_THEIRS
    before = invited(store, session, follower)
    if before is not None and before.failed_at is None and now - before.created_at < AGAIN:
        return Invited.TOO_SOON
    return Invited.SEND


def invited(store: Store, session: Session, follower: FollowerRow) -> OutboxRow | None:
    """The newest invitation that was made for this follower."""
    return session.exec(
        select(OutboxRow)
        .where(
            OutboxRow.school_id == store.school,
            col(OutboxRow.dedup_key).startswith(f"invitation:{follower.id}:"),
        )
        .order_by(col(OutboxRow.id).desc())
        .limit(1)
    ).first()


def key_of(follower: FollowerRow, now: datetime) -> str:
    """The outbox's key: one invitation a moment for one follower."""
    return f"invitation:{follower.id}:{now.isoformat()}"


def _emails(store: Store, session: Session, person: str) -> list[RegisterRow]:
    return list(
        session.exec(
            select(RegisterRow).where(
                RegisterRow.school_id == store.school,
                RegisterRow.person == person,
                RegisterRow.kind == "email",
            )
        )
    )
