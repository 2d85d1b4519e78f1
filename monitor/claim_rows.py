"""Claims as rows: asked, answered once, bound to a follower. What a claim means is monitor/claims.py's to say.

Everything here happens in the caller's write transaction. Addresses and handles are kept as keyed hashes; what a mail
or a page must still show is sealed, and emptied when the claim ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, or_, select, update

from monitor import keys
from monitor.claims import SIGNED_IN, VALID, WAITS, Claim, Standing, Way
from monitor.domain import VerificationState
from monitor.register_hashes import email_digest, handle_digest
from monitor.store import Store
from monitor.tables import ItemRow
from monitor.tables_people import ClaimRow, FollowerRow
from monitor.vault import token_hash

SEALED = "claim.sealed"
_LONGEST_TOKEN = 64  # characters; anything longer was never ours and is not worth hashing
_OPEN = (Standing.MAILED, Standing.UNDELIVERED)  # may be confirmed: a mail may arrive after all


class Answer(StrEnum):
    """What a confirmation's link leads to."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    ENDED = "ended"  # denied, revoked, or the account changed its handle since


@dataclass(frozen=True, slots=True)
class Found:
    """A claim as its link shows it. `handle` is empty once the claim needs no answer any more."""

    id: int
    network: str
    handle: str
    answer: Answer
    expires_at: datetime


def ask(
    store: Store,
    session: Session,
    *,
    network: str,
    handle: str,
    address: str,
    way: Way,
    now: datetime,
    client: bytes | None = None,
    external_id: str | None = None,
    consented_at: datetime | None = None,
    code: bytes | None = None,
) -> None:
    """Keep a claim for alerts/claims.py to look at. Does the same for every address: the register is not asked here.

    `handle` and `address` are in their normal form (monitor/names.py); the claimant has consented to the matching, now
    unless told when. `external_id`: as the network itself told it; `handle` is then empty where it told none. `code`: the keyed hash of a letter's code, good or not
    (monitor/family_code_rows.py).
    """
    session.add(
        ClaimRow(
            school_id=store.school,
            network=network,
            email=email_digest(store.vault.digest, address),
            handle=handle_digest(store.vault.digest, network, handle) if handle else b"",
            external_id=external_id,
            way=way.value,
            client=client,
            code=code,
            sealed=keys.for_month(session, store, now).seal_json(
                {"address": address, "handle": handle}, SEALED
            ),
            consented_at=consented_at or now,
            created_at=now,
            expires_at=now + VALID,
        )
    )
    session.flush()


def find(store: Store, session: Session, token: str, *, now: datetime) -> Found | None:
    """What a confirmation's link leads to; None for a token that never was one. Changes nothing."""
    row = _by_token(store, session, token)
    if row is None:
        return None
    answer = _answer(row, now)
    sealed = store.vault.unseal_json(row.sealed, SEALED) if answer is Answer.OPEN else {}
    assert row.id is not None
    return Found(row.id, row.network, sealed.get("handle", ""), answer, row.expires_at)


def confirm(store: Store, session: Session, token: str, *, now: datetime) -> Answer | None:
    """Whoever reads the mailbox says that the account is theirs. Done once; returns what is true after it, None for a
    token that never was one. An expired, used or revoked claim stays what it is."""
    row = _by_token(store, session, token)
    if row is None:
        return None
    if _answer(row, now) is Answer.OPEN:
        row.confirmed_at, row.expires_at = now, now + WAITS
        _ends(store, session, row, Standing.CONFIRMED, actor="claimant", now=now)
    return _answer(row, now)


def deny(store: Store, session: Session, token: str, *, now: datetime) -> Answer | None:
    """Whoever reads the mailbox says that the account is not theirs; as `confirm` otherwise."""
    row = _by_token(store, session, token)
    if row is None:
        return None
    if _answer(row, now) is Answer.OPEN:
        row.revoked_at = now
        _ends(store, session, row, Standing.DENIED, actor="claimant", now=now)
    return _answer(row, now)


def revoke(store: Store, session: Session, claim_id: int, *, actor: str, now: datetime) -> bool:
    """The school takes a claim back, confirmed or not; False when it has ended already. `actor`: a role."""
    row = session.get_one(ClaimRow, claim_id)
    if row.school_id != store.school or row.revoked_at is not None or row.standing == Standing.EXPIRED:
        return False
    row.revoked_at = now
    _ends(store, session, row, Standing.REVOKED, actor=actor, now=now)
    return True


def expire(store: Store, session: Session, now: datetime) -> int:
    """End the claims that nobody confirmed in time, and the confirmed ones whose follower never came."""
    waiting = (col(ClaimRow.standing) == Standing.CONFIRMED.value) & col(ClaimRow.external_id).is_(None)
    rows = session.exec(
        select(ClaimRow).where(
            ClaimRow.school_id == store.school,
            col(ClaimRow.expires_at) <= now,
            col(ClaimRow.standing).in_(_OPEN) | waiting,
        )
    ).all()
    for row in rows:
        _ends(store, session, row, Standing.EXPIRED, actor="schoolgate", now=now)
    return len(rows)


