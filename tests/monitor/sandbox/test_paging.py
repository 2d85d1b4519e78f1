"""Pages cut from a listing that changes meanwhile: nothing that stays is skipped or repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sandbox.paging import StaleTokenError, token_for, window

KEYS = st.sets(st.integers(1, 60), max_size=30)


def rows(keys: set[int], newest_first: bool) -> list[tuple[int, int]]:
    return [(key, key) for key in sorted(keys, reverse=newest_first)]


@given(keys=KEYS, added=KEYS, removed=KEYS, limit=st.integers(1, 7), newest_first=st.booleans())
def test_what_stands_there_all_the_time_comes_exactly_once(keys, added, removed, limit, newest_first):
    seen: list[int] = []
    now, token, pages = set(keys), None, 0
    while True:
        page = window(rows(now, newest_first), "list", token, limit, newest_first=newest_first)
        seen += page.rows
        pages += 1
        now = (now | added) - removed
        if page.onward is None:
            break
        token = page.onward
    staying = (keys - removed) | (keys & set(seen))
    assert [key for key in seen if key in keys] == [
        key for key, _ in rows(staying, newest_first) if key in seen
    ]
    assert keys - removed <= set(seen)
    assert len(seen) == len(set(seen))
    assert pages <= 60


@given(keys=KEYS, limit=st.integers(1, 7), newest_first=st.booleans())
def test_going_back_shows_the_same_pages(keys, limit, newest_first):
    listing = rows(keys, newest_first)
    forward = [window(listing, "list", None, limit, newest_first=newest_first)]
    while forward[-1].onward:
        forward.append(window(listing, "list", forward[-1].onward, limit, newest_first=newest_first))
    backward = [forward[-1]]
    while backward[-1].back:
        backward.append(window(listing, "list", backward[-1].back, limit, newest_first=newest_first))
    assert [page.rows for page in backward[::-1]] == [page.rows for page in forward]
    assert window(listing, "list", forward[-1].here, limit, newest_first=newest_first) == forward[-1]
    assert window(listing, "list", forward[0].here, limit, newest_first=newest_first).rows == forward[0].rows


@pytest.mark.parametrize("token", ["", "nonsense", "mfthi", "\x00", token_for("other", "after", 3), "ä"])
def test_a_token_that_this_listing_did_not_make_is_stale(token):
    with pytest.raises(StaleTokenError):
        window([(1, 1)], "list", token, 5)


def test_a_limit_of_none_shows_nothing_and_leads_nowhere():
    page = window([(1, 1)], "list", None, 0)
    assert (page.rows, page.first, page.onward) == ([], None, None)
