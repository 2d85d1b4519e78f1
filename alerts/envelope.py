"""The outside of a message: from whom, to whom, when, under which Message-ID. Pure values and checks.

No word from a network gets in here: a header is made of the configuration and of our own fixed words.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from alerts.doors import Doors, load_doors
from monitor.domain import Role

_REFERENCE = re.compile(r"[A-Z0-9]{1,8}-[0-9]{1,9}")
_ADDRESS = re.compile(r"[^\s<>@,;:\"()\[\]\\\x00-\x1f]{1,64}@[A-Za-z0-9.-]{1,253}")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._-]+@[A-Za-z0-9.-]+>")


class Detail(StrEnum):
    MINIMAL = "minimal"  # no word of the item in a mail
    EXCERPT = "excerpt"  # a masked extract, where the category allows one
    FULL = "full"  # the whole text with every name masked, where the category allows it and nothing identifies a child


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What is the same in every mail of one school; all of it from the configuration.

    `sender` is an address, `sender_name` and `school` are names, `zone` an IANA time zone.
    """

    school: str
    sender: str
    sender_name: str
    version: str
    zone: str = "Europe/London"
    detail: Detail = Detail.MINIMAL
    jurisdiction: str = "england"
    doors: Doors = field(default_factory=load_doors)
    one_thread: bool = (
        False  # subjects without NEW, UPDATED ...: Gmail splits a thread where the subject changes
    )

    def __post_init__(self) -> None:
        _need_address("sender", self.sender)
        if not (self.sender_name + self.school).isprintable():
            raise ValueError("sender_name and school must be one line each, without control characters")
        if "=?" in self.sender_name or "://" in self.school:
            raise ValueError(
                'sender_name must not hold "=?" (an encoded word), nor school "://" (an address)'
            )


@dataclass(frozen=True, slots=True)
class Thread:
    """What Outlook keeps mails together by, whatever their subjects are: `topic` is the same words in all of them, `key`
    names the thread, `began` is when (aware)."""

    topic: str
    key: str
    began: datetime

    def index(self, date: datetime, *, answer: bool) -> str:
        """The value of Thread-Index: base64 of 22 bytes (1, five of the beginning as FILETIME, a GUID), and for an answer
        of five more that count the time since ([MS-OXOMSG] 2.2.1.3). The same arguments give the same value."""
        began, now = _filetime(self.began), _filetime(date)
        guid = hashlib.sha256(self.key.encode()).digest()[:16]
        head = began.to_bytes(8, "big")[:6] + guid
        since = (max(now - began, 0) >> 18) & 0x7FFFFFFF  # units of 2**18 times 100 ns: good for 1.7 years
        return b64encode(head + (since.to_bytes(4, "big") + b"\0" if answer else b"")).decode("ascii")


def _filetime(at: datetime) -> int:
    """100 ns since 1601, as Windows counts."""
    return (at - datetime(1601, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What is on one message's envelope. The same stamp and view give the same bytes, so that a message sent twice
    is the same message twice. `in_reply_to` is the Message-ID of the case's first mail to this recipient."""

    house: House
    to: str
    role: Role
    message_id: str
    date: datetime
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    reply_to: str | None = None  # where an answer goes; None: to the sender, which nobody reads
    thread: Thread | None = None

    def __post_init__(self) -> None:
        _need_address("to", self.to)
        if self.reply_to is not None:
            _need_address("reply_to", self.reply_to)
        for name in filter(None, (self.message_id, self.in_reply_to, *self.references)):
            if not _MESSAGE_ID.fullmatch(name):
                raise ValueError("a Message-ID must look like <letters-and-figures@host>")


def message_id(key: bytes, *parts: str, domain: str) -> str:
    """<32 hex figures@domain>: the same parts (school, case, version, kind, recipient) always name the same message,
    and nobody without the key can tell them from the name."""
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        data = part.encode()
        mac.update(len(data).to_bytes(8, "big") + data)  # so that ("a", "bc") and ("ab", "c") differ
    return f"<{mac.hexdigest()[:32]}@{domain}>"


def need_reference(ref: str) -> None:
    if not _REFERENCE.fullmatch(ref):
        raise ValueError("a case reference must look like SM-0142")


def need_link(link: str) -> None:
    parts = urlsplit(link)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or re.search(r"[^\x21-\x7e]|[<>\"'`\\]", link)
    ):
        raise ValueError("a link must be a whole http or https address without spaces or quotation marks")


def can_be_written_to(address: str) -> bool:
    """Whether a mail can be addressed to this: one plain ASCII address."""
    return address.isascii() and _ADDRESS.fullmatch(address) is not None


def _need_address(name: str, address: str) -> None:
    if not can_be_written_to(address):
        raise ValueError(f"{name} must be one plain e-mail address")
