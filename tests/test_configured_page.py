"""What the configuration makes of the page's clocks: when an unanswered case goes on, and when an office outside works."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from monitor import schema
from monitor.app import App
from monitor.domain import Severity
from monitor.terms import Term
from tests.school import school

FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TERMS = """
[detection]
model = "off"
[calendar]
terms = [{ from = 2026-09-03, to = 2026-10-23 }, { from = 2026-11-02, to = 2026-12-18 }]
"""


@pytest.fixture
def app(tmp_path, clock):
    with school(tmp_path, clock, more=TERMS) as built:
        schema.upgrade(built.settings().storage.database_path)
        with built.store() as store:
            yield App(built.settings(), store, clock=clock)


def test_a_high_case_goes_on_by_the_next_school_day_and_a_critical_one_at_once(app: App) -> None:
    page = app.page()
    assert page.escalates_at(Severity.CRITICAL, FRIDAY) == FRIDAY + timedelta(minutes=15)
    assert page.escalates_at(Severity.HIGH, FRIDAY) == FRIDAY + timedelta(days=3)
    assert page.escalates_at(Severity.MEDIUM, FRIDAY) is None


def test_an_office_outside_works_in_the_holidays_but_not_on_a_bank_holiday(app: App) -> None:
    works = app.page().is_working_day
    assert works(date(2026, 12, 24))
    assert not works(date(2026, 12, 25))
    assert not works(date(2026, 12, 26))


def test_the_governors_terms_are_the_calendars(app: App) -> None:
    assert app.desk.schedule.terms == (Term(date(2026, 9, 3), date(2026, 12, 18)),)
