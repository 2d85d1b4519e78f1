"""A message's HTML as what it shows. Pure; survives any text, and its work grows with the text's length and no faster.

The standard library's parser raises for some texts, and for others of a mail's length it takes minutes (CVE-2025-6069).
Nothing is built here: tags in their order and the text between them are all that a mailbox needs.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

_BETWEEN = re.compile(r"<([^<>]*)>")
_NAME = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
_MARKS = re.compile(r"\b(?:class|id)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"']+)", re.IGNORECASE)
_ENDLESS = re.compile(r"&#(?:[0-9]{9,}|[xX][0-9a-fA-F]{9,});?")  # names no character, and int() may raise
_OTHERS = (  # what mail programs call the message that is answered
    "gmail_quote",
    "yahoo_quoted",
    "divrplyfwdmsg",
    "moz-cite-prefix",
    "appendonsend",
    "protonmail_quote",
)
_UNSEEN = frozenset({"head", "style", "script", "title", "blockquote", "template"})
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "table", "ul", "ol"})


class _Tag(NamedTuple):
    """`name` in small letters; empty for a declaration. `given` is all that stands behind the name."""

    name: str
    ends: bool
    given: str


class _Unseen:
    """Which parts are open that nobody sees, one within the other."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._times: Counter[str] = Counter()

    def __bool__(self) -> bool:
        return bool(self._open)

    def take(self, tag: _Tag) -> None:
        if tag.ends and self._times[tag.name]:
            last = ""
            while last != tag.name:
                last = self._open.pop()
                self._times[last] -= 1
        elif not tag.ends and not tag.given.endswith("/"):
            self._open.append(tag.name)
            self._times[tag.name] += 1


def seen(source: str) -> str:
    """What is shown, up to where a mail program put the message that is answered."""
    shown: list[str] = []
    unseen = _Unseen()
    for one in _parts(source):
        if isinstance(one, str):
            shown += [] if unseen else [re.sub(r"\s+", " ", one)]
        elif not one.ends and _is_others(one.given):
            break
        elif one.name in _UNSEEN:
            unseen.take(one)
        elif one.name in _BREAKS:
            shown.append("\n")
    return "".join(shown)


def all_seen(source: str) -> str:
    """Every text, whatever a mail program did with what is quoted."""
    return " ".join(one for one in _parts(source) if isinstance(one, str))


def _parts(source: str) -> Iterator[str | _Tag]:
    """Texts and tags in their order, without comments."""
    first, *rest = source.split("<!--")
    whole = first + "".join(one.partition("-->")[2] for one in rest)
    at = 0
    for found in _BETWEEN.finditer(whole):
        name = _NAME.match(found[1])
        if name is None and not found[1].startswith(("!", "?", "/")):
            continue  # "a < b > c"
        if found.start() > at:
            yield _characters(whole[at : found.start()])
        at = found.end()
        if name is not None:
            yield _Tag(name[2].lower(), bool(name[1]), found[1][name.end() :])
    if at < len(whole):
        yield _characters(whole[at:])


def _characters(text: str) -> str:
    return html.unescape(_ENDLESS.sub("\ufffd", text))


def _is_others(given: str) -> bool:
    marks = " ".join(_MARKS.findall(given)).lower()
    return any(one in marks for one in _OTHERS)
