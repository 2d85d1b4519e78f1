"""What a network's last answer said, and how any failure to use it becomes one ConnectorError.

Connectors wrap each public method in `translated`: the one `try` of the package. Messages name what is wrong and the
cure; they never hold an address with a query, a token, or a word of what somebody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Protocol

import requests

from monitor.errors import ConnectorError
from monitor.ports import Clock

WAIT_LEAST, WAIT_MOST, WAIT_UNSAID = 60.0, 3600.0, 900.0  # seconds


class Unusable(requests.RequestException):
    """An answer that was stopped or thrown away; the text is a sentence part such as "sent more than 10 MB"."""


class TookTooLong(Unusable):
    pass


class Redirected(Unusable):
    pass


class NotJson(Unusable):
    pass


class BadShape(Exception):  # noqa: N818 - it reads as what it says
    """JSON, but not of the documented shape; the text is a sentence part such as "left out data"."""


class Trouble(ConnectorError):  # noqa: N818 - it reads as what it says
    """A ConnectorError that knows which point of `check()` it belongs to: token, permissions, credit, rate ..."""

    def __init__(
        self,
        point: str,
        message: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        unreachable: bool = False,
    ) -> None:
        super().__init__(message, permanent=permanent, retry_after=retry_after, unreachable=unreachable)
        self.point = point


@dataclass(frozen=True, slots=True)
class Answer:
    """What is remembered of an answer: never its body, unless it is an error's JSON object."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)  # lower-case names: Date, limits, version
    problem: Mapping[str, Any] = field(default_factory=dict)

    def wait(self, now: datetime) -> float:
        """Seconds to leave the network alone, 60 to 3600, by Retry-After (RFC 9110 §10.2.3) or x-rate-limit-reset.

        A moment is measured against the answer's own Date, so that a wrong clock here does no harm. 900 (X's window)
        where nothing readable was said.
        """
        sent = moment(self.headers.get("date", ""))
        here = now.timestamp() if sent is None else sent
        for name in ("retry-after", "x-rate-limit-reset"):
            said = self.headers.get(name, "").strip()
            if re.fullmatch(r"-?\d{1,20}(\.\d+)?", said):
                return clamped(float(said) - (here if name == "x-rate-limit-reset" else 0.0))
            until = moment(said)
            if until is not None:
                return clamped(until - here)
        return WAIT_UNSAID


def clamped(seconds: float) -> float:
    return min(max(seconds, WAIT_LEAST), WAIT_MOST)


def moment(text: str) -> float | None:
    """The Unix time of an HTTP date; None when it is not one."""
    try:
        parsed = parsedate_to_datetime(text)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


class Answering(Protocol):
    last: Answer | None

    def begin(self) -> None: ...


Explain = Callable[[Exception, Answer | None], Trouble | None]


@contextmanager
def translated(network: str, session: Answering, clock: Clock, explain: Explain) -> Iterator[None]:
    """Run a block that talks to `network`; whatever goes wrong in it leaves as ConnectorError.

    `explain` knows the network's own errors and is asked first; None from it means the general reading below.
    """
    session.begin()
    try:
        yield
    except ConnectorError:
        raise
    except Exception as error:  # noqa: BLE001 - an answer's odd shape may raise anything, and one dead network stops no other
        answer = session.last
        raise explain(error, answer) or general(network, error, answer, clock()) from None


def general(network: str, error: Exception, answer: Answer | None, now: datetime) -> Trouble:
    """What a failure means when the network gave no reason of its own."""
    if answer is None:
        return _unreachable(network, error)
    if answer.status >= HTTPStatus.BAD_REQUEST:
        return _refused(network, answer, now)
    if isinstance(error, Redirected | NotJson):
        return Trouble(
            "connection",
            f"{network} {error}: ask whoever runs the web filter to let {network}'s API through, if this goes on.",
        )
    what = str(error) if isinstance(error, BadShape) else f"was of an unknown shape ({type(error).__name__})"
    return Trouble(
        "version",
        f"{network}'s answer {what}: nothing of it was taken in, and it is tried again; "
        "if this goes on, look for a newer Schoolgate.",
    )


def _refused(network: str, answer: Answer, now: datetime) -> Trouble:
    status = answer.status
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Trouble(
            "rate",
            f"{network} asks for a pause (HTTP 429): nothing to do, polling goes on by itself.",
            retry_after=answer.wait(now),
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Trouble(
            "connection",
            f"{network} is out of order (HTTP {status}): nothing to do, it is tried again.",
            retry_after=answer.wait(now) if "retry-after" in answer.headers else None,
        )
    if status == HTTPStatus.UNAUTHORIZED:
        return Trouble(
            "token",
            f"{network} no longer accepts the token (HTTP 401): make a new one and put it in the configuration.",
            permanent=True,
        )
    if status == HTTPStatus.GONE:
        return Trouble(
            "version",
            f"{network} has closed this part of its API (HTTP 410): install a newer Schoolgate.",
            permanent=True,
        )
    return Trouble(
        "connection",
        f"{network} refused the request (HTTP {status}) for a reason unknown here: it is tried again; "
        "if this goes on, look at the web filter and for a newer Schoolgate.",
    )


def _unreachable(network: str, error: Exception) -> Trouble:
    if isinstance(error, Unusable):
        return Trouble("connection", f"{network} {error}: nothing of it was taken in, and it is tried again.")
    if isinstance(error, requests.exceptions.ProxyError):
        return Trouble(
            "connection",
            f"{network} cannot be reached through the proxy: check HTTPS_PROXY and the proxy itself.",
            unreachable=True,
        )
    if isinstance(error, requests.exceptions.SSLError):
        return Trouble(
            "connection",
            f"{network}'s certificate cannot be verified: if the school inspects TLS, add its root certificate to "
            "this computer's certificate store.",
        )
    if isinstance(error, requests.exceptions.Timeout):
        return Trouble(
            "connection",
            f"{network} did not answer in time: nothing to do, it is tried again.",
            unreachable=True,
        )
    if isinstance(error, requests.RequestException):
        return Trouble(
            "connection",
            f"{network} cannot be reached: check this computer's network, if this goes on.",
            unreachable=True,
        )
    return Trouble(
        "connection",
        f"{network} could not be asked ({type(error).__name__}): it is tried again; if this goes on, look for a newer "
        "Schoolgate.",
    )
