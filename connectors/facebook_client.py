"""Speaking with Graph: facebook-sdk's GraphAPI over the hardened session, its pages, and its health.

Returns JSON as Graph sent it. Must not decide what is an item, and must never call an address that an answer holds.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import facebook
from pydantic import Field, SecretStr, field_validator

from connectors.answers import Answer, BadShape
from connectors.connection import NetworkSettings
from connectors.facebook_words import NEEDED, problem_of, usage
from connectors.http import Session
from connectors.reading import identity, number, record, rows, text, truth, when
from monitor.checked import HealthPoint

SECRETS = frozenset({"access_token", "appsecret_proof", "input_token"})
SOON = timedelta(days=7)  # before a token's end, when an administrator has to know
BUSY = 80  # percent of an allowance
TOO_MUCH, LEAST = (
    "reduce the amount of data",
    5,
)  # what Graph says of a page it cannot make in time; rows in a page


class FacebookSettings(NetworkSettings):
    """The Page's own keys. `token` is a Page access token; `app_secret` signs each request where the app demands it."""

    base_url: str = "https://graph.facebook.com"
    page_id: str = Field(min_length=1)
    token: SecretStr = Field(min_length=1)
    app_secret: SecretStr | None = None
    version: str = "v26.0"
    posts_window_days: int = Field(default=30, ge=1, le=365)
    max_posts: int = Field(default=25, ge=1, le=500)

    @field_validator("version")
    @classmethod
    def _numbered(cls, value: str) -> str:
        if not re.fullmatch(r"v\d{1,3}\.\d{1,2}", value):
            raise ValueError("must be a version of the Graph API such as v26.0")
        return value

    def bearer(self) -> str:
        return self.token.get_secret_value()


@dataclass(frozen=True, slots=True)
class Paged:
    """One page of an edge; `onward` is what to ask for the next, None on the last."""

    rows: list[Any]
    onward: dict[str, str] | None


