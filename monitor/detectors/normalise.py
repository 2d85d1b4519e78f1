"""Reads a comment as plain lower-case words, each with its place in the text as posted.

Undoes disguises: look-alike letters, marks, invisible characters, emoji letters, digits for letters, letters spaced or
punctuated apart, stars, long repeats. A disguise is undone only where the result is a word that some rule knows, so
that "3pm", "Y7", "4B", "M8" and "2nd" stay what they are. Linear in the length of the text; reading the words of a
reading again gives the same words. It judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from monitor.detectors.disguise import CLOSING, LONGEST, OPENING, Disguises
from monitor.detectors.folds import fold

NO_BREAK, COMMA, SENTENCE = 0, 1, 2

_CHUNK = re.compile(r"\S+|\n")
_RUN = re.compile(r"£?[^\W_](?:[^\W_]|')*")
_LINK = re.compile(
    r"(?:https?://|www\.)\S+|(?:[\w-]{1,63}\.){1,3}"
    r"(?:com|co\.uk|org|net|uk|io|ly|gg|xyz|shop|example|test|info|biz|ru|tk|online|site|link|tv|club|top|app)(?:/\S*)?",
    re.IGNORECASE | re.ASCII,
)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}", re.ASCII)
_ABBREVIATED = frozenset({
    "mr", "mrs", "ms", "dr", "st", "yr", "rev", "vs", "no",
})  # fmt: skip
_IS_AFTER = frozenset({
    "it", "he", "she", "that", "what", "there", "who", "here", "let", "how", "where", "when", "why",
})  # fmt: skip
_SHORTEST_APART, _LONGEST_APART = 3, 16
_SHORT_PIECE = 4
_DOTTED = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of one text. All tuples are as long as `words`.

    `spans` are code-point offsets into the text as posted; `titled` says that the word was written with a capital;
    `breaks` says what stood before the word: NO_BREAK, COMMA or SENTENCE; `quoted` that it stood between double
    quotation marks; `tagged` that it was written as #tag or @handle.
    """

    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    titled: tuple[bool, ...]
    breaks: tuple[int, ...]
    quoted: tuple[bool, ...]
    tagged: tuple[bool, ...]

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the text as posted of words `start` up to but not including `end`."""
        return self.spans[start][0], self.spans[end - 1][1]


@dataclass(slots=True)
class _Word:
    text: str
    start: int
    end: int
    titled: bool
    before: int = NO_BREAK
    quotes: int = 0  # quotation marks that stood before it
    tagged: bool = False


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What stands between two spaces: words with offsets inside it, and what it leaves for the next one."""

    words: tuple[tuple[str, int, int, bool, int, int, bool], ...]
    after: int
    quotes: int


def _break_of(signs: str) -> int:
    if any(sign in ".!?;:" for sign in signs):
        return SENTENCE
    return COMMA if "," in signs or "(" in signs or ")" in signs else NO_BREAK


def _kind(core: str, low: str) -> str:
    """The word that stands for an address, or the handle itself; nothing for anything else."""
    if _EMAIL.fullmatch(core):
        return "email"
    if _LINK.fullmatch(core):
        return "link"
    return low if core[0] == "@" and len(core) > 1 else ""


