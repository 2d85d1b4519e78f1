"""Phrases of rules: how they are written, and where they stand among the words of a reading.

A phrase is plain lower-case words with
    (a|b c|d)    one of these           (a|b)?   one of these or nothing; brackets may stand in brackets
    {list}       one of a named list    {list}?  the same or nothing
    word~        any word that begins so
    ..3          up to three other words, none of them a negation
    <who>        a person referred to, see `People`; <staff>, <pupil> and <name> are narrower
    ^ $          the beginning, the end of a sentence
There is no other repetition, so the work at one place is bounded by the phrase and the whole is linear in the text.
A match never crosses the end of a sentence. No regular expression is made from data or from a comment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from monitor.detectors.normalise import SENTENCE, Reading

NEGATIONS = frozenset({
    "not", "never", "isnt", "arent", "wasnt", "werent", "aint", "dont", "doesnt", "didnt", "wont", "wouldnt", "cant", "cannot", "nobody",
    "noone", "neither", "nor", "hardly",
})  # fmt: skip
# Too common to start a search from; any other word of a phrase is a better place.
_COMMON = frozenset({
    "a", "an", "the", "i", "im", "you", "your", "he", "she", "hes", "shes", "they", "them", "him", "her", "his", "it", "its", "is", "are",
    "was", "were", "be", "been", "s", "am", "to", "of", "in", "on", "at", "for", "with", "and", "or", "my", "me", "we", "us", "our", "so",
    "do", "did", "does", "have", "has", "had", "will", "would", "can", "could", "should", "this", "that", "all", "just", "get", "got",
    "go", "going", "what", "who", "how", "why", "not", "no", "dont", "if", "when", "out", "up", "now", "one", "by", "from", "about",
    "then", "than", "there", "here", "as", "but", "some", "any", "u", "ur", "want",
})  # fmt: skip
_TOKEN = re.compile(r"\)\?|[()|^$]|\{\w+\}\??|<\w+>\??|\.\.\d|[a-z0-9£@%]+~?|\s+|.")
_WORD = re.compile(r"[a-z0-9£@%]+~?")
_MOST_GAP = 8
_MOST_PERSON = 4

Who = Callable[[Reading, int], int]  # words that a person reference at this place takes; 0: none stands here


class PhraseError(ValueError):
    """A phrase that cannot be read; the message says which part."""


@dataclass(frozen=True, slots=True)
class Part:
    """One step of a phrase: single words, longer wordings by their first word, beginnings, whole phrases, a person, an
    edge of a sentence, or a gap."""

    singles: frozenset[str] = frozenset()
    longer: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    beginnings: tuple[str, ...] = ()
    nested: tuple[tuple[Part, ...], ...] = ()
    who: str = ""
    edge: str = ""
    gap: int = 0
    optional: bool = False

    def starts(self) -> tuple[frozenset[str], tuple[str, ...]] | None:
        """The words and beginnings that it can begin with; None where that is not known or it may take no word."""
        if self.optional or self.gap or self.who or self.edge:
            return None
        words, beginnings = set(self.singles) | set(self.longer), list(self.beginnings)
        for inner in self.nested:
            first = inner[0].starts()
            if first is None:
                return None
            words |= first[0]
            beginnings += first[1]
        return frozenset(words), tuple(beginnings)

    def words(self) -> Iterator[str]:
        yield from self.singles
        for wordings in self.longer.values():
            for wording in wordings:
                yield from wording
        for inner in self.nested:
            for part in inner:
                yield from part.words()


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase ready to be looked for. `anchor` is the index of the part that a search starts from, `before` the most
    words that can stand ahead of it."""

    source: str
    parts: tuple[Part, ...]
    anchor: int
    before: int

    def words(self) -> Iterator[str]:
        for part in self.parts:
            yield from part.words()

    def match(self, reading: Reading, place: int, people: Mapping[str, Who]) -> tuple[int, int] | None:
        """The words [start, end) of a match whose anchor part begins at `place`, the longest; None: no match."""
        for start in range(max(0, place - self.before), place + 1):
            end = self._from(reading, start, place, people)
            if end is not None:
                return start, end
        return None

    def _from(self, reading: Reading, start: int, place: int, people: Mapping[str, Who]) -> int | None:
        places = _after(self.parts[: self.anchor], reading, {start}, start, people) & {place}
        places = _after(self.parts[self.anchor :], reading, places, start, people)
        return max(places) if places else None


