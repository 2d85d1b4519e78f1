"""A browser that is signed in: a row, so that it can be counted, shown to its owner and ended.

It ends by itself twice over: some hours after the sign-in, and after some time in which nothing was asked for (ASVS 5.0
7.3.1, 7.3.2). When something was last asked for stands in a cookie that only we can write, because looking at a page
writes nothing into the database. Nothing here reads a request.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from alerts.links import new_token
from monitor.domain import Role
from monitor.store import Store
from monitor.tables_people import SignInRow
from monitor.vault import Vault, token_hash


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One reviewer's browser. `key` ties forms to it: it is the sign-in token's hash, never the token."""

    role: Role
    recipient: str
    key: str
    expires_at: datetime


def begin(
    store: Store,
    session: Session,
    *,
    role: str,
    recipient: str,
    now: datetime,
    valid: timedelta,
    label: str = "",
    device_id: int | None = None,
) -> str:
    """A new sign-in's token, in the caller's transaction. Whoever calls this has seen a proof."""
    token = new_token()
    session.add(
        SignInRow(
            school_id=store.school,
            token_hash=token_hash(token),
            recipient=recipient,
            role=role,
            created_at=now,
            expires_at=now + valid,
            label=label,
            used_at=now,
            device_id=device_id,
        )
    )
    session.flush()
    return token


def who(
    store: Store,
    session: Session,
    token: str | None,
    *,
    now: datetime,
    idle: timedelta | None = None,
    seen: str = "",
) -> SignedIn | None:
    """Whose browser holds this token; None when it is unknown, ended, or nothing was asked for in `idle`. `seen` is the
    other cookie, as `seen_now` made it; without one only what was last done counts. Changes nothing."""
    if not token:
        return None
    row = session.exec(
        select(SignInRow).where(
            SignInRow.school_id == store.school, SignInRow.token_hash == token_hash(token)
        )
    ).first()
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        return None
    if idle is not None:
        last = max(row.created_at, row.used_at or row.created_at, seen_at(store.vault, row.token_hash, seen))
        if last + idle <= now:
            return None
    return SignedIn(Role(row.role), row.recipient, row.token_hash, row.expires_at)


_NEVER = datetime.min.replace(tzinfo=UTC)


def seen_now(vault: Vault, key: str, now: datetime) -> str:
    """What the browser is given to show that it asked for something at this minute."""
    minute = str(int(now.timestamp()) // 60)
    return f"{minute}.{_mac(vault, key, minute)}"


def seen_at(vault: Vault, key: str, seen: str) -> datetime:
    """When the browser of this sign-in last asked for something, to the minute; long ago for what we did not write."""
    minute, _, mac = seen.partition(".")
    if not hmac.compare_digest(_mac(vault, key, minute).encode(), mac.encode("utf-8", "replace")):
        return _NEVER
    return datetime.fromtimestamp(int(minute) * 60, UTC)


def _mac(vault: Vault, key: str, minute: str) -> str:
    return hmac.new(
        vault.key("page seen"), f"{key}\0{minute}".encode("utf-8", "replace"), "sha256"
    ).hexdigest()


def used(store: Store, session: Session, key: str, *, now: datetime) -> None:
    """Note that this browser did something."""
    row = _by_key(store, session, key)
    row.used_at = now
    session.add(row)
    session.flush()


def on_device(store: Store, session: Session, signed_in: SignedIn, device_id: int | None) -> None:
    """Note that this browser is the device, so that it ends with it; None: that it goes on without."""
    row = _by_key(store, session, signed_in.key)
    row.device_id = device_id
    session.add(row)
    session.flush()


def _by_key(store: Store, session: Session, key: str) -> SignInRow:
    return session.exec(
        select(SignInRow).where(SignInRow.school_id == store.school, SignInRow.token_hash == key)
    ).one()


def sign_out(store: Store, session: Session, signed_in: SignedIn, *, now: datetime) -> None:
    end(session, [_by_key(store, session, signed_in.key)], now=now)


def open_ones(
    store: Store, session: Session, now: datetime, recipient: str | None = None
) -> Sequence[SignInRow]:
    """The sign-ins that are neither over nor ended, newest first; of one person, or of everybody."""
    asked = select(SignInRow).where(
        SignInRow.school_id == store.school,
        col(SignInRow.revoked_at).is_(None),
        col(SignInRow.expires_at) > now,
    )
    if recipient is not None:
        asked = asked.where(SignInRow.recipient == recipient)
    return session.exec(asked.order_by(col(SignInRow.id).desc())).all()


def end(session: Session, rows: Sequence[SignInRow], *, now: datetime) -> int:
    """End them; returns how many there were."""
    for row in rows:
        row.revoked_at = now
        session.add(row)
    session.flush()
    return len(rows)
