from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import MonitorError
from monitor.key_paper import key_of, part_of, rows_of

KEY = bytes(range(32))


@given(st.binary(min_size=32, max_size=32))
def test_what_is_printed_reads_as_the_same_key(key: bytes) -> None:
    assert key_of(rows_of(key)) == key


def test_a_row_is_two_groups_of_four() -> None:
    assert rows_of(KEY)[0] == "000G-40X4"
    assert {len(row) for row in rows_of(KEY)} == {9}


def test_it_may_be_typed_as_people_type() -> None:
    assert key_of([f" {row.lower().replace('-', ' ').replace('0', 'o')} " for row in rows_of(KEY)]) == KEY


def test_a_wrong_letter_is_found_in_its_row_and_hardly_one_in_a_hundred_is_not() -> None:
    tried = unnoticed = 0
    for number, row in enumerate(rows_of(KEY)):
        for at, letter in product(range(len(row)), "0123456789ABCDEFGHJKMNPQRSTVWXYZ"):
            if row[at] not in {"-", letter}:
                tried += 1
                unnoticed += part_of(number, row[:at] + letter + row[at + 1 :]) is not None
    assert tried == 8 * 8 * 31
    assert unnoticed < tried / 100


def test_two_rows_that_changed_places_are_named() -> None:
    one, two, *rest = rows_of(KEY)
    with pytest.raises(MonitorError, match="rows 1, 2 do not read as printed"):
        key_of([two, one, *rest])


@pytest.mark.parametrize("typed", ["", "000G-40X", "000G-40X44", "000G-40R!", "000G-40RU", "000G-4ORT7"])
def test_what_cannot_be_a_row_is_none(typed: str) -> None:
    assert part_of(0, typed) is None


def test_a_row_too_few_is_said() -> None:
    with pytest.raises(MonitorError, match="8 rows, and 7 were given"):
        key_of(rows_of(KEY)[:7])
