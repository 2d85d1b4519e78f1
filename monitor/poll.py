"""Poll: which streams are due, one network's turn, and what to do when it says no. Stores only through ingest."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

import structlog
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select, update

from monitor import coverage
from monitor.crash import point
from monitor.domain import ItemKind
from monitor.errors import ConnectorError
from monitor.incidents import close_incident, open_incident
from monitor.ingest import LEASE, LeaseLostError, Source, Stored, ingest
from monitor.ports import Clock, Connector
from monitor.set_back import ahead
from monitor.spend import spending
from monitor.store import Store
from monitor.tables import StreamRow

log = structlog.get_logger(__name__)
BACKOFF_FIRST, BACKOFF_LAST = timedelta(seconds=30), timedelta(minutes=30)
BLOCKED_RETRY = timedelta(hours=1)
OPTIONAL = frozenset({ItemKind.FOLLOWER, ItemKind.POST})  # a spent budget stops these first
NEVER = 4  # failed tries of a stream that was never read: with the back-off, some minutes
_PAGES = 50  # in one turn; the rest waits for the next
_OLD_NEWS = 5  # pages in a row on which nothing was new or changed: the rest can wait for the interval
TURN = 60.0  # seconds after which nothing more is begun in one turn: what is under way may take its own time
_ENDLESS = timedelta(
    hours=1
)  # a list that is read for so long (three intervals at least) without coming to its end


@dataclass(frozen=True, slots=True)
class Watch:
    """One account as it is watched: its connector, and how often each kind is polled."""

    key: str
    network: str
    connector: Connector
    intervals: Mapping[ItemKind, timedelta]
    budget: int | None = None  # metered reads a month; None: not metered
    optional_share: float = 0.8  # of the budget: when it is spent, optional reads stop
    reconcile_every: timedelta = timedelta(days=7)  # followers are compared with their number on the network
    relist_every: timedelta = timedelta(days=28)  # and listed whole at most, while few seem to have left
    zone: tzinfo = UTC  # the school's: whose midnight parts the days of what was watched


class Leased(NamedTuple):
    """A stream that is ours for a while, and where it was."""

    stream_id: int
    fence: int
    cursor: str | None


def declare(store: Store, watches: Iterable[Watch], now: datetime) -> None:
    """Make sure that each (account, kind) has its stream row, due now."""
    with store.write() as session:
        for watch in watches:
            for kind in watch.intervals:
                if stream_of(session, store, watch.key, kind) is None:
                    session.add(
                        StreamRow(school_id=store.school, account=watch.key, kind=kind.value, next_due=now)
                    )


def due(store: Store, watch: Watch, now: datetime) -> list[ItemKind]:
    """The kinds of this account whose turn has come, longest waiting first."""
    with store.read() as session:
        rows = session.exec(
            select(StreamRow)
            .where(
                StreamRow.school_id == store.school,
                StreamRow.account == watch.key,
                (col(StreamRow.next_due) <= now) | ahead(StreamRow.last_attempt_at, now),
                _is_free(now),
            )
            .order_by(col(StreamRow.next_due))
        ).all()
    return [ItemKind(row.kind) for row in rows if ItemKind(row.kind) in watch.intervals]


def _is_free(now: datetime) -> ColumnElement[bool]:
    until = StreamRow.lease_until
    return col(until).is_(None) | (col(until) <= now) | ahead(StreamRow.last_attempt_at, now)


def poll(
    store: Store, watch: Watch, kind: ItemKind, *, clock: Clock, chance: random.Random, patience: float = TURN
) -> Stored:
    """One turn of one stream: lease it, read until nothing more is new, store page by page.

    Never raises ConnectorError: a network's no is written on the stream, and the next turn is set. A network whose list
    has no end is neither asked without end nor believed: after `patience` seconds, and where page after page is known,
    the rest waits for a later turn; where the pages go round in circles, it is a failure.
    """
    leased = lease(store, watch, kind, clock())
    total = Stored()
    if leased is None:
        return total
    cursor, seen, old_news = leased.cursor, {leased.cursor}, 0
    ends = time.monotonic() + patience
    with answering(store, watch, kind, leased, clock=clock, chance=chance):
        for _ in range(_PAGES):
            page = watch.connector.poll(kind, cursor)
            point("poll.answered")
            stored = ingest(
                store,
                page,
                source_of(watch, kind),
                stream_id=leased.stream_id,
                fence=leased.fence,
                now=clock(),
            )
            point("ingest.stored")
            total = Stored(total.new + stored.new, total.changed + stored.changed, total.known + stored.known)
            if not page.more:
                break
            if page.cursor in seen:
                raise ConnectorError(
                    f"{watch.key}: the network's pages go round in circles; what they showed is stored, and it is tried"
                    " again"
                )
            seen.add(page.cursor)
            cursor, old_news = page.cursor, 0 if stored.new + stored.changed else old_news + 1
            if old_news == _OLD_NEWS:
                _later(store, leased, clock() + watch.intervals[kind])
                break
            if time.monotonic() > ends:
                break
    return total


def source_of(watch: Watch, kind: ItemKind) -> Source:
    """Where what is read of this kind comes from."""
    return Source(watch.network, watch.intervals[kind], watch.connector.api, watch.zone)


def _later(store: Store, leased: Leased, due_at: datetime) -> None:
    with store.write() as session:
        row = session.get_one(StreamRow, leased.stream_id)
        if row.fence == leased.fence:
            row.next_due = due_at


@contextmanager
def answering(
    store: Store, watch: Watch, kind: ItemKind, leased: Leased, *, clock: Clock, chance: random.Random
) -> Iterator[None]:
    """What is asked of the network within is a turn of the stream: it ends with the lease given back, and every no is
    written on the stream instead of raised."""
    try:
        yield
        with store.write() as session:
            row = session.get_one(StreamRow, leased.stream_id)
            if row.fence == leased.fence:
                row.lease_until = None
            if not is_endless(row, watch.intervals[kind], clock()):
                close_incident(store, session, incident(watch, kind), now=clock())
    except ConnectorError as error:
        _failed(store, watch, kind, leased, error, now=clock(), chance=chance)
    except LeaseLostError:
        log.info("the stream was taken over", account=watch.key, kind=kind.value)
    except Exception as error:  # a bug of ours must not stop the other accounts, nor stay silent
        log.exception("poll failed", account=watch.key, kind=kind.value)
        unexpected = ConnectorError(
            f"{watch.key}: an unexpected {type(error).__name__} while reading; please report it with the log"
        )
        _failed(store, watch, kind, leased, unexpected, now=clock(), chance=chance)


def stream_of(session: Session, store: Store, account: str, kind: ItemKind) -> StreamRow | None:
    """The row of one (account, kind)."""
    return session.exec(
        select(StreamRow).where(
            StreamRow.school_id == store.school, StreamRow.account == account, StreamRow.kind == kind.value
        )
    ).first()


def incident(watch: Watch, kind: ItemKind) -> str:
    """The key under which it is told that this stream is not read."""
    return f"stream:{watch.key}:{kind.value}"


def lease(store: Store, watch: Watch, kind: ItemKind, now: datetime) -> Leased | None:
    """None when another run has it or the month's budget does not allow it."""
    with store.write() as session:
        row = stream_of(session, store, watch.key, kind)
        if row is None or row.id is None:
            return None
        if not _affordable(session, store, watch, kind, row, now):
            row.next_due = now + watch.intervals[kind]
            return None
        taken = session.exec(
            update(StreamRow)
            .where(
                col(StreamRow.id) == row.id,
                _is_free(now),
            )
            .values(lease_until=now + LEASE, fence=StreamRow.fence + 1, last_attempt_at=now)
        )
        if taken.rowcount != 1:
            return None
        session.refresh(row)
        return Leased(row.id, row.fence, row.cursor)


