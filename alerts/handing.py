"""Handing a case to the designated safeguarding lead: from then on the lead is told of it like whoever was before."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, func, select

from alerts.desk import bypassed, routed
from alerts.words import family
from monitor.domain import CaseState, Reason, Role
from monitor.store import Store
from monitor.tables import CaseRow, NoticeRow

_KEPT_CLOSE = frozenset({"staff_allegation"})  # need to know: its own route leads to the chair and the LADO


def may_be_handed(case: CaseRow) -> bool:
    """Whether the lead is not told of it already, is not named in it, and it is not closed."""
    return (
        case.state != CaseState.CLOSED
        and Role.DSL not in routed(case)
        and Role.DSL not in bypassed(case)
        and family(case.category) not in _KEPT_CLOSE
    )


def hand_over(session: Session, store: Store, case: CaseRow, now: datetime) -> None:
    """Add the lead to who is told, and leave the notice that tells. In the transaction of the decision."""
    assert case.id is not None
    case.roles = ",".join(filter(None, (case.roles, Role.DSL.value)))
    number = session.exec(
        select(func.count())
        .select_from(NoticeRow)
        .where(NoticeRow.case_id == case.id, NoticeRow.reason == Reason.UPDATED.value)
    ).one()
    session.add(
        NoticeRow(
            school_id=store.school,
            case_id=case.id,
            reason=Reason.UPDATED.value,
            number=number,
            severity=case.severity,
            created_at=now,
            not_before=now,
        )
    )
