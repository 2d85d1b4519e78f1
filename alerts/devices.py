"""A phone or computer that its owner asked to be remembered: it opens a case with one more tap, for thirty days.

Its cookie holds 256 random bits, of which only a keyed hash is kept. Each use gives it new ones. The old ones go on being
good until the new ones are shown, so that an answer lost on the way shuts nobody out; after that, whoever shows old
ones holds a copy of the cookie, and the device is at an end. It is bound to one person's address and one role, and ends
when that role is somebody else's. Nothing here reads a request or sends mail.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, select

from alerts import sessions
from monitor.domain import Role
from monitor.store import Store
from monitor.tables_people import SignInRow
from monitor.tables_sign_in import DeviceRow, SpentTokenRow

TOKEN_BYTES = 32
TURN = timedelta(
    minutes=1
)  # used again within this, it keeps the token that it was just given: two tabs, one cookie
MOST = 10  # a person's devices; remembering one more ends the one that was used longest ago
_LONGEST = 64  # characters; anything longer was never ours


class Ended(StrEnum):
    """Why a device is remembered no more."""

    PERSON = "its owner ended it"
    TOO_MANY = "another was remembered in its place"
    COPIED = "an old copy of its cookie was used"
    ROLE = "the role is held by somebody else"
    ADMINISTRATOR = "the administrator ended it"


@dataclass(frozen=True, slots=True)
class Known:
    """A remembered device as its cookie shows it. `copied`: the cookie is an old copy."""

    id: int
    role: Role
    recipient: str
    label: str
    expires_at: datetime
    copied: bool = False


@dataclass(frozen=True, slots=True)
class Used:
    """A sign-in by a remembered device. `token` is for its cookie, None: it keeps the one it has."""

    sign_in: str
    token: str | None


def _hash(store: Store, token: str) -> str:
    return store.vault.digest("device", token).hex()


def remember(
    store: Store,
    session: Session,
    *,
    role: Role,
    recipient: str,
    label: str,
    now: datetime,
    valid: timedelta,
) -> str:
    """The token for the cookie of a browser whose owner has just signed in with a proof and asked to be remembered."""
    for old in open_ones(store, session, now, recipient)[MOST - 1 :]:
        end(store, session, old, Ended.TOO_MANY, now=now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        DeviceRow(
            school_id=store.school,
            recipient=recipient,
            role=role.value,
            label=label,
            token=_hash(store, token),
            created_at=now,
            used_at=now,
            expires_at=now + valid,
        )
    )
    session.flush()
    return token


def known(store: Store, session: Session, token: str | None, *, now: datetime) -> Known | None:
    """Which device holds this token; None when it is unknown, over or ended. Changes nothing."""
    if not token or len(token) > _LONGEST:
        return None
    hashed = _hash(store, token)
    row = session.exec(
        select(DeviceRow).where(
            DeviceRow.school_id == store.school,
            (DeviceRow.token == hashed) | (DeviceRow.following == hashed),
        )
    ).first()
    copied = row is None
    if row is None:
        row = session.exec(
            select(DeviceRow)
            .join(SpentTokenRow, col(SpentTokenRow.device_id) == DeviceRow.id)
            .where(SpentTokenRow.school_id == store.school, SpentTokenRow.token == hashed)
        ).first()
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        return None
    assert row.id is not None
    return Known(row.id, Role(row.role), row.recipient, row.label, row.expires_at, copied)


def use(store: Store, session: Session, token: str, *, now: datetime, valid: timedelta) -> Used | None:
    """Sign the device's owner in and turn its token; None for whatever `known` says no or `copied` to."""
    found = known(store, session, token, now=now)
    if found is None or found.copied:
        return None
    row = session.get_one(DeviceRow, found.id)
    if _hash(store, token) == row.following:
        _spend(session, row, row.token)
        row.token, row.following, row.turned_at = row.following, None, None
        session.add(row)
        session.flush()
    given = None
    if row.turned_at is None or row.following is None or row.turned_at + TURN <= now:
        if row.following is not None:  # given, and never shown: lost on its way, or somebody else's
            _spend(session, row, row.following)
        given = secrets.token_urlsafe(TOKEN_BYTES)
        row.following, row.turned_at = _hash(store, given), now
    row.used_at = now
    session.add(row)
    sign_in = sessions.begin(
        store,
        session,
        role=row.role,
        recipient=row.recipient,
        now=now,
        valid=valid,
        label=row.label,
        device_id=row.id,
    )
    return Used(sign_in, given)


def _spend(session: Session, row: DeviceRow, token: str) -> None:
    assert row.id is not None
    session.add(
        SpentTokenRow(school_id=row.school_id, device_id=row.id, token=token, expires_at=row.expires_at)
    )


def end(store: Store, session: Session, row: DeviceRow, why: Ended, *, now: datetime) -> None:
    """End a device, and every sign-in that it opened."""
    row.revoked_at, row.why = now, why.value
    session.add(row)
    opened = session.exec(
        select(SignInRow).where(
            SignInRow.school_id == store.school,
            SignInRow.device_id == row.id,
            col(SignInRow.revoked_at).is_(None),
        )
    ).all()
    sessions.end(session, opened, now=now)


def open_ones(
    store: Store, session: Session, now: datetime, recipient: str | None = None
) -> Sequence[DeviceRow]:
    """The devices that are remembered, last used first; of one person, or of everybody."""
    asked = select(DeviceRow).where(
        DeviceRow.school_id == store.school,
        col(DeviceRow.revoked_at).is_(None),
        col(DeviceRow.expires_at) > now,
    )
    if recipient is not None:
        asked = asked.where(DeviceRow.recipient == recipient)
    return session.exec(asked.order_by(col(DeviceRow.used_at).desc(), col(DeviceRow.id).desc())).all()


def end_those_of_others(
    store: Store, session: Session, holds: Callable[[str, Role], bool], *, now: datetime
) -> int:
    """End every device and sign-in whose person no longer `holds` (keyed address hash, role) it; returns how many.

    Done at the start of the service, which is when a new holder counts: should the role come back to somebody one day,
    what was remembered before does not.
    """
    devices = [row for row in open_ones(store, session, now) if not holds(row.recipient, Role(row.role))]
    for row in devices:
        end(store, session, row, Ended.ROLE, now=now)
    rows = [
        row for row in sessions.open_ones(store, session, now) if not holds(row.recipient, Role(row.role))
    ]
    return len(devices) + sessions.end(session, rows, now=now)
