"""Names as they were written, where the normaliser made something else of them.

It takes Littlewood for two words run together, and Sterrett for a street misspelt; the register knows better. Pure.
"""

from __future__ import annotations

from functools import lru_cache

from monitor.detectors.normalise import Reading
from monitor.names import SHORTEST_SLIP, plain
from monitor.ports import Register

_LONGEST = 40  # characters of one part of a name; what runs on is none, and a row of a thousand emoji is looked at once


def as_written(text: str, reading: Reading, register: Register) -> Reading:
    """The reading with every name of the register as one word that stands as it was written."""
    names = {at: name for at in _suspects(text, reading) if (name := _name_at(text, reading, register, at))}
    if not names:
        return reading
    runs: list[tuple[str, int, int]] = []
    at = 0
    while at < len(reading.words):
        word, end = names.get(at) or (reading.words[at], at + 1)
        runs.append((word, at, end))
        at = end
    return Reading(
        words=tuple(word for word, _, _ in runs),
        spans=tuple(reading.span(start, end) for _, start, end in runs),
        titled=tuple(reading.titled[start] for _, start, _ in runs),
        breaks=tuple(reading.breaks[start] for _, start, _ in runs),
        quoted=tuple(reading.quoted[start] for _, start, _ in runs),
        tagged=tuple(reading.tagged[start] for _, start, _ in runs),
    )


def _suspects(text: str, reading: Reading) -> list[int]:
    """The words that are not as written, or of which the next was made too."""
    low = text.lower()
    if len(low) != len(text):
        low = text
    following = (*reading.spans[1:], (-1, -1))
    return [
        at
        for at, (word, span, after) in enumerate(zip(reading.words, reading.spans, following, strict=False))
        if after[0] == span[1]
        or after == span
        or (len(word) >= SHORTEST_SLIP and low[span[0] : span[1]] != word)
    ]


def _name_at(text: str, reading: Reading, register: Register, at: int) -> tuple[str, int] | None:
    """The name of the register that was written where word `at` begins, and the word after it."""
    spans, end = reading.spans, at + 1
    if not _is_letter(text[spans[at][0]]):
        return None
    while end < len(spans) and (spans[end][0] == spans[end - 1][1] or spans[end] == spans[at]):
        end += 1
        if spans[end - 1][1] - spans[at][0] > _LONGEST:
            return None
    raw = text[spans[at][0] : spans[end - 1][1]].lower()
    if (
        raw != reading.words[at]
        and (written := plain(raw)).isalpha()
        and register.part_name(written) is not None
    ):
        return written, end
    return None


@lru_cache(maxsize=4096)
def _is_letter(char: str) -> bool:
    return plain(char).isalpha()
