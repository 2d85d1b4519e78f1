"""Reads a comment as plain lower-case words, each with its place in the text as posted.

Undoes disguises: look-alike letters, marks, invisible characters, emoji letters, digits for letters, letters spaced or
punctuated apart, stars, long repeats, words run together or misspelt on purpose. A disguise is undone only where the
result is a word that some rule knows, so that "3pm", "Y7", "4B", "M8" and "2nd" stay what they are. Linear in the
length of the text; reading the words of a reading again gives the same words. It judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from monitor.detectors.apart import FEWEST_LETTERS, Joiner, Word
from monitor.detectors.chunks import COMMA, DIGITS, NO_BREAK, SENTENCE, Splitter
from monitor.detectors.disguise import Disguises
from monitor.detectors.folds import EMOJI_BETWEEN, EMOJI_SIGN, fold, turned_sections
from monitor.detectors.segment import Segments

__all__ = ["COMMA", "NO_BREAK", "SENTENCE", "Normaliser", "Reading"]


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of one text. All tuples are as long as `words`.

    `spans` are code-point offsets into the text as posted; `titled` says that the word was written with a capital;
    `breaks` says what stood before the word: NO_BREAK, COMMA or SENTENCE; `quoted` that it stood between double
    quotation marks; `tagged` that it was written as #tag or @handle. Where `remade` is false, letters that stand together are
    one word here, and if they are four or more, the same word.
    """

    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    titled: tuple[bool, ...]
    breaks: tuple[int, ...]
    quoted: tuple[bool, ...]
    tagged: tuple[bool, ...]
    remade: bool = field(default=True, compare=False)

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the text as posted of words `start` up to but not including `end`."""
        return self.spans[start][0], self.spans[end - 1][1]


class Normaliser:
    """Built once from the words that rules know; then `read` is pure and may be called from any thread.

    `vocabulary` are the words worth recovering from a disguise; `rude` those that people censor with stars or split in
    two; `slang` maps one written form to the word or words it stands for.
    """

    def __init__(self, vocabulary: Iterable[str], rude: Iterable[str], slang: Mapping[str, str]) -> None:
        self._slang = {key: tuple(value.split()) for key, value in slang.items()}
        disguises = Disguises(DIGITS.union(vocabulary), rude, self._slang)
        short = (key for key, full in self._slang.items() if disguises.rude.isdisjoint(full))
        segments = Segments(disguises.vocabulary.union(short), disguises.rude)
        self._disguises = disguises
        self._joiner = Joiner(disguises, segments, self._slang)
        self._splitter = Splitter(disguises, self._joiner, segments, self._slang)

    def read(self, text: str) -> Reading:
        """The whole text, whatever its length, as words."""
        folded, origins = fold(text if text.isascii() else self._without_inner_emoji(text))
        words: list[Word] = []
        quotes = base = singles = 0
        pieces = short = False
        remade = origins is not None
        chunk = self._splitter.chunks.__getitem__
        for line in folded.split("\n"):
            before = SENTENCE
            raws = line.split(" ")
            for raw, (found, after, left) in zip(raws, map(chunk, raws), strict=True):
                for word, start, end, titled, inner, marks, tagged in found:
                    words.append((
                        word, base + start, base + end, titled,
                        inner if inner > before else before,  # noqa: FURB136 - a call for every word
                        quotes + marks, tagged,
                    ))  # fmt: skip
                    before = quotes = 0
                if after > before:  # noqa: PLR1730 - as above
                    before = after
                if left is not None:
                    behind, alone, piece, shortened, other = left
                    quotes += behind
                    singles += alone
                    pieces = pieces or piece
                    short = short or shortened
                    remade = remade or other
                base += len(raw) + 1
        if singles >= FEWEST_LETTERS:
            apart = len(words)
            words = self._joiner.letters(words)
            short = short or len(words) < apart
        if pieces:
            words = self._joiner.pieces(words)
        if short:
            words, piece = self._spoken(words)
            words = self._joiner.pieces(words) if piece else words
        return _reading(words, origins, [] if origins is None else turned_sections(text), remade=remade)

    def _without_inner_emoji(self, text: str) -> str:
        """Meaningful emoji inside a known word ("f🔥u🔥c🔥k") as invisible characters or stars, as many as there were."""
        if EMOJI_SIGN.search(text) is None:
            return text

        def mended(match: re.Match[str]) -> str:
            whole = match.group()
            for sign in ("\u200b", "*"):
                bare = EMOJI_SIGN.sub(sign, whole)
                form = fold(bare)[0].lower()
                if self._disguises.word(form) in self._disguises.vocabulary or self._disguises.starred(form):
                    return bare
            return whole

        return EMOJI_BETWEEN.sub(mended, text)

    def _spoken(self, words: list[Word]) -> tuple[list[Word], bool]:
        """Short forms as the words they stand for ("u" is you, "gonna" is going to), and whether one of those may be
        a piece of a rude word."""
        done: list[Word] = []
        piece = False
        for word in words:
            full = self._slang.get(word[0])
            if full is None:
                done.append(word)
                continue
            _, start, end, titled, before, quotes, _ = word
            for text in full:
                done.append((text, start, end, titled, before, quotes, False))
                piece = piece or self._joiner.is_piece(text)
                titled, before, quotes = False, NO_BREAK, 0
        return done, piece


def _reading(
    words: list[Word], origins: list[int] | None, sections: list[tuple[int, int]], *, remade: bool
) -> Reading:
    if not words:
        return Reading((), (), (), (), (), (), remade=False)
    texts, starts, ends, titled, breaks, marks, tagged = zip(*words, strict=True)
    if origins is None:
        spans = tuple(zip(starts, ends, strict=True))
    else:
        spans = tuple((origins[start], origins[end - 1] + 1) for start, end in zip(starts, ends, strict=True))
    for low, high in sections:  # what is shown turned round stands somewhere in its section
        spans = tuple(
            (min(start, low), max(end, high)) if start < high and end > low else (start, end)
            for start, end in spans
        )
    if any(marks):
        quoted: list[bool] = []
        inside = False
        for count in marks:
            inside ^= bool(count % 2)
            quoted.append(inside)
        return Reading(texts, spans, titled, breaks, tuple(quoted), tagged, remade)
    return Reading(texts, spans, titled, breaks, (False,) * len(words), tagged, remade)
