"""One failing call of the file system: the n-th sync, write, truncation or opening of the program's own work goes wrong.

What must hold whichever it is: what was acknowledged is there, and at most the transaction under way beside it; after a
failed write or sync the same process touches the file no more; a new process finishes the work, each item once.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw
from sqlalchemy.exc import DatabaseError
from structlog.testing import capture_logs

from bench.power_day import BEGAN, NAME, content, done, empty, found, open_store, work
from bench.power_disk import Outage, Recording
from bench.sqlite_driver import Driver
from monitor.errors import StoreError
from monitor.evidence_check import check
from monitor.store import Store

ROUNDS = 3
KINDS = {
    "sync": apsw.SQLITE_IOERR_FSYNC,
    "write": apsw.SQLITE_IOERR_WRITE,
    "truncate": apsw.SQLITE_IOERR_TRUNCATE,
    "open": apsw.SQLITE_CANTOPEN,
    "full": apsw.SQLITE_FULL,  # a write that finds no room
}
STOPS = frozenset({"sync", "write"})  # what the store may not go on after; a full disk is none of them


@dataclass(frozen=True, slots=True)
class Failed:
    """What became of one run. `reached` False: there are fewer such calls, and the run was clean. `stopped`: the store
    refused to go on. `broken`: what did not hold, in words."""

    reached: bool
    stopped: bool = False
    broken: tuple[str, ...] = ()


class Fault:
    """Raises at the n-th call of a kind, once. `at`: how many events the disk had seen by then."""

    def __init__(self, kind: str, nth: int) -> None:
        self.kind, self.left = "write" if kind == "full" else kind, nth
        self.code = KINDS[kind]
        self.disk: Recording | None = None
        self.at: int | None = None

    def __call__(self, kind: str, _name: str) -> None:
        if self.disk is None or not self.disk.recording or kind != self.kind:
            return
        self.left -= 1
        if self.left == 0:
            self.at = len(self.disk.events)
            raise apsw.exception_for(self.code)


@dataclass
class Work:
    """The work as it goes when nothing fails: what it leaves, and what the database holds after each commit."""

    folder: Path
    empty: Path = field(init=False)
    states: list[bytes] = field(init=False)
    leaves: list[Any] = field(init=False)

    def __post_init__(self) -> None:
        (self.folder / "empty").mkdir(parents=True)
        self.empty = empty(self.folder / "empty")
        run = _Run(self.folder / "clean", self.empty, None)
        run.work()
        run.store.close()
        self.states = run.plain
        self.leaves = done(run.folder)

    def failing(self, kind: str, nth: int) -> Failed:
        """The work on a new database, with the n-th call of this kind failing."""
        fault = Fault(kind, nth)
        run = _Run(self.folder / "failing", self.empty, fault)
        run.work()
        run.disk.recording = False
        if fault.at is None:
            run.store.close()
            return Failed(reached=False)
        left = self.folder / "left"
        _copied(run.folder, left)
        run.store.close()
        return Failed(True, run.store.failed is not None, tuple(self._broken(kind, fault, run, left)))

    def without_room(self, pages: int) -> Failed:
        """The work on a new database that may grow by so many pages, with Python's own SQLite; then with room again."""
        folder = self.folder / "small"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copyfile(self.empty, folder / NAME)
        store = open_store(folder / NAME, None)
        with store.write() as session:
            most = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one() + pages
            session.connection().exec_driver_sql(f"PRAGMA max_page_count={most}")
        full = not _worked(store)
        stopped = store.failed is not None
        store.close()
        if not full and done(folder) == self.leaves:
            return Failed(reached=False)
        broken = [] if found(folder) else ["the database is damaged"]
        return Failed(True, stopped, (*broken, *self._unfinished(folder)))

    def _broken(self, kind: str, fault: Fault, run: _Run, left: Path) -> Iterator[str]:
        if kind in STOPS and run.store.failed is None:
            yield "the store would go on after a failed call"
        if run.store.failed and any(event.kind == "sync" for event in run.disk.events[fault.at :]):
            yield "the file was synced again after a failed call"
        known = len(run.states) - 1
        if not self._holds(left, run, known):
            yield "the files hold something else than was acknowledged"
        outage = Outage.of(self.empty.parent)
        for event in run.disk.events:
            outage.happens(event)
        chance = random.Random(fault.at)
        for how in ("nothing", "some"):
            _written(self.folder / "cut", outage.leaves(chance, how))
            if not self._holds(self.folder / "cut", run, known):
                yield f"after a power cut ({how} of what was not synced) there is something else"
        yield from self._unfinished(left)

    def _unfinished(self, left: Path) -> Iterator[str]:
        """A new process goes on where the old one was: what it does not bring to its end."""
        store = open_store(left / NAME, None)
        work(store, ROUNDS, began=BEGAN + timedelta(days=3))
        if not check(store).holds:
            yield "the evidence or the audit chain does not hold"
        store.close()
        if done(left) != self.leaves:
            yield "the work was not finished, or done twice"

    def _holds(self, folder: Path, run: _Run, known: int) -> bool:
        """The last acknowledged state, or that and the transaction under way."""
        return found(folder) == run.states[known] or (
            found(folder, sealed=False) in self.states[known : known + 2]
        )


class _Run:
    """The work on a copy of the empty database."""

    def __init__(self, folder: Path, empty_one: Path, fault: Fault | None) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder
        self.path = folder / NAME
        shutil.copyfile(empty_one, self.path)
        self.disk = Recording(f"run-{id(self)}", hinder=fault)
        if fault is not None:
            fault.disk = self.disk
        self.states: list[bytes] = []
        self.plain: list[bytes] = []
        self._note()
        self.store = open_store(self.path, Driver(self.disk.name, committed=self._committed))

    def work(self) -> None:
        _worked(self.store)  # what became of it is seen in its files, and in whether the store goes on

    def _committed(self) -> None:
        self.disk.acknowledge()
        self._note()

    def _note(self) -> None:
        self.disk.recording = False
        connection = apsw.Connection(str(self.path), vfs=self.disk.name, flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            self.states.append(content(connection.execute))
            self.plain.append(content(connection.execute, sealed=False))
        finally:
            connection.close()
            self.disk.recording = True


def _worked(store: Store) -> bool:
    """The day's work; False when it was broken off by an error of the database. What the stages log of it is dropped:
    each that meets the fault says so."""
    try:
        with capture_logs():
            work(store, ROUNDS)
    except (DatabaseError, StoreError, sqlite3.Error):
        return False
    return True


def _copied(folder: Path, target: Path) -> None:
    """The files as a process that ended leaves them: without the shared memory."""
    _written(target, ((one.name, one.read_bytes()) for one in folder.iterdir() if "-shm" not in one.name))


def _written(target: Path, files: Iterator[tuple[str, bytes]]) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name, content_of in files:
        (target / name).write_bytes(content_of)
