"""A real OpenID Connect server on loopback: it checks what a good one checks, and lies when told to.

`tells` changes what the next ID token says or how it is signed, by names: see `Lies`.
"""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "school-app", "marker-oidc-secret"


def new_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"}, auto_kid=False)


KEY, STRANGERS, NEXT = new_key("one"), new_key("one"), new_key("two")


@dataclass
class Lies:
    """`claims`: what the ID token says otherwise (None: leaves out). `sign`: how, instead of with its own key."""

    claims: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] | None = None
    document: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] | None = None


class OidcServer:
    """One account service. `email` is the account that signs in at it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.url = ""
        self.path = ""
        self.redirects: set[str] = set()
        self.email = "head@stmarys.example"
        self.extra: dict[str, Any] = {"email_verified": True}
        self.lies = Lies()
        self.keys = [KEY]
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.app = Starlette(
            routes=[
                Route("/{path:path}.well-known/openid-configuration", self._document),
                Route("/authorise", self._authorise),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
            ]
        )

    @property
    def issuer(self) -> str:
        return self.url + self.path

    async def _document(self, _request: Request) -> Response:
        self.asked.append("document")
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.url}/authorise",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
            | self.lies.document
        )

    async def _keys(self, _request: Request) -> Response:
        self.asked.append("keys")
        return JSONResponse(KeySet(self.keys).as_dict(private=False))

    async def _authorise(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if asked.get("client_id") != CLIENT or asked.get("redirect_uri") not in self.redirects:
            return Response("unknown application", status_code=400)
        if asked.get("response_type") != "code" or "openid" not in asked.get("scope", "").split():
            return Response("not this way", status_code=400)
        if asked.get("code_challenge_method") != "S256" or not asked.get("nonce"):
            return Response("no challenge", status_code=400)
        code = secrets.token_urlsafe(32)
        self.codes[code] = asked
        query = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{query}", 302)

    async def _token(self, request: Request) -> Response:
        self.asked.append("token")
        form = dict(await request.form())
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        asked = self.codes.pop(str(form.get("code")), None)
        verifier = str(form.get("code_verifier", "")).encode()
        challenge = urlsafe_b64encode(sha256(verifier).digest()).rstrip(b"=").decode()
        if (
            asked is None
            or form.get("redirect_uri") != asked["redirect_uri"]
            or challenge != asked["code_challenge"]
        ):
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        if self.lies.answer is not None:
            return JSONResponse(self.lies.answer)
        access = secrets.token_urlsafe(24)
        return JSONResponse(
            {
                "access_token": access,
                "token_type": "Bearer",
                "expires_in": 3600,
                "id_token": self._id_token(asked["nonce"], access),
            }
        )

    def _id_token(self, nonce: str, access: str) -> str:
        now = int(self.clock().timestamp())
        half = sha256(access.encode()).digest()[:16]
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "account-1",
            "iat": now,
            "exp": now + 600,
            "nonce": nonce,
            "email": self.email,
            "at_hash": urlsafe_b64encode(half).rstrip(b"=").decode(),
        } | self.extra
        claims = {name: value for name, value in (claims | self.lies.claims).items() if value is not None}
        if self.lies.sign is not None:
            return self.lies.sign(claims)
        key = self.keys[-1]
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


def _part(value: bytes | dict[str, Any]) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(claims: dict[str, Any]) -> str:
    """alg none, as RFC 7519 6.1 writes it; by hand, since no good library does."""
    return f"{_part({'alg': 'none', 'kid': 'one'})}.{_part(claims)}."


def by_a_stranger(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, STRANGERS)


def with_the_public_key(claims: dict[str, Any]) -> str:
    """HS256 with the published key as its secret: the old confusion of algorithms."""
    text = f"{_part({'alg': 'HS256', 'kid': 'one'})}.{_part(claims)}"
    return f"{text}.{_part(hmac.new(KEY.as_pem(private=False), text.encode(), 'sha256').digest())}"