def _after(
    parts: Sequence[Part], reading: Reading, places: set[int], start: int, people: Mapping[str, Who]
) -> set[int]:
    """Where the parts can end when the first of them begins at one of `places`."""
    for part in parts:
        reached: set[int] = set(places) if part.optional or part.gap else set()
        for at in places:
            reached.update(_ends(part, reading, at, start, people))
        if not reached:
            return reached
        places = reached
    return places


def _ends(part: Part, reading: Reading, at: int, start: int, people: Mapping[str, Who]) -> Iterator[int]:
    words, breaks = reading.words, reading.breaks
    if part.edge:
        if (part.edge == "^" and at == 0) or at == len(words) or breaks[at] == SENTENCE:
            yield at
        return
    for inner in part.nested:
        yield from _after(inner, reading, {at}, start, people)
    if at >= len(words) or (at > start and breaks[at] == SENTENCE):
        return
    word = words[at]
    if part.gap:
        for end in range(at, min(at + part.gap, len(words))):
            if words[end] in NEGATIONS or (end > start and breaks[end] == SENTENCE):
                return
            yield end + 1
        return
    if part.who:
        length = people[part.who](reading, at)
        if length:
            yield at + length
        return
    if word in part.singles or (part.beginnings and word.startswith(part.beginnings)):
        yield at + 1
    for wording in part.longer.get(word, ()):
        end = at + len(wording)
        if words[at:end] == wording and SENTENCE not in breaks[at + 1 : end]:
            yield end


class _Reader:
    """Reads the written form of one phrase, left to right."""

    def __init__(self, source: str, lists: Mapping[str, Sequence[str]], people: frozenset[str]) -> None:
        self._source = source
        self._tokens = [token for token in _TOKEN.findall(source) if not token.isspace()]
        self._at = 0
        self._lists, self._people = lists, people

    def whole(self) -> tuple[Part, ...]:
        parts = self._sequence()
        if self._at < len(self._tokens):
            raise PhraseError(f"{self._tokens[self._at]!r} is not understood in {self._source!r}")
        return parts

    def _sequence(self) -> tuple[Part, ...]:
        parts: list[Part] = []
        while self._at < len(self._tokens) and self._tokens[self._at] not in {"|", ")", ")?"}:
            token = self._tokens[self._at]
            self._at += 1
            parts.append(self._group() if token == "(" else self._single(token))
        return tuple(parts)

    def _group(self) -> Part:
        alternatives = [self._sequence()]
        while self._at < len(self._tokens) and self._tokens[self._at] == "|":
            self._at += 1
            alternatives.append(self._sequence())
        if self._at >= len(self._tokens):
            raise PhraseError(f"a bracket is not closed in {self._source!r}")
        optional = self._tokens[self._at] == ")?"
        self._at += 1
        if not all(alternatives):
            raise PhraseError(f"a choice is empty in {self._source!r}")
        return _merged(alternatives, optional=optional)

    def _single(self, token: str) -> Part:
        optional = token.endswith("?")
        bare = token.rstrip("?")
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
        if _WORD.fullmatch(token):
            return _word(token)
        raise PhraseError(f"{token!r} is not understood in {self._source!r}")


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
    anchor = min(costs)[1]
    return Phrase(source, parts, anchor, sum(_longest(part) for part in parts[:anchor]))


T = TypeVar("T")


class Index(Generic[T]):
    """Which phrases could stand at a word: by the words that their anchor part begins with."""

    def __init__(self, entries: Iterable[tuple[Phrase, T]]) -> None:
        self._words: dict[str, list[tuple[Phrase, T]]] = {}
        self._beginnings: dict[str, list[tuple[Phrase, T]]] = {}
        for found, owner in entries:
            words, beginnings = found.parts[found.anchor].starts() or (frozenset(), ())
            for word in words:
                self._words.setdefault(word, []).append((found, owner))
            for beginning in beginnings:
                self._beginnings.setdefault(beginning, []).append((found, owner))
        self._lengths = sorted({len(beginning) for beginning in self._beginnings})

    def at(self, word: str) -> Iterator[tuple[Phrase, T]]:
        yield from self._words.get(word, ())
        for length in self._lengths:
            if length > len(word):
                return
            yield from self._beginnings.get(word[:length], ())
