"""A lane: one kind of work, one turn after another, in a thread of its own, and how long its step has lasted. Knows no stage."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from monitor.pace import watched


class Lane:
    """`limit`: seconds after which a step counts as hung; it is more than any step's own deadline."""

    def __init__(self, name: str, limit: float) -> None:
        self.name = name
        self.limit = limit
        self.turn = asyncio.Lock()
        self.since: float | None = None  # when its step began (monotonic), while something runs
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, work: Callable[[], object]) -> None:
        """A turn in the lane's thread."""
        async with self.turn:
            self._step()
            try:
                await asyncio.get_running_loop().run_in_executor(self._pool, self._watched, work)
            finally:
                self.since = None

    async def send(self, work: Callable[[], Awaitable[object]]) -> None:
        """A turn in the event loop."""
        async with self.turn:
            self._step()
            try:
                with watched(self._step):
                    await work()
            finally:
                self.since = None

    def hung(self) -> bool:
        """Whether its step has lasted longer than any may."""
        since = self.since
        return since is not None and time.monotonic() - since > self.limit

    def close(self) -> None:
        """No new work; what runs is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _watched(self, work: Callable[[], object]) -> None:
        with watched(self._step):
            work()

    def _step(self) -> None:
        self.since = time.monotonic()
