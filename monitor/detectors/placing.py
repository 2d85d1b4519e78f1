"""What stands around a child's name: a class, a picture, where the child is and how to speak to it. Pure.

It looks only at the words near the name, so its work at one place is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from monitor.detectors.context import AROUND, Cues, around, sentence
from monitor.detectors.normalise import COMMA, SENTENCE, Reading
from monitor.kept import Kept

_CLASS = re.compile(r"(?:1[0-3]|[1-9])[a-z]")
# What looks like a class and is a distance, a sum of money, a page, a network or a score.
_NO_CLASS = frozenset({
    "1k", "2k", "3k", "4k", "5k", "6k", "8k", "10k", "3g", "4g", "5g", "1p", "2p", "5p", "10p", "1v", "2v", "3v", "1x", "2x", "3x", "4x",
    "5x", "10x", "2d", "1m", "2m", "5m", "10m", "1l", "2l", "1g", "10g",
})  # fmt: skip
_PLACING = frozenset({"in", "from", "of"})
_NUMBER = re.compile(r"(?:0[1-9]|447)\d{3,10}")  # a telephone number or its beginning


class Placing:
    """Asks whether one of the cues stands at the words [start, end) of a name."""

    def __init__(self, cues: Mapping[str, Cues]) -> None:
        self._cues = cues

    def stands(self, cue: str, reading: Reading, start: int, end: int) -> bool:
        low, high = around(reading, start, end)
        if cue == "class" and any(map(_is_class, reading.words[low:high])):
            return True
        return self._cues[cue].stands(reading, low, high)

    def is_found(self, reading: Reading, start: int, end: int) -> bool:
        """Whether it says where the child is; a day and a time only in the name's own sentence."""
        return self.stands("found", reading, start, end) or self._is_beside(
            "found_beside", reading, start, end
        )

    def is_reached(self, reading: Reading, start: int, end: int) -> bool:
        """Whether it says how to speak to the child, or the date of birth."""
        if self.stands("reach", reading, start, end) or self._is_beside("reach_beside", reading, start, end):
            return True
        low, high = sentence(reading, start, end, AROUND)
        numbered = any(map(_NUMBER.fullmatch, reading.words[low:high]))
        return numbered and not self.stands("announced", reading, start, end)

    def _is_beside(self, cue: str, reading: Reading, start: int, end: int) -> bool:
        return self._cues[cue].stands(reading, *sentence(reading, start, end, AROUND))

    def is_labelled(self, reading: Reading, end: int) -> bool:
        """Whether a class follows in brackets or after a comma, or at once: "Ellie Marsh (Year 4)", "Ellie M 4B"."""
        words = reading.words
        initial = (
            end < len(words) and len(words[end]) == 1 and words[end].isalpha() and not reading.breaks[end]
        )
        at = end + initial
        if at >= len(words) or (reading.breaks[at] == SENTENCE and not initial):
            return False
        if _is_class(words[at]):
            return True
        told = reading.breaks[at] == COMMA or (
            initial and words[end] != "s"
        )  # "Ellie's class" tells no class
        return told and self._cues["labelled"].stands(reading, at, at + 1)

    def is_near(self, cue: str, reading: Reading, start: int, end: int) -> bool:
        """Whether the cue stands right at the name: at most three words before it or after."""
        low = max(0, start - 4)
        high = min(len(reading.words), end + 3)
        if cue == "placed" and any(
            reading.words[at] in _PLACING and _is_class(reading.words[at + 1])
            for at in range(low, min(high, len(reading.words) - 1))
        ):
            return True
        return self._cues[cue].stands(reading, low, high)


def _class(word: str) -> bool:
    return _CLASS.fullmatch(word) is not None and word not in _NO_CLASS


_is_class = Kept(_class, 4_096).__getitem__  # asked of every word near every name
