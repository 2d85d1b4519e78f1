"""A thread with a loop that listens for SMTP on 127.0.0.1. It must not listen on any other address.

aiosmtpd's own Controller cannot take port 0, and its stop waits, from Python 3.12, for connections that hang on purpose.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from aiosmtpd.smtp import SMTP

HOST = "127.0.0.1"
SECONDS = 10.0  # that starting and stopping may take

T = TypeVar("T")


class Listener:
    """Hands each connection to an SMTP protocol that `connected` makes. Started and stopped once; `port` 0 lets the system
    choose."""

    def __init__(self, connected: Callable[[asyncio.AbstractEventLoop], SMTP], port: int) -> None:
        self._connected = connected
        self._asked = port
        self._connections: list[SMTP] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mailbox", daemon=True)
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        return int(self._server.sockets[0].getsockname()[1]) if self._server is not None else self._asked

    def start(self) -> None:
        """Listen; OSError when the port is taken."""
        self._thread.start()
        try:
            self._server = self._run(self._loop.create_server(self._connection, HOST, self._asked))
        except OSError:
            self.stop()
            raise

    def stop(self) -> None:
        if not self._thread.is_alive():
            return
        self._run(self._cut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(SECONDS)
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(SECONDS)

    def _connection(self) -> SMTP:
        self._connections = [each for each in self._connections if each.transport is not None]
        connection = self._connected(self._loop)
        self._connections.append(connection)
        return connection

    async def _cut(self) -> None:
        if self._server is not None:
            self._asked = self.port
            self._server.close()
            self._server = None
        for connection in self._connections:
            abort(connection)
        waiting = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(
            *waiting, return_exceptions=True
        )  # each is cancelled when its connection is lost


def abort(connection: SMTP) -> None:
    """Drop the line without a word."""
    if isinstance(connection.transport, asyncio.Transport):
        # Python before 3.11.3 lets a TLS line that is closed already forget its protocol: there is nothing left to drop
        with contextlib.suppress(AttributeError):
            connection.transport.abort()
