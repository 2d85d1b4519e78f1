"""Signing a reviewer in: a one-time code by mail, typed by a human.

Codes are rows, so that each can be used once and counted. Nothing here sends mail or reads a
request. Every number that guards a code is here: 8 digits, 5 tries a browser, 10 tries a code, one new code a
minute and 5 an hour for one recipient (ASVS 5.0 6.5.1, 6.6.3).

While a code is alive, whoever else asks for one is given a place to type *the same* code instead of a second mail:
a link scanner that presses the button neither floods the mailbox nor shuts the reviewer out.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, select

from alerts import sessions
from alerts.links import new_token
from monitor.domain import Role
from monitor.set_back import ahead
from monitor.store import Store
from monitor.tables_people import CodeRow
from monitor.vault import token_hash

DIGITS = 8
TRIES_A_BROWSER = 5
TRIES_A_CODE = 10
BROWSERS_A_CODE = 10
CODES_AN_HOUR = 5
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


class Refusal(StrEnum):
    """Why a typed code did not sign anybody in."""

    WRONG = "wrong"
    EXPIRED = "expired"  # or used, or never asked for by this browser: the same to whoever types
    SPENT = "spent"  # too many tries


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer to "send me a code". `challenge` belongs in the asking browser's cookie; None: no code is alive and
    none may be sent before `again_at`."""

    challenge: str | None
    mailed: bool
    again_at: datetime


def new_code() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def _code_hash(store: Store, recipient: str, code: str) -> str:
    """Keyed: eight digits under a plain hash are read back in seconds."""
    return store.vault.digest("sign-in code", f"{recipient} {code}").hex()


def ask(
    store: Store,
    session: Session,
    *,
    role: Role,
    recipient: str,
    now: datetime,
    valid: timedelta,
    send: Callable[[str], None],
    make: Callable[[], str] = new_code,
) -> Asked:
    """Give the asking browser a place to type a code, and mail a new code (`send`) unless one is alive already.

    `recipient` is the keyed hash. All in the caller's write transaction, the mail's outbox row included.
    """
    rows = session.exec(
        select(CodeRow)
        .where(
            CodeRow.school_id == store.school,
            CodeRow.recipient == recipient,
            CodeRow.created_at > now - max(_HOUR, valid),
            ~ahead(CodeRow.created_at, now),
        )
        .order_by(col(CodeRow.created_at).desc(), col(CodeRow.id))
    ).all()
    challenge = new_token()
    newest = [row for row in rows if row.created_at == rows[0].created_at]
    if newest and newest[0].used_at is None and newest[0].expires_at > now:
        again_at = newest[0].expires_at
        if _spent(newest):
            return Asked(None, mailed=False, again_at=again_at)
        _share(session, newest, role, challenge)
        return Asked(challenge, mailed=False, again_at=again_at)

    made = sorted({row.created_at for row in rows if row.created_at > now - _HOUR}, reverse=True)
    if made and made[0] > now - _MINUTE:
        return Asked(None, mailed=False, again_at=made[0] + _MINUTE)
    if len(made) >= CODES_AN_HOUR:
        return Asked(None, mailed=False, again_at=made[CODES_AN_HOUR - 1] + _HOUR)

    code = make()
    session.add(
        CodeRow(
            school_id=store.school,
            challenge_hash=token_hash(challenge),
            recipient=recipient,
            role=role.value,
            code_hash=_code_hash(store, recipient, code),
            created_at=now,
            expires_at=now + valid,
        )
    )
    session.flush()
    send(code)
    return Asked(challenge, mailed=True, again_at=now + valid)


def _spent(rows: Sequence[CodeRow]) -> bool:
    return sum(row.tries for row in rows) >= TRIES_A_CODE


def _share(session: Session, rows: Sequence[CodeRow], role: Role, challenge: str) -> None:
    """Let one more browser type the code of `rows`. Beyond BROWSERS_A_CODE it takes the place of the oldest that
    never typed anything (a scanner never does), so no count of tries is ever lost."""
    untried = [row for row in rows if not row.tries]
    if len(rows) >= BROWSERS_A_CODE and untried:
        place = untried[0]
    else:
        place = CodeRow(**rows[0].model_dump(exclude={"id", "tries"}))
    place.challenge_hash, place.role = token_hash(challenge), role.value
    session.add(place)
    session.flush()


def awaited(store: Store, session: Session, challenge: str | None, *, now: datetime) -> CodeRow | None:
    """The code that this browser may still type; None when there is none. Changes nothing."""
    if not challenge:
        return None
    row = session.exec(
        select(CodeRow).where(
            CodeRow.school_id == store.school, CodeRow.challenge_hash == token_hash(challenge)
        )
    ).first()
    if row is None or row.used_at is not None or row.expires_at <= now:
        return None
    return row


def prove(
    store: Store,
    session: Session,
    *,
    challenge: str | None,
    typed: str,
    now: datetime,
    valid: timedelta,
    label: str = "",
) -> str | Refusal:
    """A sign-in token for the right code, typed in time by a browser that asked; `valid` is how long it stays good.

    A wrong try is counted in the caller's transaction, which must be committed whatever this returns.
    """
    row = awaited(store, session, challenge, now=now)
    if row is None:
        return Refusal.EXPIRED
    shared = session.exec(
        select(CodeRow).where(
            CodeRow.school_id == store.school,
            CodeRow.recipient == row.recipient,
            CodeRow.code_hash == row.code_hash,
            CodeRow.created_at == row.created_at,
        )
    ).all()
    if row.tries >= TRIES_A_BROWSER or _spent(shared):
        return Refusal.SPENT
    row.tries += 1
    session.add(row)
    digits = "".join(character for character in typed if character in "0123456789")
    if not hmac.compare_digest(_code_hash(store, row.recipient, digits), row.code_hash):
        session.flush()
        return Refusal.WRONG
    for one in shared:
        one.used_at = now
        session.add(one)
    return sessions.begin(
        store, session, role=row.role, recipient=row.recipient, now=now, valid=valid, label=label
    )


def tries_left(row: CodeRow) -> int:
    return max(0, TRIES_A_BROWSER - row.tries)
