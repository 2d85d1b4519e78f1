"""A service that ended without being stopped says so when it starts again; one that keeps ending says that."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from monitor.incidents import open_incidents
from monitor.runs import Runs, running_since
from monitor.store import Store
from monitor.tables_service import ServiceRunRow
from tests.conftest import HandClock


@pytest.fixture
def runs(store: Store, clock: HandClock) -> Runs:
    return Runs(store, clock, ZoneInfo("America/New_York"))


def troubles(store: Store) -> dict[str, str]:
    with store.read() as session:
        return {one.key: one.says for one in open_incidents(session, store.school)}


def test_a_first_start_and_one_after_a_stop_say_nothing(store: Store, clock: HandClock, runs: Runs) -> None:
    for _ in range(5):
        run = runs.begin()
        assert running_since(store) == clock()
        clock.wait(minutes=1)
        runs.end(run)
        assert running_since(store) is None
    assert troubles(store) == {}


def test_an_unasked_end_is_told_with_the_schools_own_time_and_forgotten_after_a_day(
    store: Store, clock: HandClock, runs: Runs
) -> None:
    runs.seen(runs.begin())
    clock.wait(hours=5)
    run = runs.begin()
    assert troubles(store) == {
        "restart": "Schoolgate ended without being stopped, at about 04:00 on 20 Nov 2026"
    }
    clock.wait(hours=23)
    runs.seen(run)
    assert "restart" in troubles(store)
    clock.wait(hours=1)
    runs.seen(run)
    assert troubles(store) == {}


def test_three_unasked_ends_within_an_hour_are_a_loop_until_it_runs_for_an_hour(
    store: Store, clock: HandClock, runs: Runs
) -> None:
    for _ in range(3):
        runs.begin()
        assert "restarts" not in troubles(store)
        clock.wait(minutes=5)
    run = runs.begin()
    assert "3 times within an hour" in troubles(store)["restarts"]
    clock.wait(minutes=59)
    runs.seen(run)
    assert "restarts" in troubles(store)
    clock.wait(minutes=1)
    runs.seen(run)
    assert "restarts" not in troubles(store)


def test_runs_are_kept_for_some_months(store: Store, clock: HandClock, runs: Runs) -> None:
    runs.end(runs.begin())
    clock.wait(days=91)
    runs.begin()
    with store.read() as session:
        assert len(session.exec(select(ServiceRunRow)).all()) == 1
