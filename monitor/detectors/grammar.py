"""Reads the written form of a phrase (see `phrases`) into parts that can be looked for.

It says in one sentence what it does not understand, and looks at no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from monitor.detectors.phrases import Part, Phrase, seconds_of

# Too common to start a search from; any other word of a phrase is a better place.
_COMMON = frozenset({
    "a", "an", "the", "i", "im", "you", "your", "he", "she", "hes", "shes", "they", "them", "him", "her", "his", "it", "its", "is", "are",
    "was", "were", "be", "been", "s", "am", "to", "of", "in", "on", "at", "for", "with", "and", "or", "my", "me", "we", "us", "our", "so",
    "do", "did", "does", "have", "has", "had", "will", "would", "can", "could", "should", "this", "that", "all", "just", "get", "got",
    "go", "going", "what", "who", "how", "why", "not", "no", "dont", "if", "when", "out", "up", "now", "one", "by", "from", "about",
    "then", "than", "there", "here", "as", "but", "some", "any", "u", "ur", "want",
})  # fmt: skip
_PIECE = re.compile(r"\)\?|[()|^$]|\{\w+\}\??|<\w+>\??|\.\.\d|[a-z0-9£@%]+~?|\s+|.")
_WORD = re.compile(r"[a-z0-9£@%]+~?")
_MOST_GAP = 8
_MOST_PERSON = 4  # words that a person reference may take


class PhraseError(ValueError):
    """A phrase that cannot be read; the message says which part."""


class _Reader:
    """Reads the written form of one phrase, left to right."""

    def __init__(self, source: str, lists: Mapping[str, Sequence[str]], people: frozenset[str]) -> None:
        self._source = source
        self._pieces = [piece for piece in _PIECE.findall(source) if not piece.isspace()]
        self._at = 0
        self._lists, self._people = lists, people

    def whole(self) -> tuple[Part, ...]:
        parts = self._sequence()
        if self._at < len(self._pieces):
            raise PhraseError(f"{self._pieces[self._at]!r} is not understood in {self._source!r}")
        return parts

    def _sequence(self) -> tuple[Part, ...]:
        parts: list[Part] = []
        while self._at < len(self._pieces) and self._pieces[self._at] not in {"|", ")", ")?"}:
            piece = self._pieces[self._at]
            self._at += 1
            parts.append(self._group() if piece == "(" else self._single(piece))
        return tuple(parts)

    def _group(self) -> Part:
        alternatives = [self._sequence()]
        while self._at < len(self._pieces) and self._pieces[self._at] == "|":
            self._at += 1
            alternatives.append(self._sequence())
        if self._at >= len(self._pieces):
            raise PhraseError(f"a bracket is not closed in {self._source!r}")
        optional = self._pieces[self._at] == ")?"
        self._at += 1
        if not all(alternatives):
            raise PhraseError(f"a choice is empty in {self._source!r}")
        return _merged(alternatives, optional=optional)

    def _single(self, piece: str) -> Part:
        optional = piece.endswith("?")
        bare = piece.rstrip("?")
        if bare.startswith("{") and len(bare) > 1:
            return _listed(bare[1:-1], self._lists, optional=optional)
        if bare.startswith("<") and len(bare) > 1:
            if bare[1:-1] not in self._people:
                raise PhraseError(f"there is no {bare}")
            return Part(who=bare[1:-1], optional=optional)
        if bare in {"^", "$"}:
            return Part(edge=bare)
        if bare.startswith("..") and len(bare) > len(".."):
            gap = int(bare[2:])
            if not 0 < gap <= _MOST_GAP:
                raise PhraseError(f"a gap is 1 to {_MOST_GAP} words, not {gap}")
            return Part(gap=gap)
        if _WORD.fullmatch(piece):
            return _word(piece)
        raise PhraseError(f"{piece!r} is not understood in {self._source!r}")


def _word(word: str) -> Part:
    return Part(beginnings=(word[:-1],)) if word.endswith("~") else Part(singles=frozenset({word}))


def _is_word(part: Part) -> bool:
    return len(part.singles) == 1 and not (part.longer or part.beginnings or part.nested or part.optional)


def _merged(alternatives: Sequence[tuple[Part, ...]], *, optional: bool = False) -> Part:
    """One part for a choice: plain words and wordings together, what is more than that nested."""
    singles: set[str] = set()
    longer: dict[str, list[tuple[str, ...]]] = {}
    beginnings: list[str] = []
    nested: list[tuple[Part, ...]] = []
    for parts in alternatives:
        if all(_is_word(part) for part in parts):
            words = tuple(next(iter(part.singles)) for part in parts)
            if len(words) == 1:
                singles.add(words[0])
            else:
                longer.setdefault(words[0], []).append(words)
        elif len(parts) == 1 and parts[0].beginnings and not (parts[0].singles or parts[0].nested):
            beginnings.extend(parts[0].beginnings)
        elif (
            len(parts) == 1
            and (parts[0].singles or parts[0].longer)
            and not (parts[0].nested or parts[0].optional)
        ):
            singles |= parts[0].singles
            beginnings.extend(parts[0].beginnings)
            for first, wordings in parts[0].longer.items():
                longer.setdefault(first, []).extend(wordings)
        else:
            nested.append(parts)
    return Part(
        frozenset(singles),
        {first: tuple(wordings) for first, wordings in longer.items()},
        tuple(beginnings),
        tuple(nested),
        optional=optional,
    )


def _listed(name: str, lists: Mapping[str, Sequence[str]], *, optional: bool) -> Part:
    if name not in lists:
        raise PhraseError(f"there is no list {{{name}}}")
    alternatives: list[tuple[Part, ...]] = []
    for wording in lists[name]:
        words = wording.split()
        for word in words:
            if not _WORD.fullmatch(word):
                raise PhraseError(f"{word!r} in the list {name} is not a plain lower-case word")
        alternatives.append(tuple(_word(word) for word in words))
    return _merged(alternatives, optional=optional)


def _longest(part: Part) -> int:
    if part.gap:
        return part.gap
    if part.edge:
        return 0
    if part.who:
        return _MOST_PERSON
    return max(
        1,
        *(len(wording) for group in part.longer.values() for wording in group),
        *(sum(_longest(step) for step in inner) for inner in part.nested),
        1,
    )


def phrase(source: str, lists: Mapping[str, Sequence[str]], people: Iterable[str]) -> Phrase:
    """Reads one phrase. Raises PhraseError with what is wrong."""
    parts = _Reader(source, lists, frozenset(people)).whole()
    costs: list[tuple[tuple[int, int], int]] = []
    for index, part in enumerate(parts):
        starts = part.starts()
        if starts is not None:
            # The fewer and rarer its words the better a part is to start a search from.
            words, beginnings = starts
            costs.append(((sum(word in _COMMON for word in words), len(words) + len(beginnings)), index))
    if not costs:
        raise PhraseError(f"{source!r} has no word that must stand in the text")
    costs.sort()
    anchor = costs[0][1]
    needed = [
        (index, (words, *_reach(parts, anchor, index)))
        for _, index in costs[1:]
        if (words := _exactly(parts[index]))
    ]
    pairs = tuple((*need, seconds) for index, need in needed if (seconds := seconds_of(parts[index:])))
    before = sum(map(_longest, parts[:anchor]))
    return Phrase(source, parts, anchor, before, tuple(need for _, need in needed), pairs)


def _reach(parts: Sequence[Part], anchor: int, index: int) -> tuple[int, int]:
    """Between how many words before the anchor, and how many after its beginning, the part `index` begins."""
    if index < anchor:
        return sum(map(_longest, parts[index:anchor])), 0
    return 0, sum(map(_longest, parts[anchor:index])) + 1


def _exactly(part: Part) -> frozenset[str]:
    """The words one of which the part begins with; empty where beginnings of words would do as well."""
    words, beginnings = part.starts() or (frozenset[str](), ())
    return frozenset() if beginnings else words
