"""Names are looked for as they were written only where a reading says that something was made of them."""

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.detectors import load_rules
from monitor.detectors.normalise import Normaliser
from monitor.detectors.written import as_written
from tests.monitor.detectors.plain import PlainRegister

NORMALISER = load_rules().normaliser
PIECES = [
    "Littlewood", "Sterrett", "KillYourself", "gonna", "wanna", "u", "ur", "ppl", "wtf", "w", "t", "f", "k", "y", "s", "fu", "ck",
    "tw", "at", "you'll", "don't", "O'Brien", "Ellie's", "a", "i", '"quoted"', "(see", "y7", "4B", "2nd", "f**k", "sh1t", "looooser",
    "your", "self", "n1gga", "#ProudOfYou", "@EllieM", "well-done", "i.will.find.you", "stupidkid", "Ashworth-Bell", "dik",
    "head's", "www.school.example", "07700", "ya'll", "m8", "l8r", "gr8", "cu", "tonite",
]  # fmt: skip


class Everybody(PlainRegister):
    """Takes every word for a part of a name."""

    def part_name(self, word: str) -> str | None:
        return "pupil"


@settings(deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text("abcsuk'- ", max_size=6)), max_size=8))
@example(["ppl"])
@example(["gonna"])
@example(["Zoë"])
def test_a_reading_that_says_nothing_was_made_has_no_name_to_give_back(pieces: list[str]) -> None:
    text = " ".join(pieces)
    reading = NORMALISER.read(text)
    if not reading.remade:
        assert as_written(text, reading, Everybody({})) is reading


@pytest.mark.parametrize(
    "text", ["Well done all of you!", "u said \"it's 4B\", didn't you", "A day at O'Brien's"]
)
def test_of_plain_words_nothing_was_made(text: str) -> None:
    assert not NORMALISER.read(text).remade


@pytest.mark.parametrize("text", ["gonna", "KillYourself", "ppl", "café"])
def test_what_may_have_been_a_name_is_looked_at(text: str) -> None:
    reading = NORMALISER.read(text)
    assert reading.remade
    assert replace(reading, remade=False) == reading  # two readings of the same words are the same


def test_a_short_form_of_two_letters_that_stands_for_two_words_is_looked_at() -> None:
    assert Normaliser((), (), {"xz": "a b"}).read("an xz there").remade
