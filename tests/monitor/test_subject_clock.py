"""One calendar month, to the next working day."""

from __future__ import annotations

from datetime import date

import pytest

from monitor.subject_clock import answer_by


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2026, 11, 20), date(2026, 12, 21)),  # a Sunday
        (date(2026, 9, 3), date(2026, 10, 5)),  # a Saturday
        (date(2027, 1, 31), date(2027, 3, 1)),  # no 31st; the 28th is a Sunday
        (date(2026, 11, 25), date(2026, 12, 29)),  # Christmas, Boxing Day and the day instead of it
        (date(2026, 12, 1), date(2027, 1, 4)),  # the new year's day, then a weekend
        (date(2026, 10, 15), date(2026, 11, 16)),
    ],
)
def test_a_request_is_answered_within_a_month(received: date, due: date) -> None:
    assert answer_by(received, "england") == due


def test_the_nations_differ() -> None:
    assert answer_by(date(2026, 10, 30), "scotland") == date(2026, 12, 1)  # St Andrew's Day
    assert answer_by(date(2026, 10, 30), "england") == date(2026, 11, 30)
