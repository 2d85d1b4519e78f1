"""Handing a case on and opening it again: what may be chosen beside the network's actions, and what follows.

In the transaction of the decision (alerts/deciding.py); whoever is brought in is told, and nobody else once more.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, func, select

from alerts.offers import Offer, Situation, offers
from alerts.situation import Deciding
from monitor.domain import CaseState, Choice, Reason, Role, Severity
from monitor.hours import tell_at
from monitor.tables import CaseRow, NoticeRow

HANDING = frozenset({Choice.ASK_DSL, Choice.REOPEN})


def handing_offers(desk: Deciding, case: CaseRow) -> dict[Choice, Offer]:
    """Never for a case that is gathered under another: that one is handed on, and this goes with it."""
    found = {}
    if case.joined_to is None and case.state != CaseState.CLOSED and desk.to_be_asked(case) is not None:
        found[Choice.ASK_DSL] = Offer(Choice.ASK_DSL)
    if case.state == CaseState.CLOSED:
        found[Choice.REOPEN] = Offer(Choice.REOPEN)
    return found


def all_offers(desk: Deciding, now_true: Situation, case: CaseRow) -> dict[Choice, Offer]:
    """What a reviewer may choose now: on the network, on the record, and among people."""
    able = desk.capabilities.get(case.network, {})
    return {**offers(now_true, able, desk.may_hide), **handing_offers(desk, case)}


def hand_over(desk: Deciding, session: Session, case: CaseRow, now: datetime) -> None:
    """Bring the safeguarding lead in: by mail at once when critical, else in the next waking hour."""
    role = desk.to_be_asked(case)
    assert role is not None
    case.roles = _with(case.roles, role)
    case.handed_to = _with(case.handed_to, role)
    severity = Severity(max(case.severity, Severity.HIGH))  # a person asks: it does not wait for a digest
    number = session.exec(
        select(func.count())
        .select_from(NoticeRow)
        .where(NoticeRow.case_id == case.id, NoticeRow.reason == Reason.UPDATED.value)
    ).one()
    assert case.id is not None
    session.add(
        NoticeRow(
            school_id=desk.store.school,
            case_id=case.id,
            reason=Reason.UPDATED.value,
            number=number + 1,
            severity=severity.value,
            only_role=role.value,
            created_at=now,
            not_before=(tell_at(severity, now, desk.hours) if desk.hours else None) or now,
        )
    )


def open_again(case: CaseRow, role: Role, now: datetime) -> None:
    """Whoever opens it again is on it; why it had been closed stays in the decisions."""
    case.state, case.acknowledged_at, case.acknowledged_by = CaseState.ACKNOWLEDGED.value, now, role.value
    case.closed_at = case.closed_by = case.outcome = case.closing_reason = None


def _with(roles: str, role: Role) -> str:
    return ",".join(filter(None, [roles, role.value]))
