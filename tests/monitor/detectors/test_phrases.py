"""What each sign of a phrase means, and that a match never leaves its sentence."""

import pytest

from monitor.detectors.context import PEOPLE, People
from monitor.detectors.grammar import phrase
from monitor.detectors.normalise import Normaliser

LISTS = {"colours": ["red", "dark blue", "pale~"]}
READER = Normaliser((), (), {})
FINDERS = People(["ellie"], [], None).finders


def matched(source: str, text: str) -> str | None:
    reading = READER.read(text)
    found = phrase(source, LISTS, PEOPLE)
    for place in range(len(reading.words)):
        match = found.match(reading, place, FINDERS)
        if match:
            return " ".join(reading.words[slice(*match)])
    return None


@pytest.mark.parametrize(
    ("source", "text", "match"),
    [
        ("zebra crossing", "a zebra crossing here", "zebra crossing"),
        ("zebra crossing", "a zebra is crossing", None),
        ("zebra (crossing|on the road)", "zebra on the road", "zebra on the road"),
        ("zebra (very)? stripy", "zebra stripy", "zebra stripy"),
        ("zebra (very)? stripy", "zebra very stripy", "zebra very stripy"),
        ("zebra strip~", "zebra striped", "zebra striped"),
        ("zebra ..2 stripy", "zebra is so stripy", "zebra is so stripy"),
        ("zebra ..2 stripy", "zebra is so very stripy", None),
        ("zebra ..2 stripy", "zebra is not stripy", None),
        ("zebra {colours}", "zebra dark blue", "zebra dark blue"),
        ("zebra (is ({colours}|big)|runs)", "zebra is red", "zebra is red"),
        ("<name> zebra", "ellie zebra", "ellie zebra"),
        ("<staff> zebra", "mr hill zebra", "mr hill zebra"),
        ("zebra $", "zebra", "zebra"),
        ("zebra $", "zebra crossing", None),
        ("zebra $", "a zebra! Crossing", "zebra"),
        ("^ zebra crossing", "Oh! Zebra crossing", "zebra crossing"),
        ("^ zebra crossing", "a zebra crossing", None),
    ],
)
def test_each_sign_means_what_its_module_says(source: str, text: str, match: str | None) -> None:
    assert matched(source, text) == match


@pytest.mark.parametrize("text", ["zebra. crossing", "zebra! Crossing", "zebra\ncrossing"])
@pytest.mark.parametrize(
    "source", ["zebra crossing", "(zebra crossing|x y)", "zebra ..2 crossing", "the? zebra (crossing)"]
)
def test_a_match_never_crosses_the_end_of_a_sentence(source: str, text: str) -> None:
    assert matched(source.replace("the? ", "(the)? "), text) is None


def test_a_comma_does_not_part_a_phrase() -> None:
    assert matched("zebra crossing", "zebra, crossing") == "zebra crossing"
