"""Which cases were reported to a network two days ago and are public all the same. Reads only."""

from __future__ import annotations

from sqlmodel import Session, col, select

from alerts.desk import Desk
from alerts.rows import waiting_case
from alerts.views_digest import WaitingCase
from monitor.domain import CaseState, Done, Role
from monitor.store import Store
from monitor.tables import CaseRow
from monitor.tables_rechecks import RecheckRow


def still_public(session: Session, store: Store, desk: Desk, role: Role) -> tuple[WaitingCase, ...]:
    """Cases of which `role` may know that are not closed, and were found public two days after their report."""
    cases = session.exec(
        select(CaseRow)
        .where(
            CaseRow.school_id == store.school,
            CaseRow.state != CaseState.CLOSED.value,
            CaseRow.standing == Done.VISIBLE.value,
            select(RecheckRow.id).where(RecheckRow.case_id == CaseRow.id, col(RecheckRow.nudge)).exists(),
        )
        .order_by(col(CaseRow.id))
    ).all()
    return tuple(waiting_case(case) for case in cases if desk.may_see(role, case))
