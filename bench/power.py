"""`python -m bench.power [--full]`: the power fails in the middle of the program's own transactions. What was acknowledged
must be there, whole, and nothing else but the one transaction that was under way.

The record is made once, by the program's own Store and stages on SQLite's own files (bench/power_disk.py); each cut
makes the files as the disk may hold them, opens them with Python's SQLite, as the service would, checks the whole
database and compares every row of every table with what stood there after the last acknowledged commit. The controls
are the same with a protection taken away, and must lose: a test that cannot fail shows nothing.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import apsw

from bench.attack import Attack, command
from bench.power_day import NAME, content, empty, found, open_store, work
from bench.power_disk import Outage, Recording
from bench.sqlite_driver import Driver
from monitor import schema
from monitor.evidence_check import check

QUICK, FULL = 1_200, 24_000  # cuts of the day
WEAKER = {"PRAGMA synchronous=FULL": "PRAGMA synchronous=NORMAL"}
HOW = ("some", "some", "some", "nothing", "all")


@dataclass
class Record:
    """What happened on the disk, and what the database held: before the first commit, then after each."""

    before: Path
    disk: Recording
    states: list[bytes] = field(default_factory=list)


@dataclass
class Cuts:
    """What became of the power cuts of one record."""

    times: int = 0
    damaged: int = 0  # SQLite finds it damaged, or it holds what it never held
    lost: int = 0  # an acknowledged transaction is not there

    @property
    def violations(self) -> int:
        return self.damaged + self.lost


def recorded(
    folder: Path, do: Callable[[Path, Driver], None], *, start: Callable[[Path], object], weaker: bool = False
) -> Record:
    """`start` makes a database in an empty folder; `do` works on it."""
    before, lived = folder / "before", folder / "lived"
    before.mkdir(parents=True)
    start(before)
    shutil.copytree(before, lived)
    disk = Recording(f"recording-{id(before)}")
    record = Record(before, disk)
    path = lived / NAME

    def committed() -> None:
        disk.acknowledge()
        record.states.append(_content(path, disk))

    record.states.append(_content(path, disk))
    do(path, Driver(disk.name, committed=committed, instead=WEAKER if weaker else None))
    return record


def _content(path: Path, disk: Recording) -> bytes:
    """Through the same library, which alone may have the file open: closing it in another would drop the locks."""
    disk.recording = False
    connection = apsw.Connection(str(path), vfs=disk.name, flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        return content(connection.execute)
    finally:
        connection.close()
        disk.recording = True


def cut(record: Record, folder: Path, times: int, *, seed: int, truthful: bool = True) -> Cuts:
    """Cut the power `times` times, spread over the whole record."""
    chance = random.Random(seed)
    outage = Outage.of(record.before, truthful=truthful)
    cuts = Cuts()
    events = record.disk.events
    moments = sorted(chance.choices(range(len(events) + 1), k=times))
    at = 0
    for moment in moments:
        for event in events[at:moment]:
            outage.happens(event)
        at = moment
        cuts.times += 1
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, left in outage.leaves(chance, chance.choice(HOW)):
            (folder / name).write_bytes(left)
        says = found(folder)
        known = outage.acknowledged
        if says is None or says not in record.states:
            cuts.damaged += 1
        elif says not in record.states[known : known + 2]:
            cuts.lost += 1
    return cuts


def day(rounds: int) -> Callable[[Path, Driver], None]:
    """The stages at work; raises when the audit chain or a copy does not hold at the end."""

    def do(path: Path, driver: Driver) -> None:
        store = open_store(path, driver)
        try:
            work(store, rounds)
            assert check(store).holds
        finally:
            store.close()

    return do


def upgrade(path: Path, driver: Driver) -> None:
    schema.upgrade(path, driver=driver)


def of_the_first_shape(folder: Path) -> None:
    """As a service of the first version left it."""
    path = folder / NAME
    schema.upgrade(path, "0001")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def just_made(folder: Path) -> None:
    """As the very first start makes it."""
    (folder / NAME).touch(mode=0o600)


def fast_folder() -> tempfile.TemporaryDirectory[str]:
    """In memory, where there is such a place: the disk is simulated anyway."""
    memory = Path("/dev/shm")
    return tempfile.TemporaryDirectory(prefix="schoolgate-", dir=memory if memory.is_dir() else None)


def measure(full: bool) -> Iterator[Attack]:
    times, rounds = (FULL, 40) if full else (QUICK, 14)
    with fast_folder() as name:
        folder = Path(name)
        today = recorded(folder / "day", day(rounds), start=empty)
        cuts = cut(today, folder / "cut", times, seed=1)
        commits = len(today.states) - 1
        yield Attack(
            "an acknowledged transaction survives the power; nothing is corrupted; the audit chain holds",
            "un-synced writes dropped, reordered, torn at 512 bytes, in the stages' own work",
            cuts.times,
            cuts.violations,
            f"{commits} commits, {len(today.disk.events):,} disk events",
        )
        for start, which in (
            (of_the_first_shape, "an upgrade from its first shape"),
            (just_made, "a first start"),
        ):
            shapes = recorded(folder / start.__name__, upgrade, start=start)
            cuts = cut(shapes, folder / "cut", times // 8, seed=2)
            yield Attack(
                "a change of the database's shape is done or not begun when the power comes back",
                f"un-synced writes dropped, reordered, torn, in {which}",
                cuts.times,
                cuts.violations + len(shapes.states) - 2,  # one transaction: there is nothing in between
            )
        yield from controls(folder, today, times // 8)


def controls(folder: Path, today: Record, times: int) -> Iterator[Attack]:
    """The same with a protection taken away: that nothing is lost then would be the violation."""
    weaker = recorded(folder / "weaker", day(14), start=empty, weaker=True)
    cuts = cut(weaker, folder / "cut", times, seed=3)
    yield Attack(
        "this measurement can fail",
        "synchronous=NORMAL instead of FULL: transactions must be lost",
        cuts.times,
        int(not cuts.lost),
        f"{cuts.lost:,} cuts lost some, {cuts.damaged:,} did damage",
    )
    cuts = cut(today, folder / "cut", times, seed=4, truthful=False)
    yield Attack(
        "this measurement can fail",
        "a disk that only says that it synced: the database must be damaged or old",
        cuts.times,
        int(not (cuts.damaged and cuts.lost)),
        f"{cuts.lost:,} cuts lost some, {cuts.damaged:,} did damage",
    )


if __name__ == "__main__":
    sys.exit(command(lambda full: list(measure(full)), __doc__.split(":")[0]))
