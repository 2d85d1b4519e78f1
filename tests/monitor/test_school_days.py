from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.domain import Severity
from monitor.hours import digest_due, escalate_at, may_tell, next_digest, tell_at
from monitor.school_days import SchoolDays, bank_holidays
from tests.making import HOURS, with_calendar

# An invented school's year, as councils print them.
YEAR = SchoolDays(
    terms=(
        (date(2026, 9, 3), date(2026, 10, 23)),
        (date(2026, 11, 2), date(2026, 12, 18)),
        (date(2027, 1, 5), date(2027, 2, 12)),
        (date(2027, 2, 22), date(2027, 3, 25)),
        (date(2027, 4, 12), date(2027, 5, 28)),
        (date(2027, 6, 7), date(2027, 7, 21)),
    ),
    closed=frozenset({date(2026, 11, 27)}),
    nation="england",
)
SCHOOL = with_calendar(YEAR)
HELD = with_calendar(YEAR, high_on_closed_days=False)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        ("2026-11-26", True),
        ("2026-11-27", False),  # inset
        ("2026-11-28", False),  # Saturday
        ("2026-10-28", False),  # half-term
        ("2027-05-03", False),  # early May bank holiday
        ("2027-08-10", False),  # summer
        ("2026-09-02", True),  # before the first term that is written down
        ("2027-09-22", False),  # the calendar may still be right
        ("2027-09-23", True),  # it has run out: nobody is kept waiting by it
    ],
)
def test_a_day_is_open_or_shut(day: str, is_open: bool) -> None:
    assert YEAR.open(date.fromisoformat(day)) is is_open


@pytest.mark.parametrize(
    ("nation", "day", "other"),
    [
        ("england", date(2026, 4, 6), "scotland"),  # Easter Monday
        ("scotland", date(2026, 11, 30), "wales"),  # St Andrew
        ("northern_ireland", date(2026, 3, 17), "england"),  # St Patrick
        ("wales", date(2026, 8, 31), "scotland"),  # the summer bank holiday is another day there
    ],
)
def test_each_nation_has_its_own_bank_holidays(nation: str, day: date, other: str) -> None:
    assert day in bank_holidays(nation, day.year)
    assert day not in bank_holidays(other, day.year)
    assert not SchoolDays(nation=nation).open(day)
    assert SchoolDays().open(day)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-10-23T15:00", "2026-10-23T15:00"),
        ("2026-10-23T21:00", "2026-11-02T06:30"),  # half-term, and the clocks go back in it
        ("2026-11-26T21:30", "2026-11-30T06:30"),  # inset day and weekend
        ("2027-03-25T22:00", "2027-04-12T05:30"),  # Easter; summer time by then
    ],
)
def test_medium_waits_for_the_next_school_day(now: str, told: str) -> None:
    assert tell_at(Severity.MEDIUM, utc(now), SCHOOL) == utc(told)


def test_high_is_told_on_closed_days_unless_the_school_holds_it() -> None:
    saturday = utc("2026-11-28T10:00")
    assert tell_at(Severity.HIGH, saturday, SCHOOL) == saturday
    assert tell_at(Severity.HIGH, saturday, HELD) == utc("2026-11-30T06:30")
    assert tell_at(Severity.CRITICAL, saturday, HELD) == saturday


def test_what_was_due_is_asked_again_when_it_can_go() -> None:
    assert may_tell(Severity.HIGH, utc("2026-11-26T20:59"), SCHOOL)
    assert not may_tell(Severity.HIGH, utc("2026-11-26T21:00"), SCHOOL)
    assert may_tell(Severity.CRITICAL, utc("2026-11-26T03:00"), SCHOOL)
    assert not may_tell(Severity.MEDIUM, utc("2026-11-28T10:00"), SCHOOL)


def test_the_next_digest_passes_over_holidays() -> None:
    assert next_digest(utc("2026-10-23T09:00"), SCHOOL) == utc("2026-11-02T08:00")
    assert next_digest(utc("2026-12-18T09:00"), SCHOOL) == utc("2027-01-05T08:00")
    assert next_digest(utc("2027-03-25T09:00"), SCHOOL) == utc("2027-04-12T07:00")
    assert next_digest(utc("2027-07-21T09:00"), SCHOOL) == utc("2027-09-23T07:00")


def test_there_is_no_digest_in_the_holidays_unless_the_school_wants_it() -> None:
    half_term = utc("2026-10-28T09:00")
    assert digest_due(half_term, SCHOOL) is None
    assert digest_due(half_term, with_calendar(YEAR, digest_on_closed_days=True)) == date(2026, 10, 28)


def test_each_school_day_of_the_year_has_one_digest_and_no_other_day_has() -> None:
    at, seen = utc("2026-09-03T00:00"), []
    while at < utc("2027-07-21T06:00"):
        at = next_digest(at, SCHOOL)
        seen.append(at.astimezone(SCHOOL.zone).date())
    every = (date(2026, 9, 3) + timedelta(days=n) for n in range(400))
    assert seen == [day for day in every if YEAR.open(day)][: len(seen)]
    assert seen[-1] == date(2027, 7, 21)


@pytest.mark.parametrize(
    ("told", "step", "goes"),
    [
        ("2026-11-24T10:00", 1, "2026-11-25T10:00"),
        ("2026-11-24T10:00", 2, "2026-11-26T10:00"),
        (
            "2026-11-26T10:00",
            1,
            "2026-11-29T10:00",
        ),  # Friday is inset, Monday is too far away: three days, a Sunday
        ("2026-10-24T09:00", 1, "2026-10-27T09:00"),  # in half-term; 10:00 by summer time
    ],
)
def test_an_unanswered_high_case_goes_on_a_school_day_later(told: str, step: int, goes: str) -> None:
    assert escalate_at(Severity.HIGH, utc(told), step, SCHOOL) == utc(goes)


def test_the_wait_before_a_high_case_goes_on_can_be_set() -> None:
    soon = with_calendar(YEAR, escalate_high_after=timedelta(hours=4))
    assert escalate_at(Severity.HIGH, utc("2026-11-24T10:00"), 1, soon) == utc("2026-11-24T14:00")
    assert escalate_at(Severity.HIGH, utc("2026-11-24T19:00"), 1, soon) == utc("2026-11-25T06:30")


def test_critical_goes_on_every_quarter_of_an_hour_whatever_the_day() -> None:
    night = utc("2026-12-25T03:00")
    assert [escalate_at(Severity.CRITICAL, night, step, HELD) - night for step in (1, 2)] == [
        timedelta(minutes=15),
        timedelta(minutes=30),
    ]


@pytest.mark.parametrize(
    "night", ["2026-10-25T00:30", "2026-10-25T01:30", "2027-03-28T00:30", "2027-03-28T01:30"]
)
def test_in_the_nights_of_the_clock_change_high_waits_for_the_same_morning(night: str) -> None:
    told = tell_at(Severity.HIGH, utc(night), SCHOOL)
    assert told is not None
    assert f"{told.astimezone(SCHOOL.zone):%Y-%m-%d %H:%M}" == f"{night[:10]} 06:30"


def test_without_a_calendar_every_day_is_like_another() -> None:
    saturday = utc("2026-11-28T10:00")
    assert tell_at(Severity.MEDIUM, saturday, HOURS) == saturday


def test_a_calendar_without_a_school_day_silences_nothing() -> None:
    never = with_calendar(
        SchoolDays(closed=frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(900)))
    )
    now = utc("2026-11-24T22:00")
    assert tell_at(Severity.MEDIUM, now, never) == now
