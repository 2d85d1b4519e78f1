"""What became of the messages that families wrote, and of answers to alerts, in figures: for the digest and for
`schoolgate doctor`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from alerts.answering import Came
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
OF_ANSWERS = "answer."  # before what became of an answer to an alert
WEEK = timedelta(days=7)
_ANSWERS: Mapping[Came | str, str] = {
    Came.UNPROVEN: "not shown to come from the address they give",
    Came.STRANGER: "from people who hold no role",
    Came.NOT_THEIRS: "to no mail of theirs",
    Came.NO_WORD: "without one of the words alone in the first line",
    Came.EXPIRED: "too late",
    Came.CHANGED: "after the case had changed",
    Came.USED: "to mails that had been answered",
    Came.NOT_OFFERED: "asking what cannot be done by mail",
    Came.AUTOMATIC: "sent by machines",
    Came.SENDER: "without one clear sender",
    Outcome.UNREADABLE.value: "that could not be read",
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


def decided(session: Session, store: Store, since: datetime) -> int:
    """How many answers to alerts since then became decisions."""
    return _by_outcome(session, store, since).get(f"{OF_ANSWERS}{Came.DECIDED.value}", 0)


def answers_to_nothing(session: Session, store: Store, since: datetime) -> tuple[tuple[str, int], ...]:
    """(why, how many) of the answers to alerts since then that did nothing."""
    by_outcome = _by_outcome(session, store, since)
    found = [(says, by_outcome.get(f"{OF_ANSWERS}{came}", 0)) for came, says in _ANSWERS.items()]
    return tuple((says, number) for says, number in found if number)


def _by_outcome(session: Session, store: Store, since: datetime) -> Mapping[str, int]:
    return dict(
        session.exec(
            select(LetterRow.outcome, func.count())
            .where(LetterRow.school_id == store.school, col(LetterRow.read_at) > since)
            .group_by(LetterRow.outcome)
        ).all()
    )
