"""The one hardened session that every connector speaks through.

A `Session` is a `requests.Session` with one adapter. The SDKs believe that they talk to their own hard-coded host; the
adapter sends every request to the configured `base_url` instead, and:

* sets connect and read timeouts, and a total deadline for the whole exchange that also cuts a slow drip;
* reads the whole body, and at most `max_bytes` of it, counted after decompression;
* follows no redirect, and accepts as a success only JSON;
* moves an `access_token` out of the address into the Authorization header;
* verifies TLS with the system's own certificate store, so that a school's inspection root works;
* uses the environment's proxies, except for loopback; reads no .netrc and keeps no cookie.

It must not retry, sleep, log, or let a token into an address, a log line or an exception.
"""

from __future__ import annotations

import io
import json
import logging
import threading
import time
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
import urllib3
from requests.utils import get_environ_proxies

from connectors.answers import Answer, NotJson, Redirected, TookTooLong, Unusable
from monitor.deadline import Deadline
from monitor.pace import going_on
from monitor.timed_http import TimedAdapter

CHATTY = ("tweepy", "urllib3", "requests_oauthlib", "oauthlib")  # at DEBUG they print tokens and addresses
KEPT = ("date", "retry-after", "x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset")
KEPT_META = ("x-app-usage", "x-business-use-case-usage", "facebook-api-version", "x-access-level")
CHUNK = 16 * 1024  # bytes; one compressed chunk grows to at most some 17 MB before the cap is looked at


class Session(requests.Session):
    """A requests session for one network and one account; `last` is what this thread's last request was answered."""

    def __init__(
        self,
        base_url: str,
        *,
        token: str | None = None,
        connect: float = 5.0,
        read: float = 20.0,
        total: float = 60.0,
        turn: float = 240.0,
        max_bytes: int = 10_000_000,
    ) -> None:
        """`base_url` replaces the scheme, host and port that the SDK uses. `token` becomes a Bearer header.

        Seconds for `connect`, `read` (between two bytes), `total` (one exchange) and `turn` (all that one call of a
        connector asks). ValueError for a bad `base_url`.
        """
        super().__init__()
        quiet()
        self.trust_env = False  # no .netrc: it would replace our Authorization header
        self._seen = threading.local()
        self._turn = turn
        if token:
            self.headers["Authorization"] = f"Bearer {token}"
        adapter = _Adapter(self, checked_base(base_url), (connect, read), total, max_bytes)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    @property
    def last(self) -> Answer | None:
        answer: Answer | None = getattr(self._seen, "answer", None)
        return answer

    @last.setter
    def last(self, answer: Answer | None) -> None:
        self._seen.answer = answer

    def begin(self) -> None:
        """A connector's call starts: forget the last answer and count its time from here."""
        going_on()  # a call ends within `turn`, so this is the step that whoever watches may count on
        self.last = None
        self._seen.ends = time.monotonic() + self._turn

    def left(self) -> float:
        """Seconds left of this call's time; below zero when it is over."""
        return float(getattr(self._seen, "ends", time.monotonic() + self._turn)) - time.monotonic()

    def hurried(self) -> bool:
        """True when half of the call's time is gone: a long listing stops here and goes on in its next turn."""
        return self.left() < self._turn / 2

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: no redirect is followed."""


class _Adapter(TimedAdapter):
    def __init__(
        self, session: Session, base: str, timeout: tuple[float, float], total: float, max_bytes: int
    ) -> None:
        self._session, self._base, self._timeout = session, urlsplit(base), timeout
        self._total, self._max_bytes = total, max_bytes
        super().__init__()

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Send to the configured host; whatever the caller says of timeouts, proxies and verifying is replaced."""
        self._session.last = None
        request.url = self._readdressed(request)
        loopback = is_loopback(self._base.hostname or "")
        proxies = {} if loopback else get_environ_proxies(request.url, no_proxy=None)
        allowed = min(self._total, self._session.left())
        if allowed <= 0:
            raise TookTooLong("took longer over its answers than one turn may last")
        deadline = Deadline(allowed)
        try:
            with deadline:
                response = super().send(
                    request, stream=True, timeout=self._timeout, verify=True, proxies=proxies
                )
                body = self._body(response)
        except Unusable:
            raise
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            if deadline.passed:
                raise TookTooLong(f"did not finish its answer within {allowed:.0f} s") from None
            if isinstance(error, requests.RequestException):
                raise
            raise Unusable("broke off in the middle of its answer") from None
        if deadline.passed:  # a cut body without a length looks like a whole one
            raise TookTooLong(f"did not finish its answer within {allowed:.0f} s")
        response.raw = io.BytesIO(body)
        self._remember(response, body)
        return response

    def _readdressed(self, request: requests.PreparedRequest) -> str:
        asked = urlsplit(request.url or "")
        query = parse_qsl(asked.query, keep_blank_values=True)
        token = next((value for name, value in query if name == "access_token"), None)
        address = asked.query
        if token is not None:
            request.headers.setdefault("Authorization", f"Bearer {token}")
            address = urlencode([pair for pair in query if pair[0] != "access_token"])
        path = self._base.path.rstrip("/") + asked.path
        return urlunsplit((self._base.scheme, self._base.netloc, path, address, ""))

    def _body(self, response: requests.Response) -> bytes:
        parts: list[bytes] = []
        size = 0
        try:
            for part in response.raw.stream(CHUNK, decode_content=True):
                size += len(part)
                if size > self._max_bytes:
                    raise Unusable(f"sent more than {self._max_bytes // 1_000_000} MB")
                parts.append(part)
        finally:
            response.close()
        return b"".join(parts)

    def _remember(self, response: requests.Response, body: bytes) -> None:
        parsed = _parsed(body)
        problem = parsed if isinstance(parsed, dict) and ("error" in parsed or not response.ok) else {}
        names = (*KEPT, *KEPT_META)
        headers = {name: response.headers[name] for name in names if name in response.headers}
        self._session.last = Answer(response.status_code, headers, problem)
        if HTTPStatus.MULTIPLE_CHOICES <= response.status_code < HTTPStatus.BAD_REQUEST:
            raise Redirected("sent us to another address, as a web filter does")
        if parsed is _NOTHING:
            if response.ok:
                raise NotJson(
                    "answered with something that is not its API's language, as a web filter's page does"
                )
            response.headers["content-type"] = "text/plain"
        else:  # facebook-sdk looks at this header alone, and Graph has said text/javascript in its time
            response.headers["content-type"] = "application/json; charset=utf-8"


_NOTHING = object()


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return _NOTHING


def checked_base(base_url: str) -> str:
    """`base_url` if it is https, or http to loopback. ValueError with the cure otherwise: a token would travel in clear."""
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username:
        raise ValueError("base_url must be an address such as https://api.example")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("base_url must begin with https:// (http:// is for this computer only)")
    return base_url


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def quiet() -> None:
    """Pin the SDKs' loggers above DEBUG, where they would print tokens."""
    for name in CHATTY:
        logger = logging.getLogger(name)
        if logger.level < logging.WARNING:
            logger.setLevel(logging.WARNING)
