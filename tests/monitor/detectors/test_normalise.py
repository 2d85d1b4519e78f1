"""Disguises are undone, ordinary school shorthand is left alone, and every word knows where it stood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.detectors import Judge, load_rules
from monitor.detectors.folds import fold, fold_character
from monitor.detectors.normalise import COMMA, SENTENCE, Normaliser
from tests.counting import calls

RULES = load_rules()
NORMALISER = Normaliser(RULES.vocabulary, RULES.rude, RULES.slang)
JUDGE = Judge(RULES)


def words(text: str) -> str:
    return NORMALISER.read(text).text


@pytest.mark.parametrize(
    "disguised",
    [
        "fuck",
        "FUCK",
        "ｆｕｃｋ",
        "𝓯𝓾𝓬𝓴",
        "f.u.c.k",
        "f u c k",
        "f-u-c-k",
        "f*u*c*k",
        "fu ck",
        "f**k",
        "f*ck",
        "fuuuuck",
        "fuсk",  # Cyrillic с
        "f\u200bu\u200dc\ufeffk",
        "f\u202euc\u202ck",
        "fúck",
        "f\u0336u\u0336c\u0336k\u0336",
        "🇫🇺🇨🇰",
        "🅵🆄🅲🅺",
        "🄵🅄🄲🄺",
        "fu¢k",
        "phuck",
    ],
)
def test_a_disguised_word_is_read_as_itself(disguised: str) -> None:
    assert words(disguised) == "fuck"


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("sh1t", "shit"),
        ("$hit", "shit"),
        ("b!tch", "bitch"),
        ("w4nk3r", "wanker"),
        ("c*nt", "cunt"),
        ("1d10t", "idiot"),
        ("k y s", "kys"),
        ("K.Y.S.", "kys"),
        ("ur gonna", "your going to"),
        ("y0u", "you"),
        ("i'll", "i will"),
        ("Ellie's", "ellie s"),
        ("isn't", "isnt"),
        ("O'Brien", "obrien"),
        ("Zoë", "zoe"),
        ("🔪", "knife"),
        ("zzzzzorp", "zzorp"),
    ],
)
def test_other_disguises_and_short_forms(disguised: str, plain: str) -> None:
    assert words(disguised) == plain


@pytest.mark.parametrize(
    "text",
    [
        "3pm",
        "y7",
        "4b",
        "m8",
        "2nd",
        "ks2",
        "3g",
        "u11s",
        "yr6",
        "a55",
        "b4b",
        "0555",
        "222",
        "h2o",
        "999",
        "1000",
    ],
)
def test_school_shorthand_and_numbers_are_left_alone(text: str) -> None:
    assert words(text) == text
    assert words(text.upper()) == text


@pytest.mark.parametrize(
    "text", ["Scunthorpe", "Penistone", "Cockermouth", "Essex", "classic", "Mishit", "therapist", "Arsenal"]
)
def test_a_rude_word_inside_a_word_is_no_word(text: str) -> None:
    assert words(text) == text.lower()
    assert JUDGE(f"We are off to {text} today") == ()


def test_breaks_quotes_and_capitals_are_kept() -> None:
    reading = NORMALISER.read('Well done, Ellie. "Best day" ever')
    assert reading.words == ("well", "done", "ellie", "best", "day", "ever")
    assert reading.breaks == (SENTENCE, 0, COMMA, SENTENCE, 0, 0)
    assert reading.quoted == (False, False, False, True, True, False)
    assert reading.titled == (True, False, True, True, False, False)


def test_mr_with_a_full_stop_does_not_end_a_sentence() -> None:
    assert NORMALISER.read("Mr. Hill").breaks == (SENTENCE, 0)


@pytest.mark.parametrize("text", ["f\u200bu\u200bck you", "𝓯𝓾𝓬𝓴 you", "🔪🔪 you fúck", "you 🅵🆄🅲🅺 off"])
def test_a_span_points_into_the_text_as_posted(text: str) -> None:
    for finding in JUDGE(text):
        start, end = finding.span
        assert 0 <= start < end <= len(text)
    reading = NORMALISER.read(text)
    place = reading.words.index("fuck")
    start, end = reading.spans[place]
    assert words(text[start:end]) == "fuck"


POOL = st.sampled_from(
    [
        *"abcdefgkstuy0134578@$!*.,'\"-_ \n#()",
        "fuck", "f u c k", "k y s", "you", "ur", "gonna", "i'll", "sh1t", "f**k", "loooool", "mr.", "é", "е", "\u200b", "🔪", "🇫", "ﬁ",
    ]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=80), st.lists(POOL, max_size=30).map("".join), st.lists(POOL, max_size=20).map(" ".join)
)


@given(TEXTS)
def test_reading_what_was_read_changes_nothing(text: str) -> None:
    once = words(text)
    assert words(once) == once


@given(TEXTS)
def test_spans_are_in_bounds_in_order_and_as_many_as_words(text: str) -> None:
    reading = NORMALISER.read(text)
    assert (
        len(reading.words)
        == len(reading.spans)
        == len(reading.breaks)
        == len(reading.quoted)
        == len(reading.titled)
    )
    for start, end in reading.spans:
        assert 0 <= start < end <= len(text)
    assert list(reading.spans) == sorted(reading.spans)


@given(TEXTS)
def test_findings_stay_inside_the_text(text: str) -> None:
    for finding in JUDGE(text):
        assert 0 <= finding.span[0] < finding.span[1] <= len(text)


@given(st.characters())
def test_folding_a_character_twice_changes_nothing(character: str) -> None:
    once = fold_character(character)
    assert "".join(map(fold_character, once)) == once


def test_folding_keeps_a_map_to_where_each_character_came_from() -> None:
    folded, origins = fold("aﬁ\u200bb")
    assert folded == "afib"
    assert origins == [0, 1, 1, 3]
    assert fold("plain") == ("plain", None)
    assert (fold_character("о"), fold_character("О")) == ("o", "O")


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a ",
        "f u c k ",
        "!",
        "0 ",
        "you are ",
        "@",
        "i will kill you ",
        "07 ",
        "*",
        "a.",
        "🔪",
        '"',
        "ellie ",
        "o7",
        "1 ",
        "a@",
        "\u202ea",
    ],
)
def test_a_long_text_costs_work_that_grows_with_its_length(piece: str) -> None:
    """Four times the text takes about four times the calls, which no busy machine changes; a quadratic step would
    take sixteen times."""
    work_of(piece * (1000 // len(piece)))  # what is read once and kept
    small = work_of(piece * (2_000 // len(piece)))
    assert work_of(piece * (8_000 // len(piece))) < small * 8


def work_of(text: str) -> int:
    """How many functions, Python's and C's, are called to judge a text."""
    return calls(lambda: JUDGE(text))
