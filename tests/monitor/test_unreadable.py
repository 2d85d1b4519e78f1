"""An item that cannot be stored as its network sent it stops nothing behind it, goes to a person, and is read again when asked."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from sqlmodel import col, select
from structlog.testing import capture_logs

from monitor import items, poll, quarantine
from monitor.app.set_aside import leave_aside, things_set_aside, try_again
from monitor.assess import assess
from monitor.domain import Done, Item, ItemKind, Page
from monitor.errors import ConnectorError
from monitor.incidents import open_incidents
from monitor.poll import Watch
from monitor.ports import Seen
from monitor.read_again import read_again
from monitor.store import Store
from monitor.tables import CaseRow, ItemRow, StreamRow
from monitor.tables_people import FollowerRow
from tests.conftest import HandClock
from tests.making import WrittenNetwork, comment, follower, judgement, watch

ODD = frozenset({1})  # no JSON, and no value of a database
POISON = comment("Hello", "2", raw={"odd": ODD})


@pytest.fixture(autouse=True)
def _log() -> Iterator[None]:
    with capture_logs():
        yield


class Shows(WrittenNetwork):
    """A network that shows single items too: as the test writes them down."""

    seen: Seen | ConnectorError = Seen(None, POISON)

    def look(self, item: Item) -> Seen:
        if isinstance(self.seen, ConnectorError):
            raise self.seen
        return self.seen


def read(store: Store, clock: HandClock, *written: Item, kind: ItemKind = ItemKind.COMMENT) -> Watch:
    """One turn of a school that has been watched for some time."""
    watched = watch(Shows(Page(written, "c")), kind)
    poll.declare(store, [watched], clock())
    with store.write() as session:
        stream = session.exec(select(StreamRow)).one()
        stream.baseline_at, stream.next_due = stream.baseline_at or clock(), clock()
    poll.poll(store, watched, kind, clock=clock, chance=random.Random(1))
    return watched


def rows(store: Store) -> list[tuple[str, int, str]]:
    with store.read() as session:
        found = session.exec(select(ItemRow).order_by(col(ItemRow.id))).all()
        return [(row.external_id, row.version, items.from_row(row, store.vault).text) for row in found]


def cases(store: Store, clock: HandClock) -> list[tuple[str, str]]:
    while assess(store, judgement(), clock=clock):
        pass
    with store.read() as session:
        return [(case.external_id, case.category) for case in session.exec(select(CaseRow))]


def aside(store: Store) -> list[tuple[str, str, str]]:
    return [(one.stage, one.thing, one.why) for one in things_set_aside(store)]


def wrong(store: Store) -> dict[str, str]:
    with store.read() as session:
        return {one.key: one.says for one in open_incidents(session, store.school)}


def again(store: Store, clock: HandClock) -> None:
    try_again(store, [one.id for one in things_set_aside(store)], clock())


def test_what_stands_beside_it_is_stored_and_a_person_reads_it(store: Store, clock: HandClock) -> None:
    read(store, clock, comment("Lovely"), POISON, comment("[threat critical]", "3"))
    assert rows(store) == [("1", 1, "Lovely"), ("2", 1, ""), ("3", 1, "[threat critical]")]
    assert cases(store, clock) == [("2", "unassessed"), ("3", "threat")]
    assert aside(store) == [("ingest", "item 2", "TypeError")]
    assert "1 item could not be stored as the network sent it" in wrong(store)["quarantine:ingest"]
    assert not any(key.startswith("stream:") for key in wrong(store))
    with store.read() as session:
        stream = session.exec(select(StreamRow)).one()
        assert (stream.cursor, stream.error_count) == ("c", 0)
        bare = session.exec(select(ItemRow).where(ItemRow.external_id == "2")).one()
        assert items.from_row(bare, store.vault).url == POISON.url


def test_one_whose_address_is_at_fault_is_stored_by_its_number_alone(store: Store, clock: HandClock) -> None:
    read(store, clock, comment("Hello", "2", url=ODD))
    assert rows(store) == [("2", 1, "")]
    assert cases(store, clock) == [("2", "unassessed")]


def test_one_that_nothing_of_can_be_stored_is_a_trouble_of_its_stream(store: Store, clock: HandClock) -> None:
    read(store, clock, comment("Lovely"), comment("Hello", "\ud800"))
    assert rows(store) == []
    with store.read() as session:
        stream = session.exec(select(StreamRow)).one()
    assert (stream.cursor, stream.error_count) == (None, 1)
    assert "an unexpected UnicodeEncodeError" in (stream.last_error or "")


def test_a_network_that_shows_it_again_makes_no_second_version(store: Store, clock: HandClock) -> None:
    for _ in range(3):
        read(store, clock, POISON, comment("Lovely", "3"))
    assert rows(store) == [("2", 1, ""), ("3", 1, "Lovely")]
    assert len(aside(store)) == 1


def test_an_edit_that_cannot_be_stored_is_a_version_for_a_person(store: Store, clock: HandClock) -> None:
    read(store, clock, comment("Lovely", "2"))
    assert cases(store, clock) == []
    read(store, clock, POISON)
    assert rows(store) == [("2", 1, "Lovely"), ("2", 2, "")]
    assert cases(store, clock) == [("2", "unassessed")]
    assert aside(store) == [("ingest", "item 2", "TypeError")]


def test_a_follower_is_there_and_no_case(store: Store, clock: HandClock) -> None:
    read(store, clock, follower("f1", raw={"odd": ODD}), follower("f2"), kind=ItemKind.FOLLOWER)
    assert cases(store, clock) == []
    with store.read() as session:
        assert [row.external_id for row in session.exec(select(FollowerRow))] == ["f1", "f2"]


def test_it_is_read_again_when_asked_and_then_judged(store: Store, clock: HandClock) -> None:
    watched = read(store, clock, POISON)
    assert cases(store, clock) == [("2", "unassessed")]
    assert read_again(store, watched, clock=clock) == 0
    again(store, clock)
    watched.connector.seen = Seen(None, comment("[threat critical]", "2"))  # type: ignore[attr-defined]
    assert read_again(store, watched, clock=clock) == 1
    assert rows(store) == [("2", 1, ""), ("2", 2, "[threat critical]")]
    assert cases(store, clock) == [("2", "threat")]
    assert aside(store) == []
    assert wrong(store) == {}
    assert read_again(store, watched, clock=clock) == 0


def test_one_that_still_cannot_be_stored_stays_set_aside(store: Store, clock: HandClock) -> None:
    watched = read(store, clock, POISON)
    again(store, clock)
    assert read_again(store, watched, clock=clock) == 1
    assert rows(store) == [("2", 1, "")]
    assert aside(store) == [("ingest", "item 1", "TypeError")]
    assert read_again(store, watched, clock=clock) == 0  # until it is asked for once more


def test_a_network_that_does_not_answer_is_asked_again_later(store: Store, clock: HandClock) -> None:
    watched = read(store, clock, POISON)
    again(store, clock)
    watched.connector.seen = ConnectorError("page: it did not answer")  # type: ignore[attr-defined]
    assert read_again(store, watched, clock=clock) == 0
    watched.connector.seen = Seen(None, comment("Lovely", "2"))  # type: ignore[attr-defined]
    assert read_again(store, watched, clock=clock) == 1


def test_what_is_gone_meanwhile_is_off_the_list_and_its_case_stays(store: Store, clock: HandClock) -> None:
    watched = read(store, clock, POISON)
    assert cases(store, clock) == [("2", "unassessed")]
    again(store, clock)
    watched.connector.seen = Seen(Done.GONE)  # type: ignore[attr-defined]
    assert read_again(store, watched, clock=clock) == 1
    assert (aside(store), wrong(store)) == ([], {})
    assert cases(store, clock) == [("2", "unassessed")]


def test_one_that_the_next_page_shows_again_is_stored_when_asked(store: Store, clock: HandClock) -> None:
    read(store, clock, POISON)
    again(store, clock)
    read(store, clock, comment("Lovely", "2"), comment("Hello", "3"))
    assert rows(store) == [("2", 1, ""), ("2", 2, "Lovely"), ("3", 1, "Hello")]
    assert aside(store) == []


def test_one_that_is_left_as_it_is_stays_as_it_is(store: Store, clock: HandClock) -> None:
    watched = read(store, clock, POISON)
    leave_aside(store, [one.id for one in things_set_aside(store)], clock())
    assert (aside(store), wrong(store)) == ([], {})
    read(store, clock, POISON)
    assert read_again(store, watched, clock=clock) == 0
    assert rows(store) == [("2", 1, "")]


def test_what_was_pruned_meanwhile_is_not_asked_for(store: Store, clock: HandClock) -> None:
    watched = read(store, clock, POISON)
    with store.write() as session:
        session.exec(select(ItemRow)).one().pruned_at = clock()
    again(store, clock)
    assert aside(store) == []
    assert read_again(store, watched, clock=clock) == 0


@pytest.mark.parametrize("error", [MemoryError(), ConnectorError("page: no")])
def test_what_is_not_the_items_fault_sets_nothing_aside(
    store: Store, clock: HandClock, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(*_: object) -> bool:
        raise error

    monkeypatch.setattr("monitor.ingest.is_same", fails)
    read(store, clock, comment("Lovely"))
    monkeypatch.undo()
    assert rows(store) == [("1", 1, "Lovely")]
    read(store, clock, comment("Lovely"))
    assert aside(store) == []


def test_a_turn_begins_with_what_was_asked_for(store: Store, clock: HandClock) -> None:
    from monitor.app.turn import take_turn

    watched = read(store, clock, POISON)
    again(store, clock)
    watched.connector.seen = Seen(None, comment("Lovely", "2"))  # type: ignore[attr-defined]
    take_turn(store, watched, (), clock=clock, chance=random.Random(1))
    assert aside(store) == []
    with store.read() as session:
        assert not quarantine.was_left(session, store, quarantine.Stage.INGEST, "item 1")
