"""Fault switches: what a network does on its bad days, to order.

A switch is armed for the next n requests, or for all until cleared, and may be kept to paths that contain a text.
    faults = Faults()
    faults.arm("html_503", times=2)
    faults.arm("rate_limited", path="/followers", reset="-5")
The same from outside: POST /sandbox/faults {"name": "html_503", "times": 2, "path": "", "reset": ...}; GET lists what is
armed; DELETE clears all. Nothing here knows a network's own error shapes: those come from `own`.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.sandbox.fault_answers import Fault, made_up
from monitor.sandbox.serve import STOPPING, TRANSPORT, answered, deliver, drained

T = TypeVar("T")
TICK_SECONDS = 0.02
CONTROL = "/sandbox/faults"

WIRE = {
    "html_503": "503 with an HTML page, as a load balancer answers",
    "error_500": "500 with an HTML page",
    "html_200": "200 with an HTML page, as a captive portal answers",
    "redirect": "302 to `to`, another host",
    "raw": "whatever is told: `status`, `body` (text), `headers`",
    "oversize": "200 with one JSON text of `megabytes`, 50 unless told",
    "bad_gzip": "200 that says gzip and breaks off in the middle of it",
    "malformed_json": "200 with JSON that breaks off, its length honest",
    "truncated": "the true answer cut in half, its Content-Length that of the whole",
    "slow_drip": "the true answer, one byte every `interval` seconds",
    "hang": "no answer at all until the server stops",
    "reset": "the connection is reset before any answer",
}
OWN = {
    "rate_limited": "429 (X: `reset`, `retry_after`; None leaves the header out) or a Graph throttling code (`code`)",
    "revoked_token": "X 401; Graph 190/460",
    "expired_token": "X 401; Graph 190/463",
    "forbidden": "X 403; Graph `code`, 10 unless told (10, 200, 368 ...)",
    "credits_spent": "X 402; Graph, which has no credits, answers as when it throttles",
    "error_code": "Graph: any `code`, `subcode`, `status`, `message`",
}
LISTS = {
    "empty_list": "the list comes back empty, as if nothing were there",
    "cut_short": "the list ends in the middle of this page, and says that this was all",
    "duplicates": "every row of the page comes twice",
    "shuffled": "the rows of the page in another order (`seed`)",
    "cyclic": "the next page is this page again (`times` 1: once more, then all goes on)",
    "stale_token": "a paging token is refused as no longer valid",
}
KNOWN: Mapping[str, str] = {**WIRE, **OWN, **LISTS}


class Faults:
    """The switches of one network; any thread may turn them. `requests` are the latest, as "GET /path?query"."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._lock = threading.Lock()
        self.requests: deque[str] = deque(maxlen=10_000)

    def arm(self, name: str, *, times: int | None = 1, path: str = "", **settings: Any) -> Fault:
        """Turn a switch on for the next `times` requests (None: until cleared) whose path and query contain `path`.

        ValueError names the switch that does not exist. The settings of each switch stand beside it in `KNOWN`.
        """
        if name not in KNOWN:
            raise ValueError(f"There is no fault {name!r}; choose one of: {', '.join(sorted(KNOWN))}.")
        if times is not None and (not isinstance(times, int) or isinstance(times, bool) or times < 1):
            raise ValueError("times must be a whole number from 1, or null for always.")
        fault = Fault(name, times, path, settings)
        with self._lock:
            self._armed.append(fault)
        return fault

    def clear(self, name: str | None = None) -> None:
        """Turn one kind of switch off, or all."""
        with self._lock:
            self._armed = [fault for fault in self._armed if name is not None and fault.name != name]

    def armed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [fault.as_json() for fault in self._armed]

    def take(self, names: Mapping[str, str] | str, target: str) -> Fault | None:
        """Use up one turn of the first armed switch of these names for this request; None when there is none."""
        with self._lock:
            for fault in self._armed:
                wanted = fault.name == names if isinstance(names, str) else fault.name in names
                if wanted and fault.path in target:
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times == 0:
                            self._armed.remove(fault)
                    return fault
        return None

    def reshape(
        self, target: str, rows: list[T], here: str, onward: str | None
    ) -> tuple[list[T], str | None]:
        """A page as the armed list switch leaves it: its rows and the token of the next page."""
        fault = self.take({name: text for name, text in LISTS.items() if name != "stale_token"}, target)
        if fault is None:
            return rows, onward
        match fault.name:
            case "empty_list":
                return [], None
            case "cut_short":
                return rows[: len(rows) // 2], None
            case "duplicates":
                return [row for row in rows for _ in (1, 2)], onward
            case "shuffled":
                mixed = list(rows)
                random.Random(fault.settings.get("seed", 1)).shuffle(mixed)  # noqa: S311 - an order, not a secret
                return mixed, onward
        return rows, here  # cyclic


class FaultGate:
    """An ASGI application in front of a network's own; it also answers /sandbox/faults.

    `own` turns a fault that has the network's own shape into that answer.
    """

    def __init__(self, app: ASGIApp, faults: Faults, own: Callable[[Fault], Response]) -> None:
        self.app = app
        self.faults = faults
        self.own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"] == CONTROL:
            await self._control(scope, receive, send)
            return
        query = scope.get("query_string", b"").decode("latin-1")
        target = scope["path"] + ("?" + query if query else "")
        self.faults.requests.append(f"{scope['method']} {target}")
        fault = self.faults.take({**WIRE, **OWN}, target)
        if fault is None:
            await self.app(scope, receive, send)
        elif fault.name in OWN:
            await drained(receive)
            await self.own(fault)(scope, receive, send)
        else:
            await self._break(fault, scope, receive, send)

    async def _break(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        body = await drained(receive)
        plain = made_up(fault)
        if plain is not None:
            await plain(scope, receive, send)
            return
        transport: asyncio.Transport = scope["extensions"][TRANSPORT]
        stopping: threading.Event = scope["extensions"][STOPPING]

        def over() -> bool:
            return stopping.is_set() or transport.is_closing()

        if fault.name in {"reset", "hang"}:
            if fault.name == "hang":
                await _pause(math.inf, over)
            await _cut(transport, receive)
            return
        status, headers, whole = await answered(self.app, scope, body)
        if fault.name == "malformed_json":
            await deliver(send, status, headers, whole[: max(1, len(whole) * 2 // 3)])
            return
        await _raw(fault, transport, (status, headers, whole), over)
        while (await receive())["type"] != "http.disconnect":
            continue

    async def _control(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await drained(receive)
        if scope["method"] == "DELETE":
            self.faults.clear()
        elif scope["method"] == "POST":
            problem = self._arm_from(body)
            if problem:
                await JSONResponse({"error": problem}, status_code=400)(scope, receive, send)
                return
        await JSONResponse({"armed": self.faults.armed(), "known": dict(KNOWN)})(scope, receive, send)

    def _arm_from(self, body: bytes) -> str:
        try:
            wish = json.loads(body)
            name = wish.pop("name")
            self.faults.arm(name, **wish)
        except (json.JSONDecodeError, UnicodeDecodeError):
            return 'The body must be JSON, such as {"name": "html_503", "times": 2}.'
        except (AttributeError, KeyError, TypeError):
            return 'The body must be an object with the key "name".'
        except ValueError as error:
            return str(error)
        return ""


async def _raw(
    fault: Fault,
    transport: asyncio.Transport,
    answer: tuple[int, Sequence[tuple[bytes, bytes]], bytes],
    over: Callable[[], bool],
) -> None:
    """Write an answer by hand that uvicorn would rightly refuse to: too short, or a byte at a time until it is `over`."""
    status, headers, whole = answer
    lines = [f"HTTP/1.1 {status} OK".encode()]
    lines += [name + b": " + value for name, value in headers if name.lower() != b"content-length"]
    lines += [f"content-length: {len(whole)}".encode(), b"connection: close", b"", b""]
    transport.write(b"\r\n".join(lines))
    if fault.name == "truncated":
        transport.write(whole[: len(whole) // 2])
    else:
        interval = float(fault.settings.get("interval", 1.0))
        for number in range(len(whole)):
            transport.write(whole[number : number + 1])
            if not await _pause(interval, over):
                break
    transport.close()


async def _pause(seconds: float, over: Callable[[], bool]) -> bool:
    """Wait; False when it is over before the time is."""
    left = seconds
    while left > 0 and not over():
        await asyncio.sleep(min(TICK_SECONDS, left))
        left -= TICK_SECONDS
    return not over()


async def _cut(transport: asyncio.Transport, receive: Receive) -> None:
    """End a connection with a reset instead of a goodbye, and wait until it is gone."""
    line: socket.socket | None = transport.get_extra_info("socket")
    if line is not None and line.fileno() >= 0:  # a client that has left already closed it
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        continue
