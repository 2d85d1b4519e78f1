"""The running service: ticks, threads, the page, signals, the watchdog. Decides nothing: it calls the app's stages.

APScheduler only ticks; what is due is asked of the database. Each network has a thread of its own, so that one that
hangs delays neither another nor the mail. Stop means: no new work, let what runs finish, send what waits, go.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor import __version__, systemd
from monitor.app import App
from monitor.errors import MonitorError
from monitor.heartbeat import Heartbeat
from monitor.lanes import Lane
from monitor.locks import alone, is_held
from monitor.runs import Runs

log = structlog.get_logger(__name__)
POLL_TICK, WORK_TICK, DELIVER_TICK, SLOW_TICK, CHECK_TICK = 5.0, 2.0, 2.0, 30.0, 24 * 3600.0
HUNG_AFTER = 300.0  # seconds in one step of a turn: the deadline of a connector's call (240 s) is below
MAIL_HUNG_AFTER = 900.0  # seconds for one message: the longest wait for a server's answer (660 s) is below
_LOCK = "schoolgate.lock"
DRAIN = 20.0
DRAIN_READS = 3.0  # a poll that is cut off is simply read again: a silent network must not hold up the stop


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers: ours stop the whole process in order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Daemon:
    """Everything that runs while the service runs. `sockets` are bound already, so a busy port is one clear error."""

    def __init__(self, app: App, listening: socket.socket) -> None:
        self.app = app
        self.listening = listening
        self.stop = asyncio.Event()
        self.lanes = {watch.key: Lane(f"poll-{watch.key}", HUNG_AFTER) for watch in app.watches}
        self.work_lane, self.act_lane, self.check_lane, self.letters_lane, self.answers_lane = (
            Lane(name, HUNG_AFTER) for name in ("work", "act", "check", "letters", "answers")
        )
        self.running: set[asyncio.Task[None]] = set()
        self.reading: set[asyncio.Task[None]] = set()
        self.mail_lane = Lane("mail", MAIL_HUNG_AFTER)
        self.beat_lane = Lane("heartbeat", HUNG_AFTER)
        self.runs = Runs(app.store, app.clock, app.settings.school.zone)
        watching = app.settings.watching
        self.heartbeat = (
            Heartbeat(app.store, watching.heartbeat_url, app.clock) if watching.heartbeat_url else None
        )

    async def run(self) -> list[str]:
        """Until a signal says stop; returns the names of the lanes that would not end in time, each with a thread that
        nobody can end but the process. Raises what the page's server raises when it cannot serve."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop.set)
        self.run_number = self.runs.begin()
        server = page_server(self.app.web(alive=self.hung))
        scheduler = self._scheduler()
        serving = asyncio.create_task(server.serve(sockets=[self.listening]))
        scheduler.start()
        systemd.notify(f"READY=1\nSTATUS=Watching {len(self.app.watches)} accounts")
        log.info("started", version=__version__, count=len(self.app.watches))
        stopping = asyncio.create_task(self.stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        systemd.notify("STOPPING=1")
        log.info("stopping")
        scheduler.pause()
        await self._drain()
        scheduler.shutdown(wait=False)
        server.should_exit = True
        stopping.cancel()
        await serving
        left = [lane.name for lane in self._all_lanes() if lane.since is not None]
        self.runs.end(self.run_number)
        self._close()
        log.info("stopped", count=len(left))
        return left

    def hung(self) -> list[str]:
        """The names of the lanes whose turn is over its deadline."""
        return [lane.name for lane in self._all_lanes() if lane.hung()]

    def alive(self) -> bool:
        """The watchdog's question: the writer answers and no network's turn is over its deadline."""
        return not self.hung() and self.app.store.ready()

    def _all_lanes(self) -> list[Lane]:
        return [
            *self.lanes.values(),
            self.work_lane,
            self.act_lane,
            self.check_lane,
            self.letters_lane,
            self.answers_lane,
            self.mail_lane,
            self.beat_lane,
        ]

    def _scheduler(self) -> AsyncIOScheduler:
        """Ticks only. APScheduler's own defaults skip a job that is a second late: overridden."""
        scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        ticks: list[tuple[Callable[[], Awaitable[None]], float]] = [
            (self._poll, POLL_TICK),
            (self._work, WORK_TICK),
            (self._act, WORK_TICK),
            (self._deliver, DELIVER_TICK),
            (self._slow, SLOW_TICK),
            (self._check, CHECK_TICK),
        ]
        if self.heartbeat is not None:
            ticks.append((self._heartbeat, self.app.settings.watching.heartbeat_every.total_seconds()))
        seconds = systemd.watchdog_seconds()
        if seconds is not None:
            ticks.append((self._watchdog, seconds))
        for tick, every in ticks:
            scheduler.add_job(
                self._tracked,
                "interval",
                args=[tick],
                seconds=every,
                id=tick.__name__.strip("_"),
                next_run_time=datetime.now(UTC),  # the first turn is at once, not after the first interval
            )
        scheduler.add_listener(self._missed, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        return scheduler

    async def _tracked(self, tick: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.running.add(task)
        name = tick.__name__.strip("_")
        try:
            await tick()
        except asyncio.CancelledError:
            if not self.stop.is_set():
                raise
            log.info("cut off by the stop", stage=name)  # it had its time; the next start goes on with it
        except Exception as error:
            await asyncio.to_thread(self.app.steps.failed, name, error)
            raise
        else:
            await asyncio.to_thread(self.app.steps.went_well, name)
        finally:
            self.running.discard(task)

    def _missed(self, event: JobExecutionEvent) -> None:
        error = getattr(event, "exception", None)
        if error is not None:
            log.error("tick failed", stage=event.job_id, error=type(error).__name__, exc_info=error)

    async def _poll(self) -> None:
        """Start each network's turn and come back at once: a slow network must not hold up the others."""
        for watch in self.app.watches:
            self._read(self.lanes[watch.key], partial(self.app.poll, watch))
        self._read(self.letters_lane, self.app.read_letters)
        self._read(self.answers_lane, self.app.read_answers)

    async def _check(self) -> None:
        self._read(self.check_lane, self.app.check)

    def _read(self, lane: Lane, work: Callable[[], object]) -> None:
        """Start what waits for a network, unless the last one still does."""
        if lane.turn.locked():
            return
        task = asyncio.ensure_future(lane.run(work))
        self.reading.add(task)
        task.add_done_callback(self._was_read)

    def _was_read(self, task: asyncio.Task[None]) -> None:
        self.reading.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("reading failed", error=type(error).__name__, exc_info=error)

    async def _work(self) -> None:
        await self.work_lane.run(self.app.work)

    async def _act(self) -> None:
        await self.act_lane.run(self.app.act)

    async def _deliver(self) -> None:
        await self.mail_lane.send(self.app.deliver)

    async def _slow(self) -> None:
        await self.work_lane.run(self.app.slow)
        await self.work_lane.run(partial(self.runs.seen, self.run_number))

    async def _heartbeat(self) -> None:
        """Tell the outside that all is well, if it is; a lane of its own, so that nothing waits for the answer."""
        if self.heartbeat is not None and not self.hung():
            self._read(self.beat_lane, partial(self.heartbeat.beat, self.app.health))

    async def _watchdog(self) -> None:
        if await asyncio.to_thread(self.alive):
            systemd.notify("WATCHDOG=1")
        else:
            log.error("not alive: the watchdog is not fed")

    async def _drain(self) -> None:
        """Let running stages finish, then carry what they left to the outbox and out of it, for at most DRAIN seconds."""
        for tasks, patience in ((self.reading, DRAIN_READS), (self.running, DRAIN)):
            if tasks:
                await asyncio.wait(set(tasks), timeout=patience)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN):
                await asyncio.to_thread(self.app.work)
                await self._deliver()

    def _close(self) -> None:
        for lane in self._all_lanes():
            lane.close()
        self.app.store.close()


def page_server(page: Any) -> Server:
    """Uvicorn for the page: no logs of its own (paths hold link tokens), no header that names it."""
    return Server(
        uvicorn.Config(
            page, log_config=None, access_log=False, server_header=False, proxy_headers=False, lifespan="off"
        )
    )


def bind(host: str, port: int) -> socket.socket:
    """The page's listening socket; MonitorError with the cure when the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # the protocol is named because asyncio turns Nagle's delay (40 ms an answer) off only where it is
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise MonitorError(
            f"page.listen: {host}:{port} cannot be used ({os.strerror(error.errno or 0)}); "
            "stop what uses it, or name another port"
        ) from error
    listening.listen(64)
    return listening


@contextlib.contextmanager
def only_one(state_dir: Path) -> Iterator[None]:
    """Hold the lock that keeps a second process off this database; MonitorError when another holds it."""
    state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    busy = MonitorError(
        f"another Schoolgate is running on {state_dir}; stop it first (systemctl stop schoolgate)"
    )
    with alone(state_dir / _LOCK, busy):
        yield


def is_running(state_dir: Path) -> bool:
    """Whether a process holds the lock of `only_one`."""
    return is_held(state_dir / _LOCK)
