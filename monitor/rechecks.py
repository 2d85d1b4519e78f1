"""What is looked at again after a removal or a report: which looks are due, and what each of them means. Asks no network.

A removal may not last: networks restore what was hidden, and authors edit or post again. So the network is asked once
more after an hour and after two days, and what it says stands in the case's record.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, select

from monitor.domain import Choice, Done
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow
from monitor.tables_rechecks import RecheckRow

AFTER = (1, 48)  # hours
_REPORTS = (Choice.REPORT.value, Choice.REPORTED.value)
_OF_OTHERS = (*_REPORTS, Choice.TOLD.value)  # what was asked of others, whatever we do ourselves
_AWAY = frozenset({Done.DELETED, Done.GONE})


class Found(StrEnum):
    """What a look came to."""

    HIDDEN = "hidden"
    GONE = "gone"
    PUBLIC = "public"
    BACK = "back"  # public although it was hidden, deleted or gone
    THERE = "there"  # hidden by us, and the network does not say whether it still is
    UNREAD = "unread"  # the network could not be asked
    NOT_NEEDED = "not_needed"  # a person showed it again meanwhile


def found(was: Done, standing: Done | None) -> Found:
    """`was`: how the case stood until now; `standing`: as in monitor.ports.Seen. Pure."""
    if standing is Done.GONE:
        return Found.GONE
    if standing is Done.HIDDEN:
        return Found.HIDDEN
    if was in _AWAY or (was is Done.HIDDEN and standing is Done.VISIBLE):
        return Found.BACK
    return Found.THERE if was is Done.HIDDEN else Found.PUBLIC


def schedule(session: Session, store: Store, decision: DecisionRow, now: datetime) -> None:
    """Look again after each of AFTER, in the transaction that says that the decision was carried out `now`."""
    assert decision.id is not None
    for hours in AFTER:
        due = now + timedelta(hours=hours)
        session.add(
            RecheckRow(
                school_id=store.school,
                case_id=decision.case_id,
                decision_id=decision.id,
                hours=hours,
                due_at=due,
                next_attempt_at=due,
            )
        )


def no_longer_needed(session: Session, store: Store, case_id: int, now: datetime) -> None:
    """A person showed it again: what was due because of its removal is not looked at. What was asked of
    others still is."""
    waiting = session.exec(
        select(RecheckRow)
        .join(DecisionRow, col(DecisionRow.id) == col(RecheckRow.decision_id))
        .where(
            RecheckRow.school_id == store.school,
            RecheckRow.case_id == case_id,
            col(RecheckRow.done_at).is_(None),
            col(DecisionRow.choice).not_in(_OF_OTHERS),
        )
    ).all()
    for row in waiting:
        row.done_at, row.found = now, Found.NOT_NEEDED.value


def of_case(session: Session, store: Store, case: CaseRow) -> Sequence[RecheckRow]:
    """Oldest first."""
    return session.exec(
        select(RecheckRow)
        .where(RecheckRow.school_id == store.school, RecheckRow.case_id == case.id)
        .order_by(col(RecheckRow.due_at), col(RecheckRow.id))
    ).all()


def is_overdue(session: Session, store: Store, case_id: int, now: datetime) -> bool:
    """Whether it was reported to the network two days ago or longer."""
    return (
        session.exec(
            select(DecisionRow.id).where(
                DecisionRow.school_id == store.school,
                DecisionRow.case_id == case_id,
                col(DecisionRow.choice).in_(_REPORTS),
                DecisionRow.done == Done.REPORTED.value,
                col(DecisionRow.done_at) <= now - timedelta(hours=AFTER[-1]),
            )
        ).first()
        is not None
    )
