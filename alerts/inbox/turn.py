"""The turn of one mailbox: each message is read once, and what it says is given to whoever keeps it.

What is kept of a message, that it was read, and how far the mailbox was read are stored in one transaction, so a crash
loses nothing and doubles nothing. What the messages mean is not known here.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import structlog
from sqlmodel import Session, select

from alerts.inbox.imap import Inbox, Opened, opened
from monitor import quarantine
from monitor.crash import point
from monitor.errors import InboxError
from monitor.incidents import close_incident, open_incident
from monitor.ports import Clock
from monitor.quarantine import Stage
from monitor.store import Store
from monitor.tables_people import InboxRow, LetterRow

Said = TypeVar("Said")  # what a message of this mailbox says
log = structlog.get_logger(__name__)
OLDEST = timedelta(days=30)  # a message that arrived before is not read any more
MOST, LONGEST = 200, 60.0  # messages and seconds of one turn; the rest waits for the next
_LOUD_AFTER = 3  # failures in a row: a mail server may be started anew without anybody being told
_AGAIN = timedelta(
    hours=1
)  # after what a person must mend: a mailbox locks itself against many wrong passwords
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Round(Generic[Said]):
    """One mailbox and what becomes of its messages.

    `place` tells apart what several rounds know of their mailboxes and messages. `understood` is pure; `keep` stores what a
    message said, given the keyed hash of its bytes, and names what became of it, in a word; `may_read` is False while the
    messages must wait.
    """

    inbox: Inbox
    place: str
    incident: str
    says: str  # what is told when it cannot be read
    understood: Callable[[bytes], Said]
    keep: Callable[[Session, Said, bytes, datetime], str]
    prefix: str = ""  # before the words for what became of a message
    may_read: Callable[[datetime], bool] = lambda _now: True


def declare(store: Store, inbox: Inbox, place: str, now: datetime) -> None:
    """Have it read at once: what was wrong may have been mended before this start."""
    with store.write() as session:
        _row(store, session, inbox, place, now).next_due = now


def last_read(store: Store, session: Session, inbox: Inbox, place: str) -> datetime | None:
    """When it was last read with success."""
    row = _find(store, session, inbox, place)
    return row.last_success_at if row is not None else None


def read_mailbox(store: Store, turn: Round[Said], *, clock: Clock) -> int:
    """The mailbox's turn, if it is due; returns how many messages were read. What goes wrong is told of, not raised."""
    with store.write() as session:
        if _row(store, session, turn.inbox, turn.place, clock()).next_due > clock():
            return 0
    try:
        with opened(turn.inbox) as box:
            read = _read(store, turn, box, clock)
    except InboxError as error:
        log.warning("a mailbox was not read", place=turn.place, permanent=error.permanent)
        _failed(store, turn, error, clock())
        return 0
    except Exception as error:  # what nobody foresaw waits for its next turn, too, and is told of
        log.exception("a mailbox was not read", place=turn.place)
        says = f"an unexpected {type(error).__name__} while it was read; please report it with the log"
        _failed(store, turn, InboxError(says), clock())
        return 0
    with store.write() as session:
        row = _row(store, session, turn.inbox, turn.place, clock())
        row.error_count, row.last_success_at = 0, clock()
        row.next_due = clock() + turn.inbox.every
        close_incident(store, session, turn.incident, now=clock())
    return read


def _read(store: Store, turn: Round[Said], box: Opened, clock: Clock) -> int:
    with store.write() as session:
        row = _row(store, session, turn.inbox, turn.place, clock())
        if (
            row.uid_validity != box.uid_validity
        ):  # the numbers mean other messages now; the hashes know those read
            row.uid_validity, row.last_uid = box.uid_validity, 0
        last = row.last_uid
    ends, read = time.monotonic() + LONGEST, 0
    for uid in [*_asked_again(store, turn, box), *box.after(last, (clock() - OLDEST).date())[:MOST]]:
        if time.monotonic() > ends or not turn.may_read(clock()):
            break
        if _take(store, turn, box, uid, clock):
            read += 1
    return read


