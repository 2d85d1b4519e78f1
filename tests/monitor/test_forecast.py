from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from monitor.forecast import Spending, expected, month_end, pounds, spent_by

TENTH = datetime(2026, 11, 11, tzinfo=UTC)  # ten days of November are over
FIRST = datetime(2026, 11, 1, tzinfo=UTC)


def test_the_month_ends_as_it_began() -> None:
    assert expected(Spending(300, since=FIRST), TENTH) == 900


def test_a_list_that_was_read_whole_is_no_daily_pace() -> None:
    assert expected(Spending(1300, whole=1000, since=FIRST), TENTH) == 1900


def test_who_began_in_the_middle_of_the_month_has_the_pace_of_those_days() -> None:
    assert expected(Spending(100, since=TENTH - timedelta(days=5)), TENTH) == 500


def test_the_first_day_says_nothing_yet() -> None:
    assert expected(Spending(500, since=TENTH - timedelta(hours=23)), TENTH) is None
    assert expected(Spending(0), TENTH) is None
    assert spent_by(Spending(500, since=TENTH - timedelta(hours=23)), 600, TENTH) is None


@pytest.mark.parametrize(
    ("limit", "when"),
    [
        (600, TENTH + timedelta(days=10)),
        (300, TENTH),
        (250, TENTH),
        (900, None),  # just enough
        (5000, None),
    ],
)
def test_a_budget_runs_out_when_its_reads_are_used_at_this_pace(limit: int, when: datetime | None) -> None:
    assert spent_by(Spending(300, since=FIRST), limit, TENTH) == when


def test_a_month_without_daily_reads_runs_out_never() -> None:
    assert spent_by(Spending(1000, whole=1000, since=FIRST), 1001, TENTH) is None


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (datetime(2026, 12, 31, 23, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        (datetime(2028, 2, 10, 7, 5, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_month_ends_with_the_first_of_the_next(now: datetime, end: datetime) -> None:
    assert month_end(now) == end


def test_pounds_are_whole_pence() -> None:
    assert pounds(990, Decimal("0.001"), Decimal("1.33")) == Decimal("0.74")
    assert pounds(0, Decimal("0.001"), Decimal("1.33")) == 0
