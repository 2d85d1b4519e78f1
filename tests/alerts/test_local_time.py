"""Times as the school reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alerts.words import LocalTime


def test_today_is_spoken_of_by_its_hour_and_another_day_by_its_date() -> None:
    time, now = LocalTime("Europe/London"), datetime(2026, 11, 20, 14, 2, tzinfo=UTC)
    assert time.when(now, now) == "at 14:02"
    assert time.when(now - timedelta(days=1), now) == "on Thu 19 Nov, 14:02"
