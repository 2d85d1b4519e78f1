from __future__ import annotations

import random

import pytest

from connectors.timeline import Stale, until_known, walk


def never():
    return False


class Listing:
    """A timeline of numbered rows, newest first, on a network that has its moods."""

    def __init__(self, seed: int, *, size: int = 10) -> None:
        self.rng = random.Random(seed)
        self.size = size
        self.ids = list(range(1000, 1020))
        self.requests = 0
        self.arriving = False
        self.moods = set()

    def arrive(self, count: int) -> None:
        for _ in range(count):
            self.ids.append(self.ids[-1] + self.rng.randint(1, 9))

    def fetch(self, since, until, token):
        self.requests += 1
        if self.arriving and self.rng.random() < 0.5:
            self.arrive(self.rng.randint(1, 3))
        if "dies" in self.moods and token is not None and self.rng.random() < 0.3:
            raise Stale
        rows = sorted(self.ids, reverse=True)
        if since is not None and "ignores since" not in self.moods:
            rows = [row for row in rows if row > int(since)]
        if until is not None:
            rows = [row for row in rows if row < int(until)]
        if token is not None:
            rows = [row for row in rows if row < int(token)]
        page, rest = rows[: self.size], rows[self.size :]
        onward = str(page[-1]) if rest else None
        if "circles" in self.moods and token is not None:
            onward = token
        if "doubles" in self.moods:
            page = page + page[:3]
        if "shuffles" in self.moods:
            self.rng.shuffle(page)
        return [(str(row), row) for row in page], onward


MOODS = ["", "doubles", "shuffles", "dies", "circles", "ignores since"]


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("seed", range(25))
def test_everything_after_the_baseline_comes_exactly_once(seed, mood):
    listing = Listing(seed)
    listing.moods = {mood}
    first = walk(listing.fetch, None, 3, never)
    state, got = first.state, []
    start = max(first.rows.values())
    listing.arriving = True
    for turn in range(60):
        if turn % 6 == 0 and turn < 40:
            listing.arrive(listing.rng.randint(0, 70))
        listing.arriving = turn < 50
        done = walk(listing.fetch, state, 3, never)
        assert list(done.rows.values()) == sorted(done.rows.values())
        got += done.rows.values()
        state = done.state
    assert sorted(got) == [row for row in listing.ids if row > start]


def test_the_first_walk_is_one_page():
    listing = Listing(1)
    done = walk(listing.fetch, None, 5, never)
    assert (len(done.rows), listing.requests, done.more) == (10, 1, False)


def test_an_empty_first_page_still_catches_the_first_row():
    listing = Listing(1)
    listing.ids = []
    state = walk(listing.fetch, None, 5, never).state
    listing.ids = [5]
    assert list(walk(listing.fetch, state, 5, never).rows) == ["5"]


def test_a_walk_in_a_hurry_stops_and_goes_on_later():
    listing = Listing(1)
    state = {"since": "999"}
    first = walk(listing.fetch, state, 9, lambda: True)
    assert (len(first.rows), first.more) == (10, True)
    second = walk(listing.fetch, first.state, 9, never)
    assert len({*first.rows, *second.rows}) == 20


def test_a_position_refused_even_without_one_is_raised():
    def fetch(*_):
        raise Stale

    with pytest.raises(Stale):
        walk(fetch, {"since": "1", "until": "9"}, 9, never)


def test_a_listing_in_circles_ends():
    turns = []

    def turn(number, token):
        turns.append(token)
        return [(str(number), number)], "again"

    top = until_known(turn, None, 50, never)
    assert not top.complete
    assert turns == [None, "again"]


def test_what_was_known_stays_known_when_much_of_it_left():
    state = {"known": [str(number) for number in range(300, 100, -1)]}
    top = until_known(lambda *_: ([("301", 301), ("150", 150)], "next"), state, 5, never)
    assert list(top.rows) == ["301"]
    assert len(top.state["known"]) == 200
    assert top.state["known"][:2] == ["301", "300"]


def test_a_server_that_knows_no_since_is_read_only_down_to_what_is_known():
    listing = Listing(1, size=5)
    listing.moods = {"ignores since"}
    done = walk(listing.fetch, {"since": "1012"}, 9, never)
    assert list(done.rows) == [str(number) for number in range(1013, 1020)]
    assert listing.requests == 3


def test_a_server_that_knows_no_until_gives_nothing_twice_and_ends():
    asked = []

    def fetch(since, until, token):
        asked.append(token)
        top = int(token or 200)
        return [(str(number), number) for number in range(top, top - 10, -1)], str(top - 10)

    done = walk(fetch, {"since": "10", "newest": "200", "until": "185"}, 2, never)
    assert list(done.rows) == ["181", "182", "183", "184"]
    assert done.more
    last = walk(fetch, done.state, 2, never)
    assert (last.rows, last.more) == ({}, False)


def test_pages_in_circles_are_left_at_once():
    asked = []

    def fetch(since, until, token):
        asked.append(token)
        return [("5", 5)], "again"

    done = walk(fetch, {"since": "1"}, 50, never)
    assert asked == [None, "again"]
    assert done.more  # the next walk asks for what is below
    assert done.state["until"] == "5"
