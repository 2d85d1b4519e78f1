"""The errors of the Graph API, as an exception that knows its HTTP status and body.

Codes and words: developers.facebook.com/docs/graph-api/guides/error-handling and /overview/rate-limiting, and errors that
others recorded. Nothing else is decided here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

DOCS = "https://developers.facebook.com/docs/graph-api"


class GraphError(Exception):
    """One error answer; `headers` go beside the usual ones."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        status: int = 400,
        subcode: int | None = None,
        kind: str = "OAuthException",
        transient: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.headers = dict(headers or {})
        self.error: dict[str, Any] = {"message": message, "type": kind}
        if transient:
            self.error["is_transient"] = True
        self.error["code"] = code
        if subcode is not None:
            self.error["error_subcode"] = subcode

    def body(self, trace: str) -> dict[str, Any]:
        return {"error": {**self.error, "fbtrace_id": trace}}


def trace_id(number: int) -> str:
    return "A" + hashlib.sha256(str(number).encode()).hexdigest()[:22]


def syntax(message: str) -> GraphError:
    return GraphError(2500, message)


def no_such_object(object_id: str, verb: str) -> GraphError:
    """100/33: gone, never there, or not for this token; Graph does not tell which."""
    return GraphError(
        100,
        f"Unsupported {verb} request. Object with ID '{object_id}' does not exist, cannot be loaded due to missing "
        f"permissions, or does not support this operation. Please read the Graph API documentation at {DOCS}",
        subcode=33,
        kind="GraphMethodException",
    )


def no_such_field(name: str, node: str) -> GraphError:
    return GraphError(100, f"(#100) Tried accessing nonexisting field ({name}) on node type ({node})")


def missing_permission(name: str) -> GraphError:
    """What reading answers without the permission."""
    return GraphError(
        10,
        f"(#10) This endpoint requires the '{name}' permission or the 'Page Public Content Access' feature. Refer to "
        "https://developers.facebook.com/docs/apps/review/login-permissions#manage-pages and "
        "https://developers.facebook.com/docs/apps/review/feature#reference-PAGES_ACCESS for details.",
        status=403,
    )


def not_permitted() -> GraphError:
    """What acting answers without the permission, or where the Page may not."""
    return GraphError(200, "(#200) Permissions error", status=403)


TOO_MANY = (
    "(#80001) There have been too many calls to this Page account. Wait a bit and try again. For more info, please "
    "refer to https://developers.facebook.com/docs/graph-api/overview/rate-limiting."
)
CODES: Mapping[int, tuple[int, str]] = {
    1: (500, "An unknown error occurred"),
    2: (500, "Service temporarily unavailable"),
    4: (403, "(#4) Application request limit reached"),
    10: (403, "(#10) Application does not have permission for this action"),
    17: (400, "(#17) User request limit reached"),
    32: (403, "(#32) Page request limit reached"),
    100: (400, "(#100) Invalid parameter"),
    190: (400, "Error validating access token: The session has been invalidated"),
    200: (403, "(#200) Permissions error"),
    368: (400, "(#368) The action attempted has been deemed abusive or is otherwise disallowed"),
    613: (400, "(#613) Calls to this api have exceeded the rate limit."),
    2635: (
        400,
        "(#2635) You are calling a deprecated version of the Ads API. Please update to the latest version: {}.",
    ),
    80001: (400, TOO_MANY),
}


def by_code(
    code: int, *, subcode: int | None = None, status: int | None = None, message: str = ""
) -> GraphError:
    """An error by its number, with Graph's own words and status unless told."""
    usual, words = CODES.get(code, (400, f"(#{code}) An error occurred"))
    return GraphError(
        code,
        message or words,
        subcode=subcode,
        status=status or usual,
        transient=code in {1, 2},
    )


def session_ended(subcode: int, when: str, now: str) -> GraphError:
    """190: 463 the token expired, 460 the password was changed."""
    if subcode == 463:  # noqa: PLR2004 - the number is its name
        message = f"Error validating access token: Session has expired on {when}. The current time is {now}."
    else:
        message = (
            "Error validating access token: The session has been invalidated because the user changed their password "
            "or Facebook has changed the session for security reasons."
        )
    return GraphError(
        190,
        message,
        subcode=subcode,
        headers={"www-authenticate": 'OAuth "Facebook Platform" "invalid_token"'},
    )
