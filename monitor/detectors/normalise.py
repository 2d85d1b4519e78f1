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
from itertools import product

from monitor.detectors.folds import LEET, LEET_AGAIN, fold

NO_BREAK, COMMA, SENTENCE = 0, 1, 2

_CHUNK = re.compile(r"\S+|\n")
_RUN = re.compile(r"£?[^\W_](?:[^\W_]|')*")
_LINK = re.compile(
    r"(?:https?://|www\.)\S+|(?:[\w-]{1,63}\.){1,3}"
    r"(?:com|co\.uk|org|net|uk|io|ly|gg|xyz|shop|example|test|info|biz|ru|tk|online|site|link|tv|club|top|app)(?:/\S*)?",
    re.IGNORECASE | re.ASCII,
)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}", re.ASCII)
_APART = re.compile(r"[\w@$!](?:[._\-*+~|/,^=:;\\'][\w@$!]){2,40}", re.ASCII)
_OPENING, _CLOSING = "([{<\"'*_~#", ")]}>\"'*_~.,;:!?"
_SOFT = str.maketrans("", "", "-_~^|'*`+\\=")
_NOT_STAR = re.compile(r"[^\w]|_", re.ASCII)
_TRIPLE = re.compile(r"([^\W\d])\1{2,}")
_ABBREVIATED = frozenset({
    "mr", "mrs", "ms", "dr", "st", "yr", "rev", "vs", "no",
})  # fmt: skip
_IS_AFTER = frozenset({
    "it", "he", "she", "that", "what", "there", "who", "here", "let", "how", "where", "when", "why",
})  # fmt: skip
_LONGEST_APART = 16
_LONGEST_CACHED = 40
_MANY_REPEATS = 4
_MIN_LEET = 4
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


