"""The service under clocks that step and machines that sleep: one span with the tests, all of them in the slow run."""

from __future__ import annotations

import pytest

from bench import clocks
from bench.clocks import SPANS, Span


def test_a_weekend_asleep_is_one_digest_a_school_day_and_stands_as_not_watched() -> None:
    assert clocks.attack(SPANS[2]) == []


@pytest.mark.slow
@pytest.mark.parametrize("span", SPANS, ids=lambda span: span.name)
def test_no_clock_doubles_a_digest_or_hides_a_gap(span: Span) -> None:
    assert clocks.attack(span) == []
