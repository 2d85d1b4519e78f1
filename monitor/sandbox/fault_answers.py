"""The whole answers that a fault gives in place of the network's own: pages, redirects, bodies that are too much."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

MEGABYTE = 1 << 20
JSON = "application/json; charset=utf-8"


@dataclass(slots=True)
class Fault:
    """One armed switch. `times` None: until cleared."""

    name: str
    times: int | None = 1
    path: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "times": self.times, "path": self.path, **self.settings}


def made_up(fault: Fault) -> Response | None:
    """The answer of this fault, or None when it needs the connection or the true answer."""
    wish = fault.settings
    match fault.name:
        case "html_503":
            return HTMLResponse(_page("503 Service Temporarily Unavailable"), 503)
        case "error_500":
            return HTMLResponse(_page("500 Internal Server Error"), 500)
        case "html_200":
            return HTMLResponse(_page("Sign in to the guest network"))
        case "redirect":
            return RedirectResponse(str(wish.get("to", "https://elsewhere.example/")), 302)
        case _:
            return _told(fault.name, wish)


def _told(name: str, wish: dict[str, Any]) -> Response | None:
    if name == "raw":
        headers = {"content-type": JSON, **wish.get("headers", {})}
        return Response(str(wish.get("body", "")), int(wish.get("status", 200)), headers=headers)
    if name == "oversize":
        return StreamingResponse(_endless(int(wish.get("megabytes", 50))), media_type=JSON)
    if name == "bad_gzip":
        packed = gzip.compress(b'{"data":[]}' * 1000)
        return Response(packed[: len(packed) // 2], media_type=JSON, headers={"content-encoding": "gzip"})
    return None


async def _endless(megabytes: int) -> AsyncIterator[bytes]:
    yield b'{"data":"'
    for _ in range(megabytes):
        yield b"a" * MEGABYTE
    yield b'"}'


def _page(title: str) -> str:
    return f"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center></body></html>"
