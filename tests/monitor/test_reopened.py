from __future__ import annotations

from sqlmodel import select

from monitor.assess import assess
from monitor.store import Store
from monitor.tables import CaseRow
from tests.conftest import HandClock
from tests.making import judgement
from tests.monitor.test_assess import arrive, cases, notices


def test_a_comment_changed_into_something_of_another_kind_is_told_again(
    store: Store, clock: HandClock
) -> None:
    arrive(store, clock, "[threat critical] you are all dead on Saturday, says our rival")
    assess(store, judgement(), clock=clock)
    with store.write() as session:
        case = session.exec(select(CaseRow)).one()
        case.state, case.acknowledged_at, case.acknowledged_by = "acknowledged", clock(), "headteacher"
    arrive(store, clock, "[child_at_risk critical] my dad hits me every night")
    assess(store, judgement(), clock=clock)
    (case,) = cases(store)
    assert (case.category, case.state, case.acknowledged_by) == ("child_at_risk", "open", None)
    assert [notice.reason for notice in notices(store)] == ["first", "updated"]


def test_a_case_that_is_open_again_says_nothing_of_how_it_had_been_closed(
    store: Store, clock: HandClock
) -> None:
    arrive(store, clock, "[threat critical] a")
    assess(store, judgement(), clock=clock)
    with store.write() as session:
        case = session.exec(select(CaseRow)).one()
        case.state, case.closed_at, case.closed_by = "closed", clock(), "dsl"
        case.outcome, case.closing_reason = "not_a_problem", "a joke"
    arrive(store, clock, "[threat critical] b")
    assess(store, judgement(), clock=clock)
    (case,) = cases(store)
    assert (case.state, case.closed_by, case.outcome, case.closing_reason) == ("open", None, None, None)
