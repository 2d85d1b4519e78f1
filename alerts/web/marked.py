"""A stranger's text in pieces, the words that were found marked. Each piece is made safe by itself."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from alerts import safe


class Piece(NamedTuple):
    text: str
    found: bool


def pieces(text: str, spans: Iterable[tuple[int, int]]) -> list[Piece]:
    """The text as posted (its first safe.SHOWN_LIMIT code points), cut at the spans, their outer space kept."""
    text = text[: safe.SHOWN_LIMIT]
    if not text:
        return []
    inside = [False] * len(text)
    for first, last in spans:
        start, end = max(0, first), min(len(text), last)
        inside[start:end] = [True] * max(0, end - start)
    edges = [0, *(at for at in range(1, len(text)) if inside[at] != inside[at - 1]), len(text)]
    found = []
    for start, end in pairwise(edges):
        raw = text[start:end]
        before = raw[: len(raw) - len(raw.lstrip())]
        after = raw[len(raw.rstrip()) :] if raw.strip() else ""
        shown = safe.shown(raw, lines=True)
        found.append(Piece(f"{_space(before)}{shown}{_space(after)}", bool(inside[start])))
    return found


def _space(raw: str) -> str:
    if not raw:
        return ""
    return "\n" if "\n" in raw else " "
