"""Reading again what could not be stored as its network sent it, when an administrator asks for it."""

from __future__ import annotations

import structlog

from monitor import items, quarantine, spend, unreadable
from monitor.domain import Done, ItemKind
from monitor.errors import ConnectorError
from monitor.ingest import ingest_again
from monitor.poll import Watch, source_of
from monitor.ports import Clock, Looking, Seen
from monitor.quarantine import Stage
from monitor.store import Store

log = structlog.get_logger(__name__)


def read_again(store: Store, watch: Watch, *, clock: Clock) -> int:
    """Ask the network for each such item of this account; returns how many it spoke of.

    Never raises ConnectorError: it is asked again in the next turn. What is gone is off the list; its case stays. What no
    network shows by itself, a follower, is stored when the list is next read.
    """
    if not isinstance(watch.connector, Looking):
        return 0
    with store.read() as session:
        asked = [
            row
            for row in unreadable.asked_again(session, store)
            if row.account == watch.key and row.kind != ItemKind.FOLLOWER.value
        ]
        wanted = [(row.id, row.baseline, items.opened(row, store.vault)) for row in asked]
    spoken = 0
    for item_id, baseline, item in wanted:
        try:
            seen = Seen(Done.GONE) if item is None else watch.connector.look(item)
        except ConnectorError:
            log.info("what was set aside was not read again", account=watch.key)
            break
        with store.write() as session:
            spend.add(session, store, watch.network, seen.reads, clock())
            if seen.standing is Done.GONE:
                quarantine.finished(session, store, Stage.INGEST, quarantine.item_thing(item_id), clock())
        if item is not None and seen.item is not None:
            ingest_again(store, seen.item, source_of(watch, item.kind), baseline=baseline, now=clock())
        spoken += 1
    return spoken
