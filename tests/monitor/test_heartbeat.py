"""The sign of life: sent while the school is watched, over real HTTP, and in nobody's way when it does not arrive."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bench.watching import service
from monitor.heartbeat import LOUD_AFTER, Heartbeat
from monitor.incidents import open_incidents
from monitor.store import Store
from tests.conftest import HandClock

WELL, UNWELL = {"watching": True}, {"watching": False}


class Watcher(ThreadingHTTPServer):
    """A watching service on loopback: what it was asked, and what it answers."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.status = 200
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/ping/3f0c"


class _Handler(BaseHTTPRequestHandler):
    server: Watcher

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"OK")

    def log_message(self, *_: Any) -> None:
        """Not on the terminal."""


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    with Watcher() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def keys(store: Store) -> list[str]:
    with store.read() as session:
        return [one.key for one in open_incidents(session, store.school)]


def test_it_is_sent_while_all_is_watched_and_names_nobody(
    store: Store, clock: HandClock, watcher: Watcher
) -> None:
    assert Heartbeat(store, watcher.url, clock).beat(lambda: WELL)
    ((path, headers),) = watcher.asked
    assert path == "/ping/3f0c"
    assert {name.lower() for name in headers} == {
        "host",
        "user-agent",
        "accept",
        "accept-encoding",
        "connection",
    }


def test_it_is_not_sent_while_an_account_is_not_read(
    store: Store, clock: HandClock, watcher: Watcher
) -> None:
    assert not Heartbeat(store, watcher.url, clock).beat(lambda: UNWELL)
    assert watcher.asked == []
    assert keys(store) == []


@pytest.mark.parametrize("status", [302, 404, 503])
def test_what_lasts_is_told_once_and_is_over_when_it_arrives_again(
    store: Store, clock: HandClock, watcher: Watcher, status: int
) -> None:
    watcher.status, heartbeat = status, Heartbeat(store, watcher.url, clock)
    for _ in range(LOUD_AFTER - 1):
        assert not heartbeat.beat(lambda: WELL)
    assert keys(store) == []
    assert not heartbeat.beat(lambda: WELL)
    assert keys(store) == ["heartbeat"]
    assert {path for path, _ in watcher.asked} == {"/ping/3f0c"}  # no redirect is followed
    watcher.status = 200
    assert heartbeat.beat(lambda: WELL)
    assert keys(store) == []


def test_a_watcher_that_is_not_there_is_an_incident_that_keeps_its_address_to_itself(
    store: Store, clock: HandClock
) -> None:
    heartbeat = Heartbeat(store, "http://127.0.0.1:9/ping/3f0c", clock)
    for _ in range(LOUD_AFTER):
        assert not heartbeat.beat(lambda: WELL)
    with store.read() as session:
        (one,) = open_incidents(session, store.school)
    assert "3f0c" not in one.says + one.cure


async def test_a_running_service_sends_it_and_stops_when_a_turn_is_stuck(
    tmp_path: Path, watcher: Watcher
) -> None:
    table = f'[watching]\nheartbeat_url = "{watcher.url}"\nheartbeat_every = "1m"\n'
    async with service(tmp_path, table) as running:
        async with asyncio.timeout(60):
            while not watcher.asked:  # noqa: ASYNC110 - it comes from another thread
                await asyncio.sleep(0.05)
        lane = running.daemon.lanes["x-main"]
        async with lane.turn:  # none of its own turns meanwhile
            lane.limit, lane.since = -1.0, time.monotonic()
            await asyncio.sleep(0.3)  # the first may just be ending
            before = len(watcher.asked)
            await running.daemon._heartbeat()
            lane.limit, lane.since = 300.0, None
        assert len(watcher.asked) == before
        await running.daemon._heartbeat()
        async with asyncio.timeout(60):
            while len(watcher.asked) == before:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
