"""Ingest: one page becomes item rows and a moved cursor, in one transaction. It judges nothing and talks to nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, partial

import structlog
from sqlmodel import Session, col, select

from monitor import coverage, items, keys, spend, unreadable
from monitor.domain import Item, ItemKind, Page
from monitor.drill_mark import is_drill
from monitor.errors import ConnectorError
from monitor.follower_rows import seen_again
from monitor.leavers import LEFT, come_back, mark_left
from monitor.quarantine import item_thing
from monitor.store import Store
from monitor.tables import ItemRow, StreamRow
from monitor.tables_people import FollowerRow
from monitor.unreadable import Taken

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)  # longer than a connector's total deadline for one answer
_ASKED = 500  # followers asked about in one query
_MANY = 10  # a list this long does not become empty overnight


@dataclass(frozen=True, slots=True)
class Stored:
    new: int = 0
    changed: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """Where a page comes from. `network` names it, `api` is which interface of it answered; `interval`: how often it is
    read; `zone`: whose midnight parts the days of what was watched."""

    network: str
    interval: timedelta
    api: str = ""
    zone: tzinfo = UTC


class LeaseLostError(Exception):
    """Another run took this stream over while we waited for the network: nothing of this page may be stored."""


def ingest(
    store: Store,
    page: Page,
    source: Source,
    *,
    stream_id: int,
    fence: int,
    now: datetime,
    counted: int | None = None,
) -> Stored:
    """Store a page under the stream's lease. Raises LeaseLostError when `fence` is no longer the stream's.

    After the baseline, a list of followers that is `complete` also tells who left; `counted` is how many the network
    says there are, None where it does not say. Where an item cannot be stored as it came, the page is stored item by
    item, and that one as monitor/unreadable.py says.
    """
    work = partial(_ingest, store, page, source, stream_id, fence, now, counted)
    try:
        return work(with_care=False)
    except (LeaseLostError, *unreadable.NOT_ITS_FAULT):
        raise
    except Exception:
        log.exception("a page could not be stored as it came", network=source.network)
        return work(with_care=True)


def _ingest(
    store: Store,
    page: Page,
    source: Source,
    stream_id: int,
    fence: int,
    now: datetime,
    counted: int | None,
    *,
    with_care: bool,
) -> Stored:
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
        taking = _Taking(session, store, source, now, baseline, page.items)
        came = Counter(taking.one(item, with_care=with_care) for item in page.items)
        new, changed = came[Taken.NEW], came[Taken.CHANGED]
        seen_again(store, session, stream.account, page.items, now)
        if page.complete and stream.kind == ItemKind.FOLLOWER.value:
            listed = [item.external_id for item in page.items]
            due = None if counted is None else counted - max(0, stream.uncounted)
            if baseline or mark_left(session, store, stream.account, listed, due, now):
                stream.listed_at = now
                stream.uncounted = 0 if counted is None else counted - len(set(listed))
        coverage.answered(
            session, store, stream, every=source.interval, zone=source.zone, now=now, whole=not page.more
        )
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
            stream.next_due = now + source.interval
            stream.lease_until = None
        spend.add(session, store, source.network, page.reads, now, whole=baseline or page.complete)
        return Stored(new=new, changed=changed, known=len(page.items) - new - changed)


def ingest_again(store: Store, item: Item, source: Source, *, baseline: bool, now: datetime) -> None:
    """Store an item that was asked for by itself, because it could not be stored as it came."""
    with store.write() as session:
        _Taking(session, store, source, now, baseline, (item,)).one(item, with_care=True)


class _Taking:
    """Takes in the items of one page, in one transaction."""

    def __init__(
        self,
        session: Session,
        store: Store,
        source: Source,
        now: datetime,
        baseline: bool,
        page: Sequence[Item],
    ) -> None:
        self.session, self.store, self.source, self.now, self.baseline = session, store, source, now, baseline
        account = page[0].account if page else ""
        self.gone = _had_left(session, store, account, page)
        self.aside = unreadable.waiting(session, store)
        self.again = unreadable.waiting(session, store, again=True) if self.aside else frozenset()
        # asked for once a page, and made only when something is new
        self.for_day, self.for_month = (
            cache(partial(of, session, store, now)) for of in (keys.for_day, keys.for_month)
        )

    def one(self, item: Item, *, with_care: bool) -> Taken:
        newest = self._latest(item)
        name = item_thing(newest.id) if newest is not None else ""
        if name in self.aside and name not in self.again:
            return Taken.KNOWN
        if not with_care and name not in self.again:
            return self._take(item, newest)
        return unreadable.with_care(
            self.session,
            self.store,
            item,
            take=lambda one: self._take(one, self._latest(one)),
            newest=self._latest,
            now=self.now,
        )

    def _latest(self, item: Item) -> ItemRow | None:
        return latest(self.session, self.store, item)

    def _take(self, item: Item, newest: ItemRow | None) -> Taken:
        follower = item.kind is ItemKind.FOLLOWER
        back = follower and item.external_id in self.gone
        self.gone.discard(item.external_id)  # a list may name somebody twice
        known = newest is not None and is_same(self.store, newest, item)
        if newest is not None and known and not (back and newest.pruned_at):
            if back:
                _follows(self.session, self.store, newest, self.now)
            return Taken.KNOWN
        row = items.to_row(
            item,
            (self.for_month if follower else self.for_day)(),
            school=self.store.school,
            network=self.source.network,
            version=1 if newest is None else newest.version + 1,
            now=self.now,
            baseline=self.baseline,
            api=self.source.api,
        )
        self.session.add(row)
        self.session.flush()
        if follower:
            _follows(self.session, self.store, row, self.now)
        return Taken.NEW if newest is None else Taken.CHANGED


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
