"""A mail as bytes: assembled, read back, and replaced by a bare one when what was read back is not what was meant.

The same input gives the same bytes: the boundary comes from the Message-ID, and the date is given.
"""

from __future__ import annotations

import email
import hashlib
import html
import re
from datetime import UTC
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime

import structlog

from alerts.envelope import House, Stamp
from alerts.render import SUBJECT_LIMIT, Rendered

log = structlog.get_logger(__name__)

_URL = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_ID_HEADERS = frozenset({"message-id", "in-reply-to", "references"})
_FIXED = {
    "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers
    "X-Auto-Response-Suppress": "All",  # the same for Exchange
    "Content-Language": "en-GB",
}
_PROBES = (
    "=?utf-8?q?a=0AX-Probe:_1?=",
    "=?utf-8?q?a=0D=0AX-Probe:_1?= b",
    "a\nX-Probe: 1",
    "a\r\nX-Probe: 1",
)


class _MailPolicy(EmailPolicy):
    """SMTP's policy, but a Message-ID is never split or encoded (CPython does so when it is longer than a line)."""

    def fold(self, name: str, value: str) -> str:
        if name.lower() in _ID_HEADERS:
            return f"{name}: {str(value).replace(' ', self.linesep + ' ')}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in _ID_HEADERS:
            return self.fold(name, value).encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _MailPolicy(linesep="\r\n")
# of a header that would start another: ValueError when it is set; HeaderWriteError, which is none, when a Python that is
# mended writes it
_REFUSED = (ValueError, MessageError)


def assembled(mail: Rendered, stamp: Stamp, link: str | None) -> bytes:
    """The message, ASCII only, lines ended by CR LF. `link` is the only address that it may hold.

    If the bytes read back differ in a header, or hold another address, a bare mail with the link goes out in its
    place: a person is told in any case.
    """
    try:
        data = _bytes(mail, stamp)
    except _REFUSED as error:
        fault: str | None = f"it cannot be written ({type(error).__name__})"
    else:
        fault = fault_in(data, mail.subject, stamp, link)
        if fault is None:
            return data
    log.error("mail replaced by a bare one", message_id=stamp.message_id, fault=fault)
    return bare(stamp, link)


def bare(stamp: Stamp, link: str | None) -> bytes:
    """A mail of fixed words with the link, in text alone: for when the full one cannot be made or is not taken."""
    return _bytes(_bare(stamp.house, link), stamp)


def fault_in(data: bytes, subject: str, stamp: Stamp, link: str | None) -> str | None:
    """What is wrong with the message as a reader will see it, or None. Never repeats its content."""
    message = email.message_from_bytes(data, policy=SMTP)
    expected = _headers(stamp, subject)
    read = {name.lower(): " ".join(str(value).split()) for name, value in message.items()}
    fixed = {name.lower(): value for name, value in expected.items() if name != "From"}
    names = {*fixed, "from", "mime-version", "content-type"}
    parts = [part for part in message.walk() if not part.is_multipart()]
    addresses = {url for part in parts for url in _URL.findall(_read(part))}
    faults = {
        "its headers are not the ones that were written": read.keys() != names or len(message) != len(names),
        "a header does not read as it was written": any(
            read.get(name) != value for name, value in fixed.items()
        ),
        "its sender does not read as it was written": message["From"].addresses != (_sender(stamp.house),),
        f"its subject is longer than {SUBJECT_LIMIT} characters": len(subject) > SUBJECT_LIMIT,
        "it holds an address that is not the one link": addresses != ({link} if link else set()),
    }
    return next((fault for fault, found in faults.items() if found), None)


def _read(part: EmailMessage) -> str:
    text = str(part.get_content())
    return html.unescape(text) if part.get_content_subtype() == "html" else text


class _Literal(str):
    """A header's value that is written as it stands, as those are whose lines we break ourselves."""

    name = "X-Literal"
    __slots__ = ()

    def fold(self, **_: object) -> str:
        return str(self)


def header_probe() -> str | None:
    """A sentence for the administrator if this Python lets a header value start another header, else None."""
    encoded = any(_injects("Subject", value) for value in _PROBES)
    literal = _injects("X-Literal", _Literal("X-Literal: a\r\nX-Probe: 1\r\n"))
    holes = [name for name, found in (("CVE-2024-6923", encoded), ("CVE-2026-1299", literal)) if found]
    if not holes:
        return None
    return (
        f"This Python's email package lets a header value start a new header ({' and '.join(holes)}); Schoolgate keeps"
        " strangers' words out of headers, but update Python to the newest 3.11, 3.12 or later."
    )


def _injects(name: str, value: str) -> bool:
    message = EmailMessage(policy=EmailPolicy(linesep="\r\n"))
    try:
        message[name] = value
        message.set_content("probe")
        data = message.as_bytes()
    except _REFUSED:
        return False
    return re.search(rb"^X-Probe:", data, re.MULTILINE) is not None


def _bytes(mail: Rendered, stamp: Stamp) -> bytes:
    message = EmailMessage(policy=_POLICY)
    headers = _headers(stamp, mail.subject)
    language = headers.pop("Content-Language")  # goes last: setting the content clears such headers
    for name, value in headers.items():
        message[name] = _sender(stamp.house) if name == "From" else value
    message.set_content(mail.text, cte="quoted-printable")
    if mail.html:
        message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
        message.set_boundary("=_" + hashlib.sha256(stamp.message_id.encode()).hexdigest()[:32])
    message["Content-Language"] = language
    return message.as_bytes()


def _headers(stamp: Stamp, subject: str) -> dict[str, str]:
    headers = {
        "From": "",
        "To": stamp.to,
        "Subject": subject,
        "Date": format_datetime(stamp.date.astimezone(UTC)),
        "Message-ID": stamp.message_id,
    }
    if stamp.in_reply_to:
        headers["In-Reply-To"] = stamp.in_reply_to
        headers["References"] = " ".join(dict.fromkeys((*stamp.references, stamp.in_reply_to)))
    if stamp.reply_to:
        headers["Reply-To"] = stamp.reply_to
    if stamp.thread:
        headers["Thread-Topic"] = stamp.thread.topic
        headers["Thread-Index"] = stamp.thread.index(stamp.date, answer=stamp.in_reply_to is not None)
    return headers | _FIXED


def _sender(house: House) -> Address:
    return Address(display_name=house.sender_name, addr_spec=house.sender)


def _bare(house: House, link: str | None) -> Rendered:
    where = f"\n{link}\n" if link else "Please ask whoever looks after Schoolgate.\n"
    lead = f"Schoolgate has something to show {house.school}, but the full mail could not be made.\n\n"
    return Rendered("Schoolgate: please look", f"{lead}Open it here:\n{where}" if link else lead + where, "")