def _affordable(
    session: Session, store: Store, watch: Watch, kind: ItemKind, row: StreamRow, now: datetime
) -> bool:
    """Whether the month's budget still allows this read; what stops is told of: what is optional first (but for its very
    first reading), everything when nothing is left."""
    if watch.budget is None:
        return True
    reads = spending(session, store, watch.network, now).reads
    optional, nothing_left = kind in OPTIONAL, reads >= watch.budget
    key = f"budget:{watch.network}"
    if not nothing_left and (not optional or row.baseline_at is None):
        return True
    if reads < watch.optional_share * watch.budget:
        close_incident(store, session, key, now=now)
        return True
    stopped = f"{watch.network}: {reads} of this month's {watch.budget} paid reads are used"
    what = "followers and own posts" if optional else f"{watch.key}'s {kind.value.replace('_', ' ')}s"
    last = ". Comments and mentions still are, until all reads are used" if not nothing_left else ""
    open_incident(
        store,
        session,
        key if optional else incident(watch, kind),
        says=f"{stopped}; {what} are not read until next month{last}",
        cure="Raise [budget] in the configuration, or wait for the first of the month (UTC).",
        now=now,
    )
    return False


def _failed(
    store: Store,
    watch: Watch,
    kind: ItemKind,
    leased: Leased,
    error: ConnectorError,
    *,
    now: datetime,
    chance: random.Random,
) -> None:
    with store.write() as session:
        row = session.get_one(StreamRow, leased.stream_id)
        if row.fence != leased.fence:
            return
        row.error_count += 1
        coverage.failed(session, store, row, every=watch.intervals[kind], zone=watch.zone, now=now)
        row.last_error = str(error)
        row.unreachable_at = (row.unreachable_at or now) if error.unreachable else None
        row.lease_until = None
        if error.permanent:
            row.blocked_at = row.blocked_at or now
            row.next_due = now + BLOCKED_RETRY
            open_incident(
                store,
                session,
                incident(watch, kind),
                says=f"{watch.key}: {kind.value.replace('_', ' ')}s are not being read",
                cure=str(error),
                now=now,
            )
        elif error.retry_after is not None:
            row.next_due = now + timedelta(seconds=error.retry_after)
        else:
            ceiling = min(BACKOFF_LAST, BACKOFF_FIRST * 2 ** min(row.error_count, 10))
            row.next_due = now + BACKOFF_FIRST + chance.random() * (ceiling - BACKOFF_FIRST)


def is_silent(row: StreamRow, interval: timedelta, now: datetime) -> bool:
    """Whether a stream has failed for three intervals; one that never once answered, after NEVER tries in a row."""
    if row.last_success_at is None:
        return row.error_count >= NEVER
    return row.error_count > 0 and now - row.last_success_at >= 3 * interval + LEASE


def is_endless(row: StreamRow, interval: timedelta, now: datetime) -> bool:
    """Whether a stream answers and answers and never comes to its list's end, so that what stands elsewhere is not seen."""
    if row.whole_at is None or row.last_success_at is None:
        return False
    return row.last_success_at - row.whole_at >= max(3 * interval + LEASE, _ENDLESS) and row.whole_at < now
