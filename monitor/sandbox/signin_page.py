"""The page of an invented network where a person chooses who they are and allows an application, or does not.

The same for every network: what is asked, who is there, back to the application with a code or with its refusal. A
request with a wrong application, address or challenge gets a page and is never sent on (RFC 6749, 4.1.2.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from monitor.sandbox.signin_state import Asked, SignInState

CHALLENGE = 43  # characters of an S256 challenge
LONGEST_STATE = 500  # X's limit
_PAGES = Environment(
    loader=PackageLoader("monitor.sandbox", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class SignInPage:
    """`needs_challenge`: refuse a request without PKCE. `denied`: what is told beside error=access_denied."""

    def __init__(
        self, state: SignInState, network: str, *, needs_challenge: bool, denied: Mapping[str, str]
    ) -> None:
        self.state = state
        self.network = network
        self.needs_challenge = needs_challenge
        self.denied = denied

    async def answer(self, request: Request) -> Response:
        """GET shows the choice, POST takes it; both check the whole request."""
        asked = self._asked(request.query_params)
        if isinstance(asked, str):
            return PlainTextResponse(f"Something went wrong: {asked}", 400)
        if request.method != "POST":
            return await run_in_threadpool(self._page, asked)
        async with request.form() as data:
            form = {name: value for name, value in data.items() if isinstance(value, str)}
        if form.get("choice") != "allow":
            return self._back(asked, {"error": "access_denied", **self.denied})
        code = self.state.allow(asked, form.get("member", ""), shares_email=form.get("keep_email") != "yes")
        if code is None:
            return PlainTextResponse("Something went wrong: nobody was chosen", 400)
        return self._back(asked, {"code": code})

    def _asked(self, given: Mapping[str, str]) -> Asked | str:
        challenge = given.get("code_challenge", "")
        wrong = {
            "client_id": given.get("client_id") != self.state.client_id,
            "redirect_uri": given.get("redirect_uri") not in self.state.redirects,
            "response_type": given.get("response_type") != "code",
            "state": not given.get("state") or len(given["state"]) > LONGEST_STATE,
            "scope": not given.get("scope"),
            "code_challenge": (self.needs_challenge or bool(challenge))
            and (len(challenge) != CHALLENGE or given.get("code_challenge_method") != "S256"),
        }
        for name, is_wrong in wrong.items():
            if is_wrong:
                return name
        scope = frozenset(given["scope"].replace(",", " ").split())
        return Asked(given["client_id"], given["redirect_uri"], given["state"], scope, challenge)

    def _page(self, asked: Asked) -> Response:
        page = _PAGES.get_template("signin.html")
        return HTMLResponse(
            page.render(
                network=self.network,
                scopes=sorted(asked.scope),
                members=list(self.state.members),
            )
        )

    def _back(self, asked: Asked, tells: Mapping[str, str]) -> Response:
        return RedirectResponse(f"{asked.redirect}?{urlencode({**tells, 'state': asked.state})}", 302)
