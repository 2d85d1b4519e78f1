"""One message, whoever sent it: what is a family's claim, and what must not become one."""

from __future__ import annotations

import email

import pytest
from hypothesis import given
from hypothesis import strategies as some

from alerts.inbox.letter import Letter, Outcome, sender, understood
from alerts.inbox.written import KEPT, own, texts
from tests.alerts.letters import GRACE, OURS, found, letter

CLAIM = Letter(Outcome.CLAIMED, GRACE, (("x", "grace_o"),))


def read(raw: bytes, *networks: str, trusted: str | None = OURS) -> Letter:
    return understood(raw, trusted=trusted, networks=networks or ("x",))


def test_a_proven_message_that_names_an_account_is_a_claim():
    assert read(letter()) == CLAIM


def test_the_subject_or_the_html_alone_will_do():
    assert read(letter("", subject="My handle is @grace_o")) == CLAIM
    assert read(letter("Hello", subject="=?utf-8?q?My_handle_is_=40grace=5Fo?=")) == CLAIM
    assert (
        read(
            letter(
                "", html="<html><head><style>x{}</style></head><p>My&nbsp;handle<br>is <b>@grace_o</b></p>"
            )
        )
        == CLAIM
    )
    assert read(letter("See below.", html="<p>My handle is @grace_o</p>")) == CLAIM


@pytest.mark.parametrize("charset", [b"nobody-knows", b"ut\xff-8", b"\xc3\xb6"])
def test_a_subject_in_no_known_charset_is_taken_as_it_stands(charset: bytes):
    raw = letter("My handle is @grace_o", subject="here").replace(b"here", b"=?" + charset + b"?q?hello?=")
    assert read(raw) == CLAIM


@pytest.mark.parametrize(
    "results",
    [
        (),
        (found(result="fail"),),
        (found(by="mx.evil.example"),),
        (found(by="mx.evil.example"), found()),  # one that somebody wrote below, in our server's name
        (found(result="fail"), found()),
        (f"{OURS}; none", found()),
        (found("grace@elsewhere.example"),),
    ],
)
def test_what_our_server_does_not_bear_out_is_not_looked_at(results: tuple[str, ...]):
    assert read(letter(results=results)) == Letter(Outcome.UNPROVEN)


def test_what_is_forged_below_our_servers_word_changes_nothing():
    assert read(letter(results=(found(), found(by="mx.evil.example"), found(result="fail")))) == CLAIM


def test_a_server_that_leaves_its_name_out_is_believed_where_that_is_configured():
    nameless = found().partition("; ")[2]
    assert read(letter(results=(nameless, found())), trusted=None) == CLAIM
    assert read(letter(results=(nameless,))) == Letter(Outcome.UNPROVEN)
    assert read(letter(results=(found(), nameless)), trusted=None) == Letter(Outcome.UNPROVEN)


@pytest.mark.parametrize(
    "line",
    [
        GRACE,
        f"<{GRACE}>",
        "Grace <GRACE@Mail.Example>",
        f'"Okafor, Grace" <{GRACE}>',
        f'"eve@evil.example" <{GRACE}>',
        f"=?utf-8?b?R3LDoWNl?= <{GRACE}>",
        f"Grace\n\tOkafor <{GRACE}>",
    ],
)
def test_the_one_address_of_the_one_from_is_the_sender(line: str):
    assert read(letter(line=line)).address == GRACE


@pytest.mark.parametrize(
    "line",
    [
        f"{GRACE}, eve@evil.example",
        f"Grace <{GRACE}>, Eve <eve@evil.example>",
        f"<{GRACE}> <eve@evil.example>",
        f"{GRACE} <eve@evil.example>",
        f"Grace <{GRACE}> eve@evil.example",
        f"Family: {GRACE}, eve@evil.example;",
        f"Family: {GRACE};",
        f"Grace (her) <{GRACE}>",
        f'"Grace <{GRACE}>',
        "Grace",
        "<>",
        "@",
        f"<@evil.example:{GRACE}>",
        f"{GRACE}\nFrom: eve@evil.example",
        f"{GRACE}\nfrom: {GRACE}",
        f"{GRACE}\nFROM : {GRACE}",
        f"{GRACE}\nFrom : eve@mail.example",
        "gräce@mail.example",
    ],
)
def test_a_from_that_can_be_read_in_two_ways_is_nobodys(line: str):
    assert sender(email.message_from_bytes(letter(line=line))) is None
    assert read(letter(line=line)).outcome in {Outcome.SENDER, Outcome.UNPROVEN}


def test_a_message_without_a_from_is_nobodys():
    assert read(letter().partition(b"\n")[2]) == Letter(Outcome.SENDER)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; owner-email=a@b.example"},
        {"Precedence": "bulk"},
        {"Precedence": "List"},
        {"Return_Path": "<>"},
        {"List_Id": "<pta.lists.example>"},
        {"X_Autoreply": "yes"},
    ],
)
def test_what_a_machine_sent_is_left_alone(headers: dict[str, str]):
    assert read(letter(**headers)) == Letter(Outcome.AUTOMATIC)


def test_a_bounce_is_left_alone():
    report = b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n"
    assert (
        read(report + letter().replace(b"Content-Type: text/plain", b"X-Type: text/plain")).outcome
        is Outcome.AUTOMATIC
    )
    assert read(letter(sender="mailer-daemon@mail.example")) == Letter(Outcome.AUTOMATIC)