class Normaliser:
    """Built once from the words that rules know; then `read` is pure and may be called from any thread.

    `vocabulary` are the words worth recovering from a disguise; `rude` those that people censor with stars or split in
    two; `slang` maps one written form to the word or words it stands for.
    """

    def __init__(self, vocabulary: Iterable[str], rude: Iterable[str], slang: Mapping[str, str]) -> None:
        self._vocabulary = frozenset(vocabulary)
        self._rude = frozenset(rude)
        self._slang = {key: tuple(value.split()) for key, value in slang.items()}
        self._censored = _censored_forms(self._rude)
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
            chunk = self._chunk(raw) if len(raw) <= _LONGEST_CACHED else self._split(raw)
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
        while start < end and raw[start] in _OPENING:
            start += 1
        while end > start and raw[end - 1] in _CLOSING:
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
        pieces: list[tuple[str, int, int, bool, int, int, bool]]
        whole = "" if raw.isalpha() else self._repaired(raw.lower(), low)
        if whole:
            end = len(raw.rstrip(".,;:?!\"')"))
        elif low.isalpha():
            whole = low
        if whole:
            pieces = [(self._squeezed(whole), start, end, titled, inner, quotes, "#" in opening)]
        elif _EMAIL.fullmatch(core):
            pieces = [("email", start, end, False, inner, quotes, False)]
        elif _LINK.fullmatch(core):
            pieces = [("link", start, end, False, inner, quotes, False)]
        elif core[0] == "@" and len(core) > 1:
            pieces = [(low, start, end, False, inner, quotes, True)]
        else:
            pieces = self._runs(core, start, inner, quotes, tagged="#" in opening)
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
            return [(self._undisguised(run) or self._squeezed(run))] if run else []
        head, _, tail = run.rpartition("'")
        head = head.replace("'", "")
        if tail == "ll" and head:
            return [head, "will"]
        if tail == "d" and head:
            return [head, "would"]
        if tail == "s" and head and head not in _IS_AFTER:
            return [self._squeezed(head), "s"]
        return [self._squeezed(head + tail)]

    def _repaired(self, raw: str, low: str) -> str:
        """The known word behind a disguised chunk, or nothing."""
        for form in (low, raw):
            if form.replace("'", "").isalpha():
                continue
            if _APART.fullmatch(form):
                bare = "".join(sign for sign in form if sign.isalnum() or sign in "@$!")
                if (word := self._known(bare)) or (word := self._undisguised(bare)):
                    return word
            if word := self._undisguised(form.rstrip(".,?;:")):
                return word
            if word := self._censored.get(_NOT_STAR.sub("*", form.rstrip(".,?;:!"))):
                return word
            joined = form.strip(_OPENING + _CLOSING).translate(_SOFT)
            if joined in self._rude and "'" not in form:
                return joined
        return ""

    def _known(self, word: str) -> str:
        squeezed = self._squeezed(word)
        return squeezed if squeezed in self._vocabulary else ""

    def _undisguised(self, form: str) -> str:
        """A known word behind digits and signs. Letters must outnumber the signs, unless the word is long."""
        signs = sum(sign in LEET for sign in form)
        letters = sum(sign.isalpha() for sign in form)
        if not signs or not letters or len(form) > _LONGEST_CACHED:
            return ""
        if len(form) < _MIN_LEET and (signs > 1 or letters <= signs):
            return ""
        if len(form) == _MIN_LEET and signs > letters:
            return ""
        for table in (LEET, LEET_AGAIN):
            word = "".join(table.get(sign, sign) for sign in form)
            known = self._known(word) if word.isalpha() else ""
            middle = len(form) == len("y0u") and form[0].isalpha() and form[-1].isalpha()
            if known and (len(known) >= _MIN_LEET or known in self._rude or middle):
                return known
        return ""

    def _squeezed(self, word: str) -> str:
        """The word without repeats of three and more; of the possible forms the one that a rule knows."""
        if word in self._vocabulary or not _TRIPLE.search(word):
            return word
        parts = [(m.group(1), m.end() - m.start()) for m in re.finditer(r"(.)\1*", word)]
        choices = [(sign * count,) if count == 1 or sign.isdigit() else (sign * 2, sign) for sign, count in parts]
        if sum(len(choice) > 1 for choice in choices) <= _MANY_REPEATS:
            for form in product(*choices):
                if "".join(form) in self._vocabulary:
                    return "".join(form)
        return "".join(sign * (count if sign.isdigit() else min(count, 2)) for sign, count in parts)

    def _spaced(self, words: list[_Word]) -> list[_Word]:
        """Joins letters that stand apart ("k y s") where they spell a known word."""
        done: list[_Word] = []
        index = 0
        while index < len(words):
            stop = index
            while stop < len(words) and stop - index < _LONGEST_APART and len(words[stop].text) == 1:
                stop += 1
            while stop - index >= len("kys"):
                letters = "".join(word.text for word in words[index:stop])
                spelt = letters if letters in self._vocabulary else self._undisguised(letters)
                if spelt in self._vocabulary:
                    done.append(_joined(spelt, words[index], words[stop - 1]))
                    index = stop
                    break
                stop -= 1
            else:
                done.append(words[index])
                index += 1
        return done

    def _halves(self, words: list[_Word]) -> list[_Word]:
        """Joins a rude word that was split in two ("fu ck"), when neither half is a word that a rule knows."""
        done: list[_Word] = []
        for word in words:
            while done:
                whole = done[-1].text + word.text
                pieces = (done[-1].text, word.text)
                if whole not in self._rude or min(map(len, pieces)) > _SHORT_PIECE:
                    break
                if any(
                    piece in self._vocabulary or piece in self._slang or len(piece) == 1 for piece in pieces
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


def _censored_forms(rude: Iterable[str]) -> dict[str, str]:
    """Every way to star out a run of letters after the first ("f**k", "f*ck", "f***"), to its word."""
    forms: dict[str, str] = {}
    for word in sorted(rude):
        if len(word) < _MIN_LEET:
            continue
        for start in range(1, len(word)):
            for end in range(start + 1, len(word) + 1):
                if end - start == len(word) - 1 and len(word) > _MIN_LEET:
                    continue  # one letter and stars could be anything
                forms.setdefault(word[:start] + "*" * (end - start) + word[end:], word)
    return forms


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
