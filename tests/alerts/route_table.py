"""Who may do what: every address of the page, and what each role is answered. A new route needs a row here.

A row says what is asked for (`path`; {ref}, {link}, {item} and {seq} stand for the case at hand), what a form sends, and
who is answered how. `CASE`: only who may see the case (SEES), everybody else as if it were not there. `PEOPLE`: only these
roles. `ANYBODY`: all the same, signed in or not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from alerts.web.context import Viewer
from alerts.web.guards import form_token
from monitor.domain import Role
from monitor.holds import HOLDERS
from tests.alerts.page_school import School

Form = Callable[[School, Viewer, dict[str, Any]], dict[str, str]]
STAFF = frozenset(Role)
FOLLOWERS = frozenset({Role.OFFICE, Role.ESAFETY, Role.DSL, Role.HEADTEACHER, Role.DEPUTY})

# One case of each kind: how it is made and to whom it is routed; and who may see it, on every route about one case.
KINDS: dict[str, dict[str, Any]] = {
    "threat": {"category": "threat", "severity": 4, "roles": "headteacher,dsl"},
    "complaint": {"category": "complaint", "severity": 1, "roles": "headteacher"},
    "allegation about the headteacher": {
        "category": "staff_allegation",
        "severity": 3,
        "roles": "headteacher",
        "bypassed": "headteacher",
    },
    "allegation about somebody else": {
        "category": "staff_allegation",
        "severity": 3,
        "roles": "headteacher",
    },
    "follower": {"category": "unverified_follower", "severity": 1, "roles": "office"},
}
_SENIOR = frozenset({Role.HEADTEACHER, Role.DEPUTY, Role.DSL, Role.ESAFETY})
SEES: dict[str, frozenset[Role]] = {
    "threat": _SENIOR,
    "complaint": _SENIOR,
    "allegation about the headteacher": frozenset({Role.CHAIR, Role.DSL}),  # the last resorts
    "allegation about somebody else": frozenset({Role.HEADTEACHER, Role.CHAIR}),
    "follower": _SENIOR | {Role.OFFICE},
}


def no_form(_school: School, _viewer: Viewer, _case: dict[str, Any]) -> dict[str, str]:
    return {}


def signed(*purpose: str, **values: str) -> Form:
    """A form with a token that holds for this very viewer: what is tested is the role, not the token."""

    def made(school: School, viewer: Viewer, case: dict[str, Any]) -> dict[str, str]:
        parts = [part.format(**case) for part in purpose]
        filled = {name: value.format(**case) for name, value in values.items()}
        return filled | {"token": form_token(school.page.store.vault, viewer, *parts)}

    return made


@dataclass(frozen=True)
class Row:
    """`allowed`: the answer to whoever may; `others`: to who may not; `nobody`: to a browser that is not signed in."""

    path: str
    who: frozenset[Role] | None  # None: who may see the case
    allowed: int
    others: int = 404
    nobody: int = 303
    form: Form = field(default=no_form)
    but: Mapping[str, int] = field(default_factory=dict)  # kinds of case for which `allowed` is another
    never: frozenset[Role] = frozenset()  # roles that may see the case and may not do this


def anybody(path: str, status: int) -> Row:
    return Row(path, STAFF, status, nobody=status)


NO_PAGES = {  # what sends on, or gives a file
    "GET /case/{ref}/copy/{number:int}",
    "GET /case/{ref}/given/{number:int}",
    "GET /claim/with/{network}/back",
    "GET /static/style.css",
    "GET /static/icon.svg",
}
ROUTES: dict[str, Row] = {
    # coming in
    "GET /": Row("/", STAFF, 303, nobody=200),
    "POST /code": anybody("/code", 303),
    "POST /sign-in": anybody("/sign-in", 403),
    "POST /open": anybody("/open", 303),
    "POST /sign-in/with/{name}": anybody("/sign-in/with/none", 404),
    "GET /sign-in/with/{name}/back": anybody("/sign-in/with/none/back", 404),
    "POST /sign-in/with/{name}/finish": anybody("/sign-in/with/none/finish", 404),
    "GET /account": Row("/account", STAFF, 200),
    "POST /account/end": Row(
        "/account/end", STAFF, 303, nobody=401, form=signed("account", what="device", which="0")
    ),
    "POST /sign-out": Row("/sign-out", STAFF, 303, form=signed("sign-out")),
    "GET /c/{token}": anybody("/c/guess", 404),
    "POST /c/{token}/code": anybody("/c/guess/code", 404),
    # cases
    "GET /cases": Row("/cases", STAFF, 200),
    "GET /case/{ref}": Row("/case/{ref}", None, 200),
    "GET /case/{ref}/delete": Row(
        "/case/{ref}/delete",
        None,
        303,  # hidden first, and complaints never
    ),
    "GET /case/{ref}/copy/{number:int}": Row("/case/{ref}/copy/1", None, 200),
    "POST /case/{ref}/decide": Row(
        "/case/{ref}/decide",
        None,
        303,
        nobody=401,
        form=signed("decide", "{ref}", "{seq}", "{item}", choice="acknowledge", seq="{seq}", item="{item}"),
    ),
    "POST /case/{ref}/export": Row(
        "/case/{ref}/export", None, 200, nobody=401, form=signed("export", "{ref}")
    ),
    # without a file it says the same to everybody; with one: test_given.py
    "POST /case/{ref}/given": Row(
        "/case/{ref}/given", None, 400, others=400, nobody=401, form=signed("give", "{ref}", "0")
    ),
    "GET /case/{ref}/given/{number:int}": Row("/case/{ref}/given/1", None, 404),  # nobody gave anything
    "POST /case/{ref}/pile/hide": Row("/case/{ref}/pile/hide", None, 403, nobody=401),  # it is no pile-on
    "POST /case/{ref}/tie": Row(
        "/case/{ref}/tie", None, 422, nobody=401, form=signed("tie", "{ref}", other="{ref}")
    ),
    "POST /case/{ref}/hold": Row(
        "/case/{ref}/hold",
        None,
        303,
        nobody=401,
        form=signed("hold", "{ref}", "", do="place", why="asked for by the police"),
        never=STAFF - HOLDERS,
    ),
    "POST /case/{ref}/learn": Row(
        "/case/{ref}/learn",
        None,
        403,
        nobody=401,
        form=signed("learn", "{ref}"),
        never=frozenset({Role.CHAIR, Role.OFFICE}),
    ),
    # more
    "GET /more": Row("/more", STAFF, 200),
    "GET /coverage": Row("/coverage", STAFF, 200),
    "GET /audit": Row("/audit", STAFF, 200),
    "GET /digests": Row("/digests", STAFF, 200),
    "GET /digests/{number:int}": Row("/digests/1", frozenset(), 200),  # none was mailed yet
    "GET /settings-check": Row("/settings-check", frozenset(), 200),  # this page was given none
    "GET /tester": Row("/tester", frozenset(), 200),  # nor a judge
    "POST /tester": Row("/tester", frozenset(), 200, nobody=401, form=signed("tester", text="x")),
    "GET /rules": Row("/rules", _SENIOR, 200),
    "POST /rules/{number:int}": Row("/rules/1", frozenset(), 303, nobody=401),
    "GET /holds": Row("/holds", HOLDERS, 200),
    "GET /drill": Row("/drill", frozenset(), 200),
    "POST /drill": Row("/drill", frozenset(), 303, nobody=401, form=signed("drill", "0")),
    # followers
    "GET /followers": Row("/followers", FOLLOWERS, 200),
    "GET /followers/choose": Row("/followers/choose", FOLLOWERS, 303),
    "POST /followers/decide": Row(
        "/followers/decide", FOLLOWERS, 409, nobody=401, form=signed("followers", "", "", "")
    ),
    "POST /followers/done": Row(
        "/followers/done", FOLLOWERS, 409, nobody=401, form=signed("follower step", "0", step="0")
    ),
    # families, who never sign in
    "GET /claim": anybody("/claim", 200),
    "POST /claim": anybody("/claim", 400),
    "GET /claim/{token}": anybody("/claim/guess", 404),
    "POST /claim/{token}": anybody("/claim/guess", 404),
    "POST /claim/with/{network}": anybody("/claim/with/none", 404),
    "GET /claim/with/{network}/back": anybody("/claim/with/none/back", 404),
    # everybody
    "GET /static/style.css": anybody("/static/style.css", 200),
    "GET /static/icon.svg": anybody("/static/icon.svg", 200),
}