def attend(
    store: Store, session: Session, follower: FollowerRow, handle: bytes | None, now: datetime
) -> list[Claim]:
    """The claims to one follower's account, after binding to it those that waited for its handle.

    `handle` is the keyed hash of the handle that this follower was seen with; None when the network gave none. One
    account that follows several of the school's has the handle that was seen last. A confirmed claim to a handle that
    the account no longer has is ended: the account must be proven again.
    """
    seen_at = None
    if handle is not None and follower.handle != handle:
        before, follower.handle = follower.handle, handle
        session.add(follower)
        session.flush()
        if before is not None:
            # of two that had it one is left: a claim that waits for it may know by now whom it means
            _judge_again(store, session, follower.network, col(FollowerRow.handle) == before)
    if handle is not None:
        handle, seen_at = _seen_last(store, session, follower) or (handle, None)
        _bind(store, session, follower.network, handle, now)
    rows = claims_of(store, session, follower.network, follower.external_id)
    same = {row.id: _same_handle(row, handle, seen_at) for row in rows}
    for row in rows:
        if row.standing == Standing.CONFIRMED and handle is not None and not same[row.id]:
            row.revoked_at = now
            _ends(store, session, row, Standing.HANDLE_CHANGED, actor="schoolgate", now=now)
    return [Claim(Standing(row.standing), row.email, same[row.id], row.by_letter) for row in rows]


def _same_handle(row: ClaimRow, handle: bytes | None, seen_at: datetime | None) -> bool:
    """A handle that was seen before the network itself told another one says nothing."""
    if row.way in SIGNED_IN and (not row.handle or (seen_at is not None and seen_at < row.created_at)):
        return True
    return handle is not None and row.handle == handle


def _seen_last(store: Store, session: Session, follower: FollowerRow) -> tuple[bytes, datetime] | None:
    """The newest handle of the account and since when, whichever of the school's accounts it was seen at."""
    found = session.exec(
        select(FollowerRow.handle, ItemRow.seen_at)
        .join(ItemRow, col(ItemRow.id) == FollowerRow.item_id)
        .where(
            FollowerRow.school_id == store.school,
            FollowerRow.network == follower.network,
            FollowerRow.external_id == follower.external_id,
            col(FollowerRow.handle).is_not(None),
        )
        .order_by(col(ItemRow.seen_at).desc(), col(ItemRow.id).desc())
        .limit(1)
    ).first()
    return (found[0], found[1]) if found and found[0] else None


def _bind(store: Store, session: Session, network: str, handle: bytes, now: datetime) -> None:
    """Tie the claims that wait for a handle to the network's stable id of the one account that has it.

    Nothing is tied while two accounts are known by this handle: one of them has given it up, and it is not known which.
    """
    waiting = session.exec(
        select(ClaimRow).where(
            ClaimRow.school_id == store.school,
            ClaimRow.network == network,
            ClaimRow.handle == handle,
            col(ClaimRow.external_id).is_(None),
            col(ClaimRow.considered_at).is_not(None),
            col(ClaimRow.expires_at) > now,
        )
    ).all()
    known = session.exec(
        select(FollowerRow.external_id)
        .where(
            FollowerRow.school_id == store.school,
            FollowerRow.network == network,
            FollowerRow.handle == handle,
            FollowerRow.state != VerificationState.LEFT.value,
        )
        .distinct()
    ).all()
    if len(known) == 1:
        for row in waiting:
            row.external_id = known[0]


def judge_again(store: Store, session: Session, row: ClaimRow) -> None:
    """Leave the followers that this claim is about to the verify stage."""
    about = col(FollowerRow.handle) == row.handle
    if row.external_id is not None:
        about = or_(about, col(FollowerRow.external_id) == row.external_id)
    _judge_again(store, session, row.network, about)


def _judge_again(store: Store, session: Session, network: str, which: Any) -> None:
    session.exec(
        update(FollowerRow)
        .where(col(FollowerRow.school_id) == store.school, col(FollowerRow.network) == network, which)
        .values(verified_at=None)
    )


def _ends(
    store: Store, session: Session, row: ClaimRow, standing: Standing, *, actor: str, now: datetime
) -> None:
    row.standing, row.sealed = standing.value, b""
    session.add(row)
    happened = f"claim {standing.value.replace('_', ' ')}"
    store.audit(session, at=now, actor=actor, happened=happened, thing=f"claim {row.id}")
    judge_again(store, session, row)


def _by_token(store: Store, session: Session, token: str) -> ClaimRow | None:
    if not token or len(token) > _LONGEST_TOKEN:
        return None
    return session.exec(
        select(ClaimRow).where(ClaimRow.school_id == store.school, ClaimRow.token_hash == token_hash(token))
    ).first()


def _answer(row: ClaimRow, now: datetime) -> Answer:
    if row.standing in _OPEN:
        return Answer.OPEN if now < row.expires_at else Answer.EXPIRED
    if row.standing == Standing.EXPIRED:
        return Answer.EXPIRED
    return Answer.CONFIRMED if row.standing == Standing.CONFIRMED else Answer.ENDED


def claims_of(store: Store, session: Session, network: str, external_id: str) -> Sequence[ClaimRow]:
    """Every claim that was ever tied to one account, oldest first: for the office's page."""
    return session.exec(
        select(ClaimRow)
        .where(
            ClaimRow.school_id == store.school,
            ClaimRow.network == network,
            ClaimRow.external_id == external_id,
        )
        .order_by(col(ClaimRow.id))
    ).all()
