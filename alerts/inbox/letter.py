"""One message of the mailbox, as bytes that anybody may have sent: is it a family's claim? Pure.

Looks at who sent it before it looks at what it says, and at what our own mail server found before both.
"""

from __future__ import annotations

import email
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.errors import (
    FirstHeaderLineIsContinuationDefect,
    MessageError,
    MisplacedEnvelopeHeaderDefect,
    MissingHeaderBodySeparatorDefect,
)
from email.header import decode_header, make_header
from email.message import Message
from enum import StrEnum
from typing import Any

from alerts.envelope import can_be_written_to
from alerts.inbox.authenticated import is_proven
from alerts.inbox.saying import accounts
from alerts.inbox.written import texts
from monitor.names import normal_email

_LONGEST = 1_000  # characters of a From or a subject; what is longer is no family's
_COMMENT_OR_QUOTE = re.compile(r'"(?:[^"\\]|\\.)*"')
_ANGLE = re.compile(r"[^<>@,;:()\"]*<([^<>\s]+)>\s*")
_BY_MACHINE = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
_MACHINES = frozenset({"mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "do-not-reply"})
_OF_LISTS = ("list-id", "list-unsubscribe", "x-autoreply", "x-autorespond", "feedback-id")


_TWO_READINGS = (  # of the header lines: another program may see another From in them
    FirstHeaderLineIsContinuationDefect,
    MisplacedEnvelopeHeaderDefect,
    MissingHeaderBodySeparatorDefect,
)


class Outcome(StrEnum):
    """What became of a message that was read."""

    CLAIMED = "claimed"
    AUTOMATIC = "automatic"  # nobody wrote it by hand: an answer by a machine, a list, a bounce
    SENDER = "sender"  # its From is not one address
    UNPROVEN = "unproven"  # our server does not say that it comes from there
    UNCLEAR = "unclear"  # it names no account, or not which network
    TOO_MANY = "too_many"  # this sender has asked often enough within the hour
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Letter:
    """What one message asks. `address` in its normal form and `accounts` are empty unless it is a claim."""

    outcome: Outcome
    address: str = ""
    accounts: tuple[tuple[str, str], ...] = ()  # (network, handle in its normal form)


def understood(raw: bytes, *, trusted: str | None, networks: Sequence[str]) -> Letter:
    """`raw` may be cut off. `trusted`: as in `is_proven`. `networks`: as in `accounts`."""
    message = email.message_from_bytes(raw)
    if is_automatic(message):
        return Letter(Outcome.AUTOMATIC)
    address = sender(message)
    if address is None:
        return Letter(Outcome.SENDER)
    if from_machine(address):
        return Letter(Outcome.AUTOMATIC)
    if not is_from(message, address, trusted=trusted):
        return Letter(Outcome.UNPROVEN)
    said = accounts(_subject(message), texts(message), networks)
    return Letter(Outcome.CLAIMED, address, said) if said else Letter(Outcome.UNCLEAR)


def is_from(message: Message[Any, Any], address: str, *, trusted: str | None) -> bool:
    """Whether our own server says that the message comes from this address's domain; `trusted` as in `is_proven`."""
    domain = address.rpartition("@")[2]
    return is_proven(_topmost(message, "authentication-results"), trusted=trusted, domain=domain)


def from_machine(address: str) -> bool:
    """Whether nobody reads what is sent to this address."""
    return address.partition("@")[0] in _MACHINES


def sender(message: Message[Any, Any]) -> str | None:
    """The one address of the one From; None where there is any doubt which it is."""
    given = [str(value) for name, value in message.items() if name.lower() == "from"]
    doubtful = any(isinstance(one, _TWO_READINGS) for one in message.defects)
    if doubtful or len(given) != 1 or len(given[0]) > _LONGEST:
        return None
    line = " ".join(_COMMENT_OR_QUOTE.sub(" ", given[0]).split())
    found = _ANGLE.fullmatch(line)
    address = normal_email(found[1] if found else line)
    return address if address is not None and can_be_written_to(address) else None


def _topmost(message: Message[Any, Any], name: str) -> str | None:
    return next((" ".join(str(value).split()) for key, value in message.items() if key.lower() == name), None)


def is_automatic(message: Message[Any, Any]) -> bool:
    """RFC 3834 §2 and §5, RFC 2919, RFC 3464: what no person wrote to us must never be answered."""
    submitted = (_topmost(message, "auto-submitted") or "no").partition(";")[0].strip().lower()
    precedence = (_topmost(message, "precedence") or "").lower()
    return (
        submitted != "no"
        or precedence in _BY_MACHINE
        or (_topmost(message, "return-path") or "").replace(" ", "") == "<>"
        or message.get_content_type() in {"multipart/report", "message/delivery-status"}
        or any(_topmost(message, name) is not None for name in _OF_LISTS)
    )


def _subject(message: Message[Any, Any]) -> str:
    given = (_topmost(message, "subject") or "")[:_LONGEST]
    try:
        return str(make_header(decode_header(given)))
    except (MessageError, LookupError, ValueError):
        return given  # no base64; a charset that nobody knows; one that is no word
