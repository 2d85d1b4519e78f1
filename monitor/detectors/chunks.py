"""Splits what stands between two spaces into words, with their places in it.

It sees one chunk at a time and keeps what it split, since most chunks come again. It judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from monitor.detectors.apart import Joiner, Word
from monitor.detectors.disguise import CLOSING, OPENING, Disguises
from monitor.detectors.segment import Segments
from monitor.kept import Kept
from monitor.names import SHORTEST_SLIP

NO_BREAK, COMMA, SENTENCE = 0, 1, 2

_RUN = re.compile(r"(?:£(?=\d))?[^\W_](?:[^\W_]|')*")
_LINK = re.compile(
    r"(?:https?://|www\.)\S+|(?:[\w-]{1,63}\.){1,3}"
    r"(?:com|co\.uk|org|net|uk|io|ly|gg|xyz|shop|example|test|info|biz|ru|tk|online|site|link|tv|club|top|app)(?:/\S*)?",
    re.IGNORECASE | re.ASCII,
)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}", re.ASCII)
# ":-)", "=(", ";P" at the end of a word: a face, and no letters in disguise
_FACE = re.compile(r"(?:[:;=]['^-]?[)(\]\[DPp])+$")
_FACES_END, _LONGEST_FACES = frozenset(")(][DPp"), 16
_ABBREVIATED = frozenset({
    "mr", "mrs", "ms", "dr", "st", "yr", "rev", "vs", "no",
})  # fmt: skip
_IS_AFTER = frozenset({
    "it", "he", "she", "that", "what", "there", "who", "here", "let", "how", "where", "when", "why",
})  # fmt: skip
DIGITS = frozenset({
    "zero", "oh", "nought", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "double", "triple", "treble", "hundred",
})  # fmt: skip
_SPELT_DIGITS = re.compile(r"\d+|" + "|".join(sorted(DIGITS)) + "|o")
_FEWEST_DIGITS = 3  # parts of a number that is partly spelt out and run together
_DOTTED = 3
_MANY_HUMPS = 3
_SIGNS_OF_WORDS = frozenset("*(<{[")
_ADDRESS = ("http://", "https://")
_KEPT, _KEPT_SIGNS = 1 << 16, 1 << 10  # chunks whose words are remembered, and signs whose break is


class Left(NamedTuple):
    """What a chunk leaves to do: quotation marks behind it, single letters, pieces of words, short forms; whether its
    letters may be a name that its words are not."""

    quotes: int
    singles: int
    pieces: bool
    short: bool
    remade: bool


# What stands between two spaces: words with offsets inside it, the break behind them, and what is left to do, mostly
# nothing. A plain tuple, as a reading takes one apart for every word.
Chunk = tuple[tuple[Word, ...], int, Left | None]


@lru_cache(maxsize=_KEPT_SIGNS)
def _break_of(signs: str) -> int:
    if any(sign in ".!?;:" for sign in signs):
        return SENTENCE
    return COMMA if "," in signs or "(" in signs or ")" in signs else NO_BREAK


def _is_remade(raw: str, words: Sequence[Word]) -> bool:
    """Whether a name may stand in the chunk that its words do not show: as `written` looks for one."""
    low = raw.lower()
    for at, (word, start, end, *_) in enumerate(words):
        after = words[at + 1] if at + 1 < len(words) else None
        shared = after is not None and (after[1] == end or after[1:3] == (start, end))
        if (shared or (len(word) >= SHORTEST_SLIP and low[start:end] != word)) and raw[start:end].isalpha():
            return True
    return False


def _kind(core: str, low: str) -> str:
    """The word that stands for an address, or the handle itself; nothing for anything else."""
    if "@" in core and _EMAIL.fullmatch(core):
        return "email"
    if "." in core and _LINK.fullmatch(core):
        return "link"
    return low if core[0] == "@" and len(core) > 1 else ""


class Splitter:
    """Built once for the words that rules know; `split` is pure."""

    def __init__(
        self, disguises: Disguises, joiner: Joiner, segments: Segments, slang: Mapping[str, Sequence[str]]
    ) -> None:
        self._disguises = disguises
        self._joiner = joiner
        self._slang = slang
        self._segments = segments
        self.chunks = Kept(self._split, _KEPT)

    def _split(self, raw: str) -> Chunk:
        """The words of a chunk; it may be empty."""
        low = raw.lower()
        if low in self._disguises.known and low.isalpha():
            return self._noted(raw, [(low, 0, len(raw), raw[0].isupper(), NO_BREAK, 0, False)], NO_BREAK, 0)
        if raw.startswith(_ADDRESS):
            end = len(raw.rstrip(CLOSING))
            link = ("link", 0, end, False, NO_BREAK, 0, False)
            return self._noted(raw, [link], _break_of(raw[end:]), raw.count('"', end))
        if raw[-1:] in _FACES_END and (face := _FACE.search(raw, max(1, len(raw) - _LONGEST_FACES))):
            before, _, left = self._split(raw[: face.start()])
            return before, SENTENCE, left
        start = len(raw) - len(raw.lstrip(OPENING))
        end = max(start, len(raw.rstrip(CLOSING)))
        opening, core, closing = raw[:start], raw[start:end], raw[end:]
        quotes, inner, after = opening.count('"'), _break_of(opening), _break_of(closing)
        low = core.lower()
        if closing == "." and low in _ABBREVIATED:
            after = NO_BREAK
        if not core:
            return self._noted(raw, [], max(inner, after), (opening + closing).count('"'))
        words = self._words_of(raw, start, end, inner, quotes, "#" in opening)
        return self._noted(raw, words, after, closing.count('"'))

    def _noted(self, raw: str, words: Iterable[Word], after: int, quotes: int) -> Chunk:
        kept = tuple(words)
        singles, pieces, short, remade = 0, False, False, _is_remade(raw, kept)
        for text, *_ in kept:
            singles += len(text) == 1
            pieces = pieces or self._joiner.is_fragment(text)
            if (full := self._slang.get(text)) is not None:
                short, remade = True, remade or len("".join(full)) >= SHORTEST_SLIP or len(full) > 1
        if quotes or singles or pieces or short or remade:
            return kept, after, Left(quotes, singles, pieces, short, remade)
        return kept, after, None

    def _words_of(self, raw: str, start: int, end: int, inner: int, quotes: int, tagged: bool) -> list[Word]:
        core = raw[start:end]
        low = core.lower()
        if not low.isalpha() or (
            (low not in self._disguises.known or len(raw) - len(core) > 1)
            and not _SIGNS_OF_WORDS.isdisjoint(raw)
        ):
            whole = self._disguises.repaired(raw.lower(), low)
            if whole:
                stop = len(raw.rstrip(".,;:?!\"')"))
                return [(whole, start, max(stop, start + 1), core[0].isupper(), inner, quotes, tagged)]
        if raw[end:] == "!" and (last := self._disguises.plain(low + "!")) in self._disguises.rude:
            return [(last, start, end + 1, core[0].isupper(), inner, quotes, tagged)]  # "pak!"
        if low.isalpha():
            return self._letters(core, low, start, inner, quotes, tagged)
        if kind := _kind(core, low):
            return [(kind, start, end, False, inner, quotes, core[0] == "@")]
        return self._runs(core, start, inner, quotes, tagged)

    def _letters(self, core: str, low: str, base: int, inner: int, quotes: int, tagged: bool) -> list[Word]:
        """A token of letters as a word, or as the words that were run together in it."""
        titled = core[0].isupper()
        end = base + len(core)
        if low not in self._disguises.known and "I" in core[1:] and not core.isupper():
            slim = core.replace("I", "l").lower()  # "kiII"
            low = slim if slim in self._disguises.vocabulary else low
        if low in self._disguises.known:
            return [(low, base, end, titled, inner, quotes, tagged)]
        parts: list[str] = []
        if core[1:] != low[1:] and not core.isupper():
            parts = self._segments.humps(core)
            if not (
                tagged
                or len(parts) >= _MANY_HUMPS
                or not self._disguises.rude.isdisjoint(map(str.lower, parts))
            ):
                parts = []
        parts = parts or self._plain(low)
        exact = sum(map(len, parts)) == len(core)
        words: list[Word] = []
        for part in parts:
            stop = base + len(part) if exact and len(parts) > 1 else end
            words.append((
                part.lower(), base, stop, part[0].isupper() or (titled and not words), inner, quotes, tagged,
            ))  # fmt: skip
            base = stop if exact else base
            inner = quotes = 0
        return words

    def _plain(self, low: str) -> list[str]:
        """Letters in small letters as the word that was meant, or as the words that were run together."""
        word = self._disguises.word(low)
        parts = [] if word in self._disguises.known else self._segments.cut(word)
        words: list[str] = []
        for part in map(self._disguises.word, parts):
            if words and words[-1] + part in self._disguises.rude:
                words[-1] += part
            else:
                words.append(part)
        return words or [word]

    def _runs(self, core: str, base: int, inner: int, quotes: int, tagged: bool) -> list[Word]:
        """The words of a chunk that holds more than letters."""
        words: list[Word] = []
        last = 0
        dotted = core.count(".") >= _DOTTED  # "i.will.find.you": no sentence is that short
        for match in _RUN.finditer(core):
            run, start = match.group(), match.start()
            between = core[last:start]
            last = match.end()
            if words:
                joins = dotted or core[start - 1].isdigit() or run[0].isdigit()
                inner, quotes = (NO_BREAK if joins else _break_of(between)), between.count('"')
            low = run.lower()
            if low.isalpha():
                found = self._letters(run, low, base + start, inner, quotes, tagged)
            else:
                found = []
                titled = run[0].isupper()
                for word in self._contracted(low):
                    found.append((word, base + start, base + last, titled, inner, quotes, tagged))
                    inner, quotes, titled = NO_BREAK, 0, False
            words += found
        return words

    def _contracted(self, run: str) -> list[str]:
        """A run of letters, digits and apostrophes as words: "you'll" is you will, "Ellie's" is ellie s."""
        run = run.strip("'")
        if "'" not in run:
            return self._mixed(run) if run else []
        if run.count("'") > 1 and (whole := self._disguises.repaired(run, run)):
            return [whole]
        head, _, tail = run.rpartition("'")
        head = head.replace("'", "")
        if tail == "ll" and head:
            return [*self._mixed(head), "will"]
        if tail == "d" and head:
            return [*self._mixed(head), "would"]
        if tail == "s" and head and head not in _IS_AFTER:
            return [*self._mixed(head), "s"]
        return self._mixed(head + tail)

    def _mixed(self, run: str) -> list[str]:
        """Letters and digits: a disguised word, a number that is partly spelt out, or what it is."""
        if run.isalpha():
            return self._plain(run)
        if plain := self._disguises.plain(run):
            return [plain]
        digits = _SPELT_DIGITS.findall(run)
        if len(digits) >= _FEWEST_DIGITS and "".join(digits) == run:
            return digits
        bare = self._disguises.word(run.rstrip("0123456789"))
        return [bare if bare in self._disguises.rude else self._disguises.squeezed(run)]
