"""Coming in: the mail's link, the code, the sign-in, the sign-out. Shows nothing of a case to whoever is not signed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts import links, sessions, signin
from alerts.device_words import device_label
from alerts.links import recipient_hash
from alerts.web.context import PageContext, Viewer, seen_as
from alerts.web.entry import context_of, frame, gone, looking, refused
from alerts.web.guards import token_holds
from alerts.web.remembered import device_of, former_ends, let_in, noted, remembered
from alerts.web.render import render
from alerts.words import LocalTime, counted
from monitor.domain import Role
from monitor.tables import CaseRow

_NOT_RIGHT = "That code is not right, or it is no longer good. Ask for a new one below."


def home(request: Request) -> Response:
    """GET /: sign in by typing an address, or on to the list. Says nothing about whose address it was."""
    page, cookies, _ = context_of(request)
    viewer = looking(request)
    if viewer is not None:
        return RedirectResponse(list_of(page, viewer), 303)
    if "asked" in request.query_params:
        return _code_form(page)
    with page.store.read() as session:
        device = device_of(page, session, request.cookies.get(cookies.device))
    return render(
        "home.html",
        title="Sign in",
        claims=page.takes_claims,
        device=device,
        services=services_of(page),
        remembered=page.remembered.days,
        **frame(page, None),
    )


def list_of(page: PageContext, viewer: Viewer) -> str:
    """What a viewer comes for: the office for followers, everybody else for cases."""
    if viewer.role is Role.IT:
        return "/coverage"
    return "/followers" if page.claim_networks and viewer.role is Role.OFFICE else "/cases"


def open_link(request: Request) -> Response:
    """GET /c/{token}: to the case for the recipient's own signed-in browser; one button for their remembered device; to
    the code page for everybody else."""
    page, cookies, _ = context_of(request)
    now = page.sure_now()
    token = request.path_params["token"]
    viewer = looking(request)
    with page.store.read() as session:
        link = links.find(page.store, session, token, now=now)
        if link is None or not page.roles_of(link.recipient):
            return gone(page)
        if viewer is not None and viewer.signed_in.recipient == link.recipient:
            case = session.get(CaseRow, link.case_id) if link.case_id is not None else None
            if link.case_id is None:
                return RedirectResponse(list_of(page, viewer), 303)
            if case is None or seen_as(page, viewer, case) is None:
                return gone(page, viewer)
            return RedirectResponse(f"/case/{case.ref}", 303)
        device = device_of(page, session, request.cookies.get(cookies.device))
        code = signin.awaited(page.store, session, request.cookies.get(cookies.challenge), now=now)
        if code is not None and code.recipient == link.recipient:
            return _code_form(page, link=token, until=code.expires_at)
    return render(
        "link.html",
        title="Open your alert",
        link=token,
        device=device if device is not None and device.recipient == link.recipient else None,
        is_case=link.case_id is not None,
        services=services_of(page),
        remembered=page.remembered.days,
        **frame(page, None),
    )


def send_link_code(request: Request, _form: Mapping[str, str]) -> Response:
    """POST /c/{token}/code: mail a code to the link's own recipient, whoever pressed the button."""
    page, cookies, _ = context_of(request)
    now = page.sure_now()
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
    page, cookies, _ = context_of(request)
    now = page.sure_now()
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
    page, cookies, _ = context_of(request)
    now = page.sure_now()
    challenge, token = request.cookies.get(cookies.challenge), form.get("link", "")
    label = device_label(request.headers.get("user-agent", ""))
    with page.store.write() as session:
        link = links.find(page.store, session, token, now=now)
        proven = signin.prove(
            page.store,
            session,
            challenge=challenge,
            typed=form.get("code", ""),
            now=now,
            valid=page.valid_session,
            label=label,
        )
        if not isinstance(proven, signin.Refusal):
            signed_in = sessions.who(page.store, session, proven, now=now)
            assert signed_in is not None
            former_ends(page, session, request, now)
            noted(page, session, signed_in.role, "signed in")
            device = (
                remembered(page, session, signed_in, label, now) if form.get("remember") == "yes" else None
            )
    if isinstance(proven, signin.Refusal):
        return _code_form(page, link=token if link else "", wrong=_NOT_RIGHT, status=403)
    answer = let_in(page, cookies, proven, device, f"/c/{token}" if link else "/")
    cookies.drop(answer, cookies.challenge)
    return answer


def sign_out(request: Request, form: Mapping[str, str]) -> Response:
    """POST /sign-out: this browser is nobody's from now on; a device that is remembered stays so."""
    page, cookies, _ = context_of(request)
    viewer = looking(request)
    answer = RedirectResponse("/", 303)
    if viewer is None:
        return answer
    if not token_holds(page.store.vault, viewer, form.get("token", ""), "sign-out"):
        return refused(page, viewer)
    with page.store.write() as session:
        sessions.sign_out(page.store, session, viewer.signed_in, now=page.sure_now())
        noted(page, session, viewer.role, "signed out")
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
        # the mail by the wall clock, as the outbox goes: after the clock was put back it must not wait an hour
        send=lambda code: page.send_code(session, role, email, code, page.clock()),
    )


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
        remembered=page.remembered.days,
        valid=counted(round(page.valid_code.total_seconds() / 60), "minute"),
        **frame(page, None),
    )


def services_of(page: PageContext) -> list[tuple[str, str]]:
    """(name in addresses, words on the button) of the accounts that reviewers may sign in with."""
    return [(name, service.title) for name, service in page.services.items()]
