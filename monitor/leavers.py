"""Who no longer follows, by a list that the network gave whole. Doubt marks nobody: a list may be short for many reasons.

The judgement is `departed`; `mark_left` writes it, in the transaction that stores the list. What the network says of one
follower by name is no list, and nothing in it can be missing: `leave` and `come_back` take it as it is.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from monitor.domain import VerificationState
from monitor.incidents import close_incident, open_incident
from monitor.store import Store
from monitor.tables_people import FollowerRow

LEFT = VerificationState.LEFT.value
_FEW = 10  # so many may leave a small account at once
_SLACK, _SHARE = 2, 50  # a whole list may lack 2 followers and one in 50 of those counted: suspended, hidden


def departed(present: Collection[str], listed: Collection[str], counted: int | None) -> frozenset[str] | None:
    """The ids of `present` that `listed` lacks; None when the list cannot be believed.

    `counted` is how many followers the network itself says there are (None: it does not say). A list that is empty or
    clearly shorter than that was cut off. Without a count no more than a fifth may leave at once, with it half.
    """
    here = set(listed)
    gone = frozenset(present) - here
    if not gone:
        return gone
    if not here or (counted is not None and len(here) + slack(counted) < counted):
        return None
    most = len(present) // 5 if counted is None else len(present) // 2
    return None if len(gone) > max(_FEW, most) else gone


def slack(counted: int) -> int:
    """How many of those a network counts may be missing from a list that is whole all the same."""
    return _SLACK + counted // _SHARE


def present(session: Session, store: Store, account: str) -> list[FollowerRow]:
    """Who follows this account, as far as is known."""
    return list(
        session.exec(
            select(FollowerRow).where(
                FollowerRow.school_id == store.school,
                FollowerRow.account == account,
                col(FollowerRow.state) != LEFT,
            )
        )
    )


def mark_left(
    session: Session, store: Store, account: str, listed: Collection[str], counted: int | None, now: datetime
) -> bool:
    """Followers who are not in a whole list have left. False when the list is not believed: an incident says so."""
    here = present(session, store, account)
    gone = departed([row.external_id for row in here], listed, counted)
    key = f"followers:{account}"
    if gone is None:
        said = "" if counted is None else f" while the network counts {counted}"
        open_incident(
            store,
            session,
            key,
            says=f"{account}: a list of {len(set(listed))} followers came where {len(here)} are known{said}; "
            "nobody was marked as having left",
            cure="Nothing to do: it is read again with the next comparison. If it is said again and so many did "
            "leave, look at the list of followers on the network.",
            now=now,
        )
        return False
    leave(session, store, account, [row for row in here if row.external_id in gone], now)
    close_incident(store, session, key, now=now)
    return True


def leave(
    session: Session, store: Store, account: str, followers: Collection[FollowerRow], now: datetime
) -> None:
    """These no longer follow `account`: by a list that is believed, or because the network says so of each of them."""
    for row in followers:
        row.state, row.reason, row.verified_at = LEFT, "no longer follows", now
        session.add(row)
    if followers:
        store.audit(
            session,
            at=now,
            actor="schoolgate",
            happened="followers left",
            thing=f"account {account}",
            detail=str(len(followers)),
        )


def come_back(session: Session, follower: FollowerRow) -> None:
    """Whoever had left and follows again is judged afresh."""
    follower.state, follower.reason = VerificationState.NEW.value, ""
    follower.verified_at = None
    session.add(follower)
