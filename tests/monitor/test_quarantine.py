"""What fails or kills again and again is set aside: in nobody's way, seen by people, tried again when asked."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlmodel import col, select

from monitor import assess as stage
from monitor import quarantine
from monitor.assess import assess
from monitor.domain import Finding
from monitor.incidents import open_incidents
from monitor.quarantine import Stage
from monitor.store import Store
from monitor.tables import CaseRow, ItemRow
from tests.conftest import HandClock
from tests.making import bracketed, judgement
from tests.monitor.test_assess import arrive

KEY = "quarantine:assess"


class Killed(BaseException):
    """What no stage can catch, as a process that ends: nothing after it is done."""


def kills(text: str) -> Sequence[Finding]:
    if "deadly" in text:
        raise Killed
    return bracketed(text)


def run(store: Store, clock: HandClock) -> bool:
    """One start of the service; False when it was killed."""
    try:
        assess(store, judgement(kills), clock=clock)
    except Killed:
        return False
    return True


def categories(store: Store) -> list[str]:
    with store.read() as session:
        return [case.category for case in session.exec(select(CaseRow).order_by(col(CaseRow.id)))]


def waiting(store: Store) -> int:
    with store.read() as session:
        return len(session.exec(select(ItemRow).where(col(ItemRow.assessed_at).is_(None))).all())


def aside(store: Store) -> list[str]:
    with store.read() as session:
        return [row.thing for row in quarantine.listed(session, store)]


def incidents(store: Store) -> dict[str, str]:
    with store.read() as session:
        return {one.key: one.says for one in open_incidents(session, "school")}


def again(store: Store, clock: HandClock) -> None:
    with store.write() as session:
        for row in quarantine.listed(session, store):
            quarantine.again(session, store, row, clock())
            stage.replay(session, store, row.thing)


def test_an_item_that_kills_the_process_three_times_goes_to_a_person(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "Lovely", "deadly", "[threat critical] after it")
    lived = [run(store, clock) for _ in range(4)]
    assert lived == [False, False, False, True]
    assert categories(store) == ["unassessed", "threat"]
    assert aside(store) == ["item 2"]
    assert waiting(store) == 0
    assert "1 item could not be assessed" in incidents(store)[KEY]
    assert run(store, clock)


def test_an_item_that_was_at_hand_when_the_process_ended_once_is_judged(
    store: Store, clock: HandClock
) -> None:
    arrive(store, clock, "deadly", "[insult medium]")
    assert not run(store, clock)
    assess(store, judgement(), clock=clock)
    assert categories(store) == ["insult"]
    assert aside(store) == []
    with store.read() as session:
        assert not quarantine.was_left(session, store, Stage.ASSESS, "run")
        assert not quarantine.was_left(session, store, Stage.ASSESS, "item 1")


def test_what_cannot_even_be_opened_is_set_aside_and_never_let_through(
    store: Store, clock: HandClock
) -> None:
    arrive(store, clock, "one", "[threat critical]")
    with store.write() as session:
        kept = session.get_one(ItemRow, 1).sealed
        session.get_one(ItemRow, 1).sealed = b"damaged"
    for _ in range(5):
        run(store, clock)
    assert (categories(store), aside(store), waiting(store)) == (["threat"], ["item 1"], 1)
    with store.write() as session:
        session.get_one(ItemRow, 1).sealed = kept
    again(store, clock)
    run(store, clock)
    assert (aside(store), waiting(store), KEY in incidents(store)) == ([], 0, False)


def test_a_batch_of_bad_items_does_not_stop_those_behind_it(
    store: Store, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "_BATCH", 4)
    arrive(store, clock, *(f"bad {number}" for number in range(8)), "[threat critical]")
    with store.write() as session:
        for row in session.exec(select(ItemRow).where(col(ItemRow.id) <= 8)):
            row.sealed = b"damaged"
    for _ in range(12):
        run(store, clock)
    assert categories(store) == ["threat"]
    assert len(aside(store)) == 8
    assert "8 items" in incidents(store)[KEY]  # one incident for all of them


def test_a_replay_judges_anew_and_tells_what_is_worse(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "deadly [threat critical]")
    while not run(store, clock):
        clock.wait(minutes=1)
    again(store, clock)
    assert aside(store) == ["item 1"]  # until it went well
    assess(store, judgement(), clock=clock)
    assert (categories(store), aside(store), incidents(store)) == (["threat"], [], {})


def test_a_replay_that_fails_once_is_set_aside_again(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "deadly")
    while not run(store, clock):
        clock.wait(minutes=1)
    again(store, clock)
    assert not run(store, clock)
    assert run(store, clock)
    assert (aside(store), waiting(store)) == (["item 1"], 0)


def test_what_is_dropped_ends_the_incident_and_stays_out_of_the_way(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "one")
    with store.write() as session:
        session.get_one(ItemRow, 1).sealed = b"damaged"
    for _ in range(3):
        run(store, clock)
    with store.write() as session:
        for row in quarantine.listed(session, store):
            quarantine.drop(session, store, row, clock())
    run(store, clock)
    assert (aside(store), incidents(store), waiting(store)) == ([], {}, 1)
