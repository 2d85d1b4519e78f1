"""Sign in with X on loopback: authorise page, token endpoint, and who the token is of.

Built from xdevplatform/docs (fundamentals/authentication/oauth-2-0, users lookup): an application with a secret
authenticates by HTTP Basic, a code is good for 30 seconds and once, PKCE is not optional. A missing or wrong secret is
refused as others recorded it (unauthorized_client); the words of the other refusals are from memory.
"""

from __future__ import annotations

from base64 import b64encode
from hmac import compare_digest
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from monitor.sandbox.fault_answers import Fault
from monitor.sandbox.faults import FaultGate, Faults
from monitor.sandbox.signin_page import SignInPage
from monitor.sandbox.signin_state import SignInState, challenge_of

TWO_HOURS = 7200  # seconds a token is good for without offline.access


def x_signin_app(state: SignInState, faults: Faults) -> FaultGate:
    """The application, to be served by `Serving`."""
    page = SignInPage(state, "X", needs_challenge=True, denied={})

    async def token(request: Request) -> Response:
        async with request.form() as form:
            given = {name: value for name, value in form.items() if isinstance(value, str)}
        return _token(state, given, request.headers.get("authorization", ""))

    async def me(request: Request) -> Response:
        return _me(
            state, request.headers.get("authorization", ""), request.query_params.get("user.fields", "")
        )

    routes = [
        Route("/i/oauth2/authorize", page.answer, methods=["GET", "POST"]),
        Route("/2/oauth2/token", token, methods=["POST"]),
        Route("/2/users/me", me, methods=["GET"]),
    ]
    return FaultGate(Starlette(routes=routes), faults, _own)


def _token(state: SignInState, given: dict[str, str], authorization: str) -> Response:
    expected = "Basic " + b64encode(f"{state.client_id}:{state.client_secret}".encode()).decode()
    if not compare_digest(authorization.encode(), expected.encode()):
        return _refused("unauthorized_client", "Missing valid authorization header", 401)
    if given.get("grant_type") != "authorization_code":
        return _refused("unsupported_grant_type", "Missing required parameter [grant_type].")
    grant, good = state.spend(given.get("code", ""))
    if grant is None or not good:
        return _refused("invalid_request", "Value passed for the authorization code was invalid.")
    if given.get("redirect_uri") != grant.asked.redirect:
        return _refused(
            "invalid_request", "Value passed for the redirect uri did not match the uri of the code."
        )
    if challenge_of(given.get("code_verifier", "")) != grant.asked.challenge:
        return _refused("invalid_request", "Value passed for the token was invalid.")
    return JSONResponse(
        {
            "token_type": "bearer",
            "expires_in": TWO_HOURS,
            "access_token": state.token_for(grant),
            "scope": " ".join(sorted(grant.asked.scope)),
        }
    )


def _me(state: SignInState, authorization: str, fields: str) -> Response:
    holder = state.holder(authorization)
    if holder is None:
        return _problem(401, "Unauthorized")
    _, grant = holder
    if not grant.asked.scope >= {"users.read", "tweet.read"}:
        return _problem(403, "Forbidden")
    member = grant.member
    data: dict[str, Any] = {"id": member.id, "name": member.name, "username": member.handle}
    if (
        "confirmed_email" in fields.split(",")
        and "users.email" in grant.asked.scope
        and grant.shares_email
        and member.email
    ):
        data["confirmed_email"] = member.email
    return JSONResponse({"data": data})


def _refused(error: str, description: str, status: int = 400) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status)


def _problem(status: int, title: str) -> Response:
    return JSONResponse({"title": title, "type": "about:blank", "status": status, "detail": title}, status)


def _own(fault: Fault) -> Response:
    return _problem(429 if fault.name == "rate_limited" else 403, fault.name)
