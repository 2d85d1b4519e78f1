"""Who is taken to have left, and above all who is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from monitor import poll
from monitor.domain import ItemKind, Page
from monitor.incidents import open_incidents
from monitor.ingest import Source, ingest
from monitor.leavers import departed
from monitor.store import Store
from monitor.tables import AuditRow, ItemRow, StreamRow
from monitor.tables_people import FollowerRow
from tests.conftest import HandClock
from tests.making import WrittenNetwork, follower, watch

PEOPLE = [f"f{number}" for number in range(1000)]


def take(
    store: Store, clock: HandClock, *ids: str, counted: int | None = None, complete: bool = True
) -> None:
    poll.declare(store, [watch(WrittenNetwork(), ItemKind.FOLLOWER)], clock())
    with store.read() as session:
        stream = session.exec(select(StreamRow)).one()
    ingest(
        store,
        Page(tuple(follower(one, f"handle_{one}") for one in ids), "c", complete=complete),
        Source("facebook", timedelta(hours=1)),
        stream_id=stream.id or 0,
        fence=stream.fence,
        now=clock(),
        counted=counted,
    )


def states(store: Store) -> dict[str, str]:
    with store.read() as session:
        return {row.external_id: row.state for row in session.exec(select(FollowerRow))}


def incidents(store: Store) -> list[str]:
    with store.read() as session:
        return [one.key for one in open_incidents(session, "school")]


@pytest.mark.parametrize(
    ("listed", "counted", "gone"),
    [
        (PEOPLE[1:], 999, {"f0"}),
        (PEOPLE[1:], None, {"f0"}),
        (PEOPLE[1:], 1005, {"f0"}),  # a few are counted and never listed: suspended, hidden
        (PEOPLE[:500], 1000, None),  # cut off
        (PEOPLE[:900], 1000, None),
        ([], 0, None),
        ([], 1000, None),
        ([], None, None),
        (PEOPLE[:790], None, None),  # a fifth at once, and nobody to ask
        (PEOPLE[:790], 790, set(PEOPLE[790:])),  # bots that were swept out: the network counts no more either
        (PEOPLE[:400], 400, None),  # half of a school's followers do not leave in a week
        (PEOPLE, 3000, set()),  # nobody is missing: nothing to doubt
    ],
)
def test_only_a_list_that_can_be_believed_shows_who_left(
    listed: list[str], counted: int | None, gone: set[str] | None
) -> None:
    assert departed(PEOPLE, listed, counted) == gone


def test_a_small_account_may_lose_most_of_its_few_followers() -> None:
    assert departed(["a", "b", "c"], ["c"], None) == {"a", "b"}
    assert departed(["a", "b", "c"], [], None) is None


def test_who_is_not_in_a_whole_list_has_left_and_it_is_on_record(store: Store, clock: HandClock) -> None:
    take(store, clock, "f1", "f2", "f3")
    take(store, clock, "f1", "f3", counted=2)
    assert states(store) == {"f1": "new", "f2": "left", "f3": "new"}
    with store.read() as session:
        entry = session.exec(select(AuditRow).where(AuditRow.event == "followers left")).one()
    assert (entry.thing, entry.detail) == ("account page", "1")


def test_a_list_that_is_not_whole_shows_nothing(store: Store, clock: HandClock) -> None:
    take(store, clock, "f1", "f2", "f3")
    take(store, clock, "f3", complete=False)
    assert set(states(store).values()) == {"new"}


def test_a_list_that_is_not_believed_marks_nobody_and_is_said_until_one_is(
    store: Store, clock: HandClock
) -> None:
    everybody = PEOPLE[:60]
    take(store, clock, *everybody)
    take(store, clock, *everybody[:30], counted=60)
    assert set(states(store).values()) == {"new"}
    assert incidents(store) == ["followers:page"]
    take(store, clock, *everybody[:59], counted=59)
    assert states(store)["f59"] == "left"
    assert incidents(store) == []


def test_who_comes_back_is_new_again(store: Store, clock: HandClock) -> None:
    take(store, clock, "f1", "f2")
    take(store, clock, "f1", counted=1)
    take(store, clock, "f2", complete=False)
    assert states(store) == {"f1": "new", "f2": "new"}


def test_who_comes_back_after_they_were_pruned_is_read_anew(store: Store, clock: HandClock) -> None:
    take(store, clock, "f1", "f2")
    take(store, clock, "f1", counted=1)
    with store.write() as session:
        row = session.exec(select(ItemRow).where(ItemRow.external_id == "f2")).one()
        row.sealed, row.pruned_at = b"", clock()
    take(store, clock, "f2", complete=False)
    with store.read() as session:
        shown = session.exec(select(FollowerRow).where(FollowerRow.external_id == "f2")).one()
        item = session.get_one(ItemRow, shown.item_id)
    assert (shown.state, shown.verified_at, item.version, bool(item.sealed)) == ("new", None, 2, True)