class Graph(facebook.GraphAPI):  # type: ignore[misc]
    def __init__(self, settings: FacebookSettings, session: Session) -> None:
        super().__init__(session=session)
        self.version = settings.version  # the constructor refuses every version above 3.1
        self.page_id = settings.page_id
        self._token = settings.token.get_secret_value()
        secret = settings.app_secret.get_secret_value().encode() if settings.app_secret else b""
        self._proof = hmac.new(secret, self._token.encode(), hashlib.sha256).hexdigest() if secret else None

    def request(
        self,
        path: str,
        args: dict[str, Any] | None = None,
        post_args: dict[str, Any] | None = None,
        files: Any = None,
        method: str | None = None,
    ) -> Any:
        """As GraphAPI, with the app's proof, and an exception for every HTTP error even where its JSON names none."""
        proof = {"appsecret_proof": self._proof} if self._proof else {}
        if post_args is None:
            args = {**(args or {}), **proof}
        else:
            post_args = {**post_args, **proof}
        result = super().request(path, args, post_args, files, method)
        if self.answer is None or self.answer.status >= 400:  # noqa: PLR2004 - HTTP's own number
            raise facebook.GraphAPIError("an HTTP error without a reason")
        return result

    @property
    def answer(self) -> Answer | None:
        last: Answer | None = self.session.last
        return last

    def get(self, node: str, fields: str) -> Mapping[str, Any]:
        return record(self.request(f"{self.version}/{quote(node)}", {"fields": fields}))

    def write(self, path: str, **data: str) -> bool:
        """POST to a node or an edge; True when Graph says that it is done."""
        return _agreed(self.request(f"{self.version}/{quote(path)}", post_args=data))

    def remove(self, node: str) -> bool:
        return _agreed(self.request(f"{self.version}/{quote(node)}", method="DELETE"))

    def page(self, edge: str, asked: Mapping[str, str]) -> Paged:
        """One page of an edge, smaller than asked where Graph finds it too much. BadShape when it is no list."""
        try:
            body = record(self.request(f"{self.version}/{quote(edge)}", dict(asked)))
        except facebook.GraphAPIError:
            limit = (number(asked.get("limit")) or 0) // 4
            if TOO_MUCH not in problem_of(self.answer)[2] or limit < LEAST:
                raise
            return self.page(edge, {**asked, "limit": str(limit)})
        if not isinstance(body.get("data"), list):
            raise BadShape("left out its data")
        paging = record(body.get("paging"))
        address = text(paging.get("next"))
        if not address:
            return Paged(body["data"], None)
        after = identity(record(paging.get("cursors")).get("after"))
        query = {name: value for name, value in parse_qsl(urlsplit(address).query) if name not in SECRETS}
        onward = {**asked, **({"after": after} if after else {}), **query}
        return Paged(body["data"], None if onward == dict(asked) else onward)

    def pages(self, edge: str, asked: Mapping[str, str], most: int) -> Iterator[Any]:
        """The rows of at most `most` pages of an edge; stops where the pages go round in circles."""
        seen: list[Mapping[str, str]] = []
        onward: Mapping[str, str] | None = asked
        while onward is not None and onward not in seen and len(seen) < most:
            seen.append(onward)
            got = self.page(edge, onward)
            yield from got.rows
            onward = got.onward

    def health(self, now: datetime) -> Iterator[HealthPoint]:
        """The points of `check()`."""
        me = self.get("me", "id,name")
        answer = self.answer or Answer(200)
        yield HealthPoint("token", ok=True, says="Facebook accepts the Page token.")
        same = identity(me.get("id")) == self.page_id
        wrong = "The token is not this Page's own: check page_id, and make a Page token, not a person's."
        yield HealthPoint("account", ok=same, says="The token is the Page's own." if same else wrong)
        served = answer.headers.get("facebook-api-version", self.version)
        wrong = f"Facebook serves {served} in place of {self.version}: set version to {served}."
        yield HealthPoint(
            "version", ok=served == self.version, says=f"Graph {served}." if served == self.version else wrong
        )
        numbers = ("call_count", "total_time", "total_cputime")
        used = max((number(one.get(name)) or 0 for one in usage(answer) for name in numbers), default=0)
        yield HealthPoint("rate", ok=used < BUSY, says=f"{used}% of Facebook's allowance is used.")
        yield HealthPoint("credit", ok=True, says="Facebook does not charge for this.")
        yield from self._token_points(now)

    def _token_points(self, now: datetime) -> Iterator[HealthPoint]:
        """What debug_token tells. The token travels in a POST's body (`method` makes it a GET), never in an address."""
        try:
            body = self.request(
                f"{self.version}/debug_token", post_args={"input_token": self._token, "method": "get"}
            )
        except facebook.GraphAPIError:
            yield HealthPoint("expiry", ok=True, says="Facebook did not say when the token ends.")
            return
        told = record(record(body).get("data"))
        if truth(told.get("is_valid")) is False:
            yield HealthPoint(
                "token", ok=False, says="Facebook calls the token invalid: make a new Page token."
            )
        if isinstance(told.get("scopes"), list):
            lacking = [name for name in NEEDED if name not in rows(told.get("scopes"))]
            says = (
                f"The token lacks {', '.join(lacking)}: make a new one with them."
                if lacking
                else "All are there."
            )
            yield HealthPoint("permissions", ok=not lacking, says=says)
        ends = [number(told.get(name)) or 0 for name in ("expires_at", "data_access_expires_at")]
        end = when(min(filter(None, ends), default=None))
        if end is None:
            yield HealthPoint("expiry", ok=True, says="The token has no end.")
            return
        late = end - now < SOON
        says = f"The token ends on {end:%d %B %Y}" + (": make a new one before." if late else ".")
        yield HealthPoint("expiry", ok=not late, says=says, expires_at=end)


def _agreed(body: Any) -> bool:
    """Graph says success as {"success": true}, as {"<id>": true}, or as a bare true."""
    return truth(body) is True or any(truth(value) is True for value in record(body).values())
