"""The loopback server itself, with an application of any kind."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from monitor.sandbox.serve import Serving


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"hello {request.client.host if request.client else ''}")


def test_it_answers_on_loopback_as_soon_as_it_has_started():
    with Serving(Starlette(routes=[Route("/", hello)])) as serving:
        assert serving.url == f"http://127.0.0.1:{serving.port}"
        assert requests.get(serving.url, timeout=5).text == "hello 127.0.0.1"


def test_it_opens_and_closes_the_application_around_it():
    seen: list[str] = []

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        seen.append("open")
        yield
        seen.append("closed")

    with Serving(Starlette(lifespan=lifespan)):
        assert seen == ["open"]
    assert seen == ["open", "closed"]


def test_an_application_that_cannot_start_is_an_error(caplog):
    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        raise LookupError("no templates")
        yield

    serving = Serving(Starlette(lifespan=lifespan))
    with caplog.at_level(logging.ERROR), pytest.raises(RuntimeError, match="did not start"):
        serving.start()
    assert "no templates" in caplog.text
