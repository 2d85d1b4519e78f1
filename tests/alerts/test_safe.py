from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import safe

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    "char", [*BIDI, "\x00", "\x07", "\x1b", "\x7f", "\x9b", "\u200b", "\ufeff", "\u00ad", "\ue000"]
)
def test_what_hides_or_turns_text_is_replaced_by_a_visible_sign(char: str) -> None:
    assert safe.clean(f"safe{char}text") == f"safe{safe.REPLACED}text"


@pytest.mark.parametrize(
    "char", ["\u3164", "\u115f", "\uffa0", "\u2800", "\u034f", "\ud800", "\U000e0041", "\U0003fffe"]
)
def test_invisible_letters_lone_surrogates_and_unassigned_are_replaced(char: str) -> None:
    assert safe.clean(f"a{char}b") == f"a{safe.REPLACED}b"


def test_a_run_of_hidden_characters_is_one_sign() -> None:
    assert safe.clean("a" + BIDI * 50 + "b") == f"a{safe.REPLACED}b"


@pytest.mark.parametrize(
    "text",
    [
        "Zoë’s naïve café",
        "می‌خواهم",
        "👩‍👩‍👧 family",
        "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f Cymru",
        "❤️ it",
        "नमस्ते",
        "日本語",
        "🫩 is newer than this Python",
    ],
)
def test_what_people_really_write_stays(text: str) -> None:
    assert safe.clean(text) == unicodedata.normalize("NFC", text)


def test_text_comes_out_composed() -> None:
    assert safe.clean("Zoe\u0308") == "Zoë"


def test_a_tower_of_marks_is_cut_to_four() -> None:
    assert safe.clean("q" + "\u0323\u0309\u0303\u0302" * 20 + "a").count("\u0323") <= safe.MAX_MARKS
    shown = safe.clean("q" + "\u0336" * 80 + "a")
    assert shown == "q" + "\u0336" * safe.MAX_MARKS + "a"


def test_every_kind_of_line_end_becomes_a_space_or_a_line() -> None:
    text = "one\r\ntwo\rthree\x0bfour\x85five\u2028six\u2029seven\t eight"
    assert safe.clean(text) == "one two three four five six seven eight"
    assert safe.clean(text, lines=True) == "one\ntwo\nthree\nfour\nfive\nsix\nseven eight"
    assert safe.clean("a\n\n\n\n\nb", lines=True) == "a\nb"


def test_a_cut_ends_in_an_ellipsis_and_never_in_half_a_character() -> None:
    assert safe.cut("abcdef", 6) == "abcdef"
    assert safe.cut("abcdefg", 6) == "abcde…"
    assert safe.cut("ab👩\u200d👧cd", 5) == "ab👩…" or safe.cut("ab👩\u200d👧cd", 5) == "ab…"
    assert not safe.cut("abcde\u0301\u0301fgh", 6).rstrip("…").endswith("e")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://evil.example/a?b=c.d", "see hxxps://evil[.]example/a?b=c.d"),
        ("HTTP://EVIL.EXAMPLE", "hxxp://EVIL[.]EXAMPLE"),
        ("1https://evil.example", "1hxxps://evil[.]example"),
        ("https://https://evil.example", "hxxps://hxxps://evil[.]example"),
        ("https://http：／／evil.example", "hxxps://http：／／evil[.]example"),
        ("ftp://evil.example", "ftp[:]//evil[.]example"),
        ("javascript:alert(1)", "javascript[:]alert(1)"),
        ("mailto:sam@evil.example", "mailto[:]sam[at]evil[.]example"),
        ("evil.example", "evil[.]example"),
        ("evil。example", "evil[.]example"),
        ("www.evil.example", "www[.]evil[.]example"),
        ("sam.o'neil+x@evil.example", "sam.o'neil+x[at]evil[.]example"),
        ("sam＠evil.example", "sam[at]evil[.]example"),
        ("http://192.0.2.7/x", "hxxp://192[.]0[.]2[.]7/x"),
        ("https://раураl.example/", "hxxps://xn--l-7sba6dbr[.]example/"),
        ("thanks @dave, see you at 3.30. Bye", "thanks @dave, see you at 3.30. Bye"),
        ("e.g. St. Mary's, 5.2", "e.g. St. Mary's, 5.2"),
    ],
)
def test_addresses_are_defanged_and_prose_is_not(text: str, shown: str) -> None:
    assert safe.defanged(text) == shown


