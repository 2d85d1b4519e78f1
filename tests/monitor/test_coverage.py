from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import select

from monitor import coverage, poll
from monitor.domain import ItemKind, Page
from monitor.errors import ConnectorError
from monitor.store import Store
from monitor.tables_watching import WatchedDayRow
from tests.conftest import MORNING, HandClock
from tests.making import WrittenNetwork, watch

TODAY = MORNING.date()


def polled(store: Store, clock: HandClock, *answers: Page | Exception, **more: object) -> None:
    """One turn of the comments of "page", every ten minutes."""
    watched = watch(WrittenNetwork(*answers))
    if more:
        watched = poll.Watch(
            watched.key,
            watched.network,
            watched.connector,
            watched.intervals,
            **more,  # type: ignore[arg-type]
        )
    poll.declare(store, [watched], clock())
    poll.poll(store, watched, ItemKind.COMMENT, clock=clock, chance=random.Random(1))


def every_ten_minutes(store: Store, clock: HandClock, turns: int) -> None:
    for _ in range(turns):
        polled(store, clock)
        clock.wait(minutes=10)


def of_day(store: Store, day: date) -> WatchedDayRow:
    with store.read() as session:
        return session.exec(select(WatchedDayRow).where(WatchedDayRow.day == day)).one()


def gaps(store: Store, clock: HandClock) -> list[coverage.Gap]:
    with store.read() as session:
        return coverage.gaps(session, store, clock() - timedelta(days=30), clock())


def test_turns_that_were_made_in_time_miss_nothing(store: Store, clock: HandClock) -> None:
    every_ten_minutes(store, clock, 6)
    row = of_day(store, TODAY)
    assert (row.made, row.missed, row.failed, row.longest) == (6, 0, 0, 600)
    assert gaps(store, clock) == []


def test_a_service_that_was_off_leaves_a_gap_that_it_did_not_write_down(
    store: Store, clock: HandClock
) -> None:
    every_ten_minutes(store, clock, 2)
    off = clock() - timedelta(minutes=10)
    clock.wait(minutes=170)
    back = clock()
    polled(store, clock)
    row = of_day(store, TODAY)
    assert (row.made, row.missed, row.longest) == (3, 17, 180 * 60)
    assert gaps(store, clock) == [coverage.Gap("page", "comment", off, back)]


def test_three_intervals_and_a_moment_are_no_gap_yet(store: Store, clock: HandClock) -> None:
    polled(store, clock)
    clock.wait(minutes=35)
    polled(store, clock)
    assert gaps(store, clock) == []
    clock.wait(minutes=36)
    polled(store, clock)
    assert len(gaps(store, clock)) == 1


def test_what_is_not_read_now_is_a_gap_without_an_end(store: Store, clock: HandClock) -> None:
    polled(store, clock)
    off = clock()
    clock.wait(hours=2)
    polled(store, clock, ConnectorError("no", permanent=True))
    assert gaps(store, clock) == [coverage.Gap("page", "comment", off, None)]
    assert of_day(store, TODAY).failed == 1


def test_an_outage_over_midnight_counts_on_each_of_its_days(store: Store, clock: HandClock) -> None:
    london = ZoneInfo("Europe/London")
    clock.now = datetime(2026, 7, 1, 22, 0, tzinfo=UTC)  # 23:00 in London
    polled(store, clock, zone=london)
    clock.wait(hours=26)
    polled(store, clock, zone=london)
    first, whole, last = (of_day(store, date(2026, 7, day)) for day in (1, 2, 3))
    assert (first.made, first.missed, first.longest) == (1, 5, 3600)
    assert (whole.made, whole.missed, whole.longest) == (0, 144, 24 * 3600)
    assert (last.made, last.missed, last.longest) == (1, 6, 3600)


def test_a_day_on_which_the_clocks_change_has_its_own_length(store: Store, clock: HandClock) -> None:
    london = ZoneInfo("Europe/London")
    clock.now = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    polled(store, clock, zone=london)
    clock.wait(days=2)
    polled(store, clock, zone=london)
    assert of_day(store, date(2026, 10, 25)).longest == 25 * 3600


def test_an_answer_of_several_pages_is_one_turn(store: Store, clock: HandClock) -> None:
    polled(store, clock, Page((), "1", more=True), Page((), "2", more=True), Page((), "3"))
    assert of_day(store, TODAY).made == 1


def test_gaps_of_several_kinds_are_told_as_one_time() -> None:
    at = [MORNING + timedelta(hours=number) for number in range(6)]
    found = [
        coverage.Gap("page", "comment", at[0], at[2]),
        coverage.Gap("page", "mention", at[1], at[3]),
        coverage.Gap("page", "comment", at[4], None),
        coverage.Gap("page", "mention", at[5], None),
    ]
    assert coverage.together(found) == [(at[0], at[3]), (at[4], None)]


def test_the_percentage_is_of_the_planned_turns_and_never_rounded_up() -> None:
    assert coverage.Turns(made=199, missed=1).percent == 99
    assert coverage.Turns().percent is None
