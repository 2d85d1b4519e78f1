"""The machine's clock was ahead and is put right: what was decided or counted meanwhile does not wait for that time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from monitor import rechecks
from monitor.act import act
from monitor.domain import Choice, Done, Outcome
from monitor.look_again import look_again
from monitor.poll import Watch
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow
from monitor.tables_rechecks import RecheckRow
from tests.conftest import HandClock
from tests.making import WrittenNetwork, judgement
from tests.monitor.test_act import case, decide, decision

__all__ = ["case"]
YEAR, HOUR, UNDO = timedelta(days=365), timedelta(hours=1), timedelta(minutes=10)


@pytest.mark.parametrize("ahead", [HOUR, YEAR])
def test_what_was_decided_under_a_clock_that_was_ahead_is_carried_out_at_once(
    ahead: timedelta, store: Store, clock: HandClock, case: CaseRow
) -> None:
    clock.now += ahead
    decide(store, case, Choice.REMOVE, clock)
    clock.now -= ahead
    assert act(store, {"page": WrittenNetwork(acts=[Outcome(Done.HIDDEN)])}, clock=clock) == 1
    assert decision(store).done == "hidden"


@pytest.mark.parametrize("ahead", [HOUR, YEAR])
def test_a_deletion_can_still_be_taken_back_for_ten_minutes_and_no_longer(
    ahead: timedelta, store: Store, clock: HandClock, case: CaseRow
) -> None:
    network = WrittenNetwork(acts=[Outcome(Done.DELETED)])
    clock.now += ahead
    decide(store, case, Choice.DELETE, clock)
    with store.write() as session:
        session.exec(select(DecisionRow)).one().next_attempt_at = clock() + UNDO
    clock.now -= ahead
    for _ in range(9):
        assert act(store, {"page": network}, clock=clock) == 0
        clock.wait(minutes=1)
    clock.wait(minutes=1)
    assert act(store, {"page": network}, clock=clock) == 1
    assert decision(store).done == "deleted"


def test_a_run_that_died_under_a_clock_that_was_ahead_holds_a_decision_no_longer_than_its_lease(
    store: Store, clock: HandClock, case: CaseRow
) -> None:
    decide(store, case, Choice.REMOVE, clock)
    with store.write() as session:
        row = session.exec(select(DecisionRow)).one()
        row.lease_until, row.attempts = clock() + YEAR, 1
    assert act(store, {"page": WrittenNetwork()}, clock=clock) == 1


def test_a_try_again_waits_an_hour_at_most(store: Store, clock: HandClock, case: CaseRow) -> None:
    decide(store, case, Choice.REMOVE, clock)
    with store.write() as session:
        row = session.exec(select(DecisionRow)).one()
        row.next_attempt_at, row.attempts = clock() + YEAR, 3
    assert act(store, {"page": WrittenNetwork()}, clock=clock) == 0
    clock.now += HOUR
    assert act(store, {"page": WrittenNetwork()}, clock=clock) == 1


def test_looks_are_no_farther_away_than_their_hours(store: Store, clock: HandClock, case: CaseRow) -> None:
    right = clock()
    clock.now += YEAR
    decide(store, case, Choice.REMOVE, clock)
    act(store, {"page": WrittenNetwork(acts=[Outcome(Done.HIDDEN)])}, clock=clock)
    clock.now = right
    watch = Watch("page", "facebook", WrittenNetwork(), {})
    assert look_again(store, [watch], lambda: judgement().opening, clock=clock) == 0
    assert dues(store) == [right + timedelta(hours=hours) for hours in rechecks.AFTER]


def dues(store: Store) -> list[datetime]:
    with store.read() as session:
        return list(session.exec(select(RecheckRow.due_at).order_by(RecheckRow.hours)))  # type: ignore[arg-type]