def test_a_host_that_no_resolver_takes_is_still_defanged() -> None:
    assert "://" not in safe.defanged("https://" + "ü" * 80 + ".example").replace("hxxps://", "")


def test_right_to_left_text_is_isolated_and_other_text_is_not() -> None:
    assert safe.isolated("שלום") == "\u2068שלום\u2069"
    assert safe.isolated("hello") == "hello"


MASKED = "Just wait, Tamsin Okafor in 4B, I am going to hurt you at the gate, ring 07700 900123 or tam@mail.example"


def test_an_extract_shows_the_kind_of_thing_and_no_person() -> None:
    start = MASKED.index("hurt")
    shown = safe.masked(MASKED, [(start, start + 4)])
    assert "going to h••• you at the gate" in shown
    for told in ("Tamsin", "Okafor", "4B", "07700", "900123", "tam", "mail"):
        assert told not in shown


def test_a_small_letter_name_is_masked_when_the_caller_says_where_it_is() -> None:
    text = "i will hurt tamsin okafor"
    name = text.index("tamsin")
    assert "tamsin" not in safe.masked(text, [(7, 11)], [(name, len(text))])
    assert "okafor" not in safe.masked(text, [(7, 11)], [(name, len(text))])


def test_a_host_or_a_dotted_name_in_small_letters_is_masked() -> None:
    text = "i will hurt tamsin.okafor see tamsin.example"
    assert safe.masked(text, [(7, 11)]) == "i will h••• ••• see •••"


def test_an_extract_is_short_and_says_that_it_is_cut() -> None:
    text = "very " * 300 + "bad " + "very " * 300
    start = text.index("bad")
    shown = safe.masked(text, [(start, start + 3)])
    assert len(shown) <= 160
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert "b•••" in shown


def test_without_a_span_nothing_is_extracted() -> None:
    assert safe.masked("some text", []) == ""
    assert safe.masked("", [(0, 3)]) == ""


PIECES = [
    *BIDI,
    "\x00",
    "\r\n",
    "\u2028",
    "\u0301",
    "\ud800",
    "@",
    ".",
    ":",
    "/",
    "http",
    "https:",
    "://",
    "：／／",
    "。",
]
HOSTILE = st.lists(st.one_of(st.text(max_size=8), st.sampled_from(PIECES)), max_size=20).map("".join)


@given(HOSTILE, st.integers(1, 60))
def test_whatever_comes_what_is_shown_is_harmless(text: str, limit: int) -> None:
    shown = safe.shown(text, limit)
    assert len(shown) <= limit
    assert "\n" not in shown
    shown.encode("utf-8")
    assert not set(shown) & set(BIDI)
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Co", "Zl", "Zp"} for char in shown)


@given(HOSTILE, st.integers(-3, 90), st.integers(-3, 90))
def test_a_masked_extract_never_fails_and_never_shows_a_figure(text: str, start: int, end: int) -> None:
    shown = safe.masked(text, [(start, end)])
    assert not any(char.isdigit() and char.isascii() for char in shown)


@given(HOSTILE, HOSTILE)
def test_no_web_or_mail_address_survives(before: str, after: str) -> None:
    shown = safe.shown(f"{before}https://evil.example/{after} x@evil.example {before}", 1000)
    assert re.search(r"https?://|\w@\w", shown, re.IGNORECASE) is None


def test_a_name_that_begins_with_www_is_no_link_whatever_follows() -> None:
    assert safe.defanged("WWW.4chan.example www.q3 www2.a") == "WWW[.]4chan[.]example www[.]q3 www2[.]a"


def test_no_flag_is_cut_in_two() -> None:
    """What is left of its tags would be a run of characters that nobody sees."""
    wales = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
    assert safe.cut(f"We are {wales} proud", 12) == "We are" + safe.ELLIPSIS
    assert safe.cut(f"We are {wales} proud", 16).startswith(f"We are {wales}")
