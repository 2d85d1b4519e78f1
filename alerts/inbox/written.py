"""What the sender of a message wrote by hand: without what is quoted, forwarded or attached. Pure; survives any bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from html.parser import HTMLParser
from typing import Any

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
_UNSEEN = frozenset({"head", "style", "script", "title", "blockquote", "template"})
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "table", "ul", "ol"})
_OTHERS = (
    "gmail_quote",
    "yahoo_quoted",
    "divrplyfwdmsg",
    "moz-cite-prefix",
    "appendonsend",
    "protonmail_quote",
)


def texts(message: Message[Any, Any]) -> Iterator[str]:
    """What was written, as plain text: first of the plain part, then of the HTML one."""
    for kind in ("text/plain", "text/html"):
        part = next((one for one in _parts(message) if one.get_content_type() == kind), None)
        if part is not None:
            text = _decoded(part)
            yield own(_seen(text) if kind == "text/html" else text)


def whole_texts(message: Message[Any, Any]) -> Iterator[str]:
    """Everything that the message shows, what is quoted too: first the plain part, then the HTML one."""
    for kind in ("text/plain", "text/html"):
        part = next((one for one in _parts(message) if one.get_content_type() == kind), None)
        if part is not None:
            text = _decoded(part)
            yield _all_seen(text) if kind == "text/html" else text[:LONGEST]


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


class _Seen(HTMLParser):
    """Gathers what is shown, up to where a mail program put the message that is answered."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._unseen: list[str] = []
        self._ended = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        marks = " ".join(value or "" for name, value in attrs if name in {"class", "id"}).lower()
        self._ended = self._ended or any(one in marks for one in _OTHERS)
        if tag in _UNSEEN:
            self._unseen.append(tag)
        elif tag in _BREAKS:
            self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unseen:
            while self._unseen.pop() != tag:
                pass
        elif tag in _BREAKS:
            self.text.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen and not self._ended:
            self.text.append(re.sub(r"\s+", " ", data))


class _AllSeen(HTMLParser):
    """Gathers every text, whatever a mail program did with what is quoted."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _all_seen(html: str) -> str:
    parser = _AllSeen()
    parser.feed(html)
    parser.close()
    return " ".join(parser.text)


def _seen(html: str) -> str:
    parser = _Seen()
    parser.feed(html)
    parser.close()
    return "".join(parser.text)
