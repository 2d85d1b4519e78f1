"""One message of the mailbox for answers, as bytes that anybody may have sent: who wrote it, and which one word? Pure.

Only the first line that its sender wrote by hand is read. What is quoted below holds our own words, "HIDE" among them:
of that only the case code is looked for, which names a mail and decides nothing.
"""

from __future__ import annotations

import email
import re
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum
from typing import Any

from alerts.inbox.letter import from_machine, is_automatic, sender
from alerts.inbox.letter import is_from as is_from_domain
from alerts.inbox.written import texts, whole_texts
from alerts.reply_words import ALPHABET, Word

_EDGES = " \t\u00a0\u200b\ufeff.!"  # what phones and Outlook put round a word
_PRINTED = re.compile(rf"(?<![\w-])([{ALPHABET}]{{4}})-([{ALPHABET}]{{4}})-([{ALPHABET}]{{4}})(?![\w-])")
_TO = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
_MOST_LINES, _LONGEST = 20, 2_000  # header lines that are looked at, and characters of each


class Heard(StrEnum):
    """How far a message may be listened to."""

    PROVEN = "proven"  # our server says that it comes from the address it gives
    AUTOMATIC = "automatic"
    SENDER = "sender"  # its From is not one address
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class Reply:
    """`address` in its normal form, `code` as `normal_code` makes it (empty: none), `word` None for anything but one of
    ours. All are empty unless it is PROVEN."""

    heard: Heard
    address: str = ""
    code: str = ""
    word: Word | None = None


def read(raw: bytes, *, trusted: str | None, mailbox: str) -> Reply:
    """`raw` may be cut off. `trusted`: as in `is_proven`. `mailbox`: the address that answers go to."""
    message = email.message_from_bytes(raw)
    if is_automatic(message):
        return Reply(Heard.AUTOMATIC)
    address = sender(message)
    if address is None:
        return Reply(Heard.SENDER)
    if from_machine(address):
        return Reply(Heard.AUTOMATIC)
    if not is_from_domain(message, address, trusted=trusted):
        return Reply(Heard.UNPROVEN)
    code = _addressed(message, mailbox) or _quoted(message)
    return Reply(Heard.PROVEN, address, code, _word(message))


def _word(message: Message[Any, Any]) -> Word | None:
    """The word that stands alone in the first line; None where the plain and the HTML part do not say the same."""
    lines = {line for text in texts(message) if (line := _first(text))}
    if len(lines) != 1:
        return None
    return Word.said(lines.pop())


def _first(text: str) -> str:
    bare = (line.strip(_EDGES) for line in text.splitlines())
    return next(filter(None, bare), "")


def _addressed(message: Message[Any, Any], mailbox: str) -> str:
    """The code that stands between + and @ of where it was sent."""
    local, _, domain = mailbox.lower().partition("@")
    wanted = re.compile(rf"{re.escape(local)}\+([{ALPHABET.lower()}]{{12}})@{re.escape(domain)}")
    lines = [str(value)[:_LONGEST] for name, value in message.items() if name.lower() in _TO][:_MOST_LINES]
    for _, address in getaddresses(lines):
        if found := wanted.fullmatch(address.strip().lower()):
            return found[1].upper()
    return ""


def _quoted(message: Message[Any, Any]) -> str:
    """The topmost code in the message: of several mails of a thread the newest is quoted first."""
    for text in whole_texts(message):
        if found := _PRINTED.search(text):
            return "".join(found.groups())
    return ""
