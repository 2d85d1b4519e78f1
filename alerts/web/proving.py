"""Signing in at a network to prove a claim: there and back, in one browser, once.

It never asks the register: a sign-in that the network bears out leaves one row, whoever's address it is, and
alerts/claims.py looks at it after the answer has gone. Everything else ends on one page that says the same for all.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts.proof import NotProvenError, Proven, Prover, Why
from alerts.web.claiming import client_of, form_page, is_offered, kept_code, later, name_of
from alerts.web.context import PageContext
from alerts.web.entry import context_of, frame
from alerts.web.guards import Cookies
from alerts.web.render import render
from monitor import claim_limits, claim_rows, spend
from monitor.claims import Way
from monitor.errors import StoreError
from monitor.family_codes import normal_code
from monitor.incidents import close_incident, open_incident

log = structlog.get_logger(__name__)
LASTS = timedelta(minutes=10)  # from our button to the network's answer
SEALED = "claim.sign-in"


def begun(request: Request, form: Mapping[str, str]) -> Response:
    """POST /claim/with/{network}: this browser may come back once, within ten minutes, and is shown the way.

    A page with a link, not a redirect: browsers hold `form-action 'self'` against where a form's answer leads.
    """
    page, cookies, now = context_of(request)
    prover = _prover(page, request)
    if form.get("consent") != "yes":
        wrong = {
            "sign-in": "We may compare what the network says with the school’s records only if you agree."
        }
        return form_page(page, {"code": form.get("code", "")}, wrong, status=400)
    code = normal_code(form.get("code", "")) or ""
    client = claim_limits.client_hash(page.store, client_of(request), now)
    with page.store.read() as session:
        if claim_limits.asked_too_often(page.store, session, client, now, coded=bool(code)):
            return later(page)
    if not is_offered(page, prover.network.name, now):
        return form_page(page, {"code": form.get("code", "")}, status=503)
    begin = prover.begin()
    kept = {
        "network": prover.network.name,
        "state": begin.state,
        "verifier": begin.verifier,
        "at": now.isoformat(),
        "code": code,
    }
    answer = render(
        "claim_go.html",
        title=f"On to {name_of(prover.network.name)}",
        network=name_of(prover.network.name),
        link=begin.link,
        **(frame(page, None) | {"refresh": f"0; url={begin.link}"}),
    )
    sealed = urlsafe_b64encode(page.store.vault.seal_json(kept, SEALED)).decode()
    cookies.put(answer, cookies.proof, sealed, LASTS)
    return answer


def came_back(request: Request) -> Response:
    """GET /claim/with/{network}/back: the network sends the browser here with a code or a refusal.

    The one GET that keeps something: no network sends its people back by POST, and X's code dies within 30 seconds. It
    does so only for the browser that pressed our button, and once; no scanner of links has its cookie.
    """
    page, cookies, now = context_of(request)
    prover = _prover(page, request)
    kept = _kept(page, cookies, request, now)
    asked = request.query_params
    state = kept.get("state", "")
    answer = RedirectResponse("/claim?unproven", 303)
    if (
        request.method == "GET"
        and kept.get("network") == prover.network.name
        and hmac.compare_digest(state.encode(), asked.get("state", "").encode("utf-8", "replace"))
        and "error" not in asked
        and is_offered(page, prover.network.name, now)
    ):
        proven = _proven(page, prover, asked.get("code", ""), kept["verifier"], now)
        if proven is not None:
            if not _keep(page, request, prover, proven, kept, now):
                return _spent(later(page), cookies)
            answer = RedirectResponse("/claim?proven", 303)
    return _spent(answer, cookies)


def _prover(page: PageContext, request: Request) -> Prover:
    prover = page.provers.get(request.path_params["network"])
    if prover is None:
        raise HTTPException(404)
    return prover


def _kept(page: PageContext, cookies: Cookies, request: Request, now: datetime) -> dict[str, Any]:
    """What this browser was given by `begun`; empty for another browser, an old cookie or a made-up one."""
    text = request.cookies.get(cookies.proof, "")
    try:
        kept: dict[str, Any] = page.store.vault.unseal_json(urlsafe_b64decode(text), SEALED)
    except (StoreError, ValueError):
        return {}
    return kept if now < datetime.fromisoformat(kept["at"]) + LASTS else {}


def _proven(page: PageContext, prover: Prover, code: str, verifier: str, now: datetime) -> Proven | None:
    name = prover.network.name
    try:
        return prover.finish(code, verifier)
    except NotProvenError as error:
        log.warning("sign-in proved nothing", network=name, reason=error.why.value)
        if error.shown and prover.reads:
            with page.store.write() as session:
                spend.add(session, page.store, name, prover.reads, now)
        if error.why is Why.CREDENTIALS:
            with page.store.write() as session:
                open_incident(
                    page.store,
                    session,
                    f"sign-in:{name}",
                    says=f"{name_of(name)} refuses the application that families sign in through",
                    cure=f"Correct client_id and client_secret under [claims.{name}], and start again.\n"
                    "Until then families can prove an account only from their mailbox.",
                    now=now,
                )
        return None


def _keep(
    page: PageContext,
    request: Request,
    prover: Prover,
    proven: Proven,
    kept: Mapping[str, Any],
    now: datetime,
) -> bool:
    """One row, whoever it is, and what the network bills for it; False when too many have asked within the hour."""
    name = prover.network.name
    client = claim_limits.client_hash(page.store, client_of(request), now)
    code = kept_code(page, kept["code"])
    with page.store.write() as session:
        spend.add(session, page.store, name, prover.reads, now)
        close_incident(page.store, session, f"sign-in:{name}", now=now)
        if claim_limits.asked_too_often(page.store, session, client, now, coded=code is not None):
            return False
        claim_rows.ask(
            page.store,
            session,
            network=name,
            handle=proven.handle,
            address=proven.address,
            way=Way(name),
            external_id=proven.external_id,
            consented_at=datetime.fromisoformat(kept["at"]),
            client=client,
            code=code,
            now=now,
        )
    return True


def _spent(answer: Response, cookies: Cookies) -> Response:
    """Whatever came of it, this browser's cookie is good for nothing any more."""
    cookies.drop(answer, cookies.proof)
    return answer
