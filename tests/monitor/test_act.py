from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from monitor.act import act
from monitor.assess import assess
from monitor.domain import ActionKind, Choice, Done, Outcome
from monitor.errors import ConnectorError
from monitor.incidents import open_incidents
from monitor.store import Store
from monitor.tables import AuditRow, CaseRow, DecisionRow, EvidenceRow
from monitor.tables_rechecks import RecheckRow
from tests.conftest import HandClock
from tests.making import WrittenNetwork, judgement
from tests.monitor.test_assess import arrive


@pytest.fixture
def case(store: Store, clock: HandClock) -> CaseRow:
    arrive(store, clock, "[threat critical]")
    assess(store, judgement(), clock=clock)
    with store.read() as session:
        return session.exec(select(CaseRow)).one()


def decide(store: Store, case: CaseRow, choice: Choice, clock: HandClock) -> None:
    with store.write() as session:
        row = session.get_one(CaseRow, case.id)
        session.add(
            DecisionRow(
                school_id="school",
                case_id=case.id or 0,
                item_id=row.item_id,
                seq=row.decisions,
                choice=choice.value,
                role="headteacher",
                sealed=b"",
                created_at=clock(),
                next_attempt_at=clock(),
            )
        )
        row.decisions += 1


def decision(store: Store) -> DecisionRow:
    with store.read() as session:
        return session.exec(select(DecisionRow)).one()


def standing(store: Store) -> str:
    with store.read() as session:
        return session.exec(select(CaseRow.standing)).one()


def test_hiding_is_done_and_what_the_network_says_is_kept(
    store: Store, clock: HandClock, case: CaseRow
) -> None:
    network = WrittenNetwork(acts=[Outcome(Done.HIDDEN, "read back", read_back=True)])
    decide(store, case, Choice.REMOVE, clock)
    assert act(store, {"page": network}, clock=clock) == 1
    assert network.done == [(ActionKind.HIDE, "1")]
    row = decision(store)
    assert (row.done, row.read_back, row.done_at, standing(store)) == ("hidden", True, clock(), "hidden")
    with store.read() as session:
        last = session.exec(select(AuditRow)).all()[-1]
    assert (last.event, last.detail) == ("remove carried out", "hidden, read back")


def test_nothing_is_done_twice(store: Store, clock: HandClock, case: CaseRow) -> None:
    network = WrittenNetwork()
    decide(store, case, Choice.REMOVE, clock)
    act(store, {"page": network}, clock=clock)
    assert act(store, {"page": network}, clock=clock) == 0
    assert len(network.done) == 1


@pytest.mark.parametrize("choice", [Choice.REMOVE, Choice.DELETE])
def test_without_a_copy_nothing_is_removed(
    store: Store, clock: HandClock, case: CaseRow, choice: Choice
) -> None:
    with store.write() as session:
        session.delete(session.exec(select(EvidenceRow)).one())
    network = WrittenNetwork()
    decide(store, case, choice, clock)
    act(store, {"page": network}, clock=clock)
    assert network.done == []
    assert (decision(store).done, standing(store)) == ("refused", "visible")


def test_restoring_needs_no_copy(store: Store, clock: HandClock, case: CaseRow) -> None:
    network = WrittenNetwork(acts=[Outcome(Done.VISIBLE)])
    decide(store, case, Choice.RESTORE, clock)
    act(store, {"page": network}, clock=clock)
    assert network.done == [(ActionKind.UNHIDE, "1")]
    assert standing(store) == "visible"


def test_what_is_gone_already_counts_as_done(store: Store, clock: HandClock, case: CaseRow) -> None:
    decide(store, case, Choice.REMOVE, clock)
    act(store, {"page": WrittenNetwork(acts=[Outcome(Done.GONE)])}, clock=clock)
    assert (decision(store).done, standing(store)) == ("gone", "gone")


