"""The drill of each month: when it comes, of what, and before whom it gives way."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from monitor.drill_schedule import scheduled
from monitor.settings_drill import Drill, parse_monthly
from monitor.store import Store
from monitor.tables import CaseRow
from tests.conftest import HandClock
from tests.making import HOURS
from tests.monitor.test_assess import arrive
from tests.monitor.test_drills import close, drill, turn

MONTHLY = Drill.model_validate({"monthly": "first-monday 10:00", "categories": ["threat", "bullying"]})


def test_a_month_has_one_moment_whatever_the_clocks_do() -> None:
    zone = ZoneInfo("Europe/London")
    at = parse_monthly("last-sunday 10:00")
    assert at is not None
    assert at.moment(date(2026, 3, 1), zone) == datetime(2026, 3, 29, 9, tzinfo=UTC)
    assert at.moment(date(2026, 2, 1), zone) == datetime(2026, 2, 22, 10, tzinfo=UTC)
    assert str(at) == "last-sunday 10:00"
    fourth = parse_monthly("fourth-friday 08:30")
    assert fourth is not None
    assert fourth.moment(date(2026, 11, 30), zone) == datetime(2026, 11, 27, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong", ["monday 10:00", "fifth-monday 10:00", "first-monday", "first-monday 25:00", 3]
)
def test_a_wrong_day_is_said(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"write one such as|write hours and minutes"):
        parse_monthly(wrong)


def test_the_monthly_drill_comes_once_and_the_categories_take_turns(store: Store, clock: HandClock) -> None:
    def due() -> int:
        return scheduled(store, MONTHLY, ("page",), HOURS, clock=clock)

    begun = []
    clock.now = datetime(2026, 11, 1, tzinfo=UTC)
    while clock() < datetime(2027, 2, 1, tzinfo=UTC):
        if due():
            begun.append((f"{clock():%d %b %H:%M}", drill(store).category, drill(store).asked_by))
            clock.wait(minutes=1)
            turn(store, clock)
            close(store, clock)
            turn(store, clock)
        clock.wait(minutes=30)
    assert begun == [
        ("02 Nov 10:00", "bullying", "schedule"),
        ("07 Dec 10:01", "threat", "schedule"),
        ("04 Jan 10:02", "bullying", "schedule"),
    ]


def test_a_monthly_drill_waits_for_a_real_case_and_gives_way_to_it(store: Store, clock: HandClock) -> None:
    clock.now = datetime(2026, 11, 2, 9, 59, tzinfo=UTC)
    arrive(store, clock, "I am going to stab somebody at the gate")
    turn(store, clock)
    clock.wait(minutes=5)
    assert scheduled(store, MONTHLY, ("page",), HOURS, clock=clock) == 0
    with store.write() as session:
        session.exec(select(CaseRow)).one().state = "acknowledged"
    clock.wait(hours=1)
    assert scheduled(store, MONTHLY, ("page",), HOURS, clock=clock) == 1
    assert scheduled(store, Drill(), ("page",), HOURS, clock=clock) == 0
