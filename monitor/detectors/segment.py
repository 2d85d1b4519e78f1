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

_MANY = 9000  # of the commonest words; of rarer ones only long ones, or they would cut names to pieces
_LONG, _LONGEST_TOKEN, _LONGEST_WORD = 12, 64, 16  # letters
_QUITE_LONG, _VERY_LONG, _LONGEST_GAP = 9, 16, 9  # letters
_FEW, _FEWEST_SPELT = 2, 4
_LONE = {"u": 3, "r": 3, "a": -2, "i": -2}  # costs of single letters
_IDIOMS = re.compile("(?:food|earth|word|book|car|house|cake)porn")  # pictures that one likes to look at
_NEVER, _GAP, _GAP_LETTER = 1e9, 14.0, 3.0  # costs
_SURE = 3  # words that a long token must have to be cut
_LETTERS_A_WORD = 2.4  # at least, on average
# What stands in no name and no other word that begins so.
_STRONG = (
    "fuck",
    "shit",
    "cunt",
    "wank",
    "nigg",
    "fagg",
    "paki",
    "twat",
    "bitch",
    "bastard",
    "slut",
    "trann",
    "spastic",
    "retard",
)
_UNRANKED = 6000  # the rank of a word that only the rules know
SHORT_WORDS = frozenset({
    "a", "i", "u", "r", "oh", "mr", "ms", "dm", "pe", "tv", "ew", "id", "mrs", "fed", "may", "war", "air", "art", "law", "age", "gay", "jew",
    "ban", "wig", "bat", "sin", "rip", "far", "fit", "few", "ref", "red", "sex", "buy", "cup", "ice", "ate", "sir", "any", "due", "fee", "am", "an", "as", "at", "be", "by", "do", "go", "he", "if", "in", "is", "it", "me", "my", "no", "of", "on", "or",
    "so", "to", "up", "us", "we", "ur", "im", "hi", "ok", "uk", "all", "and", "are", "ask", "bad", "bag", "bed", "big", "boy", "bus", "but",
    "bye", "can", "car", "cry", "cut", "dad", "day", "did", "die", "dog", "eat", "end", "fat", "fun", "get", "god", "got", "gun", "had",
    "has", "hat", "her", "hes", "him", "his", "hit", "hot", "how", "ill", "its", "job", "ive", "kid", "leg", "let", "lol", "lot", "mad",
    "man", "men", "mum", "new", "nor", "not", "now", "off", "old", "one", "pls", "plz", "our", "out", "own", "pay", "pig", "put", "ran", "rat", "rid",
    "run", "sad", "saw", "say", "see", "she", "sit", "six", "son", "sue", "tax", "tea", "ten", "the", "too", "top", "try", "two", "use",
    "was", "way", "wee", "who", "why", "will", "win", "wit", "yes", "yet", "you",
})  # fmt: skip
_ADDRESS = frozenset({
    "you", "your", "youre", "u", "ur", "off", "yourself", "urself", "yourselves", "them", "they", "him", "she", "hes", "shes", "theyre",
    "everyone", "my", "suck", "send", "all", "these", "those", "is", "are", "hate", "hates", "i", "im", "we", "this", "that", "shut", "up",
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
        words = {word for word, rank in ranks.items() if rank < _MANY or len(word) > _QUITE_LONG - 4} | {
            word for word in vocabulary if word.isalpha()
        }
        self._costs = {
            word: log(ranks.get(word, _UNRANKED) + 20) + 2
            for word in words
            if len(word) > 3 or word in SHORT_WORDS or word in self._rude  # noqa: PLR2004 - rare short words fit anywhere
        } | {word: log(ranks.get(word, 500) + 20) + 2 + _LONE.get(word, 0) for word in SHORT_WORDS}

    def cut(self, token: str) -> list[str]:
        """The words of a run-together token in small letters; nothing where it is better left whole."""
        if not _SHORTEST_RUN <= len(token) <= _LONGEST_TOKEN:
            return []
        words = self._cheapest(token, gaps=len(token) > _VERY_LONG)
        if len(words) < _FEW or len(token) < _LETTERS_A_WORD * len(words):
            return []
        addressed = not _ADDRESS.isdisjoint(words)
        if not self._rude.isdisjoint(words) and self._is_meant(words, addressed=addressed):
            return words
        unknown = sum(len(word) for word in words if word not in self._costs)
        if len(words) < _SURE or unknown * _SURE > len(token):
            return []
        return words if len(token) > _LONG or (addressed and len(token) >= _QUITE_LONG) else []

    def _is_meant(self, words: list[str], *, addressed: bool) -> bool:
        """Whether a rude word is among the words because it was written so."""
        return (
            addressed
            or (len(words) >= _SURE and sum(map(len, words)) >= _QUITE_LONG)
            or self._rude.issuperset(words)
            or (words[0] in self._rude and words[1] in _RUDE_TAILS)
            or any(word.startswith(_STRONG) for word in words)
        )

    def spelt(self, letters: str) -> list[str]:
        """The words that letters written one by one spell, when all of them belong to words; else nothing."""
        words = self._cheapest(letters, gaps=False) if _FEWEST_SPELT <= len(letters) <= _LONGEST_TOKEN else []
        return words if any(len(word) >= _FEWEST_SPELT - 1 for word in words) else []

    def humps(self, token: str) -> list[str]:
        """The words of a token with capitals inside ("KillYourself"), as written; nothing where they are none."""
        words = _HUMP.findall(token)
        if len(words) < 2 or "".join(words) != token or _IDIOMS.fullmatch(token.lower()):  # noqa: PLR2004
            return []
        return words if all(self._is_word(word.lower()) for word in words) else []

    def _is_word(self, word: str) -> bool:
        return word in self._costs or (len(word) > 2 and word in common_words())  # noqa: PLR2004

    def _cheapest(self, token: str, *, gaps: bool) -> list[str]:
        """The likeliest words that make up the whole token, by their ranks; nothing where none do. With `gaps` a part
        that is no word, such as a name, may stand among them."""
        best: list[tuple[float, int]] = [(0.0, 0)]
        starts = [0]  # where a word can begin: behind other words
        for end in range(1, len(token) + 1):
            choice = (_NEVER, 0)
            starts = [start for start in starts if end - start <= _LONGEST_WORD]
            for start in starts:
                cost = self._costs.get(token[start:end])
                if cost is None:
                    if not gaps or not _SURE <= end - start <= _LONGEST_GAP:
                        continue
                    cost = _GAP + _GAP_LETTER * (end - start)
                if best[start][0] + cost < choice[0]:
                    choice = (best[start][0] + cost, start)
            best.append(choice)
            if choice[0] < _NEVER:
                starts.append(end)
        return _traced(token, best) if best[-1][0] < _NEVER else []


def _traced(token: str, best: list[tuple[float, int]]) -> list[str]:
    """The words of the token, from the last to the first: `best` holds for each end where the last word begins."""
    words: list[str] = []
    end = len(token)
    while end:
        start = best[end][1]
        words.append(token[start:end])
        end = start
    return words[::-1]
