"""Signing in at a network to prove a claim: OAuth 2.0 authorisation code (RFC 6749, 4.1) with PKCE (RFC 7636, S256).

Asks the network two things, once: a token for the code, and whose it is. The token lives in one call's memory and is
never stored, logged or asked for again; neither is the name that the network may send along. It knows no register.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import requests
import urllib3

from alerts.careful import Careful
from alerts.oauth import OK
from monitor.names import normal_email, normal_handle

if TYPE_CHECKING:  # authlib loads a library of ciphers, which only a sign-in shall wait for
    from authlib.integrations.requests_client import OAuth2Session

AT_ONCE = 4  # sign-ins that wait for one network at the same time; a slow network must not stop the page
LONGEST_CODE = 2048  # characters; X's are about 100, Facebook's some 400


class Why(StrEnum):
    """Why nothing was proven; for the log and the technician, the page says the same for all."""

    REFUSED = "the network refused the code"
    NO_EMAIL = "the account has no confirmed e-mail address"
    AWAY = "the network gave no usable answer"
    BUSY = "too many were signing in at once"
    CREDENTIALS = "the network refused the application's id or secret"


class NotProvenError(Exception):
    """Nothing was proven. Holds no word of the network's answer. `shown`: the network showed a profile all the same, which
    it may charge for."""

    def __init__(self, why: Why, *, shown: bool = False) -> None:
        super().__init__(why.value)
        self.why = why
        self.shown = shown


@dataclass(frozen=True, slots=True)
class Proven:
    """What the network says of whoever signed in, in normal form (monitor/names.py). `external_id`: its stable number of
    the account; `handle` is empty where the network tells none."""

    external_id: str
    handle: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and the two secrets that the same browser must bring back."""

    link: str = field(repr=False)
    state: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Network:
    """One network's addresses and ways. `said` reads (id, handle, address) from its answer about the signed-in account;
    each is None where it is absent."""

    name: str
    authorise: str
    token: str
    me: str
    scope: str
    fields: Mapping[str, str]
    client_auth: str
    said: Callable[[Mapping[str, Any]], tuple[object, object, object]]
    tells_handle: bool = True
    signs: bool = False  # each call with appsecret_proof


def x(base: str | None = None) -> Network:
    """X API v2. Scopes and addresses: xdevplatform/docs, fundamentals/authentication/oauth-2-0; the e-mail: user field
    `confirmed_email`, which is absent where the account has none or its app may not ask for it."""
    site, api = (base, base) if base else ("https://x.com", "https://api.x.com")
    return Network(
        name="x",
        authorise=f"{site}/i/oauth2/authorize",
        token=f"{api}/2/oauth2/token",
        me=f"{api}/2/users/me",
        scope="users.read tweet.read users.email",
        fields={"user.fields": "confirmed_email"},
        client_auth="client_secret_basic",
        said=_said_by_x,
    )


def facebook(base: str | None = None, version: str = "v26.0") -> Network:
    """Facebook Login, built by hand as developers.facebook.com/docs/facebook-login describes. `email` is absent unless
    the person has a confirmed one and lets the app have it. The id is this app's own for the person."""
    site, api = (base, base) if base else ("https://www.facebook.com", "https://graph.facebook.com")
    return Network(
        name="facebook",
        authorise=f"{site}/{version}/dialog/oauth",
        token=f"{api}/{version}/oauth/access_token",
        me=f"{api}/{version}/me",
        scope="email",
        fields={"fields": "id,name,email"},
        client_auth="client_secret_post",
        said=lambda body: (body.get("id"), None, body.get("email")),
        tells_handle=False,
        signs=True,
    )


def _said_by_x(body: Mapping[str, Any]) -> tuple[object, object, object]:
    data = body.get("data")
    person = data if isinstance(data, dict) else {}
    return person.get("id"), person.get("username"), person.get("confirmed_email")


