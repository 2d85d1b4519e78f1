"""What was written, as a page may show it: safe, cut at what was found, masked until somebody asks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from alerts import safe, words
from monitor.tables import FindingRow


class Piece(NamedTuple):
    text: str
    found: bool


def pieces(text: str, findings: Sequence[FindingRow]) -> list[Piece]:
    """The text as posted, cut at the findings' spans. Each piece is made safe by itself, its outer space kept."""
    text = text[: safe.SHOWN_LIMIT]
    if not text:
        return []
    inside = [False] * len(text)
    for one in findings:
        start, end = max(0, one.start), min(len(text), one.end)
        inside[start:end] = [True] * max(0, end - start)
    edges = [0, *(at for at in range(1, len(text)) if inside[at] != inside[at - 1]), len(text)]
    pieces = []
    for start, end in pairwise(edges):
        raw = text[start:end]
        before = raw[: len(raw) - len(raw.lstrip())]
        after = raw[len(raw.rstrip()) :] if raw.strip() else ""
        shown = safe.shown(raw, lines=True)
        pieces.append(Piece(f"{_space(before)}{shown}{_space(after)}", bool(inside[start])))
    return pieces


def _space(raw: str) -> str:
    if not raw:
        return ""
    return "\n" if "\n" in raw else " "


def extract(text: str, findings: Sequence[FindingRow], category: str) -> str:
    if words.family(category) in words.NEVER_QUOTED:
        return ""
    names = [(one.start, one.end) for one in findings if words.family(one.category) == "identifying"]
    return safe.masked(text, [(one.start, one.end) for one in findings if one.end > one.start], names)
