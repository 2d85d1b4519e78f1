"""Ingest: one page becomes item rows and a moved cursor, in one transaction. It judges nothing and talks to nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, partial

from sqlmodel import Session, col, select

from monitor import coverage, items, keys, spend
from monitor.domain import Item, ItemKind, Page
from monitor.drill_mark import is_drill
from monitor.errors import ConnectorError
from monitor.follower_rows import seen_again
from monitor.leavers import LEFT, come_back, mark_left
from monitor.store import Store
from monitor.tables import ItemRow, StreamRow
from monitor.tables_people import FollowerRow

LEASE = timedelta(minutes=5)  # longer than a connector's total deadline for one answer
_ASKED = 500  # followers asked about in one query
_MANY = 10  # a list this long does not become empty overnight


@dataclass(frozen=True, slots=True)
class Stored:
    new: int = 0
    changed: int = 0
    known: int = 0


class LeaseLostError(Exception):
    """Another run took this stream over while we waited for the network: nothing of this page may be stored."""


def ingest(
    store: Store,
    page: Page,
    *,
    stream_id: int,
    fence: int,
    network: str,
    interval: timedelta,
    now: datetime,
    counted: int | None = None,
    api: str = "",
    zone: tzinfo = UTC,
) -> Stored:
    """Store a page under the stream's lease. Raises LeaseLostError when `fence` is no longer the stream's.

    After the baseline, a list of followers that is `complete` also tells who left; `counted` is how many the network
    says there are, None where it does not say. `api` is which interface of the network answered; `zone`: whose midnight
    parts the days of what was watched.
    """
    with store.write() as session:
        stream = session.get_one(StreamRow, stream_id)
        if stream.fence != fence:
            raise LeaseLostError
        if page.complete and not page.items and stream.known >= _MANY:
            raise ConnectorError(
                f"{stream.account}: the network listed nobody where {stream.known} were known; nothing was changed"
            )
        _refuse_drills(stream, page)
        baseline = stream.baseline_at is None
        gone = _had_left(session, store, stream.account, page.items)
        # asked for once a page, and made only when something is new
        for_day, for_month = (
            cache(partial(of, session, store, now)) for of in (keys.for_day, keys.for_month)
        )
        new = changed = 0
        for item in page.items:
            newest = latest(session, store, item)
            back = item.kind is ItemKind.FOLLOWER and item.external_id in gone
            gone.discard(item.external_id)  # a list may name somebody twice
            known = newest is not None and is_same(store, newest, item)
            if newest is not None and known and not (back and newest.pruned_at):
                if back:
                    _follows(session, store, newest, now)
                continue
            version = 1 if newest is None else newest.version + 1
            row = items.to_row(
                item,
                (for_month if item.kind is ItemKind.FOLLOWER else for_day)(),
                school=store.school,
                network=network,
                version=version,
                now=now,
                baseline=baseline,
                api=api,
            )
            session.add(row)
            session.flush()
            if item.kind is ItemKind.FOLLOWER:
                _follows(session, store, row, now)
            new, changed = (new + 1, changed) if newest is None else (new, changed + 1)
        seen_again(store, session, stream.account, page.items, now)
        if page.complete and stream.kind == ItemKind.FOLLOWER.value:
            listed = [item.external_id for item in page.items]
            due = None if counted is None else counted - max(0, stream.uncounted)
            if baseline or mark_left(session, store, stream.account, listed, due, now):
                stream.listed_at = now
                stream.uncounted = 0 if counted is None else counted - len(set(listed))
        coverage.answered(session, store, stream, every=interval, zone=zone, now=now, whole=not page.more)
        stream.cursor = page.cursor
        stream.known += new
        stream.last_success_at = now
        stream.error_count = 0
        stream.last_error = None
        stream.unreachable_at = None
        stream.blocked_at = None
        if page.more:
            stream.lease_until = now + LEASE
        else:
            stream.baseline_at = stream.baseline_at or now
            stream.whole_at = now
            stream.next_due = now + interval
            stream.lease_until = None
        spend.add(session, store, network, page.reads, now, whole=baseline or page.complete)
        return Stored(new=new, changed=changed, known=len(page.items) - new - changed)


def _refuse_drills(stream: StreamRow, page: Page) -> None:
    """Taken in, such an item would be no real case to anybody: nothing would be done about it, no figure count it."""
    if any(is_drill(item.external_id) for item in page.items):
        raise ConnectorError(
            f"{stream.account}: the network named an item as only our drills are named; nothing was stored",
            permanent=True,
        )


def is_same(store: Store, row: ItemRow, item: Item) -> bool:
    """Whether the item still reads as in this version of it."""
    return row.digest == store.vault.digest("item", items.content(item))


def latest(session: Session, store: Store, item: Item) -> ItemRow | None:
    """The newest version that is stored; None when there is none."""
    return session.exec(
        select(ItemRow)
        .where(
            ItemRow.school_id == store.school,
            ItemRow.account == item.account,
            ItemRow.kind == item.kind.value,
            ItemRow.external_id == item.external_id,
        )
        .order_by(col(ItemRow.version).desc())
        .limit(1)
    ).first()


def _follows(session: Session, store: Store, row: ItemRow, now: datetime) -> None:
    follower = session.exec(
        select(FollowerRow).where(
            FollowerRow.school_id == store.school,
            FollowerRow.account == row.account,
            FollowerRow.external_id == row.external_id,
        )
    ).first()
    assert row.id is not None
    if follower is None:
        session.add(
            FollowerRow(
                school_id=store.school,
                account=row.account,
                network=row.network,
                external_id=row.external_id,
                item_id=row.id,
                first_seen_at=now,
            )
        )
        return
    follower.item_id = row.id
    follower.verified_at = None  # a changed handle is judged again
    if follower.state == LEFT:
        come_back(session, follower)


def _had_left(session: Session, store: Store, account: str, page: Sequence[Item]) -> set[str]:
    """Which of the followers on a page had left, asked once a page; nothing is asked where it has none."""
    ids = [item.external_id for item in page if item.kind is ItemKind.FOLLOWER]
    gone: set[str] = set()
    for start in range(0, len(ids), _ASKED):
        gone.update(
            session.exec(
                select(FollowerRow.external_id).where(
                    FollowerRow.school_id == store.school,
                    FollowerRow.account == account,
                    FollowerRow.state == LEFT,
                    col(FollowerRow.external_id).in_(ids[start : start + _ASKED]),
                )
            )
        )
    return gone
