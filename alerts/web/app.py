"""The page's application: which address leads where, behind which guards."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from alerts.web import (
    account,
    auditing,
    cases,
    claiming,
    coverage,
    digests,
    elsewhere,
    entry,
    evidence,
    followers,
    holding,
    more,
    pile,
    proving,
    remembered,
    sign_in,
    ties,
    tuned,
)
from alerts.web.context import PageContext
from alerts.web.guards import BODY_LIMIT, Cookies, Shield, posts
from alerts.web.render import ICON, STYLE, render


def create_app(page: PageContext, extra_routes: Sequence[BaseRoute] = ()) -> Starlette:
    """The ASGI application. `extra_routes` (such as /healthz) stand behind the same guards."""
    app = Starlette(
        routes=[
            Route("/", sign_in.home),
            Route("/code", posts(sign_in.send_code), methods=["POST"]),
            Route("/sign-in", posts(sign_in.sign_in), methods=["POST"]),
            Route("/open", posts(remembered.open_remembered), methods=["POST"]),
            Route("/sign-in/with/{name}", posts(elsewhere.begun), methods=["POST"]),
            Route("/sign-in/with/{name}/back", elsewhere.came_back),
            Route("/sign-in/with/{name}/finish", posts(elsewhere.finished), methods=["POST"]),
            Route("/account", account.shown),
            Route("/account/end", posts(account.ended), methods=["POST"]),
            Route("/sign-out", posts(sign_in.sign_out), methods=["POST"]),
            Route("/c/{token}", sign_in.open_link),
            Route("/c/{token}/code", posts(sign_in.send_link_code), methods=["POST"]),
            Route("/claim", claiming.shown),
            Route("/claim", posts(claiming.asked), methods=["POST"]),
            Route("/claim/{token}", claiming.question),
            Route("/claim/{token}", posts(claiming.answered), methods=["POST"]),
            Route("/followers", followers.shown),
            Route("/followers/choose", followers.choose),
            Route("/followers/decide", posts(followers.decided), methods=["POST"]),
            Route("/followers/done", posts(followers.said), methods=["POST"]),
            Route("/claim/with/{network}", posts(proving.begun), methods=["POST"]),
            Route("/claim/with/{network}/back", proving.came_back),
            Route("/cases", cases.listed),
            Route("/case/{ref}", cases.case),
            Route("/case/{ref}/delete", cases.confirm_delete),
            Route("/case/{ref}/copy/{number:int}", cases.copy),
            Route("/case/{ref}/decide", posts(cases.decided), methods=["POST"]),
            *evidence.ROUTES,
            Route("/more", more.shown),
            Route("/coverage", coverage.shown),
            Route("/audit", auditing.shown),
            Route("/digests", digests.listed),
            Route("/digests/{number:int}", digests.shown),
            Route("/settings-check", more.configured),
            *tuned.ROUTES,
            *holding.ROUTES,
            Route("/case/{ref}/pile/hide", posts(pile.hide_all), methods=["POST"]),
            Route("/case/{ref}/tie", posts(ties.tied), methods=["POST"]),
            Route("/static/style.css", _style),
            Route("/static/icon.svg", _icon),
            *extra_routes,
        ],
        middleware=[
            Middleware(Shield, page=page),
            Middleware(
                TrustedHostMiddleware,
                # loopback names too: a health check on the machine itself does not know the public name
                allowed_hosts=sorted({page.host, "127.0.0.1", "localhost", "[::1]"}),
                www_redirect=False,
            ),
            Middleware(RequestBodyLimitMiddleware, max_body_size=BODY_LIMIT),
        ],
        exception_handlers={HTTPException: _small_answer},
    )
    app.state.page = page
    app.state.cookies = Cookies(page)
    return app


def _style(_request: Request) -> Response:
    return Response(STYLE, media_type="text/css")


def _icon(_request: Request) -> Response:
    return Response(ICON, media_type="image/svg+xml")


def _small_answer(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    page: PageContext = request.app.state.page
    status = error.status_code
    if status == 403:  # noqa: PLR2004 - a POST that another site sent
        return entry.refused(page, None)
    title = {404: "Nothing here", 405: "Nothing was done", 413: "That was too long"}.get(
        status, "Not understood"
    )
    return render("small.html", status=status, title=title, **entry.frame(page, None))
