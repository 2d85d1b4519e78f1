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

from alerts.outbox import accepted, enqueue, lease
from bench.sqlite_driver import Driver
from monitor import poll, retention, schema
from monitor.assess import assess
from monitor.domain import Item, ItemKind, Page, Reason
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
LONG = "Well done, everybody who was there. " * 90  # some pages of the database


def empty(folder: Path) -> Path:
    """A database of the newest shape, at rest."""
    path = folder / NAME
    schema.upgrade(path)
    return path


def open_store(path: Path, driver: Driver | None) -> Store:
    return Store(path, Vault(bytes(range(32))), school="school", driver=driver)


class Wall(WrittenNetwork):
    """A network that shows what was posted so far, two items a page, the last one of the page before once more."""

    def __init__(self) -> None:
        super().__init__()
        self.posted: dict[ItemKind, list[Item]] = {ItemKind.COMMENT: [], ItemKind.FOLLOWER: []}

    def poll(self, kind: ItemKind, cursor: str | None) -> Page:
        posted, begin = self.posted[kind], int(cursor or 0)
        end = min(len(posted), begin + 2)
        return Page(tuple(posted[max(0, begin - 1) : end]), str(end), more=end < len(posted))


def work(store: Store, rounds: int, *, began: datetime = BEGAN) -> None:
    """`rounds` turns of ten minutes, the last two of them after two days, when the first are pruned."""
    now, chance, network = began, random.Random(6), Wall()
    one = watch(network, ItemKind.COMMENT, ItemKind.FOLLOWER)
    poll.declare(store, [one], now)
    for number in range(rounds):
        if number == rounds - 2:
            now += timedelta(days=2)
        said = "[threat critical] tomorrow" if number % 2 else "Lovely photos"
        network.posted[ItemKind.COMMENT] += [comment(said, f"c{number}"), comment(LONG, f"d{number}")]
        network.posted[ItemKind.FOLLOWER].append(follower(f"f{number}", f"handle_{number}"))
        for kind in one.intervals:
            poll.poll(store, one, kind, clock=lambda now=now: now, chance=chance)
        assess(store, judgement(), clock=lambda now=now: now)
        _mail(store, number, now)
        if number % 7 == 6 or number == rounds - 1:
            retention.prune(store, KEEP, now)
        now += timedelta(minutes=10)


def _mail(store: Store, number: int, now: datetime) -> None:
    """A mail that nobody has taken yet is taken now, and older ones that wait."""
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
    for waiting in lease(store, now):
        accepted(store, waiting.id, reply="250 ok", now=now)


def content(rows: Callable[[str], Iterable[Any]], *, sealed: bool = True) -> bytes:
    """What a database holds, as one hash: every table with every row. `rows` asks it. Without `sealed`, of bytes only
    how many: two runs of the same work then give the same."""
    said = hashlib.sha256()
    tables = [name for (name,) in rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    for table in tables:
        said.update(table.encode())
        for row in rows(f'SELECT * FROM "{table}" ORDER BY rowid'):
            kept = row if sealed else [len(one) if isinstance(one, bytes) else one for one in row]
            said.update(repr(kept).encode())
    return said.digest()


def found(folder: Path, *, sealed: bool = True) -> bytes | None:
    """What Python's own SQLite finds in these files after the power came back; None when it is damaged."""
    connection = sqlite3.connect(folder / NAME)
    try:
        if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            return None
        return content(connection.execute, sealed=sealed)
    except sqlite3.DatabaseError:
        return None
    finally:
        connection.close()


def done(folder: Path) -> list[Any]:
    """What all of the work leaves, however often it had to begin again: items, cases, copies, mails."""
    connection = sqlite3.connect(folder / NAME)
    try:
        return [
            connection.execute(question).fetchall()
            for question in (
                "SELECT kind, external_id, version FROM item ORDER BY kind, external_id, version",
                "SELECT external_id, state FROM cases ORDER BY external_id",
                "SELECT external_id FROM follower ORDER BY external_id",
                "SELECT count(*), count(DISTINCT item_id) FROM evidence",
                "SELECT dedup_key, sent_at IS NOT NULL FROM outbox ORDER BY dedup_key",
            )
        ]
    finally:
        connection.close()
