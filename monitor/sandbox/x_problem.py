"""The error bodies of X API v2, as values and as an exception. Shapes: docs.x.com/x-api/fundamentals/response-codes-and-errors
and answers recorded by others. Nothing else is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PROBLEMS = "https://api.twitter.com/2/problems/"


class ProblemError(Exception):
    """An answer that is not 200; `body` is its JSON, `headers` go beside the usual ones."""

    def __init__(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


def invalid(parameter: str, value: str, message: str) -> ProblemError:
    """400: one parameter is wrong."""
    return ProblemError(
        400,
        {
            "errors": [{"parameters": {parameter: [value]}, "message": message}],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": PROBLEMS + "invalid-request",
        },
    )


def plain(status: int, title: str, detail: str | None = None) -> ProblemError:
    """401, 403, 429, 503: no type of their own."""
    return ProblemError(
        status, {"title": title, "type": "about:blank", "status": status, "detail": detail or title}
    )


def unauthorized() -> ProblemError:
    return plain(401, "Unauthorized")


def forbidden(detail: str = "You are not permitted to perform this action.") -> ProblemError:
    return plain(403, "Forbidden", detail)


def wrong_authentication() -> ProblemError:
    """403: an application-only token where a person is needed."""
    return ProblemError(
        403,
        {
            "title": "Unsupported Authentication",
            "detail": "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.  Supported "
            "authentication types are [OAuth 1.0a User Context, OAuth 2.0 User Context].",
            "type": PROBLEMS + "unsupported-authentication",
            "status": 403,
        },
    )


def credits_spent(account_id: str) -> ProblemError:
    """402: the prepaid credits are gone; every endpoint answers so."""
    return ProblemError(
        402,
        {
            "account_id": int(account_id),
            "title": "CreditsDepleted",
            "detail": f"Your enrolled account [{account_id}] does not have any credits to fulfill this request.",
            "type": PROBLEMS + "credits",
        },
    )


def not_found(kind: str, parameter: str, value: str) -> dict[str, Any]:
    """One entry of `errors`: what was asked for is not there. X says so inside a 200."""
    return {
        "value": value,
        "detail": f"Could not find {kind} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": parameter,
        "resource_id": value,
        "type": PROBLEMS + "resource-not-found",
    }
