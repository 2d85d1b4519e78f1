from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlmodel import select

from monitor import health, poll, silent
from monitor.domain import ItemKind, Page
from monitor.errors import ConnectorError
from monitor.incidents import open_incidents
from monitor.poll import Watch
from monitor.store import Store
from monitor.tables import ItemRow, SpendRow, StreamRow
from tests.conftest import MORNING, HandClock
from tests.making import WrittenNetwork, comment, follower, watch


def turn(store: Store, watched: Watch, clock: HandClock, kind: ItemKind = ItemKind.COMMENT) -> StreamRow:
    poll.declare(store, [watched], clock())
    poll.poll(store, watched, kind, clock=clock, chance=random.Random(1))
    return stream(store, kind)


def stream(store: Store, kind: ItemKind = ItemKind.COMMENT) -> StreamRow:
    with store.read() as session:
        return session.exec(select(StreamRow).where(StreamRow.kind == kind.value)).one()


def incidents(store: Store) -> list[tuple[str, str]]:
    with store.read() as session:
        return [(one.key, one.cure) for one in open_incidents(session, "school")]


def test_a_stream_is_due_again_after_its_interval(store: Store, clock: HandClock) -> None:
    watched = watch(WrittenNetwork(Page((comment(),), "c1")))
    turn(store, watched, clock)
    assert poll.due(store, watched, clock()) == []
    clock.wait(minutes=10)
    assert poll.due(store, watched, clock()) == [ItemKind.COMMENT]


def test_the_next_poll_goes_on_from_the_stored_cursor(store: Store, clock: HandClock) -> None:
    network = WrittenNetwork(Page((comment(),), "c1"))
    turn(store, watch(network), clock)
    turn(store, watch(network), clock)
    assert network.asked == [(ItemKind.COMMENT, None), (ItemKind.COMMENT, "c1")]


def test_pages_are_read_until_there_are_no_more(store: Store, clock: HandClock) -> None:
    network = WrittenNetwork(
        Page((comment("a", "1"),), "c1", more=True),
        Page((comment("b", "2"),), "c2", more=True),
        Page((comment("c", "3"),), "c3"),
    )
    turn(store, watch(network), clock)
    assert [cursor for _, cursor in network.asked] == [None, "c1", "c2"]
    assert stream(store).known == 3


def test_what_was_read_before_a_failure_stays_and_the_rest_comes_later(
    store: Store, clock: HandClock
) -> None:
    network = WrittenNetwork(
        Page((comment("a", "1"),), "c1", more=True),
        ConnectorError("Facebook did not answer."),
        Page((comment("b", "2"),), "c2"),
    )
    turn(store, watch(network), clock)
    assert (stream(store).cursor, stream(store).error_count) == ("c1", 1)
    clock.wait(hours=1)
    turn(store, watch(network), clock)
    assert (stream(store).cursor, stream(store).error_count, stream(store).known) == ("c2", 0, 2)


def test_a_connector_that_says_more_for_ever_is_stopped(store: Store, clock: HandClock) -> None:
    network = WrittenNetwork(*(Page((), "same", more=True) for _ in range(300)))
    turn(store, watch(network), clock)
    assert len(network.asked) == 2


def test_two_runs_never_poll_one_stream_at_once(store: Store, clock: HandClock) -> None:
    watched = watch(WrittenNetwork())
    poll.declare(store, [watched], clock())
    with store.write() as session:
        row = session.exec(select(StreamRow)).one()
        row.lease_until = clock() + timedelta(minutes=1)
    poll.poll(store, watched, ItemKind.COMMENT, clock=clock, chance=random.Random(1))
    assert watched.connector.asked == []  # type: ignore[attr-defined]
    clock.wait(minutes=2)  # the other run died
    poll.poll(store, watched, ItemKind.COMMENT, clock=clock, chance=random.Random(1))
    assert len(watched.connector.asked) == 1  # type: ignore[attr-defined]


def test_a_late_answer_of_a_run_that_was_given_up_is_dropped(store: Store, clock: HandClock) -> None:
    class Slow(WrittenNetwork):
        def poll(self, kind: ItemKind, cursor: str | None) -> Page:
            with store.write() as session:  # meanwhile another run took the stream over
                session.exec(select(StreamRow)).one().fence += 1
            return Page((comment(),), "late")

    turn(store, watch(Slow()), clock)
    assert stream(store).cursor is None
    with store.read() as session:
        assert session.exec(select(ItemRow)).all() == []


def test_a_permanent_error_is_an_incident_with_its_cure_and_is_tried_again_hourly(
    store: Store, clock: HandClock
) -> None:
    network = WrittenNetwork(ConnectorError("The token was revoked: make a new one.", permanent=True))
    row = turn(store, watch(network), clock)
    assert row.blocked_at == MORNING
    assert row.next_due == MORNING + timedelta(hours=1)
    assert incidents(store) == [("stream:page:comment", "The token was revoked: make a new one.")]
    clock.wait(hours=1)
    assert turn(store, watch(network), clock).blocked_at is None
    assert incidents(store) == []


def test_a_rate_limit_is_waited_for_as_long_as_the_network_says(store: Store, clock: HandClock) -> None:
    row = turn(store, watch(WrittenNetwork(ConnectorError("Wait.", retry_after=321))), clock)
    assert row.next_due == MORNING + timedelta(seconds=321)
    assert incidents(store) == []


