"""Signing a reviewer in at the school's own accounts: there and back, in one browser, once.

The account service sends the browser back by GET, and that GET signs nobody in: it shows one button, whose POST does. The
service says an address; only the address of a role that is configured opens anything, and no person is ever made. Every
refusal is one page that says the same, and one line in the log.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from alerts import links, sessions
from alerts.device_words import device_label
from alerts.links import recipient_hash
from alerts.oidc import LONGEST_CODE, NotSignedInError, Service
from alerts.web.context import PageContext
from alerts.web.entry import context_of, frame
from alerts.web.guards import Cookies
from alerts.web.remembered import former_ends, let_in, noted, remembered
from alerts.web.render import render
from monitor.errors import StoreError
from monitor.tables_sign_in import SpentStateRow

log = structlog.get_logger(__name__)
LASTS = timedelta(minutes=10)  # from our button to the service's answer
SEALED = "sign-in.elsewhere"


def begun(request: Request, form: Mapping[str, str]) -> Response:
    """POST /sign-in/with/{name}: this browser may come back once, within ten minutes, and is shown the way.

    A page with a link, not a redirect: browsers hold `form-action 'self'` against where a form's answer leads.
    """
    page, cookies, _ = context_of(request)
    name, service = _service(page, request)
    now, token = page.sure_now(), form.get("link", "")
    with page.store.read() as session:
        link = links.find(page.store, session, token, now=now)
    try:
        begin = service.begin()
    except NotSignedInError as error:
        return _refused(page, name, error.why.value, status=503)
    kept = {
        "name": name,
        "state": begin.state,
        "nonce": begin.nonce,
        "verifier": begin.verifier,
        "at": now.isoformat(),
        "link": token if link else "",  # only a link of ours is gone on to
        "remember": form.get("remember") == "yes",
    }
    answer = render(
        "elsewhere_go.html",
        title=f"On to {service.title}",
        service=service.title,
        link=begin.link,
        **(frame(page, None) | {"refresh": f"0; url={begin.link}"}),
    )
    sealed = urlsafe_b64encode(page.store.vault.seal_json(kept, SEALED)).decode()
    cookies.put(answer, cookies.elsewhere, sealed, LASTS)
    return answer


def came_back(request: Request) -> Response:
    """GET /sign-in/with/{name}/back: one button, in the browser that was sent. Changes nothing and asks nobody."""
    page, cookies, _ = context_of(request)
    name, service = _service(page, request)
    asked = request.query_params
    code, state = asked.get("code", ""), asked.get("state", "")
    if not _is_ours(_kept(page, cookies, request), name, state):
        return _refused(page, name, "this browser was not sent there")
    if not code or len(code) > LONGEST_CODE:
        return _refused(page, name, "the account service sent no code")
    return render(
        "elsewhere_back.html",
        title="Nearly there",
        name=name,
        service=service.title,
        code=code,
        state=state,
        **frame(page, None),
    )


def finished(request: Request, form: Mapping[str, str]) -> Response:
    """POST /sign-in/with/{name}/finish: ask the service whose code it is, and let them in if they hold a role."""
    page, cookies, _ = context_of(request)
    name, service = _service(page, request)
    kept, now = _kept(page, cookies, request), page.sure_now()
    if not _is_ours(kept, name, form.get("state", "")):
        return _refused(page, name, "this browser was not sent there")
    if not _first_time(page, kept["state"], now):
        return _spent(_refused(page, name, "it came back a second time"), cookies)
    try:
        # the wall clock: the service's own times are compared with it
        address = service.finish(
            form.get("code", ""), verifier=kept["verifier"], nonce=kept["nonce"], now=page.clock()
        )
    except NotSignedInError as error:
        return _spent(_refused(page, name, error.why.value), cookies)
    recipient = recipient_hash(page.store.vault, address)
    label = device_label(request.headers.get("user-agent", ""))
    with page.store.write() as session:
        link = links.find(page.store, session, kept["link"], now=now)
        found = page.reviewer(recipient, link.role if link else None)
        if found is None:
            return _spent(_refused(page, name, "nobody with this address holds a role"), cookies)
        token = sessions.begin(
            page.store,
            session,
            role=found[0].value,
            recipient=recipient,
            now=now,
            valid=page.valid_session,
            label=label,
        )
        former_ends(page, session, request, now)
        noted(page, session, found[0], "signed in with a school account")
        signed_in = sessions.who(page.store, session, token, now=now)
        assert signed_in is not None
        device = remembered(page, session, signed_in, label, now) if kept["remember"] else None
    return _spent(let_in(page, cookies, token, device, f"/c/{kept['link']}" if link else "/"), cookies)


def _service(page: PageContext, request: Request) -> tuple[str, Service]:
    name = request.path_params["name"]
    service = page.services.get(name)
    if service is None:
        raise HTTPException(404)
    return name, service


def _kept(page: PageContext, cookies: Cookies, request: Request) -> dict[str, Any]:
    """What this browser was given by `begun`; empty for another browser, an old cookie or a made-up one."""
    try:
        text = request.cookies.get(cookies.elsewhere, "")
        kept: dict[str, Any] = page.store.vault.unseal_json(urlsafe_b64decode(text), SEALED)
    except (StoreError, ValueError):
        return {}
    return kept if page.sure_now() < datetime.fromisoformat(kept["at"]) + LASTS else {}


def _is_ours(kept: Mapping[str, Any], name: str, state: str) -> bool:
    return kept.get("name") == name and hmac.compare_digest(
        kept["state"].encode(), state.encode("utf-8", "replace")
    )


def _first_time(page: PageContext, state: str, now: datetime) -> bool:
    """Whether this sign-in comes back for the first time; from now on it has."""
    row = SpentStateRow(
        school_id=page.store.school,
        state=page.store.vault.digest("sign-in state", state).hex(),
        expires_at=now + LASTS,
    )
    try:
        with page.store.write() as session:
            session.add(row)
            session.flush()
    except IntegrityError:
        return False
    return True


def _refused(page: PageContext, name: str, why: str, *, status: int = 403) -> Response:
    log.warning("nobody was signed in", service=name, reason=why)
    return render("elsewhere_failed.html", status=status, title="Not signed in", **frame(page, None))


def _spent(answer: Response, cookies: Cookies) -> Response:
    """Whatever came of it, this browser's cookie is good for nothing any more."""
    cookies.drop(answer, cookies.elsewhere)
    return answer
