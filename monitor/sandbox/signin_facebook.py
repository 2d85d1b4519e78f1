"""Facebook Login on loopback: the dialog, the exchange of its code, and who the token is of.

Built from developers.facebook.com/docs/facebook-login (manual flow, OIDC code flow with PKCE) and the errors that others
recorded: everything wrong is Graph's own error object with status 400. That its codes are good once is recorded, for
how long is not; that PKCE is held to outside of OpenID Connect is a guess.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from monitor.sandbox.fault_answers import Fault
from monitor.sandbox.faults import FaultGate, Faults
from monitor.sandbox.graph_problem import GraphError, trace_id
from monitor.sandbox.signin_page import SignInPage
from monitor.sandbox.signin_state import SignInState, challenge_of

SIXTY_DAYS = 5_184_000  # seconds; what a server's exchange gives
DENIED = {"error_code": "200", "error_description": "Permissions error", "error_reason": "user_denied"}


def facebook_signin_app(state: SignInState, faults: Faults, *, version: str = "v26.0") -> FaultGate:
    """The application, to be served by `Serving`."""
    page = SignInPage(state, "Facebook", needs_challenge=False, denied=DENIED)

    async def token(request: Request) -> Response:
        given = dict(request.query_params)
        async with request.form() as form:
            given |= {name: value for name, value in form.items() if isinstance(value, str)}
        return _answered(lambda: _token(state, given))

    async def me(request: Request) -> Response:
        query = dict(request.query_params)
        return _answered(lambda: _me(state, request.headers.get("authorization", ""), query))

    routes = [
        Route(f"/{version}/dialog/oauth", page.answer, methods=["GET", "POST"]),
        Route(f"/{version}/oauth/access_token", token, methods=["GET", "POST"]),
        Route(f"/{version}/me", me, methods=["GET"]),
    ]
    return FaultGate(Starlette(routes=routes), faults, _own)


def _token(state: SignInState, given: dict[str, str]) -> dict[str, Any]:
    if given.get("client_id") != state.client_id:
        raise GraphError(101, "Error validating application. Invalid application ID.")
    if not hmac.compare_digest(given.get("client_secret", "").encode(), state.client_secret.encode()):
        raise GraphError(1, "Error validating client secret.")
    grant, good = state.spend(given.get("code", ""))
    if grant is None:
        raise GraphError(100, "Invalid verification code format.")
    if not good:
        raise GraphError(100, "This authorization code has been used.", subcode=36009)
    if given.get("redirect_uri") != grant.asked.redirect:
        raise GraphError(
            100,
            "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in"
            " the OAuth dialog request",
            subcode=36008,
        )
    if grant.asked.challenge and challenge_of(given.get("code_verifier", "")) != grant.asked.challenge:
        raise GraphError(100, "Invalid code verifier.")
    return {"access_token": state.token_for(grant), "token_type": "bearer", "expires_in": SIXTY_DAYS}


def _me(state: SignInState, authorization: str, query: dict[str, str]) -> dict[str, Any]:
    holder = state.holder(authorization)
    if holder is None:
        raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")
    token, grant = holder
    proof = query.get("appsecret_proof")
    expected = hmac.new(state.client_secret.encode(), token.encode(), "sha256").hexdigest()
    if proof is None:  # as for an app that was set to require its secret
        raise GraphError(100, "API calls from the server require an appsecret_proof argument")
    if not hmac.compare_digest(proof.encode(), expected.encode()):
        raise GraphError(100, "Invalid appsecret_proof provided in the API argument")
    fields = query.get("fields", "id,name").split(",")
    said: dict[str, Any] = {"id": grant.member.id, "name": grant.member.name}
    if "email" in grant.asked.scope and grant.shares_email and grant.member.email:
        said["email"] = grant.member.email
    return {name: value for name, value in said.items() if name in {"id", *fields}}


def _answered(answer: Callable[[], dict[str, Any]]) -> Response:
    try:
        return JSONResponse(answer())
    except GraphError as error:
        return JSONResponse(error.body(trace_id(error.code)), error.status)


def _own(fault: Fault) -> Response:
    error = GraphError(4 if fault.name == "rate_limited" else 10, fault.name)
    return JSONResponse(error.body(trace_id(error.code)), error.status)
