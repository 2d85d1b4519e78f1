"""The n-th call of the file system fails in the program's own work: some of what `python -m bench.storage` tries."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from bench.power import fast_folder
from bench.storage_faults import Work
from monitor.store import Store
from monitor.tables import SpendRow
from tests.monitor.test_store import spend


@pytest.fixture(scope="module")
def usual() -> Iterator[Work]:
    with fast_folder() as name:
        yield Work(Path(name))


@pytest.mark.parametrize(
    ("kind", "nth"),
    [("sync", 30), ("write", 150), ("write", 330), ("truncate", 1)],
)
def test_after_a_failed_call_the_store_stops_and_the_next_process_finishes(
    usual: Work, kind: str, nth: int
) -> None:
    failed = usual.failing(kind, nth)
    assert (failed.reached, failed.stopped, failed.broken) == (True, True, ())


@pytest.mark.parametrize(("kind", "nth"), [("open", 2), ("full", 200)])
def test_what_finds_no_room_or_cannot_be_opened_is_undone_and_done_later(
    usual: Work, kind: str, nth: int
) -> None:
    failed = usual.failing(kind, nth)
    assert (failed.reached, failed.stopped, failed.broken) == (True, False, ())


def test_work_without_a_fault_is_a_clean_run(usual: Work) -> None:
    assert not usual.failing("sync", 10_000).reached


@pytest.mark.parametrize("pages", [0, 2])
def test_a_database_that_may_not_grow_takes_nothing_by_halves(usual: Work, pages: int) -> None:
    failed = usual.without_room(pages)
    assert (failed.reached, failed.stopped, failed.broken) == (True, False, ())


def test_a_database_with_room_is_a_clean_run(usual: Work) -> None:
    assert not usual.without_room(10_000).reached


# another process has the database


@pytest.fixture
def other(store: Store) -> Iterator[sqlite3.Connection]:
    """Another process' connection that holds the writer's lock; our own busy timeout is short."""
    with store.write() as session:
        session.connection().exec_driver_sql("PRAGMA busy_timeout=150")
    connection = sqlite3.connect(store.path, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    connection.close()


def test_a_lock_that_is_given_back_in_time_is_waited_for(store: Store, other: sqlite3.Connection) -> None:
    threading.Timer(0.3, lambda: other.execute("ROLLBACK")).start()  # two tries of 0.15 s are not enough
    with store.write() as session:
        session.add(spend("2026-11"))
    with store.read() as session:
        assert session.exec(select(SpendRow.month)).all() == ["2026-11"]


def test_a_lock_that_is_kept_fails_this_one_piece_of_work_and_no_more(
    store: Store, other: sqlite3.Connection
) -> None:
    with pytest.raises(OperationalError, match="locked"), store.write() as session:
        session.add(spend("2026-11"))
    assert store.failed is None
    other.execute("ROLLBACK")
    with store.write() as session:
        session.add(spend("2026-12"))
    with store.read() as session:
        assert session.exec(select(SpendRow.month)).all() == ["2026-12"]