class Normaliser:
    """Built once from the words that rules know; then `read` is pure and may be called from any thread.

    `vocabulary` are the words worth recovering from a disguise; `rude` those that people censor with stars or split in
    two; `slang` maps one written form to the word or words it stands for.
    """

    def __init__(self, vocabulary: Iterable[str], rude: Iterable[str], slang: Mapping[str, str]) -> None:
        self._disguises = Disguises(vocabulary, rude)
        self._slang = {key: tuple(value.split()) for key, value in slang.items()}
        self._chunk = lru_cache(maxsize=32768)(self._split)

    def read(self, text: str) -> Reading:
        """The whole text, whatever its length, as words."""
        folded, origins = fold(text)
        words: list[_Word] = []
        before, quotes = SENTENCE, 0
        for match in _CHUNK.finditer(folded):
            raw = match.group()
            if raw == "\n":
                before = SENTENCE
                continue
            base = match.start()
            chunk = self._chunk(raw) if len(raw) <= LONGEST else self._split(raw)
            for word, start, end, titled, inner, marks, tagged in chunk.words:
                words.append(
                    _Word(word, base + start, base + end, titled, max(before, inner), quotes + marks, tagged)
                )
                before, quotes = NO_BREAK, 0
            before = max(before, chunk.after)
            quotes += chunk.quotes
        return _reading(self._spoken(self._halves(self._spaced(words))), origins)

    def _split(self, raw: str) -> _Chunk:
        start, end = 0, len(raw)
        while start < end and raw[start] in OPENING:
            start += 1
        while end > start and raw[end - 1] in CLOSING:
            end -= 1
        opening, core, closing = raw[:start], raw[start:end], raw[end:]
        quotes, inner = opening.count('"'), _break_of(opening)
        after = _break_of(closing)
        low = core.lower()
        if closing == "." and low in _ABBREVIATED:
            after = NO_BREAK
        titled = core[:1].isupper()
        if not core:
            return _Chunk((), max(inner, after), (opening + closing).count('"'))
        tagged = "#" in opening
        whole = "" if raw.isalpha() else self._disguises.repaired(raw.lower(), low)
        if whole:
            end = len(raw.rstrip(".,;:?!\"')"))
        elif low.isalpha():
            whole = low
        if whole:
            pieces = [(self._disguises.squeezed(whole), start, end, titled, inner, quotes, tagged)]
        elif kind := _kind(core, low):
            pieces = [(kind, start, end, False, inner, quotes, core[0] == "@")]
        else:
            pieces = self._runs(core, start, inner, quotes, tagged=tagged)
        return _Chunk(tuple(pieces), after, closing.count('"'))

    def _runs(
        self, core: str, base: int, inner: int, quotes: int, *, tagged: bool
    ) -> list[tuple[str, int, int, bool, int, int, bool]]:
        """The words of a chunk that holds more than letters."""
        pieces: list[tuple[str, int, int, bool, int, int, bool]] = []
        last = 0
        dotted = core.count(".") >= _DOTTED  # "i.will.find.you": no sentence is that short
        for run in _RUN.finditer(core):
            between = core[last : run.start()]
            last = run.end()
            if pieces:
                joins = dotted or core[run.start() - 1].isdigit() or core[run.start()].isdigit()
                inner, quotes = (NO_BREAK if joins else _break_of(between)), between.count('"')
            titled = run.group()[0].isupper()
            for word in self._contracted(run.group().lower()):
                pieces.append((word, base + run.start(), base + run.end(), titled, inner, quotes, tagged))
                inner, quotes, titled = NO_BREAK, 0, False
        return pieces

    def _contracted(self, run: str) -> list[str]:
        """A run of letters, digits and apostrophes as words: "you'll" is you will, "Ellie's" is ellie s."""
        run = run.strip("'")
        if "'" not in run:
            return [(self._disguises.plain(run) or self._disguises.squeezed(run))] if run else []
        head, _, tail = run.rpartition("'")
        head = head.replace("'", "")
        if tail == "ll" and head:
            return [head, "will"]
        if tail == "d" and head:
            return [head, "would"]
        if tail == "s" and head and head not in _IS_AFTER:
            return [self._disguises.squeezed(head), "s"]
        return [self._disguises.squeezed(head + tail)]

    def _spaced(self, words: list[_Word]) -> list[_Word]:
        """Joins letters that stand apart ("k y s") where they spell a known word."""
        if sum(len(word.text) == 1 for word in words) < _SHORTEST_APART:
            return words
        done: list[_Word] = []
        index = 0
        while index < len(words):
            spelt, stop = self._spelt(words, index)
            done.append(_joined(spelt, words[index], words[stop - 1]) if spelt else words[index])
            index = stop
        return done

    def _spelt(self, words: list[_Word], start: int) -> tuple[str, int]:
        """The longest known word that single letters from `start` on spell, and where it ends; else nothing."""
        stop = start
        while stop < len(words) and stop - start < _LONGEST_APART and len(words[stop].text) == 1:
            stop += 1
        letters = "".join(word.text for word in words[start:stop])
        if len(letters) < _SHORTEST_APART or not self._disguises.may_begin(letters):
            return "", start + 1
        for length in range(len(letters), _SHORTEST_APART - 1, -1):
            part = letters[:length]
            spelt = part if part in self._disguises.vocabulary else self._disguises.plain(part)
            if spelt:
                return spelt, start + length
        return "", start + 1

    def _halves(self, words: list[_Word]) -> list[_Word]:
        """Joins a rude word that was split in two ("fu ck"), when neither half is a word that a rule knows."""
        done: list[_Word] = []
        for half in words:
            word = half
            while done:
                whole = done[-1].text + word.text
                pieces = (done[-1].text, word.text)
                if whole not in self._disguises.rude or min(map(len, pieces)) > _SHORT_PIECE:
                    break
                if any(
                    piece in self._disguises.vocabulary or piece in self._slang or len(piece) == 1
                    for piece in pieces
                ):
                    break
                word = _joined(whole, done.pop(), word)
            done.append(word)
        return done

    def _spoken(self, words: list[_Word]) -> list[_Word]:
        """Short forms as the words they stand for ("u" is you, "gonna" is going to)."""
        done: list[_Word] = []
        for word in words:
            full = self._slang.get(word.text)
            if full is None:
                done.append(word)
                continue
            for place, text in enumerate(full):
                first = place == 0
                done.append(
                    _Word(
                        text,
                        word.start,
                        word.end,
                        word.titled and first,
                        word.before if first else NO_BREAK,
                        word.quotes if first else 0,
                    )
                )
        return done


def _joined(text: str, first: _Word, last: _Word) -> _Word:
    return _Word(text, first.start, last.end, first.titled, first.before, first.quotes)


def _reading(words: list[_Word], origins: list[int] | None) -> Reading:
    quoted: list[bool] = []
    inside = False
    for word in words:
        if word.quotes % 2:
            inside = not inside
        quoted.append(inside)
    if origins is None:
        spans = tuple((word.start, word.end) for word in words)
    else:
        spans = tuple((origins[word.start], origins[word.end - 1] + 1) for word in words)
    return Reading(
        words=tuple(word.text for word in words),
        spans=spans,
        titled=tuple(word.titled for word in words),
        breaks=tuple(word.before for word in words),
        quoted=tuple(quoted),
        tagged=tuple(word.tagged for word in words),
    )
