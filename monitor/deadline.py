"""A total deadline for a conversation over the network: what one read's timeout never ends, a byte at a time, this does.

Whoever opens a connection calls `watch` with its socket; when the time is over the connection is shut, and whatever
waits on it fails at once. Knows no protocol.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from contextvars import ContextVar, Token
from typing import Self


class Deadline:
    """`with Deadline(60):` bounds every connection that is watched within, in this thread. `passed`: the time was over."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._before: Token[Deadline | None] | None = None

    def __enter__(self) -> Self:
        self._before = _current.set(self)
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            while self._sockets:
                self._sockets.pop().close()
        if self._before is not None:
            _current.reset(self._before)

    def watch(self, sock: socket.socket) -> None:
        """Shut this connection, too. It is held by a handle of its own, so that TLS may be laid over the socket later."""
        with self._lock, suppress(OSError, ValueError):  # closed meanwhile, or TLS inside a TLS proxy
            self._sockets.append(socket.socket(fileno=os.dup(sock.fileno())))
        if self.passed:
            self._cut()

    def _cut(self) -> None:
        self.passed = True
        with self._lock:
            for one in self._sockets:
                with suppress(OSError):  # the other end was quicker
                    one.shutdown(socket.SHUT_RDWR)


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


def watch(sock: socket.socket) -> None:
    """Put a connection under the deadline that is running in this thread, if one is."""
    deadline = _current.get()
    if deadline is not None:
        deadline.watch(sock)
