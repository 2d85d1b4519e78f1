"""How a follower stands with the account is read back from X by their number, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import select

from monitor import read_back
from monitor.domain import ActionKind
from monitor.poll import Watch
from monitor.ports import Relations
from monitor.read_back import AGAIN, AT_ONCE
from monitor.tables import AuditRow, SpendRow
from monitor.tables_people import FollowerRow, FollowerStepRow
from tests.making import WrittenNetwork
from tests.monitor.turned_away import APP_TOKEN, Office, x_world

REMOVED = ActionKind.REMOVE_FOLLOWER
LOOKUP = "user.fields=connection_status"


@pytest.fixture
def world(store, clock) -> Iterator[tuple]:
    with x_world(store, clock) as made:
        yield made


@pytest.fixture
def office(world) -> Office:
    made = Office(*world)
    made.turn_away()
    return made


def removed(office: Office) -> Office:
    office.state.unfollow(office.bot)
    office.say(REMOVED)
    return office


def reads(office: Office) -> int:
    with office.store.read() as session:
        return session.exec(select(SpendRow.reads)).one()


def test_nothing_is_asked_while_nobody_says_that_it_is_done(office):
    assert office.ask() == 0
    assert office.asked(LOOKUP) == 0


def test_a_removal_ticks_the_step_and_the_follower_has_left(office):
    before = reads(office)
    assert removed(office).ask() == 1
    assert (office.shown, office.state_of_it) == ("gone", "left")
    assert read_back.note_departures(office.store, office.clock()) == 0
    # whose token it is, the follower, and one who is known to follow
    assert reads(office) - before == 30
    assert office.ask() == 0
    assert office.asked(LOOKUP) == 1
    with office.store.read() as session:
        told = [(row.event, row.detail) for row in session.exec(select(AuditRow)).all()[-2:]]
    assert told == [("follower read back", "gone"), ("followers left", "1")]


def test_a_removal_that_was_only_said_is_not_believed_and_is_asked_about_anew_when_it_is_said_again(office):
    office.say(REMOVED)
    assert office.ask() == 1
    assert (office.shown, office.state_of_it) == ("follows", "rejected")
    assert office.ask() == 0
    assert removed(office).ask() == 1
    assert office.shown == "gone"


def test_a_block_is_a_block_whatever_was_said_and_needs_no_list_of_blocks(office):
    office.state.block(office.bot)
    office.say(REMOVED)
    assert office.ask() == 1
    assert (office.shown, office.state_of_it) == ("blocked", "left")
    office.say(ActionKind.BLOCK)
    office.ask()
    assert office.read() == 0
    assert (office.shown, office.asked("/blocking")) == ("blocked", 0)


def test_who_was_said_to_be_blocked_and_only_does_not_follow_is_gone(office):
    office.state.unfollow(office.bot)
    office.say(ActionKind.BLOCK)
    office.ask()
    assert office.shown == "gone"
    assert office.read() == 0
    assert office.shown == "gone"


def test_a_week_later_it_is_asked_once_more_and_who_follows_again_is_back(office):
    removed(office).ask()
    office.clock.wait(days=AGAIN.days, seconds=-1)
    assert office.ask() == 0
    office.state.follow(office.bot)
    office.clock.wait(seconds=1)
    assert office.ask() == 1
    assert (office.shown, office.state_of_it) == ("follows", "new")
    assert read_back.note_departures(office.store, office.clock()) == 0


def test_who_follows_again_sooner_is_seen_at_the_top_of_the_list_and_asked_about_no_more(office):
    removed(office).ask()
    office.state.follow(office.bot)
    office.poll()
    assert (office.shown, office.state_of_it) == ("follows", "rejected")
    office.clock.wait(days=AGAIN.days)
    assert office.ask() == 0


def test_who_is_still_gone_a_week_later_is_paid_for_no_more(office):
    removed(office).ask()
    office.clock.wait(days=AGAIN.days)
    assert office.ask() == 1
    assert office.shown == "gone"
    office.clock.wait(days=AGAIN.days)
    assert office.ask() == 0


def test_somebody_who_is_not_there_any_more_is_left_to_the_whole_list(office):
    removed(office)
    del office.state._people[office.bot]
    assert office.ask() == 0
    assert (office.shown, office.state_of_it) == ("", "rejected")
    assert office.ask() == 0
    assert office.asked(LOOKUP) == 1


def test_an_answer_without_a_single_connection_proves_nothing(office):
    """X leaves the field out where there is no connection: without a known follower in the answer that may mean anything."""
    office.state.unfollow(office.parent)
    assert removed(office).ask() == 0
    assert (office.shown, office.state_of_it) == ("", "rejected")


def test_an_app_s_token_is_not_asked_with(world):
    office = Office(*world, token=APP_TOKEN)
    office.turn_away()
    assert removed(office).ask() == 0
    assert (office.shown, office.state_of_it) == ("", "rejected")
    assert office.asked(LOOKUP) == 0
    assert reads(office) == 2 + 10  # two followers, and whose token it is


@pytest.mark.parametrize("fault", ["html_503", "reset", "malformed_json", "forbidden", "rate_limited"])
def test_a_network_that_does_not_answer_changes_nothing_and_is_asked_again(office, fault):
    removed(office)
    office.faults.arm(fault, path=LOOKUP)
    assert office.ask() == 0
    assert (office.shown, office.state_of_it) == ("", "rejected")
    office.faults.clear()
    assert office.ask() == 1
    assert office.shown == "gone"


def test_a_budget_that_is_nearly_spent_stops_it(world):
    office = Office(*world, budget=2)
    office.turn_away()
    assert removed(office).ask() == 0
    assert office.asked(LOOKUP) == 0


def test_no_more_are_asked_about_at_once_than_x_takes(office):
    many = [office.state.add_person(f"bot_{number}", "A Bot") for number in range(AT_ONCE)]
    for person in many:
        office.state.follow(person)
    office.poll()
    for person in many:
        office.turn_away(person)
    office.say(REMOVED)
    for person in (office.bot, *many):
        office.state.unfollow(person)
    assert office.ask() == AT_ONCE - 1
    assert office.ask() == 2
    assert office.ask() == 0


def test_a_word_given_while_x_was_asked_is_not_judged_by_that_answer(office):
    connector = office.watch.connector

    class Slow:
        def relations(self, ids) -> Relations:
            found = connector.relations(ids)
            office.clock.wait(seconds=1)
            removed(office)
            return found

    office.say(REMOVED)
    office.watch = Watch("x-main", "x", Slow(), office.watch.intervals)  # type: ignore[arg-type]
    assert office.ask() == 0
    assert office.shown == ""
    office.watch = Watch("x-main", "x", connector, office.watch.intervals)
    assert office.ask() == 1
    assert office.shown == "gone"


def test_a_decision_that_was_taken_back_is_not_asked_about(office):
    removed(office)
    with office.store.write() as session:
        row = session.exec(select(FollowerRow).where(FollowerRow.external_id == office.bot)).one()
        read_back.follower_rows.undo(office.store, session, row, role="office", now=office.clock())
    assert office.ask() == 0
    assert office.asked(LOOKUP) == 0


def test_what_is_done_by_api_is_not_asked_about(office):
    with office.store.write() as session:
        session.exec(select(FollowerStepRow)).one().means = "by_api"
    assert removed(office).ask() == 0
    assert office.asked(LOOKUP) == 0


def test_a_network_that_does_not_tell_is_not_asked(store, clock):
    written = Watch("page", "facebook", WrittenNetwork(), {})  # type: ignore[arg-type]
    assert read_back.read_relations(store, written, clock=clock) == 0
