"""Nothing that may last long comes before "ready", or holds up the stop: a service manager gives up after a while."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitor.app import App, utc_now
from monitor.daemon import Daemon, bind
from tests.manager import Manager
from tests.school import school


class Busy(App):
    """The first slow turn of a large school: a backup, a drill, the whole file written anew."""

    let_go = threading.Event()
    began = threading.Event()

    def slow(self) -> int:
        self.began.set()
        self.let_go.wait(60)
        return 0


async def test_it_is_ready_while_its_first_slow_turn_lasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = Manager(tmp_path)
    monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
    with school(tmp_path, utc_now, more='\n[detection]\nmodel = "off"\n') as made:
        assert made.run("db", "upgrade").returncode == 0
        with made.store() as store, bind("127.0.0.1", 0) as listening:
            daemon = Daemon(Busy(made.settings(), store), listening)
            running = asyncio.create_task(daemon.run())
            try:
                await asyncio.to_thread(manager.hears, "READY=1", seconds=30)
                assert await asyncio.to_thread(Busy.began.wait, 30)
            finally:
                Busy.let_go.set()
                daemon.stop.set()
                await running
    manager.close()
    assert "STOPPING=1" in manager.said


class Slow(App):
    """A mail server that takes its time."""

    began = threading.Event()

    def work(self) -> int:
        return 0

    def slow(self) -> int:
        return 0

    async def deliver(self) -> int:
        self.began.set()
        await asyncio.sleep(60)
        return 0


async def test_what_the_stop_cuts_off_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.daemon.DRAIN", 0.2)
    with school(tmp_path, utc_now, more='\n[detection]\nmodel = "off"\n') as made:
        assert made.run("db", "upgrade").returncode == 0
        with made.store() as store, bind("127.0.0.1", 0) as listening, capture_logs() as said:
            daemon = Daemon(Slow(made.settings(), store), listening)
            running = asyncio.create_task(daemon.run())
            assert await asyncio.to_thread(Slow.began.wait, 30)
            daemon.stop.set()
            assert await running == []
    assert [one["stage"] for one in said if one["event"] == "cut off by the stop"] == ["deliver"]
    assert not [one for one in said if one["log_level"] in {"error", "critical"}]
