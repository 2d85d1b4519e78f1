"""The safeguarding lead's digest, and what every digest says was done about a case."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from alerts.digest import digest
from alerts.schedule import Schedule
from monitor.assess import assess
from monitor.domain import Role
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow
from tests.alerts.telling import desk, outbox, text_of
from tests.conftest import HandClock
from tests.making import judgement
from tests.monitor.test_assess import arrive


def case_for(session: Session, *roles: Role) -> CaseRow:
    case = session.exec(select(CaseRow)).one()
    case.roles = ",".join(role.value for role in roles)
    return case


def said(store: Store, role: Role) -> str:
    return " ".join(text_of(next(mail for row, mail in outbox(store) if row.role == role)).split())


def test_the_lead_hears_daily_of_what_waits_for_them(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "[bullying high] x")
    assess(store, judgement(), clock=clock)
    with store.write() as session:
        case_for(session, Role.DSL)
    digest(store, desk(schedule=Schedule()), clock=clock)
    assert {row.role for row, _ in outbox(store)} == {"office", "esafety", "dsl"}
    assert "SM-0001" in said(store, Role.DSL)


@pytest.mark.parametrize("text", ["[complaint low] x", "[press low] x"])
def test_a_complaint_or_the_press_is_no_reason_to_write_to_the_lead(
    store: Store, clock: HandClock, text: str
) -> None:
    arrive(store, clock, text)
    assess(store, judgement(), clock=clock)
    with store.write() as session:
        case_for(session, Role.HEADTEACHER)
    digest(store, desk(schedule=Schedule()), clock=clock)
    assert {row.role for row, _ in outbox(store)} == {"office", "esafety", "headteacher"}


def test_a_waiting_case_says_how_it_stands_who_told_whom_and_that_it_was_packed(
    store: Store, clock: HandClock
) -> None:
    arrive(store, clock, "[threat critical] planted")
    assess(store, judgement(), clock=clock)
    with store.write() as session:
        case = case_for(session, Role.HEADTEACHER, Role.DSL)
        case.state, case.standing = "acknowledged", "hidden"
        for seq, (choice, role) in enumerate((("remove", "headteacher"), ("told", "dsl"))):
            session.add(
                DecisionRow(
                    school_id=store.school,
                    case_id=case.id or 0,
                    item_id=case.item_id,
                    seq=seq,
                    choice=choice,
                    role=role,
                    sealed=b"",
                    created_at=clock(),
                    next_attempt_at=clock(),
                    done_at=clock(),
                )
            )
        store.audit(session, at=clock(), actor="dsl", happened="exported", thing=f"case {case.ref}")
    digest(store, desk(schedule=Schedule()), clock=clock)
    assert (
        "; hidden; decided by the headteacher, told outside the school by the designated safeguarding lead, "
        "evidence pack made" in said(store, Role.HEADTEACHER)
    )
