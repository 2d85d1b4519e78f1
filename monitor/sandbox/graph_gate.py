"""Who may ask the sandbox's Graph, and how often: versions, tokens, permissions, usage.

Source: developers.facebook.com/docs/graph-api/overview/rate-limiting (headers, codes 4, 32, 80001) and /guides/versioning.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from monitor.sandbox.fault_answers import Fault
from monitor.sandbox.graph_problem import (
    GraphError,
    by_code,
    missing_permission,
    not_permitted,
    session_ended,
)
from monitor.sandbox.graph_state import GraphState

HOUR = timedelta(hours=1)
FULL = 100


class Holder(Enum):
    PAGE = "page"
    USER = "user"


class Gate:
    """`versions`: those alive, the newest last. `calls`: how many an hour."""

    def __init__(self, state: GraphState, versions: Sequence[str], calls: int) -> None:
        self.state = state
        self.versions = tuple(versions)
        self.calls = calls
        self._lock = threading.Lock()
        self._opened: datetime | None = None
        self._used = 0

    def version(self, wanted: str | None) -> str:
        """The version that answers; error 2635 for one that is dead or not born."""
        newest = self.versions[-1]
        if wanted is not None and wanted not in self.versions:
            problem = by_code(2635)
            problem.error["message"] = problem.error["message"].format(newest)
            raise problem
        return wanted or newest

    def admitted(self, token: str | None) -> Holder:
        """Whose token it is; 104 without one, 190 for one that is unknown, expired (463) or revoked (460)."""
        if not token:
            raise GraphError(104, "An access token is required to request this resource.")
        if token == self.state.token:
            holder = Holder.PAGE
        elif self.state.user_token is not None and token == self.state.user_token:
            holder = Holder.USER
        else:
            raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")
        if self.state.revoked:
            raise self._ended(460)
        if self.state.expires_at is not None and self.state.clock() >= self.state.expires_at:
            raise self._ended(463)
        return holder

    def counted(self, holder: Holder) -> dict[str, str]:
        """Count this call; the usage headers, or the throttling error of this kind of token with them."""
        now = self.state.clock()
        with self._lock:
            if self._opened is None or now >= self._opened + HOUR:
                self._opened, self._used = now, 0
            self._used += 1
            percent = min(FULL, self._used * FULL // self.calls)
            over = self._used > self.calls
            wait = -(-(self._opened + HOUR - now) // timedelta(minutes=1)) if over else 0
        headers = self.usage(percent, int(wait), business=holder is Holder.PAGE)
        if over:
            problem = by_code(80001 if holder is Holder.PAGE else 32)
            problem.headers |= headers
            raise problem
        return headers

    def usage(self, percent: int, minutes: int, *, business: bool) -> dict[str, str]:
        """x-app-usage on every answer, and the business kind (minutes until access returns) for a Page token."""
        spent = {"call_count": percent, "total_cputime": percent // 4, "total_time": percent // 4}
        headers = {"x-app-usage": json.dumps(spent)}
        if business:
            pages: dict[str, Any] = {"type": "pages", **spent, "estimated_time_to_regain_access": minutes}
            headers["x-business-use-case-usage"] = json.dumps({self.state.page.id: [pages]})
        return headers

    def may_read(self, permission: str) -> None:
        """Code 10 when the permission was not granted."""
        if permission not in self.state.permissions:
            raise missing_permission(permission)

    def may_act(self, holder: Holder, permission: str) -> None:
        """210 for a user's token, 200 when the permission was not granted."""
        if holder is not Holder.PAGE:
            raise GraphError(
                210, "(#210) A page access token is required to request this resource.", status=403
            )
        if permission not in self.state.permissions:
            raise not_permitted()

    def problem(self, fault: Fault) -> GraphError:
        """The answer for an armed fault that has Graph's own shape."""
        wish = fault.settings
        match fault.name:
            case "revoked_token":
                return self._ended(460)
            case "expired_token":
                return self._ended(463)
            case "rate_limited" | "credits_spent":
                problem = by_code(
                    int(wish.get("code", 80001)), subcode=wish.get("subcode"), status=wish.get("status")
                )
                problem.headers |= self.usage(FULL, int(wish.get("minutes", 19)), business=True)
                if wish.get("retry_after") is not None:
                    problem.headers["retry-after"] = str(wish["retry_after"])
                return problem
        code = int(wish.get("code", 10 if fault.name == "forbidden" else 1))
        return by_code(
            code, subcode=wish.get("subcode"), status=wish.get("status"), message=str(wish.get("message", ""))
        )

    def _ended(self, subcode: int) -> GraphError:
        form = "%A, %d-%b-%y %H:%M:%S UTC"
        now = self.state.clock()
        return session_ended(subcode, (self.state.expires_at or now).strftime(form), now.strftime(form))
