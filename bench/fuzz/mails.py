"""Mails that we write about hostile texts, and messages that anybody may have sent to our mailboxes."""

from __future__ import annotations

import email
import random
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache

import aiosmtplib
import structlog

from alerts import mime
from alerts.compose import compose_alert
from alerts.envelope import Detail, House, Stamp, message_id
from alerts.inbox import letter, reply
from alerts.inbox.authenticated import is_proven
from alerts.mime import assembled
from alerts.render import SUBJECT_LIMIT, Rendered
from alerts.replies import accepted, sentence
from alerts.views import AlertView
from bench.fuzz import broken, texts
from bench.fuzz.target import Target, holds
from monitor.domain import ItemKind, Reason, Role, Severity

NOW = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)
LINK = "https://gate.st-elsewhere.example/c/0123456789abcdefghijklmnopqrstuv"
HOUSE = House(
    school="St Elsewhere Primary School",
    sender="schoolgate@st-elsewhere.example",
    sender_name="Schoolgate, St Elsewhere",
    version="0.1.0",
)
OURS, MAILBOX, THEIRS = "mx.school.example", "replies@school.example", "grace@mail.example"
_CATEGORIES = ("threat", "insult", "spam", "sexual", "bullying", "discrimination.race", "drugs_weapons")
_URL = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_TURNING = re.compile("[\u202a-\u202e\u2066\u2067\u200e\u200f\u061c]")


def _stamp(detail: Detail = Detail.MINIMAL) -> Stamp:
    name = message_id(b"key", "st-elsewhere", "142", domain="st-elsewhere.example")
    return Stamp(
        house=replace(HOUSE, detail=detail),
        to="head@st-elsewhere.example",
        role=Role.HEADTEACHER,
        message_id=name,
        date=NOW,
    )


def _alert(said: str, spans: tuple[tuple[int, int], ...], category: str, network: str) -> AlertView:
    return AlertView(
        ref="SM-0142", reason=Reason.FIRST, category=category, severity=Severity.CRITICAL, network=network, kind=ItemKind.COMMENT,
        account="St Elsewhere Primary School", seen_at=NOW, posted_at=NOW, link=LINK, why="Says that somebody will be hurt.", policy="5.2",
        text=said, spans=spans, found=(category,),
    )  # fmt: skip


def _mailed(chance: random.Random) -> None:
    said = texts.text(chance)
    start = chance.randint(0, len(said))
    category, detail = chance.choice(_CATEGORIES), chance.choice((Detail.EXCERPT, Detail.FULL))
    network = chance.choice(("x", "facebook"))
    data = compose_alert(
        _alert(said, ((start, chance.randint(start, len(said))),), category, network), _stamp(detail)
    )
    holds(b"full mail could not be made" not in data, "no text forces the bare mail")
    mail_holds(data, _headers(category, network))


@cache
def _headers(category: str, network: str) -> tuple[tuple[str, str], ...]:
    """The headers of the same mail about a harmless text."""
    return headers_of(compose_alert(_alert("words", (), category, network), _stamp()))


def headers_of(data: bytes) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in email.message_from_bytes(data, policy=SMTP).items())


def mail_holds(data: bytes, headers: tuple[tuple[str, str], ...]) -> None:
    """A mail has the headers it should have and no others, one link, ours, no markup and no sign of a stranger's."""
    data.decode("ascii")
    lines = data.split(b"\r\n")
    holds(
        all(len(one) <= 998 and b"\r" not in one and b"\n" not in one for one in lines),
        "lines as RFC 5322 has them",
    )
    holds(headers_of(data) == headers, "the headers are the same whatever the text says")
    message = email.message_from_bytes(data, policy=SMTP)
    for part in message.walk():
        if part.is_multipart():
            continue
        said = str(part.get_content())
        holds({url.rstrip(".") for url in _URL.findall(said)} <= {LINK}, "our link is the only address")
        holds(
            texts.TAG not in said and texts.ATTRIBUTE not in said.replace("=&#34;", ""),
            "no stranger's markup",
        )
        holds(
            not _TURNING.search(said) and said.count("\u2068") == said.count("\u2069"),
            "nothing turns the words around it",
        )


