"""The code on a letter: hard to guess, easy to type, and a slip of the pen is noticed."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.family_codes import ALPHABET, LENGTH, new_code, normal_code, printed

CODE = new_code(random.Random(7).choice)


def test_it_is_random_enough_and_has_no_two_characters_that_look_alike():
    assert math.log2(len(set(ALPHABET))) * LENGTH >= 60
    assert len(CODE) == LENGTH + 1
    for pair in ("0O", "1I", "1L", "5S", "2Z", "8B", "6G", "UV", "0Q", "0D"):
        assert not set(pair) <= set(ALPHABET), pair
    assert not set("AEIOU") & set(ALPHABET)  # so no words
    assert new_code(random.Random(8).choice) != CODE


@pytest.mark.parametrize("seed", range(5))
def test_one_wrong_and_two_swapped_characters_are_noticed(seed: int):
    code = new_code(random.Random(seed).choice)
    assert normal_code(code) == code
    for at, right in enumerate(code):
        for other in ALPHABET:
            if other != right:
                assert normal_code(code[:at] + other + code[at + 1 :]) is None
    for at in range(LENGTH):
        if code[at] != code[at + 1]:
            assert normal_code(code[:at] + code[at + 1] + code[at] + code[at + 2 :]) is None


@pytest.mark.parametrize(
    "typed",
    [
        printed(CODE),
        printed(CODE).lower(),
        f"  {printed(CODE)}\t",
        printed(CODE).replace("-", " "),
        printed(CODE).replace("-", " – "),
        printed(CODE)
        .replace("8", "B")
        .replace("6", "g")
        .replace("5", "S")
        .replace("2", "z")
        .replace("V", "u"),
    ],
)
def test_it_is_read_as_people_type_it(typed: str):
    assert normal_code(typed) == CODE


@pytest.mark.parametrize("typed", ["", " ", "-", CODE[:-1], CODE + "2", "0" * 15, "é" * 15, CODE + " " * 40])
def test_what_is_no_code_is_none(typed: str):
    assert normal_code(typed) is None


@given(st.text(max_size=60))
def test_nothing_that_is_typed_ends_in_an_error(typed: str):
    code = normal_code(typed)
    assert code is None or normal_code(printed(code)) == code
