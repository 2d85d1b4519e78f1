"""The one link that a mail carries: it names a case and a recipient, and by itself it may do nothing.

A link identifies, the sign-in authorises (ASVS 5.0 6.5.5: what arrives by mail and lives for days is no
authenticator). A token is 24 random bytes; the database keeps its SHA-256 only, so a stolen backup opens nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, select

from monitor.domain import Role
from monitor.store import Store
from monitor.tables_people import LinkRow
from monitor.vault import Vault, token_hash

TOKEN_BYTES = 24
_LONGEST = 64  # characters; anything longer was never ours and is not worth hashing


@dataclass(frozen=True, slots=True)
class Link:
    """What a token stands for. `recipient` is the keyed hash of the address it was mailed to; `case_id` None: the list."""

    case_id: int | None
    role: Role
    recipient: str


def recipient_hash(vault: Vault, address: str) -> str:
    """The keyed hash, hex, by which an address is known in links, codes and sign-ins. Case and outer spaces do not count."""
    return vault.digest("recipient", address.strip().casefold()).hex()


def new_token() -> str:
    """192 random bits, URL-safe, 32 characters: short enough that no mail program wraps it."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def issue(
    store: Store,
    session: Session,
    *,
    case_id: int | None,
    role: Role,
    address: str,
    now: datetime,
    valid: timedelta,
) -> str:
    """A new link's token for one recipient and one case (None: the list), in the caller's transaction."""
    token = new_token()
    session.add(
        LinkRow(
            school_id=store.school,
            token_hash=token_hash(token),
            case_id=case_id,
            role=role.value,
            recipient=recipient_hash(store.vault, address),
            created_at=now,
            expires_at=now + valid,
        )
    )
    session.flush()
    return token


def find(store: Store, session: Session, token: str, *, now: datetime) -> Link | None:
    """What an unexpired token stands for; None for every other string, without saying why. Changes nothing."""
    if not token or len(token) > _LONGEST:
        return None
    row = session.exec(
        select(LinkRow).where(LinkRow.school_id == store.school, LinkRow.token_hash == token_hash(token))
    ).first()
    if row is None or row.expires_at <= now:
        return None
    return Link(case_id=row.case_id, role=Role(row.role), recipient=row.recipient)


def address_of(public_url: str, token: str) -> str:
    """The link as it stands in a mail."""
    return f"{public_url.rstrip('/')}/c/{token}"