def _take(store: Store, turn: Round[Said], box: Opened, uid: int, clock: Clock) -> bool:
    """Read one message and keep what it says; False when it is set aside, because that went wrong too often.

    Each try is counted before it is made: the message may be one that ends the process, or the connection.
    """
    stage, thing = Stage(turn.place), f"{turn.place} {box.uid_validity}.{uid}"
    with store.write() as session:
        if quarantine.tried(session, store, stage, thing, clock()) > quarantine.MOST:
            _set_aside(store, session, turn, uid, thing, None, clock())
            return False
    try:
        raw = box.message(uid)
        said = _understood(turn, raw) if raw is not None else None
        point("inbox.read")
        with store.write() as session:
            if raw is not None:
                _keep(store, session, turn, raw, said, clock())
            _read_to(store, session, turn, uid, clock())
            quarantine.finished(session, store, stage, thing, clock())
    except Exception as error:
        with store.write() as session:
            if quarantine.tries(session, store, stage, thing) < quarantine.MOST:
                raise
            log.exception("a message was set aside", place=turn.place)
            _set_aside(store, session, turn, uid, thing, error, clock())
        return False
    point("inbox.stored")
    return True


def _set_aside(
    store: Store,
    session: Session,
    turn: Round[Said],
    uid: int,
    thing: str,
    error: Exception | None,
    now: datetime,
) -> None:
    """Those behind it have their turn; the message itself stays in the mailbox, where another try finds it."""
    quarantine.set_aside(session, store, Stage(turn.place), thing, now, error)
    _read_to(store, session, turn, uid, now)


def _read_to(store: Store, session: Session, turn: Round[Said], uid: int, now: datetime) -> None:
    row = _row(store, session, turn.inbox, turn.place, now)
    row.last_uid = max(row.last_uid, uid)


def _asked_again(store: Store, turn: Round[Said], box: Opened) -> list[int]:
    """The messages that an administrator wants tried once more, as far as the server still calls them so."""
    start = f"{turn.place} {box.uid_validity}."
    with store.read() as session:
        things = quarantine.things(session, store, Stage(turn.place), again=True)
    return sorted(int(thing.removeprefix(start)) for thing in things if thing.startswith(start))


def _understood(turn: Round[Said], raw: bytes) -> Said | None:
    try:
        return turn.understood(raw)
    except Exception as error:  # noqa: BLE001 - anybody may send anything; one message must not stop those behind it
        log.warning("a message could not be read", error=type(error).__name__)
        return None


def _keep(
    store: Store, session: Session, turn: Round[Said], raw: bytes, said: Said | None, now: datetime
) -> None:
    digest = store.vault.digest(turn.place, hashlib.sha256(raw).hexdigest())
    mine = select(LetterRow.id).where(LetterRow.school_id == store.school, LetterRow.digest == digest)
    if session.exec(mine).first() is not None:
        return
    outcome = turn.keep(session, said, digest, now) if said is not None else UNREADABLE
    session.add(
        LetterRow(school_id=store.school, digest=digest, outcome=f"{turn.prefix}{outcome}", read_at=now)
    )
    session.flush()


def _failed(store: Store, turn: Round[Said], error: InboxError, now: datetime) -> None:
    with store.write() as session:
        row = _row(store, session, turn.inbox, turn.place, now)
        row.error_count += 1
        row.next_due = now + (_AGAIN if error.permanent else min(turn.inbox.every * row.error_count, _AGAIN))
        if error.permanent or row.error_count >= _LOUD_AFTER:
            open_incident(
                store,
                session,
                turn.incident,
                says=turn.says,
                cure=f"{error}\nIt is tried again by itself. Nothing is lost: the messages wait in the mailbox.",
                now=now,
            )


def _row(store: Store, session: Session, inbox: Inbox, place: str, now: datetime) -> InboxRow:
    row = _find(store, session, inbox, place)
    if row is None:
        row = InboxRow(school_id=store.school, mailbox=_digest(store, inbox, place), next_due=now)
        session.add(row)
        session.flush()
    return row


def _find(store: Store, session: Session, inbox: Inbox, place: str) -> InboxRow | None:
    mine = select(InboxRow).where(InboxRow.school_id == store.school)
    return session.exec(mine.where(InboxRow.mailbox == _digest(store, inbox, place))).first()


def _digest(store: Store, inbox: Inbox, place: str) -> bytes:
    return store.vault.digest("inbox", inbox.name if place == "letter" else f"{place} {inbox.name}")