def test_a_person_who_says_so_is_no_machine():
    assert read(letter(Auto_Submitted="no", Precedence="normal")) == CLAIM


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!\n\n> My handle is @eve_evil\n",
        "Thanks!\n\nOn Fri, 20 Nov 2026 at 08:00, Eve wrote:\n> My handle is @eve_evil",
        "Thanks!\n-----Original Message-----\nMy handle is @eve_evil",
        "Thanks!\n---------- Forwarded message ---------\nFrom: Eve\n\nMy handle is @eve_evil",
        "Thanks!\nBegin forwarded message:\n\nMy handle is @eve_evil",
        "Thanks!\n________________________________\nMy handle is @eve_evil",
        "Thanks!\nFrom: Eve <eve@evil.example>\nSent: Friday\n\nMy handle is @eve_evil",
        "Thanks!\n-- \nMy handle is @eve_evil",
    ],
)
def test_what_is_quoted_is_not_the_writers(text: str):
    assert read(letter(text)) == Letter(Outcome.UNCLEAR)
    assert read(letter(text.replace("Thanks!", "My handle is @grace_o"))) == CLAIM


@pytest.mark.parametrize(
    "quote",
    [
        "<blockquote>My handle is @eve_evil</blockquote>",
        "<div class='gmail_quote gmail_quote_container'><p>My handle is @eve_evil</p></div>",
        "<div id='divRplyFwdMsg'>From: Eve</div><div>My handle is @eve_evil</div>",
        "<title>My handle is @eve_evil</title><p>Hello</p>",
        "<style>My handle is @eve_evil",
    ],
)
def test_what_is_quoted_in_html_is_not_the_writers(quote: str):
    assert read(letter("", html=f"<p>Thanks!</p>{quote}")) == Letter(Outcome.UNCLEAR)
    assert read(letter("", html=f"<p>My handle is @grace_o</p>{quote}")) == CLAIM


def test_an_attached_message_or_text_is_not_the_writers():
    inner = letter("My handle is @eve_evil").decode()
    for kind in ("message/rfc822", 'text/plain\nContent-Disposition: attachment; filename="a.txt"'):
        raw = letter("Hello").replace(
            b'Content-Type: text/plain; charset="utf-8"', b'Content-Type: multipart/mixed; boundary="b"'
        )
        body = inner if kind == "message/rfc822" else "My handle is @eve_evil\n"
        assert read(raw + f"\n--b\nContent-Type: {kind}\n\n{body}\n--b--\n".encode()) == Letter(
            Outcome.UNCLEAR
        )


@pytest.mark.parametrize(
    "charset",
    ["utf-8", "windows-1252", "x-nobody-knows", "hex", "punycode", "idna", "utf-16", "a\0b", "iso-8859-12"],
)
def test_any_charset_is_survived(charset: str):
    raw = letter().replace(b'charset="utf-8"', f'charset="{charset}"'.encode())
    assert read(raw) == CLAIM


def test_bytes_that_are_no_text_are_survived():
    raw = letter()
    assert read(raw + b"\xff\xfe\x00\x81").outcome is Outcome.CLAIMED
    assert read(raw.replace(b"Subject: Our account", b"Subject: =?nobody?b?====?= \xff\xfe")) == CLAIM
    assert read(
        raw.replace(b"Content-Transfer-Encoding: 7bit", b"Content-Transfer-Encoding: base64")
    ).address in {"", GRACE}


def test_a_message_that_was_cut_off_is_read_as_far_as_it_goes():
    picture = "\n--b\nContent-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n" + "A" * 2000
    raw = letter("Hello").replace(
        b'Content-Type: text/plain; charset="utf-8"', b"Content-Type: multipart/mixed; boundary=b"
    )
    raw += b"\n--b\nContent-Type: text/plain\n\nMy handle is @grace_o\n" + picture.encode()
    assert read(raw[:-500]) == CLAIM


def test_parts_in_parts_in_parts_are_survived():
    head = letter("Hello").replace(
        b'Content-Type: text/plain; charset="utf-8"', b"Content-Type: multipart/mixed; boundary=b0"
    )
    for depth in (3, 40, 150):
        nested = "".join(
            f"--b{level}\nContent-Type: multipart/mixed; boundary=b{level + 1}\n\n" for level in range(depth)
        )
        inner = f"--b{depth}\nContent-Type: text/plain\n\nMy handle is @grace_o\n"
        expected = CLAIM if depth == 3 else Letter(Outcome.UNCLEAR)
        assert read(head + b"\n" + nested.encode() + inner.encode()) == expected
    many = "".join("--b0\nContent-Type: text/x-none\n\nx\n" for _ in range(5000))
    many += "--b0\nContent-Type: text/plain\n\nMy handle is @grace_o\n"
    assert read(head + b"\n" + many.encode()) == Letter(Outcome.UNCLEAR)


def test_a_page_of_text_is_looked_at_and_no_more():
    assert read(letter("x" * KEPT + "\nMy handle is @grace_o")) == Letter(Outcome.UNCLEAR)
    assert len(own("word\n" * 50_000)) == KEPT


@given(some.binary(max_size=300))
def test_no_bytes_make_it_fail(raw: bytes):
    assert understood(raw, trusted=OURS, networks=("x",)).outcome is not Outcome.CLAIMED
    list(texts(email.message_from_bytes(b"Content-Type: text/html\n\n" + raw)))
    understood(letter().partition(b"\n\n")[0] + b"\n" + raw, trusted=OURS, networks=("x",))
