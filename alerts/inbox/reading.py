"""The turn of the mailbox that families write to: each message is read once and becomes claim rows, or a mere count.

A message's claims, what became of it and how far the mailbox was read are stored in one transaction, so a crash loses
nothing and doubles nothing. Nothing here answers anybody, and the register is not asked: alerts/claims.py does both.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, select

from alerts.inbox.imap import Inbox, Opened, opened
from alerts.inbox.letter import Letter, Outcome, understood
from monitor import claim_limits, claim_rows
from monitor.claims import Way
from monitor.crash import point
from monitor.errors import InboxError
from monitor.incidents import close_incident, open_incident
from monitor.ports import Clock
from monitor.store import Store
from monitor.tables_people import InboxRow, LetterRow

log = structlog.get_logger(__name__)
INCIDENT = "inbox:claims"
OLDEST = timedelta(days=30)  # a message that arrived before is not read any more
MOST, LONGEST = 200, 60.0  # messages and seconds of one turn; the rest waits for the next
_LOUD_AFTER = 3  # failures in a row: a mail server may be started anew without anybody being told
_AGAIN = timedelta(
    hours=1
)  # after what a person must mend: a mailbox locks itself against many wrong passwords


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The mailbox, and the networks that a claim may be about: the watched ones whose followers are read."""

    inbox: Inbox
    networks: Sequence[str]


def declare(store: Store, mailbox: Mailbox, now: datetime) -> None:
    """Have it read at once: what was wrong may have been mended before this start."""
    with store.write() as session:
        _row(store, session, mailbox, now).next_due = now


def last_read(store: Store, session: Session, mailbox: Mailbox) -> datetime | None:
    """When it was last read with success."""
    row = _find(store, session, mailbox)
    return row.last_success_at if row is not None else None


def read_letters(store: Store, mailbox: Mailbox, *, clock: Clock) -> int:
    """The mailbox's turn, if it is due; returns how many messages were read. What goes wrong is told of, not raised."""
    with store.write() as session:
        if _row(store, session, mailbox, clock()).next_due > clock():
            return 0
    try:
        with opened(mailbox.inbox) as box:
            read = _read(store, mailbox, box, clock)
    except InboxError as error:
        log.warning("the claims mailbox was not read", permanent=error.permanent)
        _failed(store, mailbox, error, clock())
        return 0
    with store.write() as session:
        row = _row(store, session, mailbox, clock())
        row.error_count, row.last_success_at = 0, clock()
        row.next_due = clock() + mailbox.inbox.every
        close_incident(store, session, INCIDENT, now=clock())
    return read


def _read(store: Store, mailbox: Mailbox, box: Opened, clock: Clock) -> int:
    with store.write() as session:
        row = _row(store, session, mailbox, clock())
        if (
            row.uid_validity != box.uid_validity
        ):  # the numbers mean other messages now; the hashes know those read
            row.uid_validity, row.last_uid = box.uid_validity, 0
        last = row.last_uid
    ends, read = time.monotonic() + LONGEST, 0
    for uid in box.after(last, (clock() - OLDEST).date())[:MOST]:
        if time.monotonic() > ends or not _may_ask(store, clock()):
            break
        raw = box.message(uid)
        letter = _understood(raw, mailbox) if raw is not None else None
        point("inbox.read")
        with store.write() as session:
            if raw is not None and letter is not None:
                _keep(store, session, raw, letter, clock())
            _row(store, session, mailbox, clock()).last_uid = uid
        point("inbox.stored")
        read += 1
    return read


def _may_ask(store: Store, now: datetime) -> bool:
    """False while the whole school has asked for as much as an hour may bring: the messages wait where they are."""
    with store.read() as session:
        return not claim_limits.asked_too_often(store, session, None, now)


def _understood(raw: bytes, mailbox: Mailbox) -> Letter:
    try:
        return understood(raw, trusted=mailbox.inbox.trusted, networks=mailbox.networks)
    except Exception as error:  # noqa: BLE001 - anybody may send anything; one message must not stop those behind it
        log.warning("a message could not be read", error=type(error).__name__)
        return Letter(Outcome.UNREADABLE)


def _keep(store: Store, session: Session, raw: bytes, letter: Letter, now: datetime) -> None:
    digest = store.vault.digest("letter", hashlib.sha256(raw).hexdigest())
    mine = select(LetterRow.id).where(LetterRow.school_id == store.school, LetterRow.digest == digest)
    if session.exec(mine).first() is not None:
        return
    outcome = letter.outcome
    if outcome is Outcome.CLAIMED:
        client = claim_limits.client_hash(store, letter.address, now)
        for network, handle in letter.accounts:
            if claim_limits.asked_too_often(store, session, client, now):
                outcome = Outcome.TOO_MANY
                break
            claim_rows.ask(
                store,
                session,
                network=network,
                handle=handle,
                address=letter.address,
                way=Way.MAIL,
                client=client,
                now=now,
            )
    session.add(LetterRow(school_id=store.school, digest=digest, outcome=outcome.value, read_at=now))
    session.flush()


def _failed(store: Store, mailbox: Mailbox, error: InboxError, now: datetime) -> None:
    with store.write() as session:
        row = _row(store, session, mailbox, now)
        row.error_count += 1
        row.next_due = now + (
            _AGAIN if error.permanent else min(mailbox.inbox.every * row.error_count, _AGAIN)
        )
        if error.permanent or row.error_count >= _LOUD_AFTER:
            open_incident(
                store,
                session,
                INCIDENT,
                says="the mailbox that families write to about their accounts cannot be read",
                cure=f"{error}\nIt is tried again by itself. Nothing is lost: the messages wait in the mailbox.",
                now=now,
            )


def _row(store: Store, session: Session, mailbox: Mailbox, now: datetime) -> InboxRow:
    row = _find(store, session, mailbox)
    if row is None:
        row = InboxRow(school_id=store.school, mailbox=_digest(store, mailbox), next_due=now)
        session.add(row)
        session.flush()
    return row


def _find(store: Store, session: Session, mailbox: Mailbox) -> InboxRow | None:
    mine = select(InboxRow).where(InboxRow.school_id == store.school)
    return session.exec(mine.where(InboxRow.mailbox == _digest(store, mailbox))).first()


def _digest(store: Store, mailbox: Mailbox) -> bytes:
    return store.vault.digest("inbox", mailbox.inbox.name)