ENCODED = (  # what some versions of Python write as a line of its own
    f"=?utf-8?q?a=0A{texts.HEADER}:_1?=",
    f"=?utf-8?q?a=0D=0A{texts.HEADER}:_1?= b",
    f"=?utf-8?q?=0ABcc:_a@{texts.HOST}?=",
)


def _assembled(chance: random.Random) -> None:
    """The last step alone, if a stranger's words came into a subject after all: never a header of theirs."""
    subject = texts.line(chance)[:SUBJECT_LIMIT]
    if chance.random() < 0.5:
        subject = chance.choice(ENCODED) + subject
    mail = Rendered(
        subject, f"{texts.text(chance)}\n{LINK}\n", f"<p>{LINK}</p>" if chance.random() < 0.5 else ""
    )
    try:
        with structlog.testing.capture_logs():
            data = assembled(mail, _stamp(), LINK)
    except ValueError:  # what the email package says of a subject of several lines; UnicodeError is one
        return
    holds([name for name, _ in headers_of(data)] in _names(), "our headers and no others")


@cache
def _names() -> list[list[str]]:
    """The names of a harmless mail's headers, as text alone and with HTML."""
    mails = (Rendered("x", f"{LINK}\n", html) for html in ("", f"<p>{LINK}</p>"))
    return [[name for name, _ in headers_of(mime.assembled(mail, _stamp(), LINK))] for mail in mails]


def _server_said(chance: random.Random) -> None:
    said, code = texts.text(chance), chance.choice((-1, 250, 421, 451, 530, 535, 550, 554))
    kinds = (
        aiosmtplib.SMTPResponseException,
        aiosmtplib.SMTPAuthenticationError,
        aiosmtplib.SMTPDataError,
        aiosmtplib.SMTPHeloError,
    )
    says = sentence(chance.choice(kinds)(code, said), "mail.example:587")
    holds(says.isprintable() and texts.MARK not in says, "a server's words stand in no sentence of ours")
    taken = accepted(aiosmtplib.SMTPResponse(code, said))
    holds(
        not re.search(r"[\r\n\x00-\x1f\x7f-\x9f]", taken) and "\u202e" not in taken,
        "what a server said of a mail is one line",
    )


LETTERS = (
    "Our account\n\nMy handle is @grace_o",
    "Re: Case SM-0142\n\nHIDE\n\n> Answer K7QM-4TXD-9HWP\n> HIDE",
    "Hello\n\nOn Fri, 20 Nov 2026 at 08:00, Schoolgate <a@school.example> wrote:\n> x\n-- \nGrace",
)
PIECES = tuple(
    one.encode()
    for one in (
        f"Authentication-Results: {OURS}; dmarc=pass header.from=mail.example\n",
        f"Authentication-Results: {OURS} 1; dkim=pass header.d=mail.example (a \\) b)\n",
        f"authentication-results:\n\t{OURS};\n dmarc=pass header.from=mail.example\n", f"\r\nAuthentication-Results: {OURS}; dmarc=pass\r\n",
        "From: head@school.example\n", f'From: "{THEIRS}" <evil@evil.example>\n', "From : a@b.example\n", " From: folded@b.example\n",
        "\n\n", "\r\n\r\n", "\r", "\x00", "\n \n", "\t", ";", "(", ")", "\\", '"', "=?utf-8?q?=0AFrom:_a@b.example?=", "=?utf-8?b?////?=", "=?x?y?z?=",
        "Content-Type: multipart/mixed; boundary=a\n\n--a\n\n--a--\n", "Content-Type: text/html; charset=utf-7\n", "Content-Type: ;;;=\n", "charset*=x'y'z",
        "Content-Transfer-Encoding: base64\n", "Content-Transfer-Encoding: quoted-printable\n", "--b\n", "<blockquote>", "<!--", "<![CDATA[", "<p>HIDE</p>",
        "HIDE\n", "ACK\n", "my handle is @evil\n", "MIME-Version: 1.0\n", "Content-Type: message/rfc822\n\n",
    )
)  # fmt: skip


