"""What is remembered of words is what would be said of them again, and never more of it than was asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.kept import LONGEST, Kept


@given(st.lists(st.text(max_size=2 * LONGEST)))
def test_what_is_remembered_is_what_would_be_said(words: list[str]) -> None:
    kept = Kept(str.upper, 5)
    assert list(map(kept.__getitem__, words)) == [word.upper() for word in words]
    assert len(kept) <= 5
    assert all(len(word) <= LONGEST for word in kept)


def test_a_word_is_asked_for_once() -> None:
    asked: list[str] = []
    kept = Kept(asked.append, 5)
    assert [kept["bus"], kept["bus"], kept["tram"]] == [None, None, None]
    assert asked == ["bus", "tram"]


def test_an_error_is_not_remembered() -> None:
    kept = Kept(lambda word: 1 // len(word), 5)
    with pytest.raises(ZeroDivisionError):
        kept[""]
    assert not kept
