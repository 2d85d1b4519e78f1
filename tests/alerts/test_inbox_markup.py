"""A message's HTML as what it shows, whatever it is made of."""

from __future__ import annotations

import pytest

from alerts.inbox.markup import all_seen, seen
from tests.counting import calls


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<p>HIDE</p>", "\nHIDE\n"),
        ("HIDE<br/>Grace &amp; co&#46;", "HIDE\nGrace & co."),
        ("<head><title>ACK</title></head><style>DSL</style>HIDE", "HIDE"),
        ("<script>if (a<b) ACK</script>HIDE", "HIDE"),
        ('HIDE<div class="x gmail_quote">ACK</div>', "HIDE"),
        ("HIDE<div id=divRplyFwdMsg>ACK", "HIDE"),
        ('<p title="gmail_quote">HIDE</p>', "\nHIDE\n"),
        ("<blockquote>ACK<blockquote>DSL</blockquote></blockquote>HIDE", "HIDE"),
        ("<blockquote/>HIDE", "HIDE"),
        ("</blockquote>HIDE", "HIDE"),
        ("<!-- ACK -->HIDE<!-- never ended", "HIDE"),
        ("<!DOCTYPE html><?xml x?><![if !mso]>HIDE<![endif]></>", "HIDE"),
        ("1 < 2 > 1 HIDE <", "1 < 2 > 1 HIDE <"),
        ("<![<![HIDE", "<![<![HIDE"),
        ("&#" + "9" * 9_000 + ";HIDE&#x" + "f" * 9_000, "\ufffdHIDE\ufffd"),
        ("&#" + "0" * 9_000 + "65;&#00065;", "\ufffdA"),
    ],
)
def test_what_is_shown_is_read_and_what_is_quoted_is_not(source: str, shown: str) -> None:
    assert seen(source) == shown


def test_everything_is_read_where_a_code_is_looked_for() -> None:
    text = all_seen('HIDE<div class="gmail_quote"><blockquote>K7QM-4TXD-9HWP</blockquote></div><!-- A -->')
    assert text == "HIDE K7QM-4TXD-9HWP"


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<a ",
        "<a href='",
        "<!--",
        "<![",
        "<p>",
        "</p>",
        "<head>",
        "<head></p>",
        "<title></style>",
        "&#",
        "a",
    ],
)
def test_four_times_the_markup_is_about_four_times_thework_of(piece: str) -> None:
    """The standard library's parser took minutes for a hundred thousand characters of these."""
    small = work_of(piece * (4_000 // len(piece)))
    assert work_of(piece * (16_000 // len(piece))) < small * 6 + 100


def work_of(source: str) -> int:
    return calls(lambda: (seen(source), all_seen(source)))
