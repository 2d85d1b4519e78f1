"""Joins what was written apart: letters with spaces between them ("k y s"), a rude word in pieces ("fu ck").

It sees the words of one text in their order and is linear in their number. It judges nothing.
"""

from __future__ import annotations

from collections.abc import Collection

from monitor.detectors.disguise import Disguises
from monitor.detectors.segment import Segments

# text, start, end, titled, the break before it, quotation marks before it, tagged; places in the folded text
Word = tuple[str, int, int, bool, int, int, bool]

FEWEST_LETTERS, _MOST_LETTERS = 3, 16
_ROW = "." * FEWEST_LETTERS
_MOST_PIECES = 4
_SHORTEST_WHOLE = 4
_LONGEST_PIECE = 6
_YOUR, _SELF = frozenset(["you", "your", "u", "ur", "ya", "yo", "yer"]), "self"
_OF_SELF = frozenset(["belief", "care", "confidence", "control", "discipline", "doubt", "esteem", "image", "love", "respect", "worth"])  # fmt: skip
_LONELY = frozenset("bfgw")  # letters that are seldom a word: with another word they may be one in two pieces


class Joiner:
    """Built once for the words that rules know."""

    def __init__(self, disguises: Disguises, segments: Segments, slang: Collection[str]) -> None:
        self._disguises = disguises
        self._segments = segments
        self._slang = slang
        self._fragments = frozenset(
            word[start:end]
            for word in disguises.rude
            if len(word) >= _SHORTEST_WHOLE
            for start in range(len(word))
            for end in range(start + 1, len(word) + (start > 0))
        )
        self._beginnings = self._fragments | _YOUR

    def is_piece(self, text: str) -> bool:
        """Whether a rude word may be put together of it and others."""
        return text in self._fragments

    def is_fragment(self, text: str) -> bool:
        """Whether it may be a piece of a rude word: it is no word, or a letter that seldom is one."""
        return text == _SELF or (text in self._fragments and (text in _LONELY or not self._is_word(text)))

    def _is_word(self, text: str) -> bool:
        return len(text) == 1 or text in self._slang or self._disguises.is_word(text)

    def letters(self, words: list[Word]) -> list[Word]:
        """Joins letters that stand apart where they spell a known word."""
        if _ROW not in "".join("." if len(word[0]) == 1 else " " for word in words):
            return words
        done: list[Word] = []
        index = 0
        while index < len(words):
            letters = self._row(words, index)
            row = index + len(letters)
            for spelt in self._segments.spelt(letters):  # all of the row, with nothing left over
                done.append(joined(spelt, words[index], words[index + len(spelt) - 1]))
                index += len(spelt)
            while index < row:
                spelt, length = self._spelt(letters, len(letters) + index - row)
                done.append(joined(spelt, words[index], words[index + length - 1]) if spelt else words[index])
                index += length
            if index < len(words):
                done.append(words[index])
                index += 1
        return done

    def _row(self, words: list[Word], start: int) -> str:
        """The single letters that stand in a row from `start` on."""
        stop = start
        while stop < len(words) and len(words[stop][0]) == 1:
            stop += 1
        return "".join(word[0] for word in words[start:stop])

    def _spelt(self, letters: str, start: int) -> tuple[str, int]:
        """The longest known word that the letters from `start` on spell, and its length; else nothing, and 1."""
        part = letters[start : start + _MOST_LETTERS]
        for length in range(self._disguises.reach(part), FEWEST_LETTERS - 1, -1):
            if spelt := self._disguises.spelt(part[:length]):
                return spelt, length
        return "", 1

    def pieces(self, words: list[Word]) -> list[Word]:
        """Joins a rude word that was split, where at least one piece is no word of its own."""
        done: list[Word] = []
        index = 0
        while index < len(words):
            if words[index][0] not in self._beginnings:
                done.append(words[index])
                index += 1
                continue
            whole, stop = self._whole(words, index)
            done.append(joined(whole, words[index], words[stop - 1]) if whole else words[index])
            index = stop
        return done

    def _whole(self, words: list[Word], start: int) -> tuple[str, int]:
        if words[start][0] in _YOUR and self._is_self(words, start):
            return "yourself", start + 2
        if words[start][0] not in self._fragments:
            return "", start + 1
        found, after = "", start + 1
        whole = words[start][0]
        odd = self.is_fragment(whole)
        for stop in range(start + 1, min(start + _MOST_PIECES, len(words))):
            piece = words[stop][0]
            if piece not in self._fragments or words[stop][1] < words[stop - 1][2]:
                break
            if piece == "s" and whole in self._disguises.rude:  # "the idiot s", as "the idiot's" is read
                break
            whole += piece
            odd = odd or (piece not in _LONELY and self.is_fragment(piece))
            if words[start][0] == "s" and stop == start + 1:  # "Mum's tab" is read as "mum s tab"
                continue
            if odd and len(whole) >= _SHORTEST_WHOLE and whole in self._disguises.rude:
                found, after = whole, stop + 1
        return found, after

    def _is_self(self, words: list[Word], start: int) -> bool:
        """Whether "your self" after a rude word is yourself, and not the beginning of "your self esteem"."""
        if start + 1 >= len(words) or words[start + 1][0] != _SELF or words[start + 1][4]:
            return False
        follows = words[start + 2][0] if start + 2 < len(words) else ""
        return start > 0 and words[start - 1][0] in self._disguises.rude and follows not in _OF_SELF


def joined(text: str, first: Word, last: Word) -> Word:
    return text, first[1], last[2], first[3], first[4], first[5], False
