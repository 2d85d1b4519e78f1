"""The two sandbox networks as the tests fill them, and sessions that bring an SDK's requests to loopback."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import facebook
import requests
import tweepy
from requests.adapters import HTTPAdapter
from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.sandbox.graph_state import GraphState
from monitor.sandbox.x_state import XState

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SCHOOL = "1500000000000000001"
PAGE = "100064000000001"
SECONDS = 5  # a test that waits longer has found a fault


@dataclass
class Watch:
    """A clock that a test turns."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


def ago(**span: float) -> datetime:
    return NOON - timedelta(**span)


def x_school(watch: Watch) -> XState:
    state = XState(
        handle="StAldhelmsWex",
        name="St Aldhelm's",
        token="x-user-token",
        clock=watch,
        user_id=SCHOOL,
        app_token="x-app-token",
        oauth1=("consumer", "access"),
    )
    state.add_person("kaz_wexmoor", "Kaz Holloway", "Mum of two", email="kaz@home.example")
    state.add_person("gaz_wex", "Gaz")
    return state


def facebook_school(watch: Watch) -> GraphState:
    return GraphState(
        page_id=PAGE,
        page_name="St Aldhelm's",
        token="page-token",
        user_token="admin-token",
        clock=watch,
        followers=412,
    )


@dataclass
class ToLoopback(HTTPAdapter):
    """Send what is meant for `host` to a sandbox instead."""

    host: str
    url: str
    sent: list[requests.PreparedRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert request.url is not None
        request.url = request.url.replace(self.host, self.url, 1)
        self.sent.append(request)
        kwargs["timeout"] = SECONDS
        return super().send(request, *args, **kwargs)


def tweepy_client(url: str, **keys: Any) -> tweepy.Client:
    client = tweepy.Client(**(keys or {"bearer_token": "x-user-token"}))
    client.session.mount("https://api.twitter.com", ToLoopback("https://api.twitter.com", url))
    return client


def graph_client(url: str, token: str | None = "page-token", version: str = "v26.0") -> facebook.GraphAPI:
    session = requests.Session()
    session.mount("https://graph.facebook.com/", ToLoopback("https://graph.facebook.com", url))
    graph = facebook.GraphAPI(token, session=session)
    graph.version = version
    return graph


class Stage:
    """An application that a test puts another one behind, so that many tests share one server."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.app(scope, receive, send)


class Asking:
    """Raw requests with a bearer token."""

    def __init__(self, url: str, token: str | None) -> None:
        self.url = url
        self.session = requests.Session()
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, path: str, method: str = "GET", **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", SECONDS)
        return self.session.request(method, self.url + path, allow_redirects=False, **kwargs)

    def json(self, path: str, **params: Any) -> Any:
        return self(path, params=params).json()
