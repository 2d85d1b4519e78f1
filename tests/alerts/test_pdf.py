"""Every character that is said to print does; what does not is named; a stranger's words are never markup."""

import unicodedata
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from alerts.pdf import _EXTRA, _SHOWN, pdf, showable

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def page(text: str) -> bytes:
    part = {"title": "A part", "text": text, "hint": text, "facts": [["a", text]]}
    values = {"title": "A page", "foot": "St Elsewhere", "lead": text, "warnings": [text], "parts": [part]}
    return pdf("evidence", values, made_at=AT)


def dates(text: str) -> bytes:
    event = {"local": "Fri 20 Nov 2026", "utc": "2026-11-20", "who": "Schoolgate", "what": text, "more": text}
    return pdf("chronology", {"title": "A", "foot": "B", "lead": "C", "events": [event] * 2}, made_at=AT)


def test_every_character_that_is_said_to_print_does() -> None:
    chars = [chr(at) for first, last in _SHOWN for at in range(first, last + 1)] + sorted(_EXTRA)
    shown = [char for char in chars if showable(char) == char]
    assert len(shown) > 2500
    assert page("".join(shown)).startswith(b"%PDF-")  # PDF/UA-1 refuses a character without a glyph


def test_what_does_not_print_is_named() -> None:
    assert showable("a😀b") == "a[grinning face]b"
    assert showable("x\u202ey") == "x[right-to-left override]y"
    assert showable(["\x07", {"k": "\u200b"}]) == ["[u+0007]", {"k": "[zero width space]"}]


def test_words_are_never_markup() -> None:
    hostile = '#panic("x") *b* $x$ `c` @ref <label> = head\n#import "layout.typ": *\n/ term: x \\ #{'
    assert page(hostile) != page("plain")  # it sets, and nothing in it ran


@given(st.text(max_size=40))
def test_any_text_sets(text: str) -> None:
    assert page(text).startswith(b"%PDF-")
    assert dates(text).startswith(b"%PDF-")
    assert not any(unicodedata.category(char) in {"Cc", "Cf"} for char in showable(text) if char != "\n")


def test_the_same_input_gives_the_same_bytes() -> None:
    assert page("same") == page("same")
