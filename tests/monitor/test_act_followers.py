"""Turning away and letting in where a network offers it by API."""

from __future__ import annotations

import pytest
from sqlmodel import select

from monitor.act_followers import act_followers
from monitor.domain import ActionKind, Capability, Done, Means, Outcome
from monitor.errors import ConnectorError
from monitor.incidents import open_incidents
from monitor.tables import AuditRow
from monitor.tables_people import FollowerStepRow
from tests.making import WrittenNetwork
from tests.monitor.test_follower_rows import Office

BY_API = {
    ActionKind.REMOVE_FOLLOWER: Capability(Means.BY_API),
    ActionKind.ACCEPT_FOLLOWER: Capability(Means.BY_API),
}


@pytest.fixture
def office(store, clock) -> Office:
    made = Office(store, clock)
    made.families.follow("1", "ReadingBus")
    made.families.judge()
    return made


def step(office: Office) -> FollowerStepRow:
    with office.store.read() as session:
        return session.exec(select(FollowerStepRow)).one()


def act(office: Office, network: WrittenNetwork) -> int:
    return act_followers(office.store, {"x-main": network}, clock=office.clock)  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("choice", "action"),
    [("reject", ActionKind.REMOVE_FOLLOWER), ("organisation", ActionKind.ACCEPT_FOLLOWER)],
)
def test_it_is_done_once_and_written_down(office, choice, action):
    office.decide(choice, "1", able=BY_API)
    network = WrittenNetwork(acts=[Outcome(Done.GONE, "It follows no more.")])
    assert act(office, network) == 1
    assert act(office, network) == 0
    assert network.done == [(action, "1")]
    assert (step(office).done, step(office).detail) == ("gone", "It follows no more.")
    with office.store.read() as session:
        newest = session.exec(select(AuditRow)).all()[-1]
    assert newest.event == f"{action.value.replace('_', ' ')} carried out"


def test_what_was_taken_back_in_time_is_not_done(office):
    office.decide("reject", "1", able=BY_API)
    office.undo("1")
    network = WrittenNetwork()
    assert act(office, network) == 0
    assert network.done == []


def test_a_network_that_does_not_answer_is_asked_again(office):
    office.decide("reject", "1", able=BY_API)
    network = WrittenNetwork(acts=[ConnectorError("No answer."), Outcome(Done.GONE)])
    act(office, network)
    assert act(office, network) == 0
    assert step(office).done is None
    office.clock.wait(seconds=30)
    act(office, network)
    assert step(office).done == "gone"


@pytest.mark.parametrize(
    "error", [ConnectorError("The token was revoked.", permanent=True), ValueError("ours")]
)
def test_what_cannot_be_done_is_said_and_told(office, error):
    office.decide("reject", "1", able=BY_API)
    act(office, WrittenNetwork(acts=[error]))
    assert step(office).done == "failed"
    with office.store.read() as session:
        (incident,) = open_incidents(session, office.store.school)
    assert "follower" in incident.says


def test_an_account_that_is_gone_from_the_configuration_is_said(office):
    office.decide("reject", "1", able=BY_API)
    act_followers(office.store, {}, clock=office.clock)
    assert step(office).done == "failed"
