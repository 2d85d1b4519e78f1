"""What the sender of a message wrote by hand: without what is quoted, forwarded or attached. Pure; survives any bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from typing import Any

from alerts.inbox.markup import all_seen, seen

DEEPEST, MOST_PARTS = 8, 50  # of a message's parts within parts
LONGEST = 100_000  # characters of a part that are looked at
KEPT = 4_000  # characters of what was written: a claim is one sentence
_CHARSETS = re.compile(
    r"utf-?8|(?:us-)?ascii|iso-?8859-?\d{1,2}|latin-?1|(?:windows|cp)-?125\d", re.IGNORECASE
)
_QUOTE = re.compile(r"\s*>")
_WROTE = re.compile(r"\s*on\b.{5,200}\bwrote:\s*", re.IGNORECASE)
_WROTE_IN_TWO = re.compile(  # Gmail breaks a long one
    r"^[ \t]*on\b[^\n]{5,120}\r?\n[^\n]{0,120}\bwrote:[ \t]*$", re.IGNORECASE | re.MULTILINE
)
_FROM_HERE_OTHERS = re.compile(
    r"\s*(?:-{2,}\s*(?:original|forwarded)\b.*|_{10,}\s*|begin forwarded message:.*|from:\s.*@.*|-- ?)",
    re.IGNORECASE,
)


def texts(message: Message[Any, Any]) -> Iterator[str]:
    """What was written, as plain text: first of the plain part, then of the HTML one."""
    for kind in ("text/plain", "text/html"):
        part = next((one for one in _parts(message) if one.get_content_type() == kind), None)
        if part is not None:
            text = _decoded(part)
            yield own(seen(text) if kind == "text/html" else text)


def whole_texts(message: Message[Any, Any]) -> Iterator[str]:
    """Everything that the message shows, what is quoted too: first the plain part, then the HTML one."""
    for kind in ("text/plain", "text/html"):
        part = next((one for one in _parts(message) if one.get_content_type() == kind), None)
        if part is not None:
            text = _decoded(part)
            yield all_seen(text) if kind == "text/html" else text[:LONGEST]


def own(text: str) -> str:
    """Without quoted lines, and up to where a forwarded message or a signature begins."""
    lines = []
    for line in _WROTE_IN_TWO.sub("", text[:LONGEST]).splitlines():
        if _FROM_HERE_OTHERS.fullmatch(line[:400]):
            break
        if not _QUOTE.match(line) and not _WROTE.fullmatch(line[:400]):
            lines.append(line)
    return "\n".join(lines)[:KEPT]


def _parts(message: Message[Any, Any]) -> Iterator[Message[Any, Any]]:
    """The parts that are shown as the message's own text. A message within the message is somebody else's."""
    waiting: list[tuple[Any, int]] = [(message, 0)]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part, depth = waiting.pop(0)
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            if depth < DEEPEST:
                waiting = [(one, depth + 1) for one in part.get_payload()] + waiting
        elif part.get_content_disposition() != "attachment" and not part.is_multipart():
            yield part


def _decoded(part: Message[Any, Any]) -> str:
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    named = part.get_param("charset", "utf-8")
    charset = named if isinstance(named, str) and _CHARSETS.fullmatch(named) else "utf-8"
    try:
        return raw[:LONGEST].decode(charset, "replace")
    except LookupError:  # such as iso-8859-12, which was never made
        return raw[:LONGEST].decode("utf-8", "replace")
