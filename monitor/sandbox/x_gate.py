"""Who may ask the sandbox's X, and how often: tokens, scopes, credit, and the windows of 15 minutes.

Source: docs.x.com/x-api/fundamentals/rate-limits (three headers on every answer, a window per endpoint and token).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from monitor.sandbox.fault_answers import Fault
from monitor.sandbox.x_params import Endpoint
from monitor.sandbox.x_problem import (
    ProblemError,
    credits_spent,
    forbidden,
    plain,
    unauthorized,
    wrong_authentication,
)
from monitor.sandbox.x_state import XState

WINDOW = timedelta(minutes=15)
OAUTH1 = re.compile(r'(oauth_\w+)="([^"]*)"')
SIGNED = {"oauth_consumer_key", "oauth_token", "oauth_signature", "oauth_nonce", "oauth_timestamp"}


class Gate:
    """`limits`: requests per window by endpoint name, where they differ from the endpoint's own."""

    def __init__(self, state: XState, limits: Mapping[str, int]) -> None:
        self.state = state
        self.limits = dict(limits)
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], tuple[datetime, int]] = {}

    def admitted(self, endpoint: Endpoint, authorization: str) -> str:
        """Who asks; the 401, 402 or 403 of X when they may not. The signature of OAuth 1.0a is not checked."""
        kind, _, rest = authorization.partition(" ")
        if kind.lower() == "bearer" and rest and rest == self.state.token:
            if not endpoint.scopes <= self.state.scopes:
                raise forbidden("Forbidden")
            holder = "user"
        elif kind.lower() == "bearer" and rest and rest == self.state.app_token:
            if not endpoint.app_only:
                raise wrong_authentication()
            holder = "app"
        elif kind.lower() == "oauth" and self._signed(rest):
            holder = "oauth1"
        else:
            raise unauthorized()
        if self.state.credits is not None and self.state.credits <= 0:
            raise credits_spent(self.state.user_id)
        return holder

    def counted(self, endpoint: Endpoint, holder: str) -> dict[str, str]:
        """Count this request; the headers to send, or 429 with them."""
        now = self.state.clock()
        limit = self.limits.get(endpoint.name, endpoint.limit)
        with self._lock:
            opened, used = self._windows.get((endpoint.name, holder), (now, 0))
            if now >= opened + WINDOW:
                opened, used = now, 0
            allowed = used < limit
            self._windows[endpoint.name, holder] = (opened, used + 1 if allowed else used)
        headers = {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(limit - used - 1 if allowed else 0),
            "x-rate-limit-reset": str(int((opened + WINDOW).timestamp())),
        }
        if not allowed:
            problem = plain(429, "Too Many Requests")
            raise ProblemError(429, problem.body, headers)
        return headers

    def problem(self, fault: Fault) -> ProblemError:
        """The answer for an armed fault that has X's own shape."""
        wish = fault.settings
        match fault.name:
            case "rate_limited":
                problem = plain(429, "Too Many Requests")
                return ProblemError(429, problem.body, self._limited(wish))
            case "revoked_token" | "expired_token":
                return unauthorized()
            case "credits_spent":
                return credits_spent(self.state.user_id)
            case "forbidden":
                return forbidden(str(wish.get("detail", "You are not permitted to perform this action.")))
        return plain(int(wish.get("status", 503)), str(wish.get("message", "Service Unavailable")))

    def _limited(self, wish: Mapping[str, Any]) -> dict[str, str]:
        reset = wish.get("reset", int((self.state.clock().astimezone(UTC) + WINDOW).timestamp()))
        headers = {"x-rate-limit-limit": "300", "x-rate-limit-remaining": "0"}
        if reset is not None:
            headers["x-rate-limit-reset"] = str(reset)
        if wish.get("retry_after") is not None:
            headers["retry-after"] = str(wish["retry_after"])
        return headers

    def _signed(self, rest: str) -> bool:
        given = {name: unquote(value) for name, value in OAUTH1.findall(rest)}
        pair = (given.get("oauth_consumer_key"), given.get("oauth_token"))
        return given.keys() >= SIGNED and self.state.oauth1 is not None and pair == self.state.oauth1
