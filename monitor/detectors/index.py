"""Where in a text phrases may stand, found by a few look-ups a word, so that most phrases are tried nowhere. Pure.

It only rules places out: whether a phrase stands at one that is left is for `Phrase.match` to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from monitor.detectors.phrases import Phrase
from monitor.kept import Kept

_KEPT = 1 << 15  # words of which the phrases are remembered

T = TypeVar("T")
# Phrases that could stand at a word. All of them, and those that need no other word; then one need of each of the
# others, put together: (words, before, after), as in Phrase.needs. A plain tuple, as a look takes one apart for every word.
Some = tuple[
    tuple[tuple[Phrase, T], ...], tuple[tuple[Phrase, T], ...], frozenset[str], int, int
]  # fmt: skip


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
        self._entries = Kept(self._by_following, _KEPT)

    def among(
        self, words: Sequence[str], low: int = 0, high: int | None = None
    ) -> Iterator[tuple[int, Phrase, T]]:
        """The phrases that could stand at a place in [low, high): by the word there, the next, and those that the phrase
        needs near it. A quick look that spares most calls of `match`."""
        some = words if low == 0 and high is None else words[low:high]
        last = len(words) - 1
        for place, entries in enumerate(map(self._entries.__getitem__, some), low):
            if entries is None:
                continue
            found, by_following = entries
            if by_following and place < last:
                found = by_following.get(words[place + 1], found)
            if found is None:
                continue
            every, bare, needed, before, after = found
            if needed and needed.isdisjoint(words[place - before if place > before else 0 : place + after]):
                every = bare
            for phrase, owner in every:
                for needed, before, after in phrase.needs:
                    if needed.isdisjoint(words[place - before if place > before else 0 : place + after]):
                        break
                else:
                    yield place, phrase, owner

    def _by_following(self, word: str) -> tuple[Some[T] | None, Mapping[str, Some[T]]] | None:
        """The phrases that could stand at the word whatever follows, and all of them for each word that lets more stand;
        None where there are none, as for most words."""
        at = self._at(word)
        if not at:
            return None
        found = [(entry, entry[0].following(word)) for entry in at]
        following = {second for _, seconds in found if seconds is not None for second in seconds}
        return _together(entry for entry, seconds in found if seconds is None), {
            second: some
            for second in following
            if (some := _together(entry for entry, seconds in found if seconds is None or second in seconds))
        }

    def _at(self, word: str) -> Sequence[tuple[Phrase, T]]:
        found = list(self._words.get(word, ()))
        for length in self._lengths:
            if length <= len(word):
                found += self._beginnings.get(word[:length], ())
        return found


def _together(entries: Iterable[tuple[Phrase, T]]) -> Some[T] | None:
    """The phrases as a look wants them; None for no phrase."""
    every = tuple(entries)
    if not every:
        return None
    firsts = [phrase.needs[0] for phrase, _ in every if phrase.needs]
    return (
        every,
        tuple(entry for entry in every if not entry[0].needs),
        frozenset[str]().union(*(words for words, _, _ in firsts)),
        max((before for _, before, _ in firsts), default=0),
        max((after for _, _, after in firsts), default=0),
    )


def index_of(phrases: Iterable[Phrase]) -> Index[None]:
    """Of phrases that belong to nobody."""
    return Index((phrase, None) for phrase in phrases)
