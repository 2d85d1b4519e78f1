"""How many claims are taken from one machine, and in all. Counts rows; looks at no address and at no register.

Who typed a code is counted apart from who typed none, so that a flood of the ones leaves room for the others. Whether
the code is good is not asked here: the page must answer a wrong one as it answers a right one. That more claims than
ASKED_BY_ONE without a good code are taken but lead to nothing is for the stage to see (alerts/claims.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from monitor.claims import ASKED_BY_ONE, ASKED_OF_SCHOOL, CODED_BY_ONE, CODED_OF_SCHOOL
from monitor.set_back import ahead
from monitor.store import Store
from monitor.tables_people import ClaimRow

_HOUR = timedelta(hours=1)


def client_hash(store: Store, client: str, now: datetime) -> bytes | None:
    """What is kept of the asking machine: a keyed hash that is another one tomorrow. None when it is not known."""
    return store.vault.digest("claim.client", f"{now:%Y-%m-%d} {client}") if client else None


def asked_too_often(
    store: Store, session: Session, client: bytes | None, now: datetime, *, coded: bool = False
) -> bool:
    """Whether this machine, or everybody together, has asked for an hour's worth of claims, with a code or without."""
    typed = col(ClaimRow.code).is_not(None)
    lately = (
        select(func.count())
        .select_from(ClaimRow)
        .where(
            ClaimRow.school_id == store.school,
            col(ClaimRow.created_at) > now - _HOUR,
            ~ahead(ClaimRow.created_at, now),
            typed if coded else ~typed,
        )
    )
    in_all = session.exec(lately).one()
    by_one = session.exec(lately.where(ClaimRow.client == client)).one() if client else 0
    return in_all >= (CODED_OF_SCHOOL if coded else ASKED_OF_SCHOOL) or by_one >= (
        CODED_BY_ONE if coded else ASKED_BY_ONE
    )


def guesses(store: Store, session: Session, claim: ClaimRow) -> bool:
    """Whether the machine that typed this claim's code, which is not good, had used up within the hour before what is
    taken without one: somebody who tries codes, or would have the room of those who have one."""
    if claim.code is None or claim.client is None:
        return False
    before = (
        select(func.count())
        .select_from(ClaimRow)
        .where(
            ClaimRow.school_id == store.school,
            ClaimRow.client == claim.client,
            ~col(ClaimRow.by_letter),
            col(ClaimRow.id) < claim.id,
            col(ClaimRow.created_at) > claim.created_at - _HOUR,
        )
    )
    return session.exec(before).one() >= ASKED_BY_ONE
