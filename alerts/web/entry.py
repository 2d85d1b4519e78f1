"""What every page shares: who is looking, the frame around it, and the answers that are the same everywhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from alerts import sessions
from alerts.follower_words import FOLLOWER_ROLES
from alerts.web.context import PageContext, Viewer, viewer_of
from alerts.web.guards import SEEN, Cookies, form_token
from alerts.web.render import render


def context_of(request: Request) -> tuple[PageContext, Cookies, datetime]:
    page: PageContext = request.app.state.page
    return page, request.app.state.cookies, page.clock()


def looking(request: Request) -> Viewer | None:
    """Who is signed in, in this browser. Notes in its cookie that it asked for something now; the database is not
    written to."""
    page, cookies, _ = context_of(request)
    now = page.sure_now()
    with page.store.read() as session:
        viewer = viewer_of(
            page,
            session,
            request.cookies.get(cookies.sign_in),
            request.cookies.get(cookies.seen, ""),
            now=now,
        )
    if viewer is not None:
        fresh = Response()
        seen = sessions.seen_now(page.store.vault, viewer.signed_in.key, now)
        cookies.put(fresh, cookies.seen, seen, page.valid_session)
        setattr(request.state, SEEN, fresh.headers["set-cookie"])
    return viewer


def frame(page: PageContext, viewer: Viewer | None) -> dict[str, Any]:
    """What every page's frame needs."""
    return {
        "school": page.school_name,
        "version": page.version,
        "viewer": viewer,
        "pages": pages_for(page, viewer) if viewer else [],
        "sign_out": form_token(page.store.vault, viewer, "sign-out") if viewer else "",
    }


def pages_for(page: PageContext, viewer: Viewer) -> list[tuple[str, str]]:
    """(address, name) of what this viewer finds in the page's head."""
    followers = [("/followers", "Followers")] if page.claim_networks and viewer.roles & FOLLOWER_ROLES else []
    return [*followers, ("/cases", "Cases"), ("/more", "More")]


def gone(page: PageContext, viewer: Viewer | None = None) -> Response:
    """The same answer for what is not there, what has ended, and what this viewer may not see."""
    return render("gone.html", status=404, title="Nothing here", **frame(page, viewer))


def refused(page: PageContext, viewer: Viewer | None) -> Response:
    return render("refused.html", status=403, title="Nothing was done", **frame(page, viewer))


def signed_out(page: PageContext) -> Response:
    """The answer to a POST from a browser that is nobody's (any more)."""
    return render("signed_out.html", status=401, title="Please sign in again", **frame(page, None))
