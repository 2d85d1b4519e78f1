"""An access token for XOAUTH2 by OAuth 2.0 client credentials (RFC 6749 §4.4), kept until shortly before it expires.

The secret goes to the token address only: over TLS, in the body, and never after a redirect.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import requests

from monitor.errors import DeliveryError
from monitor.ports import Clock
from monitor.system_trust import SystemTrust

EARLY = timedelta(minutes=5)  # a token this near its end is not used any more
USUAL_LIFE = 3600  # seconds, when the answer does not say (RFC 6749 §5.1 lets it not say)
OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the school's tenant gave us, e.g. for Microsoft 365: scope https://outlook.office365.com/.default"""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    table: str = "mail"  # of the configuration, for what an error says

    def __post_init__(self) -> None:
        parts = urlsplit(self.token_url)
        loopback = parts.hostname in {"127.0.0.1", "::1", "localhost"}
        if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
            raise ValueError(f"{self.table}.oauth_token_url must start with https://")


class TokenSource:
    """Gives a token when called; asks the server only when the last one is nearly over."""

    def __init__(self, credentials: Credentials, clock: Clock, *, timeout: float = 20.0) -> None:
        self._credentials = credentials
        self._clock = clock
        self._timeout = timeout
        self._token = ""
        self._until: datetime | None = None
        self._lock = asyncio.Lock()

    async def __call__(self) -> str:
        """A token that is good for at least five minutes. Raises DeliveryError with a sentence."""
        async with self._lock:
            now = self._clock()
            if self._until is None or now >= self._until:
                token, life = await asyncio.to_thread(_fetch, self._credentials, self._timeout)
                self._token, self._until = token, now + max(life - EARLY, timedelta())
            return self._token

    def forget(self) -> None:
        """Ask anew next time: the mail server did not like the last one."""
        self._until = None


def _fetch(credentials: Credentials, timeout: float) -> tuple[str, timedelta]:
    form = {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "scope": credentials.scope,
    }
    host = urlsplit(credentials.token_url).hostname
    with requests.Session() as session:
        session.mount("https://", SystemTrust())
        try:
            answer = session.post(credentials.token_url, data=form, timeout=timeout, allow_redirects=False)
            said = answer.json()
        except ValueError as error:  # requests' JSON error is one
            raise DeliveryError(
                f"{host} gave no token but something unreadable; check {credentials.table}.oauth_token_url."
            ) from error
        except requests.RequestException as error:
            raise DeliveryError(
                f"{host} gave no token ({type(error).__name__}); check the network and"
                f" {credentials.table}.oauth_token_url."
            ) from error
    token = said.get("access_token") if isinstance(said, dict) else None
    if answer.status_code != OK or not isinstance(token, str) or not token:
        raise DeliveryError(
            f"{host} gave no token ({answer.status_code}{_named_error(said)}); check {credentials.table}.oauth_client_id, its"
            " secret and whether an administrator has consented."
        )
    return token, timedelta(seconds=_life(said.get("expires_in")))


def _named_error(said: object) -> str:
    """RFC 6749 §5.2: `error` is one word of a short list; its description may repeat what we sent, and is left out."""
    name = said.get("error") if isinstance(said, dict) else None
    return f" {name}" if isinstance(name, str) and name.isidentifier() else ""


def _life(seconds: object) -> float:
    try:
        return float(seconds) if isinstance(seconds, (int, float, str)) else USUAL_LIFE
    except ValueError:
        return USUAL_LIFE