def test_repeated_failures_are_tried_less_and_less_often(store: Store, clock: HandClock) -> None:
    network = WrittenNetwork(*(ConnectorError("No answer.") for _ in range(12)))
    waits = []
    for _ in range(12):
        row = turn(store, watch(network), clock)
        waits.append(row.next_due - clock())
        clock.now = row.next_due
    assert all(timedelta(seconds=30) <= wait <= timedelta(minutes=30) for wait in waits)
    assert max(waits[:2]) < max(waits[6:])


def test_a_bug_in_a_connector_is_loud_and_stops_nobody_else(store: Store, clock: HandClock) -> None:
    row = turn(store, watch(WrittenNetwork(KeyError("secret-value"))), clock)
    assert row.error_count == 1
    assert "KeyError" in (row.last_error or "")
    assert "secret" not in (row.last_error or "")


def test_silence_for_three_intervals_is_an_incident_once(store: Store, clock: HandClock) -> None:
    network = WrittenNetwork(Page((), "c1"), *(ConnectorError("No answer.") for _ in range(9)))
    watched = watch(network)
    for minutes in (0, 10, 10, 10):
        clock.wait(minutes=minutes)
        turn(store, watched, clock)
        silent.mark_silent(store, [watched], clock())
    assert incidents(store) == []
    clock.wait(minutes=10)
    for _ in range(2):
        turn(store, watched, clock)
        silent.mark_silent(store, [watched], clock())
    assert incidents(store) == [("stream:page:comment", "No answer.")]


@pytest.mark.parametrize(("kind", "polled"), [(ItemKind.FOLLOWER, False), (ItemKind.COMMENT, True)])
def test_a_spent_budget_stops_optional_reads_only(
    store: Store, clock: HandClock, kind: ItemKind, polled: bool
) -> None:
    network = WrittenNetwork(Page((follower(),), "c1", reads=1))
    watched = watch(network, kind, budget=100)
    turn(store, watched, clock, kind)
    with store.write() as session:
        session.exec(select(SpendRow)).one().reads = 80
    clock.wait(minutes=10)
    turn(store, watched, clock, kind)
    assert len(network.asked) == (2 if polled else 1)
    assert [key for key, _ in incidents(store)] == ([] if polled else ["budget:facebook"])


def spent(store: Store, reads: int) -> None:
    with store.write() as session:
        session.exec(select(SpendRow)).one().reads = reads


def test_comments_are_read_until_the_very_end_of_the_budget_and_then_it_is_loud(
    store: Store, clock: HandClock
) -> None:
    network = WrittenNetwork(Page((comment(),), "c1", reads=1))
    watched = watch(network, ItemKind.COMMENT, budget=100)
    turn(store, watched, clock)
    for reads, asked in ((99, 2), (100, 2)):
        spent(store, reads)
        clock.wait(minutes=10)
        turn(store, watched, clock)
        assert len(network.asked) == asked
    with store.read() as session:
        (one,) = open_incidents(session, "school")
    assert one.key == "stream:page:comment"
    assert one.says == (
        "facebook: 100 of this month's 100 paid reads are used; page's comments are not read until next month"
    )
    clock.now = clock().replace(month=12, day=1)
    turn(store, watched, clock)
    assert len(network.asked) == 3
    assert incidents(store) == []


def test_people_are_told_that_comments_go_on_and_until_when(store: Store, clock: HandClock) -> None:
    watched = watch(WrittenNetwork(Page((), "c1", reads=1)), ItemKind.FOLLOWER, budget=100)
    turn(store, watched, clock, ItemKind.FOLLOWER)
    spent(store, 80)
    turn(store, watched, clock, ItemKind.FOLLOWER)
    with store.read() as session:
        (one,) = open_incidents(session, "school")
    assert one.says.endswith(
        "80 of this month's 100 paid reads are used; followers and own posts are not read until next month. "
        "Comments and mentions still are, until all reads are used"
    )


def test_a_first_reading_stops_only_when_nothing_is_left(store: Store, clock: HandClock) -> None:
    comments = watch(WrittenNetwork(Page((), "c1", reads=1)), ItemKind.COMMENT, ItemKind.FOLLOWER, budget=100)
    turn(store, comments, clock)
    for reads, asked in ((100, 1), (85, 2)):
        spent(store, reads)
        poll.poll(store, comments, ItemKind.FOLLOWER, clock=clock, chance=random.Random(1))
        assert len(comments.connector.asked) == asked  # type: ignore[attr-defined]


def test_a_new_month_brings_a_new_budget(store: Store, clock: HandClock) -> None:
    network = WrittenNetwork(Page((follower(),), "c1", reads=90))
    watched = watch(network, ItemKind.FOLLOWER, budget=100)
    turn(store, watched, clock, ItemKind.FOLLOWER)
    clock.wait(days=1)
    turn(store, watched, clock, ItemKind.FOLLOWER)
    assert len(network.asked) == 1
    clock.wait(days=20)
    turn(store, watched, clock, ItemKind.FOLLOWER)
    assert len(network.asked) == 2
    assert incidents(store) == []


def test_a_network_that_never_once_answered_is_loud(store: Store, clock: HandClock) -> None:
    watched = watch(WrittenNetwork(*(ConnectorError("No answer.") for _ in range(9))))
    for _ in range(4):
        assert incidents(store) == []
        assert health.report(store, [watched], clock())["ok"]
        clock.now = max(clock(), turn(store, watched, clock).next_due)
        silent.mark_silent(store, [watched], clock())
    assert incidents(store) == [("stream:page:comment", "No answer.")]
    assert not health.report(store, [watched], clock())["ok"]
