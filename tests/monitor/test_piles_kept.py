"""What is kept of pile-ons, and for how long."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from monitor.pile_rows import follow, members
from monitor.retention import prune
from monitor.retention_rules import Keep
from monitor.store import Store
from monitor.tables import CaseRow, EvidenceRow, ItemRow
from monitor.tables_cases import PileRow, TargetRow
from tests.conftest import HandClock
from tests.monitor.crowd import INSULT, Crowd

KEEP = Keep(
    harmless=timedelta(days=30),
    closed=timedelta(days=100),
    evidence=timedelta(days=100),
    audit=timedelta(days=2555),
)


def closed_pile(store: Store, clock: HandClock) -> Crowd:
    crowd = Crowd(store, clock)
    crowd.write(*[INSULT] * 4)
    crowd.close("SM-0001")
    with store.write() as session:
        follow(session, session.get_one(CaseRow, 1), "Dealt with")
    return crowd


def test_the_gathered_cases_close_with_the_one_that_leads_and_none_that_was_closed_before(
    store: Store, clock: HandClock
) -> None:
    crowd = Crowd(store, clock)
    crowd.write(*[INSULT] * 4)
    with store.write() as session:
        session.get_one(CaseRow, 3).outcome = "Not a problem"
        session.get_one(CaseRow, 3).state = "closed"
    crowd.close("SM-0001")
    with store.write() as session:
        follow(session, session.get_one(CaseRow, 1), "Dealt with")
    with store.read() as session:
        seen = [(case.state, case.outcome) for case in members(session, session.get_one(CaseRow, 1))]
    assert seen == [("closed", "Dealt with"), ("closed", "Not a problem"), ("closed", "Dealt with")]


def test_each_item_of_a_closed_pile_on_goes_when_its_time_is_over(store: Store, clock: HandClock) -> None:
    closed_pile(store, clock)
    clock.wait(days=99)
    assert prune(store, KEEP, clock()).items == 0
    clock.wait(days=2)
    assert prune(store, KEEP, clock()).items == 4
    with store.read() as session:
        assert {row.sealed for row in session.exec(select(ItemRow))} == {b""}
        assert {row.sealed for row in session.exec(select(EvidenceRow))} == {b""}
        assert session.exec(select(PileRow.digest)).one() == b""


def test_who_was_aimed_at_is_forgotten_after_a_month(store: Store, clock: HandClock) -> None:
    Crowd(store, clock).write(INSULT, INSULT)
    clock.wait(days=29)
    assert prune(store, KEEP, clock()).targets == 0
    clock.wait(days=2)
    assert prune(store, KEEP, clock()).targets == 2
    with store.read() as session:
        assert session.exec(select(TargetRow)).all() == []
