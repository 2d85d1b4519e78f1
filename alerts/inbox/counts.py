"""What became of the messages that families wrote, in figures: for the digest and for `schoolgate doctor`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, func, select

from alerts.inbox.letter import Outcome
from monitor.claims import Standing, Way
from monitor.store import Store
from monitor.tables_people import ClaimRow, LetterRow

_SAYS: Mapping[Outcome, str] = {
    Outcome.UNPROVEN: "not shown to come from the address they give",
    Outcome.UNCLEAR: "naming no account, or not which network",
    Outcome.AUTOMATIC: "sent by machines",
    Outcome.SENDER: "without one clear sender",
    Outcome.TOO_MANY: "from a sender who had asked often enough",
    Outcome.UNREADABLE: "that could not be read",
}
_NOT_ON_RECORD = "from addresses that are not on the register"


def taken(session: Session, store: Store, since: datetime) -> int:
    """How many messages since then became claims."""
    return _by_outcome(session, store, since).get(Outcome.CLAIMED.value, 0)


def came_to_nothing(session: Session, store: Store, since: datetime) -> tuple[tuple[str, int], ...]:
    """(why, how many) of the messages since then that nobody was answered for, and of the claims in them that no
    address on the register bears out. Words for people, most telling first; no why without a number."""
    by_outcome = _by_outcome(session, store, since)
    found = [(says, by_outcome.get(outcome.value, 0)) for outcome, says in _SAYS.items()]
    unmatched = session.exec(
        select(func.count(func.distinct(ClaimRow.email))).where(
            ClaimRow.school_id == store.school,
            ClaimRow.way == Way.MAIL.value,
            ClaimRow.standing == Standing.UNMATCHED.value,
            col(ClaimRow.created_at) > since,
        )
    ).one()
    return tuple(
        (says, number) for says, number in (*found[:2], (_NOT_ON_RECORD, unmatched), *found[2:]) if number
    )


def _by_outcome(session: Session, store: Store, since: datetime) -> Mapping[str, int]:
    return dict(
        session.exec(
            select(LetterRow.outcome, func.count())
            .where(LetterRow.school_id == store.school, col(LetterRow.read_at) > since)
            .group_by(LetterRow.outcome)
        ).all()
    )
