"""Cuts words that were run together ("ihateallpeople", "#KillYourself") into the words they are made of.

A token is cut only where the whole of it is made of known words, and only where it is long or holds a rude word beside
one that addresses somebody: "Dickinson", "Penistone" and "grandparents" stay one word. It judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from math import log

_MANY = 9000  # of the commonest words: rarer ones would cut names and foreign words to pieces
_LONG, _LONGEST_TOKEN, _LONGEST_WORD = 12, 64, 16  # letters
_SURE = 3  # words that a long token must have to be cut
_UNRANKED = 6000  # the rank of a word that only the rules know
SHORT_WORDS = frozenset({
    "a", "i", "u", "r", "am", "an", "as", "at", "be", "by", "do", "go", "he", "if", "in", "is", "it", "me", "my", "no", "of", "on", "or",
    "so", "to", "up", "us", "we", "ur", "im", "hi", "ok", "uk", "all", "and", "are", "ask", "bad", "bag", "bed", "big", "boy", "bus", "but",
    "bye", "can", "car", "cry", "cut", "dad", "day", "did", "die", "dog", "eat", "end", "fat", "fun", "get", "god", "got", "gun", "had",
    "has", "hat", "her", "hes", "him", "his", "hit", "hot", "how", "ill", "its", "job", "ive", "kid", "leg", "let", "lol", "lot", "mad",
    "man", "men", "mum", "new", "nor", "not", "now", "off", "old", "one", "our", "out", "own", "pay", "pig", "put", "ran", "rat", "rid",
    "run", "sad", "saw", "say", "see", "she", "sit", "six", "son", "sue", "tax", "tea", "ten", "the", "too", "top", "try", "two", "use",
    "was", "way", "wee", "who", "why", "will", "win", "wit", "yes", "yet", "you",
})  # fmt: skip
_ADDRESS = frozenset({
    "you", "your", "youre", "u", "ur", "off", "yourself", "urself", "yourselves", "them", "they", "him", "she", "hes", "shes", "theyre",
    "everyone", "all", "these", "those", "is", "are", "hate", "hates", "i", "im", "we", "this", "that", "shut", "up",
})  # fmt: skip
_RUDE_TAILS = frozenset({
    "face", "faces", "head", "heads", "bag", "bags", "hole", "holes", "brain", "brains", "breath", "boy", "boys", "girl", "off", "you",
})  # fmt: skip
_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SHORTEST_RUN = 6


@lru_cache(maxsize=1)
def common_words() -> dict[str, int]:
    """English words by their rank, the commonest 0."""
    text = resources.files("monitor.detectors").joinpath("words/_common.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return {word: rank for rank, word in enumerate(" ".join(lines).split())}


class Segments:
    """Built once from the words that rules know; `rude` are those that a shorter token may be cut for."""

    def __init__(self, vocabulary: Iterable[str], rude: Iterable[str]) -> None:
        ranks = common_words()
        self._rude = frozenset(rude)
        words = {word for word, rank in ranks.items() if rank < _MANY} | {
            word for word in vocabulary if word.isalpha()
        }
        self._costs = {
            word: log(ranks.get(word, _UNRANKED) + 20) + 2
            for word in words
            if len(word) > 3 or word in SHORT_WORDS or word in self._rude  # noqa: PLR2004 - rare short words fit anywhere
        } | {word: log(ranks.get(word, 500) + 20) + 2 + 3 * (len(word) == 1) for word in SHORT_WORDS}

    def cut(self, token: str) -> list[str]:
        """The words of a run-together token in small letters; nothing where it is better left whole."""
        if not _SHORTEST_RUN <= len(token) <= _LONGEST_TOKEN:
            return []
        words = self._cheapest(token)
        if len(words) < 2:  # noqa: PLR2004 - one word is no run
            return []
        if not self._rude.isdisjoint(words) and (
            not _ADDRESS.isdisjoint(words)
            or self._rude.issuperset(words)
            or (words[0] in self._rude and words[1] in _RUDE_TAILS)
        ):
            return words
        return (
            words if len(token) > _LONG and len(words) >= _SURE and len(token) >= _SURE * len(words) else []
        )

    def humps(self, token: str) -> list[str]:
        """The words of a token with capitals inside ("KillYourself"), as written; nothing where they are none."""
        words = _HUMP.findall(token)
        if len(words) < 2 or "".join(words) != token:  # noqa: PLR2004
            return []
        return words if all(self._is_word(word.lower()) for word in words) else []

    def _is_word(self, word: str) -> bool:
        return word in self._costs or (len(word) > 2 and word in common_words())  # noqa: PLR2004

    def _cheapest(self, token: str) -> list[str]:
        """The likeliest words that make up the whole token, by their ranks; nothing where none do."""
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in range(1, len(token) + 1):
            choice = (float("inf"), 0)
            for start in range(max(0, end - _LONGEST_WORD), end):
                cost = self._costs.get(token[start:end])
                if cost is not None and best[start][0] + cost < choice[0]:
                    choice = (best[start][0] + cost, start)
            best.append(choice)
        if best[-1][0] == float("inf"):
            return []
        words: list[str] = []
        end = len(token)
        while end:
            start = best[end][1]
            words.append(token[start:end])
            end = start
        return words[::-1]
