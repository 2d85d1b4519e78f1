"""What stands around a match: whom it is aimed at, whether it is denied, quoted, reported or spoken against.

Pure; it looks only at the words near the match, so its work at one place is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from monitor.detectors.index import Index
from monitor.detectors.normalise import NO_BREAK, SENTENCE, Reading
from monitor.detectors.phrases import NEGATIONS, Who
from monitor.detectors.segment import common_words
from monitor.ports import Register

PEOPLE = ("who", "pupil", "staff", "name")
NEAR = 12  # words each side in which a person counts as the target
AROUND = 40  # words each side in which other cues count

_ADDRESSED = frozenset(["you", "your", "yourself", "yours", "yourselves", "ye"])
_SPOKEN_OF = frozenset({
    "he", "she", "him", "her", "hes", "shes", "his", "hers", "himself", "herself", "they", "them", "theyre", "their", "hed", "shed",
    "hell",
})  # fmt: skip
_TITLES = frozenset({
    "mr", "mrs", "ms", "miss", "dr", "sir", "coach", "mister", "missus",
})  # fmt: skip
_STAFF = frozenset({
    "teacher", "teachers", "head", "heads", "headteacher", "headmaster", "headmistress", "headteachers", "ht", "deputy", "senco", "ta",
    "tas", "governor", "governors", "caretaker", "janny", "heidie", "bursar", "secretary", "librarian", "lollipop", "cleaner", "coordinator", "receptionist", "staff", "tutor", "lecturer", "principal", "dsl", "slt",
})  # fmt: skip
# What follows "miss" or "sir" where no name does: "sir is a legend".
_NO_NAME = frozenset({
    "is", "was", "has", "had", "s", "are", "were", "can", "cant", "will", "wont", "would", "should", "you", "your", "and", "but", "looks", "wants",
    "needs", "deserves", "thinks", "said", "says", "hit", "touched", "locked", "shouted", "in", "on", "at", "for", "with", "to", "the", "a", "an",
    "so", "too", "who", "when", "what", "this", "that", "i", "im", "my", "me", "please", "does", "doesnt", "did", "didnt", "just", "really", "always",
    "never", "again", "not", "isnt", "wasnt", "if",
})  # fmt: skip
_ADDRESSES = frozenset({"miss", "sir", "coach"})
_CHILD = frozenset({
    "kid", "kids", "boy", "girl", "lad", "lass", "child", "children", "son", "daughter", "pupil", "pupils", "student", "students",
    "sister", "brother", "toddler", "schoolgirl", "schoolboy", "girls", "boys", "lads", "captain", "goalie", "goalkeeper",
})  # fmt: skip
_KIN = frozenset({
    "mum", "mam", "mom", "dad", "nan", "nana", "gran", "grandad", "family", "mother", "father", "parents", "wife", "husband", "mums",
    "dads", "lot", "kin",
})  # fmt: skip
_SOMEBODY = frozenset({
    "woman", "man", "bloke", "guy", "lady", "fella", "chap", "women", "men", "bird", "lass", "mate", "bro", "bruv", "fam", "sunshine",
    "pal", "love",
})  # fmt: skip
_OWNERS = frozenset({
    "my", "your", "his", "her", "their", "our", "that", "this", "the", "those", "these", "some",
})  # fmt: skip
_TURNS = frozenset({"but", "and", "so", "because", "though", "just", "only"})
_AFTER_NOT = frozenset({"only", "just", "even", "gonna"})
_NOT_BACK = 3
_SURNAME = 5  # letters: shorter names of staff are too often other words
_ANCHOR_REACH = 8  # words after its beginning at which a phrase may have its anchor


_BODY_OWNERS = frozenset({"my", "his", "her", "their", "your"})  # "his head" is no headteacher


class Target(StrEnum):
    NOBODY = "nobody"
    SOMEBODY = "somebody"
    PUPIL = "pupil"
    STAFF = "staff"


class People:
    """Finds references to persons among words. `forenames` are common forenames in small letters, `ordinary` those of
    them that are also words: they count only with a capital inside a sentence."""

    def __init__(self, forenames: Iterable[str], ordinary: Iterable[str], register: Register | None) -> None:
        self._forenames = frozenset(forenames)
        self.ordinary = frozenset(ordinary)
        self._register = register
        self.finders: Mapping[str, Who] = {
            "who": self.who,
            "pupil": self.pupil,
            "staff": self.staff,
            "name": self.forename,
        }

    def is_forename(self, word: str) -> bool:
        return word in self._forenames

    def forename(self, reading: Reading, at: int) -> int:
        """1 where a forename stands."""
        word = reading.words[at]
        if word in self._forenames:
            if word in self.ordinary:
                return int(reading.titled[at] and reading.breaks[at] != SENTENCE)
            return 1
        if word.endswith("s") and word[:-1] in self._forenames and word[:-1] not in self.ordinary:
            return 1
        if self._register is not None and (reading.titled[at] or word not in common_words()):
            return int(self._is_of_pupil(self._register, word))
        return 0

    def _is_of_pupil(self, register: Register, word: str) -> bool:
        """Also with the s of "Ottilie's" or "the Lockharts", where that makes no ordinary word of it."""
        if register.part_name(word) == "pupil":
            return True
        return word.endswith("s") and word not in common_words() and register.part_name(word[:-1]) == "pupil"

    def names_pupil(self, reading: Reading) -> bool:
        """Whether a name of a pupil of the register stands in the text, and not as an ordinary word or after a title."""
        if self._register is None:
            return False
        for at, word in enumerate(reading.words):
            if (at and reading.words[at - 1] in _TITLES) or not self.forename(reading, at):
                continue
            if self._is_of_pupil(self._register, word):
                return True
        return False

    def staff(self, reading: Reading, at: int) -> int:
        """The words that a member of staff takes: "Mr Hill", "the head", "her teacher"."""
        words = reading.words
        if words[at] in _TITLES:
            named = at + 1 < len(words) and reading.breaks[at + 1] == NO_BREAK
            return 2 if named and not (words[at] in _ADDRESSES and words[at + 1] in _NO_NAME) else 1
        if words[at] in _STAFF:
            return int(not (words[at] == "head" and at and words[at - 1] in _BODY_OWNERS))
        if words[at] in _OWNERS and at + 1 < len(words):
            for step in (1, 2):
                if at + step < len(words) and words[at + step] in _STAFF:
                    return 0 if words[at + step] == "head" and words[at] in _BODY_OWNERS else step + 1
        return int(self._is_of_staff(words[at]))

    def _is_of_staff(self, word: str) -> bool:
        """Whether the register has this word as a name of staff; short and ordinary words are left out."""
        if self._register is None or len(word) < _SURNAME or word in self._forenames or word in self.ordinary:
            return False
        return self._register.part_name(word) == "staff"

    def pupil(self, reading: Reading, at: int) -> int:
        """The words that a child takes: a forename, "that girl", "her son"."""
        words = reading.words
        if at and words[at - 1] in _TITLES:
            return 0
        named = self.forename(reading, at)
        if named:
            return named
        if words[at] in _OWNERS:
            for step in (1, 2):
                if at + step < len(words) and words[at + step] in _CHILD:
                    return step + 1
        return 0

    def who(self, reading: Reading, at: int) -> int:
        """The words that any reference to a person takes."""
        word = reading.words[at]
        if word in _OWNERS and at + 1 < len(reading.words) and reading.words[at + 1] in _KIN:
            return 2
        found = self.staff(reading, at) or self.pupil(reading, at)
        if found:
            return found
        return int(word in _ADDRESSED or word in _SPOKEN_OF or word.startswith("@"))

    def target(self, reading: Reading, start: int, end: int) -> Target:
        """Whom the words [start, end) are most likely aimed at: the nearest telling person of the same sentence."""
        low, high = sentence(reading, start, end, NEAR)
        somebody = False
        found: list[tuple[int, Target]] = []
        for at in range(low, high):
            distance = max(start - at, at - end, 0)
            if self.staff(reading, at):
                found.append((distance, Target.STAFF))
            elif self.pupil(reading, at) and reading.words[max(at - 1, 0)] not in _TITLES:
                found.append((distance, Target.PUPIL))
            elif self.who(reading, at) or reading.words[at] in _SOMEBODY:
                somebody = True
        if found:
            return min(found, key=lambda pair: pair[0])[1]
        return Target.SOMEBODY if somebody else Target.NOBODY


def sentence(reading: Reading, start: int, end: int, reach: int) -> tuple[int, int]:
    """The words of the same sentence at most `reach` away from [start, end)."""
    low = start
    while low > 0 and start - low < reach and reading.breaks[low] != SENTENCE:
        low -= 1
    high = end
    while high < len(reading.words) and high - end < reach and reading.breaks[high] != SENTENCE:
        high += 1
    return low, high


def around(reading: Reading, start: int, end: int) -> tuple[int, int]:
    return max(0, start - AROUND), min(len(reading.words), end + AROUND)


def denied(reading: Reading, start: int) -> bool:
    """Whether a negation stands just before `start`: "is not a moron", but not "not only", nor across "but" or a comma."""
    if reading.words[start] == "i":  # a clause of its own: "nobody loves me i should ..."
        return False
    at = start - 1
    while at >= 0 and start - at <= _NOT_BACK and reading.breaks[at + 1] == NO_BREAK:
        word = reading.words[at]
        if word in _TURNS:
            return False
        if word in NEGATIONS:
            return reading.words[at + 1] not in _AFTER_NOT
        at -= 1
    return False


class Cues:
    """Phrases of context that are looked for around a match."""

    def __init__(self, index: Index[None], people: Mapping[str, Who]) -> None:
        self._index = index
        self._people = people

    def stands(self, reading: Reading, low: int, high: int) -> bool:
        """Whether one of the phrases begins among the words [low, high)."""
        for place, phrase, _ in self._index.among(reading.words, low, high + _ANCHOR_REACH):
            match = phrase.match(reading, place, self._people)
            if match and match[0] < high:
                return True
        return False
