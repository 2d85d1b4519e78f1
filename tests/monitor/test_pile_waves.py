"""A pile-on that comes again, or comes upon a case that somebody has already."""

from __future__ import annotations

from sqlmodel import select

from monitor.domain import CaseState
from monitor.tables import CaseRow
from monitor.tables_cases import TieRow
from tests.monitor.crowd import INSULT, Crowd, crowd

__all__ = ["crowd"]


def test_a_second_wave_opens_the_closed_case_again(crowd: Crowd) -> None:
    crowd.write(*[INSULT] * 4)
    crowd.tell()
    crowd.close("SM-0001")
    crowd.clock.wait(days=2)
    crowd.write(INSULT, INSULT)
    assert crowd.tell() == [("SM-0001", "updated")]
    lead = crowd.cases()[0]
    assert (lead.state, lead.closed_at, lead.outcome) == ("open", None, None)
    assert crowd.leading() == ["SM-0001"]


def test_a_wave_long_after_gets_a_case_of_its_own_that_names_the_old_one(crowd: Crowd) -> None:
    crowd.write(*[INSULT] * 4)
    crowd.close("SM-0001")
    crowd.clock.wait(days=31)
    crowd.write(INSULT)
    assert crowd.leading() == ["SM-0001", "SM-0005"]
    with crowd.store.read() as session:
        tie = session.exec(select(TieRow)).one()
    assert (tie.case_id, tie.other_id, tie.kind) == (5, 1, "again")


def test_somebody_is_on_it_still_when_it_becomes_a_pile_on(crowd: Crowd) -> None:
    crowd.write(INSULT, INSULT)
    with crowd.store.write() as session:
        case = session.get_one(CaseRow, 2)
        case.state, case.acknowledged_by = CaseState.ACKNOWLEDGED.value, "headteacher"
    crowd.write(INSULT, INSULT)
    assert crowd.leading() == ["SM-0002"]
    assert {case.acknowledged_by for case in crowd.cases()} == {"headteacher"}
