"""A block by hand is read back from X's list of blocks over real HTTP; a departure from the followers themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import select

from connectors import build
from monitor import follower_rows, read_back
from monitor.domain import ActionKind, ItemKind
from monitor.incidents import open_incidents
from monitor.poll import Watch
from monitor.tables import AuditRow, SpendRow
from monitor.tables_people import FollowerRow
from tests.making import WrittenNetwork
from tests.monitor.turned_away import TOKEN, Office, x_world


@pytest.fixture
def world(store, clock) -> Iterator[tuple]:
    with x_world(store, clock) as made:
        yield made


@pytest.fixture
def office(world) -> Office:
    return Office(*world)


def test_nothing_is_asked_while_nothing_hangs_on_it(office):
    assert office.read() == 0
    office.turn_away()
    assert office.read() == 0
    office.say(ActionKind.REMOVE_FOLLOWER)
    assert office.read() == 0
    assert office.asked() == 0


def test_a_block_that_was_done_ticks_the_step_by_itself(office):
    office.turn_away()
    office.state.block(office.bot)
    office.say()
    assert office.read() == 1
    assert office.shown == "blocked"
    assert office.read() == 0  # and is not asked for again at once
    assert office.asked() == 1
    with office.store.read() as session:
        assert session.exec(select(SpendRow.reads)).one() == 3  # two followers, one who is blocked
        newest = session.exec(select(AuditRow)).all()[-1]
    assert (newest.actor, newest.event, newest.detail) == ("schoolgate", "follower read back", "blocked")


def test_a_block_that_was_only_said_is_not_believed(office):
    office.turn_away()
    office.say()
    assert office.read() == 1
    assert office.shown == "not_blocked"
    assert office.read() == 0
    office.state.block(office.bot)
    office.say()
    office.read()
    assert office.shown == "blocked"


def test_a_block_that_is_lifted_later_unticks_it(office):
    office.turn_away()
    office.state.block(office.bot)
    office.say()
    office.read()
    office.clock.wait(days=7)
    office.state._blocked.clear()
    assert office.read() == 1
    assert office.shown == "not_blocked"


def test_who_follows_again_unticks_it(office):
    office.turn_away()
    office.state.block(office.bot)
    office.say()
    office.read()
    office.poll()
    office.state.follow(office.bot)
    with office.store.write() as session:
        other = session.exec(select(FollowerRow).where(FollowerRow.external_id == office.parent)).one()
        assert other.state == "unverified"
    office.watch.connector.poll(ItemKind.FOLLOWER, None)
    page = office.watch.connector.poll(ItemKind.FOLLOWER, None)
    with office.store.write() as session:
        follower_rows.seen_again(office.store, session, "x-main", page.items, office.clock())
    assert office.shown == "follows"


@pytest.mark.parametrize("fault", ["html_503", "reset", "malformed_json"])
def test_a_network_that_does_not_answer_changes_nothing_and_is_asked_again(office, fault):
    office.turn_away()
    office.state.block(office.bot)
    office.say()
    office.faults.arm(fault)
    assert office.read() == 0
    assert office.shown == ""
    office.faults.clear()
    assert office.read() == 1
    assert office.shown == "blocked"


def test_a_token_that_may_not_see_blocks_is_told_of_with_the_cure(office):
    office.turn_away()
    office.say()
    office.state.scopes -= {"block.read"}
    assert office.read() == 0
    assert office.shown == ""
    with office.store.read() as session:
        (incident,) = open_incidents(session, office.store.school)
    assert "cannot be read back" in incident.says
    office.state.scopes |= {"block.read"}
    office.read()
    with office.store.read() as session:
        assert open_incidents(session, office.store.school) == []


def test_a_budget_that_is_nearly_spent_stops_it(world):
    office = Office(*world, budget=2)
    office.turn_away()
    office.say()
    assert office.read() == 0
    assert office.asked() == 0


def test_a_network_that_does_not_tell_is_not_asked(store, clock):
    written = Watch("page", "facebook", WrittenNetwork(), {})  # type: ignore[arg-type]
    assert read_back.read_blocked(store, written, clock=clock) == 0


def test_a_list_that_was_cut_proves_nobody_unblocked(world):
    store, clock, state, faults, url = world
    office = Office(store, clock, state, faults, url)
    settings = {"base_url": url, "token": TOKEN, "user_id": state.user_id, "max_pages": 1}
    for number in range(1001):
        state.block(state.add_person(f"old_{number}", "Old"))
    connector = build("x", settings, key="x-main", handle="StAldhelms", clock=clock)
    office.watch = Watch("x-main", "x", connector, office.watch.intervals)
    office.turn_away()
    office.say()
    assert office.read() == 0
    assert office.shown == ""
    blocked = connector.blocked()
    assert (len(blocked.people), blocked.complete, blocked.reads) == (1000, False, 1000)


def test_a_departure_ticks_the_step_and_a_return_unticks_it(office):
    office.turn_away()
    assert office.state_becomes("left") == 1
    assert office.shown == "gone"
    assert read_back.note_departures(office.store, office.clock()) == 0
    assert office.state_becomes("rejected") == 1
    assert office.shown == "follows"


def test_a_step_of_a_decision_that_was_taken_back_is_nobody_s(office):
    office.turn_away()
    office.say()
    with office.store.write() as session:
        row = session.exec(select(FollowerRow).where(FollowerRow.external_id == office.bot)).one()
        follower_rows.undo(office.store, session, row, role="office", now=office.clock())
    assert office.read() == 0
    assert office.asked() == 0