@cache
def _message(number: int, html: int) -> bytes:
    subject, _, said = LETTERS[number].partition("\n\n")
    message = EmailMessage()
    message["To"], message["Subject"], message["Message-ID"] = MAILBOX, subject, "<1@mail.example>"
    message.set_content(said)
    if html:
        message.add_alternative(
            f"<html><body><p>{said}</p><blockquote>HIDE</blockquote></body></html>", subtype="html"
        )
    return f"From: Grace Okafor <{THEIRS}>\n".encode() + message.as_bytes()


def _letter(chance: random.Random) -> None:
    """What a stranger sent, with what our own server put above it: that this is not proven."""
    found = chance.choice((
        f"{OURS}; dkim=fail header.d=mail.example; dmarc=fail header.from=mail.example",
        f"{OURS}; dmarc=none; spf=pass smtp.mailfrom=mail.example",
        f"{OURS}; none",
        "mx.other.example; dmarc=pass header.from=mail.example",
    ))  # fmt: skip
    theirs = broken.data(chance, _message(chance.randrange(len(LETTERS)), chance.randrange(2)), PIECES)
    raw = f"Return-Path: <{THEIRS}>\nAuthentication-Results: {found}\n".encode() + theirs
    read = letter.understood(raw, trusted=OURS, networks=("x", "facebook"))
    holds(
        read.outcome is not letter.Outcome.CLAIMED and not read.address,
        "nobody is believed whom our server did not prove",
    )
    heard = reply.read(raw, trusted=OURS, mailbox=MAILBOX)
    holds(
        heard.heard is not reply.Heard.PROVEN and heard.word is None,
        "nobody is heard whom our server did not prove",
    )


def _proven_letter(chance: random.Random) -> None:
    """What one of ours sent, broken on its way: whatever is read in it is theirs, and a word is one of the words."""
    theirs = broken.data(chance, _message(chance.randrange(len(LETTERS)), chance.randrange(2)), PIECES)
    proof = f"{OURS}; dkim=pass header.d=mail.example; dmarc=pass header.from=mail.example"
    raw = f"Authentication-Results: {proof}\n".encode() + theirs
    read = letter.understood(raw, trusted=OURS, networks=("x", "facebook"))
    holds(
        read.address in {"", THEIRS} or read.address.endswith("@mail.example"),
        "a claim is of the domain that was proven",
    )
    holds(
        len(read.accounts) <= 3
        and all(re.fullmatch(r"[a-z0-9_.-]{1,64}", handle) for _, handle in read.accounts),
        "a claim names accounts",
    )
    heard = reply.read(raw, trusted=OURS, mailbox=MAILBOX)
    holds(
        heard.address in {"", THEIRS} or heard.address.endswith("@mail.example"),
        "an answer is of the domain that was proven",
    )


def _results(chance: random.Random) -> None:
    good = f"{OURS}; dkim=pass header.d=mail.example; dmarc=fail (p=REJECT) header.from=mail.example"
    header = broken.data(
        chance, good.replace("fail", chance.choice(("fail", "none", "temperror"))).encode(), PIECES
    ).decode("utf-8", "replace")
    is_proven(header, trusted=chance.choice((OURS, None)), domain="mail.example")
    holds(
        not is_proven(
            re.sub("pass", "fail", header, flags=re.IGNORECASE), trusted=OURS, domain="mail.example"
        ),
        "nothing is proven where nothing passed",
    )


WRITTEN = "A mail has our headers, our one link and nobody's markup, whatever it tells of"
READ = "A message is believed only where our own server proved its sender"
TARGETS = (
    Target("alert", WRITTEN, "alerts that quote a text", _mailed, 40),
    Target("assembled", WRITTEN, "subjects and texts at the last step", _assembled, 80),
    Target(
        "server-said",
        "What a mail server says steers no sentence of ours",
        "replies of a mail server",
        _server_said,
        10_000,
    ),
    Target("letter", READ, "messages with forged proofs, broken", _letter, 1_500),
    Target("proven-letter", READ, "messages of a proven sender, broken", _proven_letter, 500),
    Target("results", READ, "Authentication-Results, broken", _results, 13_000),
)
