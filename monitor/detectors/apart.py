"""Joins what was written apart: letters with spaces between them ("k y s"), a rude word in pieces ("fu ck").

It sees the words of one text in their order and is linear in their number. It judges nothing.
"""

from __future__ import annotations

from collections.abc import Collection

from monitor.detectors.disguise import LONGEST, Disguises
from monitor.detectors.segment import Segments

# text, start, end, titled, the break before it, quotation marks before it, tagged; places in the folded text
Word = tuple[str, int, int, bool, int, int, bool]

FEWEST_LETTERS, _MOST_LETTERS = 3, 16
_MOST_PIECES = 4
_SHORTEST_WHOLE = 4
_LONGEST_PIECE = 6
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

    def is_fragment(self, text: str) -> bool:
        """Whether it may be a piece of a rude word: it is no word, or a letter that seldom is one."""
        return text in self._fragments and (text in _LONELY or not self._is_word(text))

    def _is_word(self, text: str) -> bool:
        return len(text) == 1 or text in self._slang or self._disguises.is_word(text)

    def letters(self, words: list[Word]) -> list[Word]:
        """Joins letters that stand apart where they spell a known word."""
        done: list[Word] = []
        index = 0
        while index < len(words):
            sentence = self._sentence(words, index)
            if sentence:
                for spelt in sentence:
                    done.append(joined(spelt, words[index], words[index + len(spelt) - 1]))
                    index += len(spelt)
                continue
            spelt, stop = self._spelt(words, index)
            done.append(joined(spelt, words[index], words[stop - 1]) if spelt else words[index])
            index = stop
        return done

    def _sentence(self, words: list[Word], start: int) -> list[str]:
        """All the words that a row of single letters spells, where it begins at `start` and nothing is left over."""
        if len(words[start][0]) != 1 or (start and len(words[start - 1][0]) == 1):
            return []
        stop = start
        while stop < len(words) and stop - start <= LONGEST and len(words[stop][0]) == 1:
            stop += 1
        return self._segments.spelt("".join(word[0] for word in words[start:stop]))

    def _spelt(self, words: list[Word], start: int) -> tuple[str, int]:
        """The longest known word that single letters from `start` on spell, and where it ends; else nothing."""
        stop = start
        while stop < len(words) and stop - start < _MOST_LETTERS and len(words[stop][0]) == 1:
            stop += 1
        letters = "".join(word[0] for word in words[start:stop])
        if len(letters) < FEWEST_LETTERS or not self._disguises.may_begin(letters):
            return "", start + 1
        for length in range(len(letters), FEWEST_LETTERS - 1, -1):
            part = letters[:length]
            spelt = part if part in self._disguises.vocabulary else self._disguises.plain(part)
            if spelt:
                return spelt, start + length
        return "", start + 1

    def pieces(self, words: list[Word]) -> list[Word]:
        """Joins a rude word that was split, where at least one piece is no word of its own."""
        done: list[Word] = []
        index = 0
        while index < len(words):
            whole, stop = self._whole(words, index)
            done.append(joined(whole, words[index], words[stop - 1]) if whole else words[index])
            index = stop
        return done

    def _whole(self, words: list[Word], start: int) -> tuple[str, int]:
        if words[start][0] not in self._fragments:
            return "", start + 1
        found, after = "", start + 1
        whole = words[start][0]
        odd = self.is_fragment(whole)
        for stop in range(start + 1, min(start + _MOST_PIECES, len(words))):
            piece = words[stop][0]
            if piece not in self._fragments or words[stop][1] < words[stop - 1][2]:
                break
            whole += piece
            odd = odd or (piece not in _LONELY and self.is_fragment(piece))
            if odd and len(whole) >= _SHORTEST_WHOLE and whole in self._disguises.rude:
                found, after = whole, stop + 1
        return found, after


def joined(text: str, first: Word, last: Word) -> Word:
    return text, first[1], last[2], first[3], first[4], first[5], False
