"""How a target's cases are tried in the tests: the first by their numbers, others as hypothesis chooses them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.fuzz.chances import FromBytes
from bench.fuzz.target import Target, run

EXAMPLES = 15  # of hypothesis, a target


def both_ways(targets: Sequence[Target]) -> tuple[Callable[[Target], None], Callable[[Target], None]]:
    """Two tests of these targets."""
    every = pytest.mark.parametrize("target", targets, ids=lambda one: one.name)

    @every
    def by_number(target: Target) -> None:
        failures = [one for one in run(target, range(target.share)) if one is not None]
        assert not failures, f"{len(failures)} cases; the first: {failures[0]}"

    @every
    def by_choice(target: Target) -> None:
        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
        )
        @given(data=st.binary(max_size=300))
        def chosen(data: bytes) -> None:
            target.case(FromBytes(data))

        chosen()

    return by_number, by_choice
