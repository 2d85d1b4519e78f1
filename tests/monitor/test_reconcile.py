"""When the list of followers is read whole, and when its number is enough."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

from sqlmodel import select

from monitor import poll
from monitor.domain import Count, ItemKind, Page
from monitor.errors import ConnectorError
from monitor.incidents import open_incidents
from monitor.poll import Watch
from monitor.reconcile import reconcile
from monitor.store import Store
from monitor.tables import SpendRow, StreamRow
from monitor.tables_people import FollowerRow
from tests.conftest import HandClock
from tests.making import WrittenNetwork, follower, watch

FOLLOWER = ItemKind.FOLLOWER


class Counted(WrittenNetwork):
    """Lists `people`, newest last; a poll without a cursor is the whole list. `number` is what it says it has."""

    def __init__(self, people: int) -> None:
        super().__init__()
        self.people = [f"f{number}" for number in range(people)]
        self.more = 0
        self.fails = False
        self.empty: Page | None = None
        self.counts: list[int | Exception] = []

    def poll(self, kind: ItemKind, cursor: str | None) -> Page:
        self.asked.append((kind, cursor))
        if self.fails:
            raise ConnectorError("No answer.")
        if cursor is not None:
            return Page((), cursor)
        if self.empty is not None and not self.people:
            return self.empty
        people = tuple(follower(one, f"handle_{one}") for one in self.people)
        return Page(people, "c", reads=len(people), complete=True)

    def count(self, kind: ItemKind) -> Count | None:
        assert kind is FOLLOWER
        if self.counts and isinstance(self.counts[0], Exception):
            raise self.counts.pop(0)
        self.counts.append(len(self.people) + self.more)
        return Count(len(self.people) + self.more, reads=10)


class Uncounted(Counted):
    def count(self, kind: ItemKind) -> Count | None:
        return None


def begun(store: Store, clock: HandClock, network: WrittenNetwork, **more: object) -> Watch:
    watched = replace(watch(network, FOLLOWER), **more)
    poll.declare(store, [watched], clock())
    turn(store, clock, watched)
    return watched


def turn(store: Store, clock: HandClock, watched: Watch) -> bool:
    poll.poll(store, watched, FOLLOWER, clock=clock, chance=random.Random(1))
    return reconcile(store, watched, clock=clock, chance=random.Random(1))


def whole(network: WrittenNetwork) -> int:
    return sum(cursor is None for _, cursor in network.asked)


def left(store: Store) -> list[str]:
    with store.read() as session:
        return [row.external_id for row in session.exec(select(FollowerRow)) if row.state == "left"]


def spending(store: Store) -> SpendRow:
    with store.read() as session:
        return session.exec(select(SpendRow)).one()


def stream(store: Store) -> StreamRow:
    with store.read() as session:
        return session.exec(select(StreamRow)).one()


def incidents(store: Store) -> list[str]:
    with store.read() as session:
        return [one.key for one in open_incidents(session, "school")]


def test_while_the_number_fits_only_the_number_is_asked_and_once_a_week(
    store: Store, clock: HandClock
) -> None:
    network = Counted(300)
    watched = begun(store, clock, network)
    for _ in range(10):
        clock.wait(days=1)
        assert not turn(store, clock, watched)
    assert whole(network) == 1
    assert len(network.counts) == 2  # at the start, and after seven days
    assert (spending(store).reads, spending(store).whole) == (320, 300)


def test_a_few_who_left_are_found_with_the_next_whole_list(store: Store, clock: HandClock) -> None:
    network = Counted(300)
    watched = begun(store, clock, network)
    network.people.remove("f7")
    for _ in range(27):
        clock.wait(days=1)
        turn(store, clock, watched)
    assert (whole(network), left(store)) == (1, [])
    clock.wait(days=1)
    assert turn(store, clock, watched)
    assert (whole(network), left(store)) == (2, ["f7"])


def test_many_who_left_are_found_within_the_week(store: Store, clock: HandClock) -> None:
    network = Counted(300)
    watched = begun(store, clock, network)
    network.people = network.people[:290]
    clock.wait(days=7)
    assert turn(store, clock, watched)
    assert len(left(store)) == 10
    clock.wait(days=7)
    assert not turn(store, clock, watched)


def test_where_the_school_wants_it_a_single_one_is_found_within_the_week(
    store: Store, clock: HandClock
) -> None:
    network = Counted(300)
    watched = begun(store, clock, network, relist_every=timedelta(days=7))
    network.people.remove("f7")
    clock.wait(days=7)
    turn(store, clock, watched)
    assert left(store) == ["f7"]


def test_a_network_that_counts_some_whom_it_does_not_list_is_understood(
    store: Store, clock: HandClock
) -> None:
    network = Counted(300)
    network.more = 4
    watched = begun(store, clock, network)
    assert stream(store).uncounted == 4
    clock.wait(days=7)
    assert not turn(store, clock, watched)
    network.people = network.people[5:]
    clock.wait(days=7)
    assert turn(store, clock, watched)
    assert len(left(store)) == 5


def test_a_first_list_that_was_cut_short_is_read_again_at_once_and_later(
    store: Store, clock: HandClock
) -> None:
    network = Counted(300)
    network.more = 100  # whom the list does not show
    watched = begun(store, clock, network)
    assert whole(network) == 2
    network.more, network.people = 0, [*network.people, *(f"g{number}" for number in range(100))]
    clock.wait(days=7)
    assert not turn(store, clock, watched)  # it could be the network's own gap
    clock.wait(days=21)
    assert turn(store, clock, watched)
    assert (stream(store).known, stream(store).uncounted, left(store)) == (400, 0, [])


def test_a_network_that_does_not_count_is_listed_each_week(store: Store, clock: HandClock) -> None:
    network = Uncounted(300)
    watched = begun(store, clock, network)
    network.people.remove("f7")
    for _ in range(7):
        clock.wait(days=1)
        turn(store, clock, watched)
    assert (whole(network), left(store)) == (2, ["f7"])


def test_a_list_that_comes_back_short_or_empty_marks_nobody(store: Store, clock: HandClock) -> None:
    network = Counted(300)
    watched = begun(store, clock, network, relist_every=timedelta(days=7))
    everybody = network.people
    for people, more in ((everybody[:100], 199), ([], 299), ([], 0)):
        network.people, network.more = people, more
        clock.wait(days=8)
        turn(store, clock, watched)
        assert left(store) == []
        clock.wait(hours=1)
        poll.poll(store, watched, FOLLOWER, clock=clock, chance=random.Random(1))


def test_a_whole_list_that_comes_back_empty_moves_no_cursor_and_is_told_of(
    store: Store, clock: HandClock
) -> None:
    network = Counted(300)
    watched = begun(store, clock, network)
    everybody, network.people, network.more = network.people, [], 290
    network.empty = Page((), "nobody is known")  # as X says it: not even whole
    clock.wait(days=7)
    assert not turn(store, clock, watched)
    assert (stream(store).cursor, left(store), incidents(store)) == ("c", [], ["followers:page"])
    network.people, network.more = everybody[10:], 0
    clock.wait(days=7)
    assert turn(store, clock, watched)
    assert (len(left(store)), incidents(store)) == (10, [])


def test_a_whole_list_that_the_budget_does_not_bear_is_told_of_and_waits(
    store: Store, clock: HandClock
) -> None:
    network = Counted(300)
    watched = begun(store, clock, network, budget=700)
    network.people = network.people[:280]
    clock.wait(days=7)
    assert not turn(store, clock, watched)
    assert incidents(store) == ["relist:page"]
    watched = replace(watched, budget=1000)
    clock.wait(days=1)
    assert turn(store, clock, watched)
    assert (len(left(store)), incidents(store)) == (20, [])


def test_a_network_that_says_no_is_asked_again_when_the_stream_is_well(
    store: Store, clock: HandClock
) -> None:
    network = Counted(300)
    watched = begun(store, clock, network)
    network.counts = [ConnectorError("No answer.")]
    clock.wait(days=7)
    assert not turn(store, clock, watched)
    assert stream(store).error_count == 1
    clock.wait(hours=1)
    turn(store, clock, watched)
    assert (stream(store).error_count, len(network.counts)) == (0, 1)


def test_while_the_list_itself_cannot_be_read_its_number_is_not_paid_for(
    store: Store, clock: HandClock
) -> None:
    network = Counted(300)
    watched = begun(store, clock, network)
    clock.wait(days=7)
    network.fails = True
    turn(store, clock, watched)
    assert len(network.counts) == 1