def test_a_network_that_does_not_answer_is_asked_again(store: Store, clock: HandClock, case: CaseRow) -> None:
    network = WrittenNetwork(acts=[ConnectorError("No answer."), Outcome(Done.HIDDEN)])
    decide(store, case, Choice.REMOVE, clock)
    assert act(store, {"page": network}, clock=clock) == 1
    assert decision(store).done_at is None
    assert act(store, {"page": network}, clock=clock) == 0
    clock.wait(seconds=30)
    act(store, {"page": network}, clock=clock)
    assert decision(store).done == "hidden"


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (ConnectorError("The token was revoked.", permanent=True), 1),
        (ConnectorError("No answer."), 8),
        (KeyError("planted"), 1),
    ],
)
def test_what_cannot_be_done_says_so_on_the_page_and_to_the_administrator(
    store: Store, clock: HandClock, case: CaseRow, error: Exception, tries: int
) -> None:
    network = WrittenNetwork(acts=[error] * 20)
    decide(store, case, Choice.REMOVE, clock)
    for _ in range(20):
        act(store, {"page": network}, clock=clock)
        clock.wait(hours=2)
    assert len(network.done) == tries
    row = decision(store)
    assert row.done == "failed"
    assert "planted" not in row.detail
    assert standing(store) == "visible"
    with store.read() as session:
        assert [one.key for one in open_incidents(session, "school")] == [f"decision:{row.id}"]


def test_a_killed_run_is_gone_on_with_after_its_lease(store: Store, clock: HandClock, case: CaseRow) -> None:
    network = WrittenNetwork()
    decide(store, case, Choice.REMOVE, clock)
    with store.write() as session:
        session.exec(select(DecisionRow)).one().lease_until = clock() + timedelta(minutes=5)
    assert act(store, {"page": network}, clock=clock) == 0
    clock.wait(minutes=6)
    assert act(store, {"page": network}, clock=clock) == 1


def test_what_only_a_person_can_do_is_asked_never_faked(
    store: Store, clock: HandClock, case: CaseRow
) -> None:
    network = WrittenNetwork()
    decide(store, case, Choice.REPORT, clock)
    act(store, {"page": network}, clock=clock)
    assert network.done == []
    assert decision(store).done == "asked"


def test_an_account_that_left_the_configuration_is_said(
    store: Store, clock: HandClock, case: CaseRow
) -> None:
    decide(store, case, Choice.REMOVE, clock)
    act(store, {}, clock=clock)
    assert decision(store).done == "failed"
    assert "no longer in the configuration" in decision(store).detail


def test_a_taking_back_waits_for_what_is_being_carried_out(
    store: Store, clock: HandClock, case: CaseRow
) -> None:
    network = WrittenNetwork(acts=[Outcome(Done.VISIBLE)])
    decide(store, case, Choice.REMOVE, clock)
    with store.write() as session:  # another run has it at this moment
        row = session.exec(select(DecisionRow)).one()
        row.lease_until, row.attempts = clock() + timedelta(minutes=5), 1
    decide(store, case, Choice.UNDO, clock)
    assert act(store, {"page": network}, clock=clock) == 0
    with store.write() as session:  # and now it is done
        row = session.exec(select(DecisionRow).where(DecisionRow.choice == "remove")).one()
        row.done_at, row.done = clock(), "hidden"
    assert act(store, {"page": network}, clock=clock) == 1
    assert network.done == [(ActionKind.UNHIDE, "1")]


def test_what_is_taken_back_while_the_network_does_not_answer_is_not_sent_again(
    store: Store, clock: HandClock, case: CaseRow
) -> None:
    network = WrittenNetwork(acts=[ConnectorError("No answer."), Outcome(Done.VISIBLE)])
    decide(store, case, Choice.REMOVE, clock)
    act(store, {"page": network}, clock=clock)
    decide(store, case, Choice.UNDO, clock)
    clock.wait(minutes=1)
    act(store, {"page": network}, clock=clock)
    assert network.done == [(ActionKind.HIDE, "1"), (ActionKind.UNHIDE, "1")]
    with store.read() as session:
        rows = session.exec(select(DecisionRow).order_by(DecisionRow.seq)).all()
    assert [(row.choice, row.done) for row in rows] == [("remove", "undone"), ("undo", "visible")]


def test_what_was_removed_is_looked_at_twice_more_and_what_was_restored_is_not(
    store: Store, clock: HandClock, case: CaseRow
) -> None:
    network = WrittenNetwork(acts=[Outcome(Done.HIDDEN), Outcome(Done.VISIBLE)])
    decide(store, case, Choice.REMOVE, clock)
    act(store, {"page": network}, clock=clock)
    with store.read() as session:
        looks = session.exec(select(RecheckRow)).all()
    assert [(row.hours, row.done_at) for row in looks] == [(1, None), (48, None)]
    decide(store, case, Choice.RESTORE, clock)
    act(store, {"page": network}, clock=clock)
    with store.read() as session:
        assert {row.found for row in session.exec(select(RecheckRow)).all()} == {"not_needed"}
