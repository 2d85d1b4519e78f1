from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.domain import Severity
from monitor.hours import digest_due, next_digest, tell_at, waking
from tests.making import HOURS


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_critical_is_told_at_any_hour() -> None:
    night = utc("2026-11-20T02:00")
    assert tell_at(Severity.CRITICAL, night, HOURS) == night


def test_low_waits_for_the_digest() -> None:
    assert tell_at(Severity.LOW, utc("2026-11-20T12:00"), HOURS) is None


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-11-20T12:00", "2026-11-20T12:00"),
        ("2026-11-20T02:00", "2026-11-20T06:30"),
        ("2026-11-20T21:00", "2026-11-21T06:30"),
        ("2026-07-20T05:29", "2026-07-20T05:30"),  # summer time: 06:30 in London is 05:30 UTC
        ("2026-10-24T21:30", "2026-10-25T06:30"),  # the clocks go back in between
        ("2027-03-27T22:00", "2027-03-28T05:30"),  # and forward
    ],
)
def test_high_is_told_when_people_are_awake(now: str, told: str) -> None:
    assert tell_at(Severity.HIGH, utc(now), HOURS) == utc(told)


def test_medium_is_told_at_most_once_an_hour() -> None:
    now = utc("2026-11-20T12:00")
    assert tell_at(Severity.MEDIUM, now, HOURS) == now
    last = now - timedelta(minutes=10)
    assert tell_at(Severity.MEDIUM, now, HOURS, last_medium=last) == now + timedelta(minutes=50)
    assert tell_at(Severity.MEDIUM, now, HOURS, last_medium=now - timedelta(hours=2)) == now


def test_a_group_that_falls_into_the_night_waits_for_the_morning() -> None:
    now = utc("2026-11-20T20:30")
    assert tell_at(Severity.MEDIUM, now, HOURS, last_medium=now) == utc("2026-11-21T06:30")


def test_waking_hours_include_their_start_and_not_their_end() -> None:
    assert waking(utc("2026-11-20T06:30"), HOURS) == utc("2026-11-20T06:30")
    assert waking(utc("2026-11-20T20:59"), HOURS) == utc("2026-11-20T20:59")


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-20T07:59", None),
        ("2026-11-20T08:00", date(2026, 11, 20)),
        ("2026-11-20T23:00", date(2026, 11, 20)),  # a machine that was off finds it later that day
        ("2026-11-21T08:00", None),  # Saturday
        ("2026-07-20T07:00", date(2026, 7, 20)),  # summer time
    ],
)
def test_the_digest_is_due_from_its_hour_on_school_days(now: str, due: date | None) -> None:
    assert digest_due(utc(now), HOURS) == due


def test_every_school_day_of_ten_years_has_one_digest_at_eight() -> None:
    at, seen = utc("2026-01-01T00:00"), []
    while at < utc("2036-01-01T00:00"):
        at = next_digest(at, HOURS)
        local = at.astimezone(HOURS.zone)
        assert (local.hour, local.minute) == (8, 0)
        assert local.weekday() < 5
        seen.append(local.date())
    assert len(seen) == len(set(seen))
    assert len(seen) == 2609
