from __future__ import annotations

import tomllib
from datetime import date, timedelta
from typing import Any

import pytest

from alerts.setup_hours import hours_of
from monitor.config import Settings
from tests.making import HOURS

CALENDAR = """
terms = [{ from = 2026-09-03, to = 2026-10-23 }, { from = 2026-11-02, to = 2026-12-18 }]
inset_days = [2026-11-27]
closed_days = [2026-12-10]
high_on_closed_days = "hold"
digest_on_closed_days = true
"""


def settings(calendar: str = "", **hours: Any) -> Settings:
    values: dict[str, Any] = {
        "school": {"name": "St Elsewhere", "case_prefix": "SM", "jurisdiction": "scotland"},
        "roles": {
            role: {"name": "A. Person", "email": f"{role}@school.example"}
            for role in ("headteacher", "office", "it", "dsl")
        },
        "mail": {
            "host": "127.0.0.1",
            "security": "none",
            "auth": "none",
            "sender": "gate@school.example",
            "allowed_recipient_domains": ["school.example"],
        },
        "page": {"public_url": "https://gate.school.example"},
        "storage": {"state_dir": "/nowhere", "master_key": bytes(32)},
        "hours": hours,
        "calendar": tomllib.loads(calendar),
    }
    return Settings(**values)


def test_the_defaults_are_the_ones_that_the_tests_use() -> None:
    made = hours_of(settings())
    assert made == HOURS


def test_the_calendar_of_the_configuration_is_the_clocks() -> None:
    made = hours_of(settings(CALENDAR))
    assert made.days is not None
    shut = [date(2026, 10, 28), date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 10)]
    assert [made.days.open(day) for day in shut] == [False] * 4  # the 30th is St Andrew's day
    assert made.days.open(date(2026, 11, 26))
    assert (made.high_on_closed_days, made.digest_on_closed_days) == (False, True)


@pytest.mark.parametrize(("written", "wait"), [("next_school_day", None), ("4h", timedelta(hours=4))])
def test_the_wait_of_an_unanswered_high_case(written: str, wait: timedelta | None) -> None:
    assert hours_of(settings(escalate_high_after=written)).escalate_high_after == wait
