"""The work that the power is cut in: the program's own stages on its own Store, and what the database held after each commit.

Pages are polled and stored, judged, made cases with sealed copies and audit entries; mails are queued, leased and taken;
followers come; what is old is pruned and the write-ahead log emptied, as the service does.
"""

from __future__ import annotations

import hashlib
import random
import sqlite3
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.sqlite_driver import Driver
from monitor import poll, retention, schema
from monitor.assess import assess
from monitor.domain import ItemKind, Page, Reason
from monitor.retention_rules import Keep
from monitor.store import Store
from monitor.vault import Vault
from tests.making import WrittenNetwork, comment, follower, judgement, watch

BEGAN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
KEEP = Keep(
    harmless=timedelta(days=1),
    closed=timedelta(days=30),
    evidence=timedelta(days=30),
    audit=timedelta(days=365),
)
NAME = "schoolgate.db"


def empty(folder: Path) -> Path:
    """A database of the newest shape, at rest."""
    path = folder / NAME
    schema.upgrade(path)
    return path


def open_store(path: Path, driver: Driver | None) -> Store:
    return Store(path, Vault(bytes(range(32))), school="school", driver=driver)


def work(store: Store, rounds: int) -> None:
    """`rounds` turns of ten minutes, the last of them after two days, when the first are pruned."""
    now = BEGAN
    chance = random.Random(6)
    network = WrittenNetwork()
    one = watch(network, ItemKind.COMMENT, ItemKind.FOLLOWER)
    poll.declare(store, [one], now)
    for number in range(rounds):
        if number == rounds - 2:
            now += timedelta(days=2)
        said = "[threat critical] tomorrow" if number % 2 else "Lovely photos"
        network.answers += [
            Page(
                (comment(said, f"c{number}"), comment("Well done", f"d{number}")),
                f"cursor {number}",
                more=True,
            ),
            Page((comment("Well done everyone", f"d{number - 1}"),), f"cursor {number}b"),
            Page((follower(f"f{number}", f"handle_{number}"),), f"followers {number}"),
        ]
        for kind in one.intervals:
            poll.poll(store, one, kind, clock=lambda now=now: now, chance=chance)
        assess(store, judgement(), clock=lambda now=now: now)
        _mail(store, number, now)
        if number % 7 == 6 or number == rounds - 1:
            retention.prune(store, KEEP, now)
        now += timedelta(minutes=10)


def _mail(store: Store, number: int, now: datetime) -> None:
    from alerts.outbox import accepted, enqueue, lease

    with store.write() as session:
        enqueue(
            store,
            session,
            now=now,
            dedup_key=f"alert {number}",
            role="headteacher",
            recipient="head@stmarys.example",
            reason=Reason.FIRST,
            message_id=f"<{number}@stmarys.example>",
            message=b"Subject: one\r\n\r\nLook at the page.\r\n" * 20,
        )
    for waiting in lease(store, now, most=1):
        accepted(store, waiting.id, reply="250 ok", now=now)


def content(rows: Callable[[str], Iterable[Any]]) -> bytes:
    """What a database holds, as one hash: every table with every row. `rows` asks it."""
    said = hashlib.sha256()
    tables = [name for (name,) in rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    for table in tables:
        said.update(table.encode())
        for row in rows(f'SELECT * FROM "{table}" ORDER BY rowid'):
            said.update(repr(row).encode())
    return said.digest()


def found(folder: Path) -> bytes | None:
    """What Python's own SQLite finds in these files after the power came back; None when it is damaged."""
    connection = sqlite3.connect(folder / NAME)
    try:
        if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            return None
        return content(connection.execute)
    except sqlite3.DatabaseError:
        return None
    finally:
        connection.close()
