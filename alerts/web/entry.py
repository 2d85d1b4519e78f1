"""Coming in: the mail's link, the code, the sign-in, the sign-out. Shows nothing of a case to whoever is not signed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts import links, signin
from alerts.follower_words import FOLLOWER_ROLES
from alerts.links import recipient_hash
from alerts.web.context import PageContext, Viewer, seen_as, viewer_of
from alerts.web.guards import Cookies, form_token, token_holds
from alerts.web.render import render
from alerts.web.tuned_pages import tuned_pages
from alerts.words import LocalTime
from monitor.domain import Role
from monitor.tables import CaseRow

_NOT_RIGHT = "That code is not right, or it is no longer good. Ask for a new one below if it is older than ten minutes."


def context_of(request: Request) -> tuple[PageContext, Cookies, datetime]:
    page: PageContext = request.app.state.page
    return page, request.app.state.cookies, page.clock()


def looking(request: Request) -> Viewer | None:
    """Who is signed in, in this browser."""
    page, cookies, now = context_of(request)
    with page.store.read() as session:
        return viewer_of(page, session, request.cookies.get(cookies.sign_in), now=now)


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
    return [*followers, ("/cases", "Cases"), *tuned_pages(page, viewer)]


def gone(page: PageContext, viewer: Viewer | None = None) -> Response:
    """The same answer for what is not there, what has ended, and what this viewer may not see."""
    return render("gone.html", status=404, title="Nothing here", **frame(page, viewer))


def home(request: Request) -> Response:
    """GET /: sign in by typing an address, or on to the list. Says nothing about whose address it was."""
    page, _, _ = context_of(request)
    viewer = looking(request)
    if viewer is not None:
        return RedirectResponse(_list_of(page, viewer), 303)
    if "asked" in request.query_params:
        return _code_form(page)
    return render("home.html", title="Sign in", claims=page.takes_claims, **frame(page, None))


def _list_of(page: PageContext, viewer: Viewer) -> str:
    """What a viewer comes for: the office for followers, everybody else for cases."""
    return "/followers" if page.claim_networks and viewer.role is Role.OFFICE else "/cases"


def open_link(request: Request) -> Response:
    """GET /c/{token}: to the case for the recipient's own signed-in browser; to the code page for everybody else."""
    page, cookies, now = context_of(request)
    token = request.path_params["token"]
    with page.store.read() as session:
        link = links.find(page.store, session, token, now=now)
        if link is None or not page.roles_of(link.recipient):
            return gone(page)
        viewer = viewer_of(page, session, request.cookies.get(cookies.sign_in), now=now)
        if viewer is not None and viewer.signed_in.recipient == link.recipient:
            case = session.get(CaseRow, link.case_id) if link.case_id is not None else None
            if link.case_id is None:
                return RedirectResponse(_list_of(page, viewer), 303)
            if case is None or seen_as(page, viewer, case) is None:
                return gone(page, viewer)
            return RedirectResponse(f"/case/{case.ref}", 303)
        code = signin.awaited(page.store, session, request.cookies.get(cookies.challenge), now=now)
        if code is not None and code.recipient == link.recipient:
            return _code_form(page, link=token, until=code.expires_at)
    return render("link.html", title="Open your alert", link=token, **frame(page, None))


def send_link_code(request: Request, _form: Mapping[str, str]) -> Response:
    """POST /c/{token}/code: mail a code to the link's own recipient, whoever pressed the button."""
    page, cookies, now = context_of(request)
    token = request.path_params["token"]
    with page.store.write() as session:
        link = links.find(page.store, session, token, now=now)
        found = page.reviewer(link.recipient, link.role) if link else None
        if link is None or found is None:
            return gone(page)
        asked = _ask(page, session, link.recipient, *found, now)
    if asked.challenge is None:
        again = LocalTime(page.timezone.key).clock(asked.again_at)
        answer: Response = render(
            "later.html", status=429, title="One moment", again=again, **frame(page, None)
        )
        answer.headers["Retry-After"] = str(max(1, int((asked.again_at - now).total_seconds())))
        return answer
    answer = RedirectResponse(f"/c/{token}", 303)
    cookies.put(answer, cookies.challenge, asked.challenge, page.valid_code)
    return answer


def send_code(request: Request, form: Mapping[str, str]) -> Response:
    """POST /code: the same answer for every address; a mail only to a reviewer's."""
    page, cookies, now = context_of(request)
    address = form.get("address", "").strip()[:254]
    recipient = recipient_hash(page.store.vault, address)
    found = page.reviewer(recipient)
    challenge = None
    if found is not None:
        with page.store.write() as session:
            challenge = _ask(page, session, recipient, *found, now).challenge
    answer = RedirectResponse("/?asked", 303)
    cookies.put(answer, cookies.challenge, challenge or links.new_token(), page.valid_code)
    return answer


def sign_in(request: Request, form: Mapping[str, str]) -> Response:
    """POST /sign-in: the typed code. The challenge cookie is SameSite, so no other site can type here."""
    page, cookies, now = context_of(request)
    challenge, token = request.cookies.get(cookies.challenge), form.get("link", "")
    with page.store.write() as session:
        link = links.find(page.store, session, token, now=now)
        proven = signin.prove(
            page.store,
            session,
            challenge=challenge,
            typed=form.get("code", ""),
            now=now,
            valid=page.valid_session,
        )
        if not isinstance(proven, signin.Refusal):
            signed_in = signin.who(page.store, session, proven, now=now)
            assert signed_in is not None
            page.store.audit(session, at=now, actor=signed_in.role.value, happened="signed in", thing="page")
    if isinstance(proven, signin.Refusal):
        return _code_form(page, link=token if link else "", wrong=_NOT_RIGHT, status=403)
    answer = RedirectResponse(f"/c/{token}" if link else "/", 303)
    cookies.put(answer, cookies.sign_in, proven, page.valid_session)
    cookies.drop(answer, cookies.challenge)
    return answer


def sign_out(request: Request, form: Mapping[str, str]) -> Response:
    """POST /sign-out: this browser is nobody's from now on."""
    page, cookies, now = context_of(request)
    viewer = looking(request)
    answer = RedirectResponse("/", 303)
    if viewer is None:
        return answer
    if not token_holds(page.store.vault, viewer, form.get("token", ""), "sign-out"):
        return refused(page, viewer)
    with page.store.write() as session:
        signin.sign_out(page.store, session, viewer.signed_in, now=now)
        page.store.audit(session, at=now, actor=viewer.role.value, happened="signed out", thing="page")
    cookies.drop(answer, cookies.sign_in)
    return answer


def _ask(
    page: PageContext, session: Session, recipient: str, role: Role, email: str, now: datetime
) -> signin.Asked:
    return signin.ask(
        page.store,
        session,
        role=role,
        recipient=recipient,
        now=now,
        valid=page.valid_code,
        send=lambda code: page.send_code(session, role, email, code, now),
    )


def refused(page: PageContext, viewer: Viewer | None) -> Response:
    return render("refused.html", status=403, title="Nothing was done", **frame(page, viewer))


def _code_form(
    page: PageContext, *, link: str = "", until: datetime | None = None, wrong: str = "", status: int = 200
) -> Response:
    return render(
        "code.html",
        status=status,
        title="Type the code",
        link=link,
        until=LocalTime(page.timezone.key).clock(until) if until else "",
        wrong=wrong,
        **frame(page, None),
    )
