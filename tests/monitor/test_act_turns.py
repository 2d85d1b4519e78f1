"""What was decided waits for no dead network, no damaged row and no clock that was put back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from monitor.act import act
from monitor.assess import assess
from monitor.domain import Choice
from monitor.errors import ConnectorError
from monitor.incidents import open_incidents
from monitor.look_again import look_again
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow, ItemRow
from monitor.tables_rechecks import RecheckRow
from tests.conftest import HandClock
from tests.making import WrittenNetwork, judgement, watch
from tests.monitor.test_act import decide
from tests.monitor.test_assess import arrive

AHEAD = timedelta(hours=1)


@pytest.fixture
def three(store: Store, clock: HandClock) -> list[CaseRow]:
    """Cases of which the second and third are of another account than the first."""
    arrive(store, clock, "[threat critical]", "[threat critical]", "[threat critical]")
    with store.write() as session:
        for row in session.exec(select(ItemRow).where(col(ItemRow.id) < 3)):
            row.account = "dead"
    assess(store, judgement(), clock=clock)
    with store.read() as session:
        return list(session.exec(select(CaseRow).order_by(col(CaseRow.id))))


def decisions(store: Store) -> list[DecisionRow]:
    with store.read() as session:
        return list(session.exec(select(DecisionRow).order_by(col(DecisionRow.id))))


def test_a_network_that_does_not_answer_is_asked_once_a_turn_and_the_others_are_acted_on(
    store: Store, clock: HandClock, three: list[CaseRow]
) -> None:
    for case in three:
        decide(store, case, Choice.REMOVE, clock)
    dead = WrittenNetwork(acts=[ConnectorError("no answer.") for _ in range(9)])
    alive = WrittenNetwork()
    act(store, {"dead": dead, "page": alive}, clock=clock)
    assert (len(dead.done), len(alive.done)) == (1, 1)
    act(store, {"dead": dead, "page": alive}, clock=clock)
    assert [row.attempts for row in decisions(store)] == [
        1,
        1,
        1,
    ]  # the second has its turn, the first its pause


def test_a_decision_on_a_damaged_row_fails_aloud_and_stops_none_behind_it(
    store: Store, clock: HandClock, three: list[CaseRow]
) -> None:
    for case in three:
        decide(store, case, Choice.REMOVE, clock)
    with store.write() as session:
        session.get_one(ItemRow, 1).sealed = b"damaged"
    network = WrittenNetwork()
    act(store, {"dead": network, "page": network}, clock=clock)
    assert [row.done for row in decisions(store)] == ["failed", "hidden", "hidden"]
    with store.read() as session:
        (told,) = open_incidents(session, "school")
    assert told.key == "decision:1"
    assert "damaged" in told.cure


@pytest.mark.parametrize("ahead", [AHEAD, timedelta(days=300)])
def test_what_was_decided_while_the_clock_was_ahead_is_carried_out_now(
    store: Store, clock: HandClock, three: list[CaseRow], ahead: timedelta
) -> None:
    clock.now += ahead
    decide(store, three[0], Choice.REMOVE, clock)
    clock.now -= ahead
    network = WrittenNetwork()
    assert act(store, {"dead": network}, clock=clock) == 1


def test_a_pause_for_taking_back_is_kept_when_the_clock_is_put_back(
    store: Store, clock: HandClock, three: list[CaseRow]
) -> None:
    clock.now += AHEAD
    decide(store, three[0], Choice.DELETE, clock)
    with store.write() as session:
        session.exec(select(DecisionRow)).one().next_attempt_at += timedelta(minutes=10)
    clock.now -= AHEAD
    network = WrittenNetwork()
    assert act(store, {"dead": network}, clock=clock) == 0
    clock.wait(minutes=10)
    assert act(store, {"dead": network}, clock=clock) == 1


def test_a_removal_under_way_when_the_clock_is_put_back_is_gone_on_with(
    store: Store, clock: HandClock, three: list[CaseRow]
) -> None:
    decide(store, three[0], Choice.REMOVE, clock)
    with store.write() as session:
        session.exec(select(DecisionRow)).one().lease_until = clock() + AHEAD
    assert act(store, {"dead": WrittenNetwork()}, clock=clock) == 1


def test_looks_of_a_day_to_come_are_made_as_long_after_now(
    store: Store, clock: HandClock, three: list[CaseRow]
) -> None:
    clock.now += timedelta(days=300)
    decide(store, three[0], Choice.REMOVE, clock)
    act(store, {"dead": WrittenNetwork()}, clock=clock)
    clock.now -= timedelta(days=300)
    look_again(store, [watch(WrittenNetwork())], lambda: judgement().opening, clock=clock)
    with store.read() as session:
        looks = session.exec(select(RecheckRow).order_by(col(RecheckRow.hours))).all()
    assert [row.next_attempt_at for row in looks] == [
        clock() + timedelta(hours=1),
        clock() + timedelta(hours=48),
    ]
