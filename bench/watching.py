"""Who watches the watcher: is a wedged service let die, is a slow one left alone, is every trouble mailed, and not too often?"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import sqlite3
import ssl
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

from sqlmodel import col, select

from alerts.operations import tell_incidents
from bench.attack import Attack, command
from monitor import schema
from monitor.app import App, utc_now
from monitor.commands.opened import store_of
from monitor.daemon import Daemon, bind
from monitor.incidents import close_incident, open_incident
from monitor.lanes import Lane
from monitor.logs import configure
from monitor.pace import going_on
from monitor.store import Store
from monitor.tables import IncidentRow, OutboxRow
from monitor.troubles import KINDS
from monitor.vault import Vault
from tests.alerts.telling import desk
from tests.conftest import HandClock
from tests.manager import Manager
from tests.school import School, school

EVERY = 0.2  # seconds between two signs of life to the service manager
LOOK = 1.5  # seconds in which a wedged service must give none
DAY = timedelta(days=1)
TURN = timedelta(minutes=10)
MOST = 12  # mails about one trouble to one role on one day, however it flaps
LATEST = timedelta(hours=7)  # what lasts longer must have been told of


@dataclass(frozen=True, slots=True)
class Running:
    """The real service in this process, and what its manager hears."""

    built: School
    daemon: Daemon
    manager: Manager

    @property
    def heard(self) -> int:
        return self.manager.said.count("WATCHDOG=1")

    async def fed(self) -> None:
        """Until the next sign of life."""
        await asyncio.to_thread(self.manager.hears, "WATCHDOG=1", times=self.heard + 1)

    async def silent(self) -> bool:
        """Whether no sign of life comes for a while; one that is on its way may still arrive first."""
        await asyncio.sleep(2 * EVERY)
        before = self.heard
        await asyncio.sleep(LOOK)
        return self.heard == before


@contextlib.asynccontextmanager
async def service(folder: Path, more: str = "") -> AsyncIterator[Running]:
    """Two loopback networks, a mailbox, and `schoolgate run` with a service manager that wants to hear from it often;
    `more` is more configuration."""
    with contextlib.ExitStack() as stack:
        built = stack.enter_context(
            school(folder, utc_now, every="10s", more=f'\n[detection]\nmodel = "off"\n{more}')
        )
        settings = built.settings()
        store = stack.enter_context(store_of(settings))
        listening = stack.enter_context(bind("127.0.0.1", 0))
        manager = Manager(folder)
        stack.callback(manager.close)
        told = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": str(int(EVERY * 2_000_000))}
        stack.enter_context(mock.patch.dict(os.environ, told))
        trust = ssl.create_default_context(cadata=built.mailbox.certificate)
        daemon = Daemon(App(settings, store, tls=trust), listening)
        runs = asyncio.create_task(daemon.run())
        running = Running(built, daemon, manager)
        try:
            await running.fed()
            yield running
        finally:
            daemon.stop.set()
            await runs


async def hung_network(running: Running) -> bool:
    """A network takes a request and never answers, past every deadline."""
    running.daemon.lanes["x-main"].limit = 1.0
    running.built.x_faults.arm("hang", times=None)
    while not running.daemon.hung():  # noqa: ASYNC110 - that time passed is no event
        await asyncio.sleep(0.05)
    return await running.silent()


async def locked_writer(running: Running) -> bool:
    """Another process holds the database's write lock."""
    other = sqlite3.connect(running.daemon.app.store.path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        return await running.silent()
    finally:
        other.close()
        await running.fed()


async def lost_writer(running: Running) -> bool:
    """A thread never gives the writer back."""
    taken, back = threading.Event(), threading.Event()

    def keep() -> None:
        with running.daemon.app.store.write():
            taken.set()
            back.wait()

    keeper = threading.Thread(target=keep)
    keeper.start()
    await asyncio.to_thread(taken.wait)
    held = await running.silent()
    back.set()
    keeper.join()
    await running.fed()
    return held


async def blocked_loop(running: Running) -> bool:
    """Something blocks the event loop itself."""
    await running.fed()
    before = running.heard
    time.sleep(LOOK)  # noqa: ASYNC251 - this is the fault
    held = running.heard == before
    await running.fed()
    return held


WEDGES: Mapping[str, Callable[[Running], Awaitable[bool]]] = {
    "a locked database": locked_writer,
    "a writer that is never given back": lost_writer,
    "a blocked event loop": blocked_loop,
    "a network that never answers": hung_network,  # last: it stays hung
}


async def wedged(folder: Path, *, times: int = 1) -> Mapping[str, tuple[int, int]]:
    """For each wedge: how often it was tried, and how often the service manager was told that all goes well."""
    counted: dict[str, tuple[int, int]] = {}
    async with service(folder) as running:
        for name, wedge in WEDGES.items():
            often = 1 if wedge is hung_network else times
            counted[name] = often, sum([not await wedge(running) for _ in range(often)])
    return counted


async def slow_turn(*, steps: int, step: float, limit: float, says_so: bool = True) -> bool:
    """Whether a turn of so many steps, in all far longer than `limit`, counts as hung at any time."""
    lane, hung = Lane("slow", limit), []

    def work() -> None:
        for _ in range(steps):
            if says_so:
                going_on()
            time.sleep(step)

    turn = asyncio.ensure_future(lane.run(work))
    while not turn.done():
        hung.append(lane.hung())
        await asyncio.sleep(step / 5)
    lane.close()
    return any(hung)


def told_of(store: Store, seed: int, *, days: int = 3) -> int:
    """Troubles that begin, change and end at random for some days; how many were not told as is promised."""
    chance, clock = random.Random(seed), HandClock()
    keys = chance.sample([f"{kind}:place:{n}" for kind in KINDS for n in range(2)], 6)
    pace = {key: chance.choice((0.002, 0.02, 0.2, 0.5)) for key in keys}
    start = clock()
    while clock() < start + days * DAY:
        with store.write() as session:
            for key in keys:
                if chance.random() < pace[key]:
                    cure = chance.choice(("it answered 503", "it answered 500", "the token was revoked"))
                    if not close_incident(store, session, key, now=clock()):
                        open_incident(store, session, key, says="planted", cure=cure, now=clock())
        tell_incidents(store, desk(), clock=clock)
        clock.wait(seconds=TURN.total_seconds())
    return untold(store, clock()) + too_often(store)


def untold(store: Store, end: datetime) -> int:
    """Troubles that lasted and that nobody was mailed about."""
    with store.read() as session:
        rows = session.exec(select(IncidentRow)).all()
    return sum(
        (row.closed_at or end) - row.opened_at > LATEST
        and (row.composed_at is None or row.composed_at - row.opened_at > LATEST)
        for row in rows
        if row.closed_at is None or row.composed_at is None
    )


def too_often(store: Store, most: int = MOST) -> int:
    """Mails above the most that one role should get about one trouble on one day."""
    with store.read() as session:
        keys = {str(row.id): row.key for row in session.exec(select(IncidentRow))}
        mails = session.exec(select(OutboxRow).order_by(col(OutboxRow.id))).all()
    counted = Counter(
        (keys[mail.dedup_key.split(":")[1]], mail.role, mail.created_at.date()) for mail in mails
    )
    return sum(max(0, number - most) for number in counted.values())


def measure(full: bool) -> list[Attack]:
    rows = []
    configure("critical", "text")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # that ticks are skipped is what is wanted here
    with tempfile.TemporaryDirectory() as folder:
        for name, (times, fed) in asyncio.run(wedged(Path(folder), times=20 if full else 2)).items():
            rows.append(Attack("A wedged service is not called alive", name, times, fed))
    turns = 20 if full else 3
    hung = sum(asyncio.run(slow_turn(steps=20, step=0.05, limit=0.4)) for _ in range(turns))
    rows.append(Attack("A slow service is left alone", "turns longer than the limit, in steps", turns, hung))
    seeds = 100 if full else 1
    broken = 0
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "schoolgate.db"
            schema.upgrade(path)
            store = Store(path, Vault(bytes(32)), school="school")
            broken += told_of(store, seed)
            store.close()
    rows.append(
        Attack(
            "A trouble that lasts is mailed; one that flaps does not flood",
            "three days of random troubles",
            seeds,
            broken,
        )
    )
    return rows


if __name__ == "__main__":
    sys.exit(command(measure, "is a wedged service let die, and is every trouble mailed once?"))
