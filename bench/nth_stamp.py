"""The n-th question to a time-stamp authority fails; see bench/nth.py. `openssl ts` stamps on loopback."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlmodel import select

from bench.nth_world import empty_store
from monitor import schema, time_stamps
from monitor.incidents import open_incidents
from monitor.tables_evidence import HeadRow
from monitor.time_stamps import Authority, holds, stamp_when_due
from tests.conftest import HandClock
from tests.connectors.scripted import Asked, Reply, serving
from tests.monitor.stamping import Stamper, stamper

DAYS = 4


def _drip(out: Any) -> None:
    for number in range(40):
        out.write(f"X-{number}: y\r\n".encode())
        out.flush()
        time.sleep(0.05)


BAD: tuple[Callable[[bytes], Reply], ...] = (
    lambda _: Reply(b"<html>away</html>", 503),
    lambda _: Reply(b"<html>a guest network</html>"),
    lambda _: Reply(b""),
    lambda _: Reply(b"x" * 200_000),
    lambda good: Reply(good[: len(good) // 2]),
    lambda good: Reply(good[:-1] + bytes([good[-1] ^ 1])),
    lambda _: Reply(b"", 302, {"Location": "http://127.0.0.1:1/"}),
    lambda good: Reply(
        status=200, headers={"Content-Length": str(len(good))}, write=lambda out: out.write(good[:40])
    ),
    lambda _: Reply(status=0, write=lambda _out: None),
    lambda _: Reply(write=_drip),
)


def attack_stamp(full: bool) -> tuple[int, list[str]]:
    """(plays, what they broke); none without openssl."""
    if shutil.which("openssl") is None:
        return 0, []
    kept, time_stamps._TOTAL = time_stamps._TOTAL, 0.5  # noqa: SLF001 - a minute's wait in half a second
    try:
        with tempfile.TemporaryDirectory() as folder, stamper(Path(folder) / "tsa") as tsa:
            template = Path(folder) / "empty.db"
            schema.upgrade(template)
            plays = [(at, bad) for at in range(1, DAYS if full else 2) for bad in range(len(BAD))]
            broken = [
                f"time stamp {at}, way {bad}: {one}"
                for at, bad in plays
                for one in _play(tsa, template, at, bad)
            ]
            return len(plays), broken
    finally:
        time_stamps._TOTAL = kept  # noqa: SLF001


def _play(tsa: Stamper, template: Path, at: int, bad: int) -> list[str]:
    clock, asked, broken = HandClock(), [0], []

    def answer(one: Asked) -> Reply:
        asked[0] += 1
        good = tsa.stamped(one.body)
        return BAD[bad](good) if asked[0] == at else Reply(good)

    with empty_store(template) as store, serving(answer) as server:
        authority = Authority(server.url, tsa.root)
        for day in range(1, DAYS + 1):
            with store.write() as session:
                store.audit(session, at=clock(), actor="dsl", happened="signed in", thing="page")
            stamped = stamp_when_due(store, authority, clock())
            with store.read() as session:
                told = {one.key for one in open_incidents(session, "school")}
            if stamped != (day != at) or ("timestamp" in told) != (day == at):
                broken.append(f"day {day}: stamped {stamped}, told {sorted(told)}")
            clock.now += timedelta(days=1)
        with store.read() as session:
            rows = session.exec(select(HeadRow)).all()
    if len(rows) != DAYS - 1 or not all(row.token and holds(row.token, row.hash, tsa.root) for row in rows):
        broken.append("a stamp that does not hold was kept")
    if asked[0] != DAYS:
        broken.append(f"a hot loop: {asked[0]} questions in {DAYS} days")
    return broken
