"""Serve an ASGI application on 127.0.0.1 from a thread, and stop it cleanly.

It listens before `start` returns, on a port that the system chose, so nobody has to guess or to wait. It must not
listen on any other address.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

HOST = "127.0.0.1"
TRANSPORT = "schoolgate.transport"  # the keys in scope["extensions"] under which a fault finds the connection
STOPPING = "schoolgate.stopping"  # and a threading.Event that is set when the server is told to stop
START_SECONDS = 10.0
TICK_SECONDS = 0.1  # uvicorn counts ten of them as a second
GRACE_SECONDS = 2  # what a request under way may still take when the server stops


class _Protocol(H11Protocol):
    """uvicorn's own protocol, which also hands the connection to the application: a broken answer needs it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})[TRANSPORT] = self.transport
            await inner(scope, receive, send)

        self.app = with_transport


class _Server(uvicorn.Server):
    """uvicorn's server, which also says when it is ready or has failed to be, and stops at once when told."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()
        self._wake: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.settled.set()

    async def main_loop(self) -> None:
        told = asyncio.Event()
        self._wake = (asyncio.get_running_loop(), told)
        tick = 0
        while not await self.on_tick(tick):
            tick += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), TICK_SECONDS)

    def tell_to_stop(self) -> None:
        self.should_exit = True
        if self._wake is not None:
            loop, told = self._wake
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                loop.call_soon_threadsafe(told.set)


class Serving:
    """An application served on `url` between `start` and `stop`, or inside a `with` block. Used once.

    `port` 0 lets the system choose.

    >>> with Serving(app) as serving:  # doctest: +SKIP
    ...     requests.get(serving.url + "/2/users/me", timeout=5)
    """

    def __init__(self, app: ASGIApp, *, port: int = 0) -> None:
        # with its protocol named, so that asyncio turns off the delay between an answer's head and body
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((HOST, port))
        except OSError:
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]
        self._app = app
        self._stopping = threading.Event()
        self._server = _Server(
            uvicorn.Config(
                self._told,
                interface="asgi3",
                http=_Protocol,
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,  # a network's date is its own clock's
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)

    @property
    def url(self) -> str:
        """The address without a closing slash, such as http://127.0.0.1:41234."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> Self:
        """Listen; answers are given when this returns. Raises RuntimeError when the application cannot start."""
        self._socket.listen(128)
        self._thread.start()
        if not self._server.settled.wait(START_SECONDS) or not self._server.started:
            self.stop()
            raise RuntimeError("The loopback server did not start; its log says why.") from self._failure
        return self

    def stop(self) -> None:
        """Finish what is under way, within seconds, and free the port. A second stop does nothing."""
        self._stopping.set()
        self._server.tell_to_stop()
        if self._thread.ident is not None:
            self._thread.join(START_SECONDS)
        self._socket.close()

    async def _told(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application, told how to notice that the server stops: what hangs on purpose must let go."""
        scope.setdefault("extensions", {})[STOPPING] = self._stopping
        await self._app(scope, receive, send)

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        except (Exception, SystemExit) as error:  # noqa: BLE001 - `start` raises it in the thread that asked
            self._failure = error

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


async def drained(receive: Receive) -> bytes:
    """The whole body of a request."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return body
        body += bytes(message.get("body", b""))
        if not message.get("more_body", False):
            return body


async def answered(app: ASGIApp, scope: Scope, body: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """What `app` answers to a request with this body: status, headers, body. Nothing is sent to anybody."""
    status, headers, sent = 500, [], b""
    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if asked:
            return {"type": "http.disconnect"}
        asked = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status, headers, sent
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(message.get("headers", []))
        else:
            sent += message.get("body", b"")

    await app(scope, receive, send)
    return status, headers, sent


async def deliver(
    send: Send, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes, *, lying: bool = False
) -> None:
    """Send one whole answer; the length header is made to fit unless it is meant to be wrong."""
    kept = [pair for pair in headers if lying or pair[0].lower() != b"content-length"]
    if not lying:
        kept.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": kept})
    await send({"type": "http.response.body", "body": body})
