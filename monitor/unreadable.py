"""An item that cannot be stored as its network sent it: it stops nothing behind it, and a person is asked to read it there.

It is stored as little as names it, so that it has a case, and set aside (monitor/quarantine.py); on an administrator's word
it is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from enum import Enum

import structlog
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from monitor import quarantine
from monitor.domain import Author, Item
from monitor.errors import MonitorError
from monitor.quarantine import Stage, item_thing
from monitor.store import Store
from monitor.tables import ItemRow

log = structlog.get_logger(__name__)
# what says nothing of an item: a network's no, a lease that was lost, a disk or database that failed, no memory
NOT_ITS_FAULT = (MonitorError, OperationalError, OSError, MemoryError)


class Taken(Enum):
    """What became of an item of a page."""

    NEW = "new"
    CHANGED = "changed"
    KNOWN = "known"


Take = Callable[[Item], Taken]
Newest = Callable[[Item], ItemRow | None]


def waiting(session: Session, store: Store, *, again: bool = False) -> frozenset[str]:
    """The names of the items of which only that they are there is stored; with `again` those alone that an administrator
    wants read again."""
    return quarantine.things(session, store, Stage.INGEST, again=again)


def asked_again(session: Session, store: Store) -> list[ItemRow]:
    """The rows of those that are to be read again."""
    asked = map(quarantine.item_id, waiting(session, store, again=True))
    return list(session.exec(select(ItemRow).where(col(ItemRow.id).in_(asked)).order_by(col(ItemRow.id))))


def is_kept(session: Session, store: Store, thing: str) -> bool:
    """Whether an item of the quarantine is still there to be read again."""
    row = session.get(ItemRow, quarantine.item_id(thing))
    return row is not None and row.school_id == store.school and row.pruned_at is None


def with_care(
    session: Session, store: Store, item: Item, *, take: Take, newest: Newest, now: datetime
) -> Taken:
    """Take an item in by itself: where that fails, undo it alone, and take in what names it.

    One that was set aside before stays so, without another version. Raises what failed where not even that can be stored.
    """
    had = newest(item)
    try:
        with session.begin_nested():
            taken = take(item)
    except NOT_ITS_FAULT:
        raise
    except Exception as error:
        log.exception("an item could not be stored", account=item.account, kind=item.kind.value)
        if had is not None and item_thing(had.id) in waiting(session, store):
            quarantine.set_aside(session, store, Stage.INGEST, item_thing(had.id), now, error)
            return Taken.KNOWN
        return _bare(session, store, item, take, newest, error, now)
    if had is not None:
        quarantine.finished(session, store, Stage.INGEST, item_thing(had.id), now)
    return taken


def _bare(
    session: Session,
    store: Store,
    item: Item,
    take: Take,
    newest: Newest,
    error: Exception,
    now: datetime,
) -> Taken:
    for less in _less(item):
        try:
            with session.begin_nested():
                taken = take(less)
        except NOT_ITS_FAULT:
            raise
        except Exception:
            log.exception("nor could a part of it", account=item.account, kind=item.kind.value)
            continue
        row = newest(less)
        assert row is not None
        quarantine.set_aside(session, store, Stage.INGEST, item_thing(row.id), now, error)
        return taken
    raise error


def _less(item: Item) -> Iterator[Item]:
    """Without what was said and who said it; then without all but its names."""
    without_words = replace(item, text="", author=Author(item.author.external_id), raw={})
    yield without_words
    yield replace(
        without_words, author=Author(), posted_at=None, url=None, parent_id=None, thread_id=None, target_id=""
    )
