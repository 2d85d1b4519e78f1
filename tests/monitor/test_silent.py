"""Nothing is read: told once for an account, once for all of them when it is this machine that is offline."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from alerts.operations import tell_incidents
from monitor import poll, silent
from monitor.domain import ItemKind, Page
from monitor.errors import ConnectorError
from monitor.incidents import open_incidents
from monitor.poll import Watch
from monitor.store import Store
from monitor.tables import ItemRow, StreamRow
from tests.alerts.telling import desk, outbox
from tests.conftest import HandClock
from tests.making import WrittenNetwork, comment, watch

COMMENT = ItemKind.COMMENT
STEP = 5  # minutes


class Wire(WrittenNetwork):
    """A network that can be unplugged."""

    def __init__(self) -> None:
        super().__init__()
        self.plugged = True
        self.broken = False

    def poll(self, kind: ItemKind, cursor: str | None) -> Page:
        if not self.plugged:
            self.asked.append((kind, cursor))
            raise ConnectorError("Facebook cannot be reached.", unreachable=True)
        if self.broken:
            raise ConnectorError("Facebook is out of order (HTTP 503).")
        return super().poll(kind, cursor)


class Watched:
    """Two or more accounts under a clock, turn after turn."""

    def __init__(self, store: Store, clock: HandClock, *keys: str) -> None:
        self.store, self.clock = store, clock
        self.wires = {key: Wire() for key in keys}
        self.watches = [replace(watch(wire), key=key) for key, wire in self.wires.items()]
        poll.declare(store, self.watches, clock())

    def run(self, minutes: int) -> None:
        for _ in range(minutes // STEP):
            for one in self.watches:
                if poll.due(self.store, one, self.clock()):
                    poll.poll(self.store, one, COMMENT, clock=self.clock, chance=random.Random(1))
            silent.mark_silent(self.store, self.watches, self.clock())
            tell_incidents(self.store, desk(), clock=self.clock)
            self.clock.wait(minutes=STEP)

    def open(self) -> list[str]:
        with self.store.read() as session:
            return [one.key for one in open_incidents(session, "school")]

    def mails(self) -> list[str]:
        return [
            str(mail.get_body(("plain",)).get_content())
            for row, mail in outbox(self.store)
            if row.role == "it"
        ]  # type: ignore[union-attr]


@pytest.fixture
def watched(store: Store, clock: HandClock) -> Watched:
    made = Watched(store, clock, "page", "x-main", "third")
    made.run(15)
    return made


def unplug(watched: Watched, *keys: str, plugged: bool = False) -> None:
    for key in keys or watched.wires:
        watched.wires[key].plugged = plugged


def test_a_machine_that_is_offline_is_one_incident_and_one_mail(watched: Watched) -> None:
    unplug(watched)
    watched.run(90)
    assert watched.open() == ["offline"]
    (mail,) = watched.mails()
    assert "No network can be reached since" in mail
    assert "none of the 3 accounts" in " ".join(mail.split())


def test_when_it_is_back_all_are_asked_at_once_and_told_in_one_mail(watched: Watched) -> None:
    unplug(watched)
    watched.run(90)
    unplug(watched, plugged=True)
    watched.run(35)  # the longest back-off, for the first; the others follow within a turn
    assert watched.open() == []
    assert len(watched.mails()) == 2
    assert "This is over: “no network can be reached" in watched.mails()[1]
    with watched.store.read() as session:
        successes = [row.last_success_at for row in session.exec(select(StreamRow))]
    first = min(at for at in successes if at)
    assert max(at for at in successes if at) - first < timedelta(minutes=11)  # no more than an interval


def test_one_network_that_answers_means_that_the_machine_is_not_offline(watched: Watched) -> None:
    unplug(watched, "page", "x-main")
    watched.run(90)
    assert sorted(watched.open()) == ["stream:page:comment", "stream:x-main:comment"]


def test_a_network_that_answers_with_errors_is_no_sign_of_being_offline(watched: Watched) -> None:
    unplug(watched, "page", "x-main")
    watched.wires["third"].broken = True
    watched.run(90)
    assert "offline" not in watched.open()
    assert len(watched.open()) == 3


def test_whoever_stays_away_after_the_rest_is_back_is_told_of_by_itself(watched: Watched) -> None:
    unplug(watched)
    watched.run(90)
    unplug(watched, "page", "third", plugged=True)
    watched.run(60)
    assert watched.open() == ["stream:x-main:comment"]


def test_a_single_account_is_told_of_as_before(store: Store, clock: HandClock) -> None:
    alone = Watched(store, clock, "page")
    alone.run(15)
    unplug(alone)
    alone.run(90)
    assert alone.open() == ["stream:page:comment"]


class Endless(WrittenNetwork):
    """Pages without end that show what is known; `circle` of them, or always another cursor."""

    def __init__(self, circle: int | None) -> None:
        super().__init__()
        self.circle, self.number, self.on = circle, 0, False

    def poll(self, kind: ItemKind, cursor: str | None) -> Page:
        self.asked.append((kind, cursor))
        if not self.on:
            return Page((comment(),), "c0")
        self.number += 1
        number = self.number if self.circle is None else self.number % self.circle
        return Page((comment(),), f"c{number}", more=True)


@pytest.mark.parametrize("circle", [1, 7, None])
def test_pages_without_end_are_neither_asked_without_end_nor_taken_for_success(
    store: Store, clock: HandClock, circle: int | None
) -> None:
    network = Endless(circle)
    one: Watch = watch(network)
    poll.declare(store, [one], clock())
    poll.poll(store, one, COMMENT, clock=clock, chance=random.Random(1))
    network.on = True
    hours = 3
    told = 0
    before = len(network.asked)
    for _ in range(hours * 60 // STEP):
        clock.wait(minutes=STEP)
        if poll.due(store, one, clock()):
            poll.poll(store, one, COMMENT, clock=clock, chance=random.Random(1))
        silent.mark_silent(store, [one], clock())
        with store.read() as session:
            told += any(key.key == "stream:page:comment" for key in open_incidents(session, "school"))
    turns = hours * 60 / 10
    assert len(network.asked) - before <= 8 * 3 * turns  # a failed turn is tried again a little sooner
    assert told > hours * 30 // STEP  # once it is told it stays so
    network.on = False
    clock.wait(minutes=31)
    poll.poll(store, one, COMMENT, clock=clock, chance=random.Random(1))
    with store.read() as session:
        assert open_incidents(session, "school") == []


def test_a_long_list_of_new_things_is_read_on_at_once(store: Store, clock: HandClock) -> None:
    network = WrittenNetwork(*(Page((comment(str(n), str(n)),), f"c{n}", more=n < 69) for n in range(70)))
    one = watch(network)
    poll.declare(store, [one], clock())
    poll.poll(store, one, COMMENT, clock=clock, chance=random.Random(1))
    assert poll.due(store, one, clock()) == [COMMENT]
    poll.poll(store, one, COMMENT, clock=clock, chance=random.Random(1))
    with store.read() as session:
        assert len(session.exec(select(ItemRow)).all()) == 70


def test_a_slow_list_is_left_for_the_next_turn_with_what_was_read_of_it(
    store: Store, clock: HandClock
) -> None:
    network = WrittenNetwork(*(Page((comment(str(n), str(n)),), f"c{n}", more=True) for n in range(5)))
    one = watch(network)
    poll.declare(store, [one], clock())
    poll.poll(store, one, COMMENT, clock=clock, chance=random.Random(1), patience=-1.0)
    assert len(network.asked) == 1
    assert poll.due(store, one, clock()) == [COMMENT]
    with store.read() as session:
        assert session.exec(select(StreamRow)).one().cursor == "c0"
