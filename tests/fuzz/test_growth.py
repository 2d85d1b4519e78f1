"""Four times the text is about four times the calls, which no busy machine changes; a quadratic step takes sixteen times.

What the library for patterns does within one call is not seen here: `python -m bench.fuzz` times that.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.fuzz.growth import READERS
from tests.counting import calls

SHAPES = ("🔪", "Tamsin Okafor ", "<a ")
READ = {
    "detectors",
    "follower",
    "claim",
    "letter",
    "letter in HTML",
    "headers",
}  # the rest have tests of their own
SMALL = 500  # characters


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("read", [pytest.param(read, id=name) for name, read, _ in READERS if name in READ])
def test_work_grows_with_the_length(read: Callable[[str], object], shape: str) -> None:
    read(shape * (SMALL // len(shape)))  # what is built or read once and kept
    small = calls(lambda: read(shape * (SMALL // len(shape))))
    assert calls(lambda: read(shape * (4 * SMALL // len(shape)))) < small * 8 + 500
