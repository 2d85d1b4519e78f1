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

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from monitor.detectors.normalise import SENTENCE, Reading

NEGATIONS = frozenset({
    "not", "never", "isnt", "arent", "wasnt", "werent", "aint", "dont", "doesnt", "didnt", "wont", "wouldnt", "cant", "cannot", "nobody",
    "noone", "neither", "nor", "hardly",
})  # fmt: skip
Who = Callable[[Reading, int], int]  # words that a person reference at this place takes; 0: none stands here


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
    plain: bool = field(init=False)  # whether it is made of words only

    def __post_init__(self) -> None:
        object.__setattr__(self, "plain", not (self.nested or self.who or self.edge or self.gap))

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

    def all_beginnings(self) -> tuple[str, ...]:
        """The beginnings of words with which it, or a choice within it, can begin."""
        found = list(self.beginnings)
        for inner in self.nested:
            found += inner[0].all_beginnings()
        return tuple(found)

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
    # (words, before, after): at every match one of the words stands in [anchor - before, anchor + after)
    needs: tuple[tuple[frozenset[str], int, int], ...] = ()
    # (words, before, after, seconds): as in needs, and behind a word that is in `seconds` one of those there
    pairs: tuple[tuple[frozenset[str], int, int, Mapping[str, frozenset[str]]], ...] = ()
    _head: tuple[Part, ...] = field(init=False, repr=False)
    _tail: tuple[Part, ...] = field(init=False, repr=False)
    _seconds: Mapping[str, frozenset[str]] = field(init=False, repr=False)
    _firsts: frozenset[str] = field(init=False, repr=False)  # one stands before the anchor; empty: not known

    def __post_init__(self) -> None:
        object.__setattr__(self, "_head", self.parts[: self.anchor])
        object.__setattr__(self, "_tail", self.parts[self.anchor :])
        object.__setattr__(self, "_seconds", seconds_of(self._tail))
        object.__setattr__(self, "_firsts", _last_words(self._head))

    def words(self) -> Iterator[str]:
        for part in self.parts:
            yield from part.words()

    def following(self, word: str) -> frozenset[str] | None:
        """The words one of which comes after `word` where the anchor part begins with it; None: not known."""
        return self._seconds.get(word)

    def match(self, reading: Reading, place: int, people: Mapping[str, Who]) -> tuple[int, int] | None:
        """The words [start, end) of a match whose anchor part begins at `place`, the longest; None: no match."""
        words = reading.words
        if self._firsts and (place == 0 or words[place - 1] not in self._firsts):
            return None
        if self.pairs and not self._has_pairs(words, place):
            return None
        ends = _after(self._tail, reading, {place}, place, people)
        if not ends:
            return None
        if not self._head:
            return place, max(ends)
        start = place
        while start > 0 and place - start < self.before and reading.breaks[start] != SENTENCE:
            start -= 1
        for at in range(start, place + 1):
            if place in _after(self._head, reading, {at}, at, people):
                return at, max(ends)
        return None

    def _has_pairs(self, words: Sequence[str], place: int) -> bool:
        """Whether all that is needed around the place stands there with what must follow it: seldom, and soon told."""
        for needed, before, after, follow in self.pairs:
            for at in range(max(0, place - before), min(place + after, len(words))):
                if words[at] in needed:
                    seconds = follow.get(words[at])
                    if seconds is None or (at + 1 < len(words) and words[at + 1] in seconds):
                        break
            else:
                return False
        return True


def seconds_of(parts: Sequence[Part]) -> Mapping[str, frozenset[str]]:
    """For the words that the parts can begin with, those that must follow, where that is known: most texts hold an "a"
    and few of them "a disgrace"."""
    follow: dict[str, set[str] | None] = {}

    def note(first: str, seconds: Iterable[str] | None) -> None:
        known = follow.setdefault(first, set())
        if seconds is None or known is None:
            follow[first] = None
        else:
            known.update(seconds)

    first = parts[0]
    after = _exact_starts(parts[1:])
    for word in first.singles:
        note(word, after)
    for word, wordings in first.longer.items():
        for wording in wordings:
            note(word, wording[1:2] or after)
    for inner in first.nested:
        within = _exact_starts(inner[1:]) if len(inner) > 1 else after
        for word in (inner[0].starts() or (frozenset[str](), ()))[0]:
            note(word, within if word in inner[0].singles and not inner[0].longer else None)
    return {
        word: frozenset(seconds)
        for word, seconds in follow.items()
        if seconds is not None and not word.startswith(first.all_beginnings() or ("\n",))
    }


def _last_words(parts: Sequence[Part]) -> frozenset[str]:
    """The words one of which the parts end with; empty where that is not known."""
    last = parts[-1] if parts else Part(optional=True)
    if last.optional or last.beginnings or not last.plain:
        return frozenset()
    return last.singles.union(wording[-1] for group in last.longer.values() for wording in group)


def _exact_starts(parts: Sequence[Part]) -> frozenset[str] | None:
    """The words one of which comes first; None where it is not known or beginnings of words would do as well."""
    words, beginnings = (parts[0].starts() if parts else None) or (frozenset[str](), ())
    return None if beginnings or not words else words


def _after(
    parts: Sequence[Part], reading: Reading, places: set[int], start: int, people: Mapping[str, Who]
) -> set[int]:
    """Where the parts can end when the first of them begins at one of `places`."""
    for part in parts:
        reached: set[int] = set(places) if part.optional or part.gap else set()
        for at in places:
            if not part.plain:
                reached.update(_ends(part, reading, at, start, people))
            elif at < len(reading.words) and (at == start or reading.breaks[at] != SENTENCE):
                _add_word_ends(part, reading, at, reached)
        if not reached:
            return reached
        places = reached
    return places


def _ends(part: Part, reading: Reading, at: int, start: int, people: Mapping[str, Who]) -> Iterator[int]:
    """Where one part that begins at `at` can end. Only an edge may stand behind the last word of a sentence."""
    ended = at >= len(reading.words) or (at > start and reading.breaks[at] == SENTENCE)
    if part.edge:
        if ended or reading.breaks[at] == SENTENCE:
            yield at
        return
    for inner in part.nested:
        yield from _after(inner, reading, {at}, start, people)
    if ended:
        return
    if part.gap:
        yield from _gap_ends(part.gap, reading, at, start)
    elif part.who:
        length = people[part.who](reading, at)
        if length:
            yield at + length
    else:
        reached: set[int] = set()
        _add_word_ends(part, reading, at, reached)
        yield from reached


def _gap_ends(gap: int, reading: Reading, at: int, start: int) -> Iterator[int]:
    for end in range(at, min(at + gap, len(reading.words))):
        if reading.words[end] in NEGATIONS or (end > start and reading.breaks[end] == SENTENCE):
            return
        yield end + 1


def _add_word_ends(part: Part, reading: Reading, at: int, reached: set[int]) -> None:
    words = reading.words
    word = words[at]
    if word in part.singles or (part.beginnings and word.startswith(part.beginnings)):
        reached.add(at + 1)
    if part.longer and word in part.longer:
        for wording in part.longer[word]:
            end = at + len(wording)
            if words[at:end] == wording and SENTENCE not in reading.breaks[at + 1 : end]:
                reached.add(end)
