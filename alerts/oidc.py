"""Signing a reviewer in at the school's own accounts: OpenID Connect Core 1.0, code flow, with PKCE, state and nonce.

Asks the account service for its addresses and keys, and once a sign-in for who it was. What comes of it is one e-mail
address that the service vouches for; whose it is, and whether they may see anything, is not decided here. No token is
kept, logged or asked for again.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
import urllib3

from alerts.careful import Careful
from alerts.envelope import can_be_written_to
from alerts.oauth import OK
from monitor.config_names import is_loopback
from monitor.settings_sign_in import GOOGLE, MICROSOFT

if TYPE_CHECKING:  # authlib loads a library of ciphers, which only a sign-in shall wait for
    from authlib.integrations.requests_client import OAuth2Session

AT_ONCE = 4  # sign-ins that wait for one service at the same time
LONGEST_CODE = 4096  # characters; Microsoft's are some 1,500
KEPT = 3600.0  # seconds for which addresses and keys are believed
LEEWAY = 60  # seconds by which the service's clock may differ
ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
)  # never none
_PATH = "/.well-known/openid-configuration"  # OpenID Connect Discovery 1.0, 4


class Why(StrEnum):
    """Why nobody was signed in; for the log, the page says the same for all."""

    AWAY = "the account service gave no usable answer"
    BUSY = "too many were signing in at once"
    REFUSED = "the account service refused the code"
    CREDENTIALS = "the account service refused the application's id or secret"
    TOKEN = "what the account service said of the sign-in does not hold"  # noqa: S105 - no secret
    TENANT = "the account is of another tenant"
    ADDRESS = "the account service does not vouch for the account's address"


class NotSignedInError(Exception):
    """Nobody was signed in. Holds no word of the service's answer."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and the secrets that the same browser must bring back."""

    link: str = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the service publishes about itself."""

    document: Mapping[str, Any]
    keys: Any  # joserfc.jwk.KeySet
    until: float


class Service:
    """One account service. `issuer`: as its own document names it, letter for letter; `back`: the page's address that
    the browser returns to. `ticks`: seconds that only grow."""

    def __init__(
        self,
        title: str,
        *,
        issuer: str,
        client_id: str,
        client_secret: str,
        back: str,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.title = title
        self.issuer = issuer
        self._client_id, self._client_secret, self._back = client_id, client_secret, back
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._told: _Told | None = None
        self._ticks = ticks

    def begin(self) -> Begun:
        """A new sign-in. Raises NotSignedInError while the service cannot be asked for its addresses."""
        state, nonce, verifier = (
            secrets.token_urlsafe(24),
            secrets.token_urlsafe(24),
            secrets.token_urlsafe(48),
        )
        with self._asking(), self._session() as session:
            document = self._about(session).document
            link, _ = session.create_authorization_url(
                document["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return Begun(link, state, nonce, verifier)

    def finish(self, code: str, *, verifier: str, nonce: str, now: datetime) -> str:
        """The address, in small letters, that the service vouches for. Raises NotSignedInError, whatever it does."""
        if not code or len(code) > LONGEST_CODE:
            raise NotSignedInError(Why.REFUSED)
        with self._asking(), self._session() as session:
            told = self._about(session)
            token = session.fetch_token(
                told.document["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                redirect_uri=self._back,
                code_verifier=verifier,
                allow_redirects=False,
            )
            if (key := _key_of(token.get("id_token"))) not in {one.kid for one in told.keys.keys}:
                told = self._about(session, afresh=key is not None)  # keys change; asked again once
        return _vouched(self.issuer, self._claims(token, told, nonce, now))

    def _claims(self, token: Mapping[str, Any], told: _Told, nonce: str, now: datetime) -> Mapping[str, Any]:
        """What the ID token says, once everything in it holds (OpenID Connect Core 1.0, 3.1.3.7)."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError

        given = token.get("id_token")
        if not isinstance(given, str):
            raise NotSignedInError(Why.TOKEN)
        try:
            read = jwt.decode(given, told.keys, algorithms=list(ALGORITHMS))
            claims = CodeIDToken(
                read.claims,
                read.header,
                options={
                    "iss": {"essential": True, "value": self.issuer},
                    "aud": {"essential": True, "value": self._client_id},
                },
                params={
                    "nonce": nonce,
                    "client_id": self._client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            # the last four: a token whose parts are of the wrong kind. What it says may stand in an error's text
            raise NotSignedInError(Why.TOKEN) from None
        if claims["aud"] not in (
            self._client_id,
            [self._client_id],
        ):  # we trust no other audience: 3.1.3.7, 3
            raise NotSignedInError(Why.TOKEN)
        return dict(claims)

    def _about(self, session: OAuth2Session, *, afresh: bool = False) -> _Told:
        """The service's own document and keys, as kept or asked for now."""
        from joserfc.jwk import KeySet

        told = self._told
        if told is not None and not afresh and self._ticks() < told.until:
            return told
        document = _json(session, self.issuer.rstrip("/") + _PATH)
        if document.get("issuer") != self.issuer:  # Discovery 1.0, 4.3
            raise NotSignedInError(Why.AWAY)
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            parts = urlsplit(str(document.get(name, "")))
            if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
                raise NotSignedInError(Why.AWAY)
        keys = KeySet.import_key_set(_json(session, document["jwks_uri"]))  # type: ignore[arg-type]
        self._told = _Told(document, keys, self._ticks() + KEPT)
        return self._told

    def _asking(self) -> _Asking:
        return _Asking(self._free)

    def _session(self) -> OAuth2Session:
        from authlib.integrations.requests_client import OAuth2Session

        session = OAuth2Session(
            self._client_id,
            self._client_secret,
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - the way, not the secret
            scope="openid email",
            redirect_uri=self._back,
            code_challenge_method="S256",
            leeway=0,
        )
        session.trust_env = False  # no .netrc: it would replace our own authorisation
        session.mount("https://", Careful())
        session.mount("http://", Careful())  # the configuration allows it on this machine alone
        return session


class _Asking:
    """While the service is asked: not by too many at once, and whatever goes wrong ends in NotSignedInError."""

    def __init__(self, free: threading.BoundedSemaphore) -> None:
        self._free = free

    def __enter__(self) -> None:
        if not self._free.acquire(blocking=False):
            raise NotSignedInError(Why.BUSY)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        from authlib.integrations.base_client import OAuthError
        from joserfc.errors import JoseError

        self._free.release()
        if isinstance(error, OAuthError):
            ours = error.error in {"invalid_client", "unauthorized_client"}  # RFC 6749, 5.2
            raise NotSignedInError(Why.CREDENTIALS if ours else Why.REFUSED) from None
        answers = (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
            ValueError,
            TypeError,
            KeyError,
        )
        if isinstance(error, (*answers, JoseError)):
            raise NotSignedInError(Why.AWAY) from None


def _json(session: OAuth2Session, address: str) -> dict[str, Any]:
    answer = session.get(address, withhold_token=True, allow_redirects=False)
    body = answer.json()
    if answer.status_code != OK or not isinstance(body, dict):
        raise NotSignedInError(Why.AWAY)
    return body


def _key_of(id_token: object) -> str | None:
    """The `kid` that an ID token names; None for anything that is none."""
    from joserfc.errors import JoseError
    from joserfc.jws import extract_compact

    if not isinstance(id_token, str):
        return None
    try:
        kid = extract_compact(id_token.encode()).headers().get("kid")
    except (JoseError, ValueError):
        return None
    return kid if isinstance(kid, str) else None


def _vouched(issuer: str, claims: Mapping[str, Any]) -> str:
    """The address that the service says is the account's and has been checked by it. Raises NotSignedInError.

    `preferred_username` and `upn` are never read: Microsoft says itself that they prove nothing. With Microsoft `email`
    is whatever an administrator or a guest's home tenant has typed; `xms_edov` (an optional claim of the application)
    says that the address's domain is verified for that tenant. Google is the authority for its own mail and for domains
    that Workspace hosts (`hd`), for no other (developers.google.com/identity/gsi/web/guides/verify-google-id-token).
    """
    address = claims.get("email")
    if not isinstance(address, str) or not can_be_written_to(address.strip()):
        raise NotSignedInError(Why.ADDRESS)
    address = address.strip().casefold()
    host = urlsplit(issuer).hostname
    if host == MICROSOFT:
        if claims.get("tid") != urlsplit(issuer).path.split("/")[1]:
            raise NotSignedInError(Why.TENANT)
        proven = _yes(claims.get("xms_edov"))
    else:
        proven = _yes(claims.get("email_verified"))
    if host == GOOGLE:
        domain = address.rpartition("@")[2]
        proven = proven and (domain == "gmail.com" or str(claims.get("hd", "")).casefold() == domain)
    if not proven:
        raise NotSignedInError(Why.ADDRESS)
    return address


def _yes(said: object) -> bool:
    """True, in the ways in which services write it: Microsoft sends "1" and 1 as well."""
    return said in (True, "true", "1")  # 1 is True
