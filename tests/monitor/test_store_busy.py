"""Another process on the same database: what it holds up is done later, and nothing else comes of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from sqlmodel import select

from monitor.retention import is_due, prune
from monitor.store import Store
from monitor.subject import Asked
from monitor.subject_erase import erase
from monitor.tables import ItemRow
from tests.conftest import HandClock
from tests.monitor.aging import KEEP, read, rows_of, traces


class Hindered(Store):
    """A store in whose way another process gets, each time between the emptying of the log and what follows it."""

    hinders: sqlite3.Connection | None = None

    def _checkpoint(self, how: str) -> bool:
        done = super()._checkpoint(how)
        if self.hinders is not None and not self.hinders.in_transaction:
            self.hinders.execute("BEGIN IMMEDIATE")
        return done


@pytest.fixture
def hindered(store: Store) -> Iterator[Hindered]:
    mine = Hindered(store.path, store.vault, school=store.school)
    with mine.write() as session:
        session.connection().exec_driver_sql("PRAGMA busy_timeout=20")
    mine.hinders = sqlite3.connect(store.path, isolation_level=None)
    yield mine
    mine.close()


def let_go(store: Hindered) -> None:
    assert store.hinders is not None
    store.hinders.execute("ROLLBACK")
    store.hinders.close()
    store.hinders = None


def test_a_file_that_another_process_writes_to_is_written_anew_another_time(hindered: Hindered) -> None:
    assert hindered.compact() is False
    let_go(hindered)
    assert hindered.compact() is True


def test_what_an_erasure_left_in_the_files_goes_with_the_next_pruning(
    store: Store, hindered: Hindered, clock: HandClock
) -> None:
    """Also on a day on which nothing else is due to go."""
    read(store, clock, "Lovely", "Nice")
    prune(store, KEEP, clock())
    with store.write() as session:
        for row in session.exec(select(ItemRow)):
            row.author_id = f"u{row.id}"
    values = [rows_of(store, ItemRow)[0].sealed[17:]]  # what is before says which key it is
    _, clean = erase(hindered, Asked(accounts=(("facebook", "u1"),)), by="it", now=clock())
    assert not clean
    let_go(hindered)
    clock.wait(days=1, seconds=1)
    assert is_due(store, clock())
    assert prune(store, KEEP, clock()).erased == 1
    assert traces(store.path, values) == 0
    assert not is_due(store, clock())