class Prover:
    """One network's sign-in for the school's own application. `back`: the page's address that the browser returns to.
    `reads`: what the network bills for whoever signed in, in units of `monitor.domain.Page.reads`."""

    def __init__(
        self, network: Network, *, client_id: str, client_secret: str, back: str, reads: int = 0
    ) -> None:
        self.network = network
        self.reads = reads
        self._client_id, self._client_secret, self._back = client_id, client_secret, back
        self._free = threading.BoundedSemaphore(AT_ONCE)

    def begin(self) -> Begun:
        """A new sign-in. Asks nobody."""
        state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        with self._session() as session:
            link, _ = session.create_authorization_url(
                self.network.authorise, state=state, code_verifier=verifier
            )
        return Begun(link, state, verifier)

    def finish(self, code: str, verifier: str) -> Proven:
        """Who signed in. Raises NotProvenError, whatever the network does."""
        from authlib.integrations.base_client import OAuthError

        if not code or len(code) > LONGEST_CODE:
            raise NotProvenError(Why.REFUSED)
        if not self._free.acquire(blocking=False):
            raise NotProvenError(Why.BUSY)
        try:
            with self._session() as session:
                return self._read(self._me(session, code, verifier))
        except OAuthError as error:
            raise NotProvenError(_why(error.error)) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError, TypeError):
            # TypeError: authlib reckons with what should be numbers. The answer may stand in an error's text
            raise NotProvenError(Why.AWAY) from None
        finally:
            self._free.release()

    def _session(self) -> OAuth2Session:
        from authlib.integrations.requests_client import OAuth2Session

        session = OAuth2Session(
            self._client_id,
            self._client_secret,
            token_endpoint_auth_method=self.network.client_auth,
            scope=self.network.scope,
            redirect_uri=self._back,
            code_challenge_method="S256",
            leeway=0,  # seconds; a token is used at once, however soon it ends
        )
        session.trust_env = False  # no .netrc: it would replace our own authorisation
        session.mount("https://", Careful())
        session.mount("http://", Careful())  # the configuration allows it on this machine alone
        return session

    def _me(self, session: OAuth2Session, code: str, verifier: str) -> Mapping[str, Any]:
        token = session.fetch_token(
            self.network.token,
            grant_type="authorization_code",
            code=code,
            redirect_uri=self._back,
            code_verifier=verifier,
            allow_redirects=False,
        )
        given = token.get("access_token")
        if not isinstance(given, str) or not given:
            raise NotProvenError(Why.AWAY)
        asked = dict(self.network.fields)
        if self.network.signs:
            asked["appsecret_proof"] = hmac.new(
                self._client_secret.encode(), given.encode(), "sha256"
            ).hexdigest()
        answer = session.get(self.network.me, params=asked, allow_redirects=False)
        body = answer.json()
        if answer.status_code != OK or not isinstance(body, dict):
            raise NotProvenError(Why.AWAY)
        return body

    def _read(self, body: Mapping[str, Any]) -> Proven:
        number, handle, address = self.network.said(body)
        if not isinstance(number, str) or not (number.isascii() and number.isdigit()) or len(number) > 30:  # noqa: PLR2004
            raise NotProvenError(Why.AWAY, shown=True)
        normal = normal_handle(self.network.name, handle) if isinstance(handle, str) else None
        if self.network.tells_handle and (normal is None or normal[0] != self.network.name):
            raise NotProvenError(Why.AWAY, shown=True)
        email = normal_email(address) if isinstance(address, str) else None
        if email is None:
            raise NotProvenError(Why.NO_EMAIL, shown=True)
        return Proven(number, normal[1] if normal else "", email)


_OURS = frozenset({"invalid_client", "unauthorized_client"})  # RFC 6749, 5.2
_NO_SUCH_APP = 101  # Graph: "Error validating application."


def _why(error: object) -> Why:
    """RFC 6749 names its errors by one word; Graph answers with an object of its own."""
    if isinstance(error, dict):
        message = error.get("message")
        secret = isinstance(message, str) and "client secret" in message.lower()
        return Why.CREDENTIALS if secret or error.get("code") == _NO_SUCH_APP else Why.REFUSED
    return Why.CREDENTIALS if isinstance(error, str) and error in _OURS else Why.REFUSED
