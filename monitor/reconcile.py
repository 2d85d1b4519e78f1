"""Reconcile: who follows by our rows against who follows by the network's, from time to time. Stores only through ingest.

Reading a list whole is the dearest thing there is, so the network is first asked for the number alone. Where that is
what we know, nobody left and nobody was missed. Where it is not, the list is read whole: at once where more than one in
a hundred differ, else not more often than `relist_every` (as where many more are counted than were ever listed). A network that does not count is listed
each time. What is listed whole goes through ingest, and monitor/leavers.py says whom it shows to have left.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from monitor import spend
from monitor.domain import ItemKind, VerificationState
from monitor.incidents import close_incident, open_incident
from monitor.ingest import ingest
from monitor.leavers import mark_left, slack
from monitor.poll import Leased, Watch, answering, lease, source_of
from monitor.ports import Clock, Counting
from monitor.set_back import is_ahead
from monitor.store import Store
from monitor.tables import StreamRow
from monitor.tables_people import FollowerRow

FEW = 100  # one in so many may have left unseen until the next whole list
_AGAIN = timedelta(days=1)  # where the budget did not allow it


def reconcile(store: Store, watch: Watch, *, clock: Clock, chance: random.Random) -> bool:
    """Compare this account's followers when that is due; True when the list was read whole.

    To be called after the followers' own turn, so that whoever is new is known. Never raises ConnectorError.
    """
    if not _due(store, watch, clock()):
        return False
    leased = lease(store, watch, ItemKind.FOLLOWER, clock())
    if leased is None:
        return False
    with answering(store, watch, ItemKind.FOLLOWER, leased, clock=clock, chance=chance):
        return _compare(store, watch, leased, clock)
    return False  # the network said no, and the stream has it


def _due(store: Store, watch: Watch, now: datetime) -> bool:
    if ItemKind.FOLLOWER not in watch.intervals:
        return False
    with store.read() as session:
        row = session.exec(
            select(StreamRow).where(
                StreamRow.school_id == store.school,
                StreamRow.account == watch.key,
                StreamRow.kind == ItemKind.FOLLOWER.value,
            )
        ).first()
    if row is None or row.baseline_at is None or row.error_count:
        return False
    due = row.reconcile_due
    return due is None or due <= now or is_ahead(due, now + watch.reconcile_every)


def _compare(store: Store, watch: Watch, leased: Leased, clock: Clock) -> bool:
    connector = watch.connector
    count = connector.count(ItemKind.FOLLOWER) if isinstance(connector, Counting) else None
    now = clock()
    with store.write() as session:
        row = session.get_one(StreamRow, leased.stream_id)
        if count is not None:
            spend.add(session, store, watch.network, count.reads, now)
        known = _known(session, store, watch)
        fits = _fits(row, known, None if count is None else count.number, watch, now)
        row.reconcile_due = now + watch.reconcile_every
        if fits:
            return False
        if not _affordable(session, store, watch, known, now):
            row.reconcile_due = now + _AGAIN
            return False
    page = connector.poll(ItemKind.FOLLOWER, None)
    if known and not page.items:
        _nobody_listed(store, watch, None if count is None else count.number, clock())
        return False
    ingest(
        store,
        page,
        source_of(watch, ItemKind.FOLLOWER),
        stream_id=leased.stream_id,
        fence=leased.fence,
        now=clock(),
        counted=None if count is None else count.number,
    )
    return True


def _nobody_listed(store: Store, watch: Watch, counted: int | None, now: datetime) -> None:
    """Nothing of an empty list is stored, its cursor least of all: after it the next turn would read everything."""
    with store.write() as session:
        mark_left(session, store, watch.key, (), counted, now)


def _fits(row: StreamRow, known: int, counted: int | None, watch: Watch, now: datetime) -> bool:
    """Whether the list need not be read whole. `row.uncounted` is moved where the first comparison shows a network that
    counts a few more, or fewer, than it lists."""
    if counted is None or row.listed_at is None:
        return row.listed_at is not None and now - row.listed_at < watch.reconcile_every
    if row.reconcile_due is None and abs(counted - known) <= slack(counted):
        row.uncounted = counted - known
    differ = abs(counted - row.uncounted - known)
    if differ == 0 and row.uncounted <= slack(counted):
        return True
    return differ * FEW <= known and now - row.listed_at < watch.relist_every


def _known(session: Session, store: Store, watch: Watch) -> int:
    return session.exec(
        select(func.count())
        .select_from(FollowerRow)
        .where(
            FollowerRow.school_id == store.school,
            FollowerRow.account == watch.key,
            col(FollowerRow.state) != VerificationState.LEFT.value,
        )
    ).one()


def _affordable(session: Session, store: Store, watch: Watch, known: int, now: datetime) -> bool:
    """Whether a whole list leaves the month's budget enough for what is read every day."""
    if watch.budget is None:
        return True
    key = f"relist:{watch.key}"
    reads = spend.spending(session, store, watch.network, now).reads
    if reads + known <= watch.optional_share * watch.budget:
        close_incident(store, session, key, now=now)
        return True
    open_incident(
        store,
        session,
        key,
        says=f"{watch.key}: the list of followers is not read whole to see who left: it takes {known} of this month's "
        f"{watch.budget} paid reads, and {reads} are used",
        cure="Raise [budget] in the configuration, or wait for the first of the month (UTC).",
        now=now,
    )
    return False
