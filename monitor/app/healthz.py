"""/healthz: how the service is, for the school's own monitoring. Names of accounts and times only; no people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from monitor import __version__


def healthz_of(report: Callable[[], dict[str, Any]], alive: Callable[[], list[str]]) -> Route:
    """200 when all is well, else 503. `report` is as in monitor/health.py; `alive` names what hangs, if anything does."""

    def healthz(_request: Request) -> JSONResponse:
        hung = alive()
        says = report() | {"version": __version__, "hung": hung}
        return JSONResponse(says, status_code=200 if says["ok"] and not hung else 503)

    return Route("/healthz", healthz, methods=["GET"])
