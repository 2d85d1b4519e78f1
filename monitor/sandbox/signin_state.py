"""Who may sign in at an invented network, for which application, and what was granted. Knows no HTTP.

Codes and tokens are the server's own secrets here: they live in memory, and a code is good once.
"""

from __future__ import annotations

import secrets
import threading
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from monitor.ports import Clock
from monitor.sandbox.x_objects import snowflake


@dataclass(frozen=True, slots=True)
class Member:
    """An invented person with an account. `email` None: none that the network has confirmed."""

    id: str
    handle: str
    name: str
    email: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What an application asked for when it sent a browser here."""

    client_id: str
    redirect: str
    state: str
    scope: frozenset[str]
    challenge: str


@dataclass(slots=True)
class Grant:
    """What one person allowed one application. `spent`: its code was tried."""

    member: Member
    asked: Asked
    at: datetime
    shares_email: bool
    spent: bool = False


@dataclass
class SignInState:
    """One application at one network and the people who can sign in through it. Any thread may ask.

    `redirects`: where the application may have its people sent back to, exactly. `code_lasts`: how long a code is good.
    """

    client_id: str
    client_secret: str
    redirects: Sequence[str]
    clock: Clock
    code_lasts: timedelta = timedelta(seconds=30)
    members: list[Member] = field(default_factory=list)
    tokens_asked: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._codes: dict[str, Grant] = {}
        self._tokens: dict[str, Grant] = {}

    def add(self, handle: str, email: str | None, *, name: str = "", member_id: str = "") -> Member:
        """A person with an account; `member_id` where the account is known elsewhere by it."""
        with self._lock:
            number = member_id or str(snowflake(self.clock(), len(self.members)))
            member = Member(number, handle, name or handle, email)
            self.members.append(member)
        return member

    def allow(self, asked: Asked, member_id: str, *, shares_email: bool = True) -> str | None:
        """The code for an application that this person allows what it asked; None for nobody of ours."""
        with self._lock:
            member = next((one for one in self.members if one.id == member_id), None)
            if member is None:
                return None
            code = secrets.token_urlsafe(48)
            self._codes[code] = Grant(member, asked, self.clock(), shares_email)
            return code

    def spend(self, code: str) -> tuple[Grant | None, bool]:
        """(the grant, whether its code was good until now). A code that was tried is never good again (RFC 6749, 4.1.2)."""
        with self._lock:
            self.tokens_asked += 1
            grant = self._codes.get(code)
            if grant is None:
                return None, False
            good = not grant.spent and self.clock() < grant.at + self.code_lasts
            grant.spent = True
            return grant, good

    def token_for(self, grant: Grant) -> str:
        with self._lock:
            token = secrets.token_urlsafe(48)
            self._tokens[token] = grant
            return token

    def holder(self, authorization: str) -> tuple[str, Grant] | None:
        """(token, grant) of a request's Authorization header; None for a token that is not ours."""
        kind, _, token = authorization.partition(" ")
        with self._lock:
            grant = self._tokens.get(token)
        return (token, grant) if kind.lower() == "bearer" and grant else None


def challenge_of(verifier: str) -> str:
    """RFC 7636, 4.2: S256."""
    return urlsafe_b64encode(sha256(verifier.encode("ascii", "replace")).digest()).decode().rstrip("=")
