"""Undoes the disguise of one word: digits and signs for letters, letters apart, stars, long repeats, misspelling.

A disguise is undone only where the result is a word that some rule knows. It sees single words, never a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, product

from monitor.detectors.folds import LEET, LEET_AGAIN
from monitor.detectors.misspelt import Misspelt
from monitor.detectors.numbered import is_numbered, is_plural, may_be_meant
from monitor.detectors.segment import SHORT_WORDS, common_words

OPENING, CLOSING = "([{<\"'*_~#", ")]}>\"'*_~.,;:!?"
LONGEST = 64  # code points; a longer word is nobody's disguise, and its repair would cost more than it tells
_APART = re.compile(r"[\w@$!](?:[._\-*+~|/,^=:;\\'#]{1,3}[\w@$!]){2,20}", re.ASCII)
_BETWEEN = re.compile(r"[^\w@$!£]|_")  # what may stand between letters
_STAR = re.compile(r"[^\w()\[\]{}<>=+]|_")  # what may stand for letters; brackets and such are sums
_DRAWN = {
    "|<": "k",
    "|_|": "u",
    "()": "o",
    "/\\": "a",
    "\\/": "v",
    "|)": "d",
    "][": "i",
    "vv": "w",
    "|-|": "h",
    "ph": "f",
}
_DRAWING = re.compile("|".join(re.escape(signs) for signs in sorted(_DRAWN, key=len, reverse=True)))
_TRIPLE = re.compile(r"([^\W\d])\1{2,}")
_REPEAT = re.compile(r"(.)\1*")
_DIGITS = re.compile(r"\d{3}")
_HALVES = re.compile(r"([a-z]+)[-/]([a-z]+)")
_VOWEL = re.compile("[aeiou]")
# Of three characters: "th3" and "0ff" are words, "5he" and "6ay" are classes, "5am" and "yr6" what they say.
_SHORT_LEET = re.compile(r"[a-z].*[a-z30@$]|[0@$!].*[a-z]")
_PLAIN_SIGNS = frozenset(LEET_AGAIN).union("\\)v")  # without any of them nothing is to undo
_GAY = re.compile("9[a@4]y")
_DOUBTFUL = frozenset(sign for sign in LEET if LEET[sign] != LEET_AGAIN[sign])
_MANY_REPEATS, _MANY_DOUBTS = 4, 6
_MANY_READINGS = 3
_LONG_HANDLE = 10  # characters: an account's name, and no word that begins with an a
_PLAINEST = "fuck fucking shit cunt dick twat wank bitch"  # what stars stand for, when they leave a choice
_SHORT = 4  # letters: below it a disguise must be plainer to count
# Short words of which a rude one could be put together: "non CE", "CO on", "Pi key", "the PO of", "a nap".
_NO_PIECES = frozenset(["ce", "co", "coo", "con", "goo", "mon", "nap", "non", "pi", "po", "tab"])
_TELLING = 400  # rank: of a starred word that no rule calls rude, what is commoner is not meant


class Disguises:
    """Built once from the words that rules know; `rude` are those that people censor with stars."""

    def __init__(
        self, vocabulary: Iterable[str], rude: Iterable[str], slang: Mapping[str, Sequence[str]]
    ) -> None:
        self.vocabulary = frozenset(vocabulary)
        self.rude = frozenset(rude)
        ranks = common_words()
        ordinary = {word: rank for word, rank in ranks.items() if word not in self.rude}
        self._misspelt = Misspelt(self.vocabulary, self.rude, ordinary, slang)
        self.known = self.vocabulary.union(ordinary, slang)  # what needs no repair
        self._censored = _censored_forms(
            self.rude,
            (word for word in self.vocabulary if word.isalpha() and ranks.get(word, _TELLING) >= _TELLING),
        )
        # Short forms of rude words are looked for as well ("fag0t"); what they stand for is put in later.
        short = frozenset(
            key for key, full in slang.items() if len(key) >= _SHORT - 1 and not self.rude.isdisjoint(full)
        )
        self._sought = self.vocabulary.union(key for key in short if len(key) >= _SHORT)
        self._spelt = self.vocabulary | short
        self._heads = frozenset(word[:end] for word in self._spelt for end in range(len(word) + 1))

    def repaired(self, raw: str, core: str) -> str:
        """The known word behind a disguised one, or nothing. `core` is `raw` without what stands around it; both in
        small letters."""
        if len(raw) > LONGEST or (core.startswith("@") and len(core) > _LONG_HANDLE):
            return ""
        for form in (core, raw) if core != raw else (core,):
            plain = form.count("'") <= 1 and form.replace("'", "").isalpha()
            if not plain and (word := self._behind(form)):
                return word
        return ""

    def _behind(self, form: str) -> str:
        if _APART.fullmatch(form):
            bare = "".join(sign for sign in form if sign.isalnum() or sign in "@$!")
            if word := self._known(bare) or self.plain(bare):
                return word
        ended = form.rstrip(".,?;:")
        joined = "" if "'" in form or self._are_words(form) else _BETWEEN.sub("", form)
        if joined in self.rude and joined != form:
            return joined
        starred = self.starred(ended.rstrip("!"))
        if word := (starred if "#" in form else "") or self.plain(ended) or starred:
            return word
        return self.plain(joined) if joined != form and "." not in form and "/" not in form else ""

    def _are_words(self, form: str) -> bool:
        """Whether it is two words with a stroke between them ("co-on", "non-ce")."""
        halves = _HALVES.fullmatch(form)
        return halves is not None and all(len(half) > 1 and self.is_word(half) for half in halves.groups())

    def starred(self, form: str) -> str:
        """The word of which some letters were starred out, or nothing."""
        return self._censored.get(_STAR.sub("*", form), "")

    def plain(self, form: str) -> str:
        """A known word behind digits and signs, or nothing. Letters must outnumber the signs, unless it is long."""
        if len(form) > LONGEST or _PLAIN_SIGNS.isdisjoint(form):
            return ""
        if (gay := _GAY.fullmatch(form)) or is_numbered(form, self.known, self.rude):
            return (
                "gay" if gay else next((word for word in _readings(form) if self._is_meant(form, word)), "")
            )
        drawn = (
            _DRAWING.sub(lambda match: _DRAWN[match.group()], form)
            if "|" in form or "\\" in form or "()" in form or "vv" in form
            else form
        )
        signs = sum(map(LEET_AGAIN.__contains__, drawn))
        letters = sum(map(str.isalpha, drawn))
        digits = sum(map(str.isdigit, drawn))
        if (
            not letters
            or not (signs or drawn != form)
            or (len(drawn) < _SHORT and (signs >= len(drawn) or digits > 1))
        ):
            return ""
        doubtful = len(drawn) <= _SHORT and digits > letters
        if doubtful and _DIGITS.search(drawn):
            return ""
        inside = _SHORT_LEET.fullmatch(drawn) is not None
        words = [word for word in _readings(drawn) if word.isalpha()]
        if found := self._sought.intersection(words):
            words = [word for word in words if word in found]
        for word in words[:_MANY_READINGS]:
            known = self._known(word)
            if known and (known in self.rude or (not doubtful and (len(known) >= _SHORT or inside))):
                return known
        return ""

    def _is_meant(self, form: str, word: str) -> bool:
        """Whether what reads as a word and a number is `word` all the same."""
        return may_be_meant(form) and (
            word in self.rude or (word in self.vocabulary and is_plural(form, word))
        )

    def reach(self, letters: str) -> int:
        """How many of the letters at most, signs read as letters, some known word begins with."""
        heads = frozenset([""])
        for count, sign in enumerate(letters):
            signs = {sign, LEET.get(sign, sign), LEET_AGAIN.get(sign, sign)}
            heads = self._heads.intersection(head + one for head in heads for one in signs)
            if not heads:
                return count
        return len(letters)

    def spelt(self, letters: str) -> str:
        """The known word that letters written one by one spell, or nothing."""
        return letters if letters in self._spelt else self.plain(letters)

    def squeezed(self, word: str) -> str:
        """The word without letters repeated three times and more; of the possible forms the one that a rule knows."""
        if word in self.known or not _TRIPLE.search(word):
            return word
        parts = [(match.group(1), match.end() - match.start()) for match in _REPEAT.finditer(word)]
        choices = [
            (sign * count,) if count == 1 or sign.isdigit() else (sign * 2, sign) for sign, count in parts
        ]
        if sum(len(choice) > 1 for choice in choices) <= _MANY_REPEATS:
            for letters in product(*choices):
                if "".join(letters) in self.vocabulary:
                    return "".join(letters)
        return "".join(choice[0] for choice in choices)

    def is_word(self, token: str) -> bool:
        """Whether it is a word of its own; of short ones only those that are sure to be."""
        if len(token) >= _SHORT:
            return token in self.known and token not in self.rude
        return (
            token in SHORT_WORDS
            or token in _NO_PIECES
            or (token in self.vocabulary and token in common_words())
        )

    def word(self, token: str) -> str:
        """A token of letters, in small letters, as the known word that it is or was made from; else as it stands."""
        if token in self.known or len(token) > LONGEST:
            return token
        squeezed = self.squeezed(token)
        if squeezed in self.known:
            return squeezed
        return (
            self._misspelt.meant(token)
            or (self._misspelt.meant(squeezed) if squeezed != token else "")
            or squeezed
        )

    def _known(self, token: str) -> str:
        word = self.word(token)
        return word if word in self._sought else ""


def _readings(form: str) -> Iterable[str]:
    """The ways to read digits and signs as letters, the usual one first."""
    doubts = sum(sign in _DOUBTFUL for sign in form)
    if doubts > _MANY_DOUBTS:
        return ("".join(table.get(sign, sign) for sign in form) for table in (LEET_AGAIN | LEET, LEET_AGAIN))
    choices = [
        (LEET[sign], LEET_AGAIN[sign]) if sign in _DOUBTFUL else (LEET_AGAIN.get(sign, sign),)
        for sign in form
    ]
    return ("".join(letters) for letters in product(*choices))


def _censored_forms(rude: Iterable[str], telling: Iterable[str]) -> dict[str, str]:
    """Every way to star out a run of letters after the first ("f**k", "f*ck", "f***"), or the vowels, to its word. Of
    words that are only `telling` a run inside them that no other word could have."""
    forms: dict[str, str] = {}
    for word in sorted(rude, key=lambda one: (_PLAINEST.find(one) < 0, _PLAINEST.find(one), one)):
        if len(word) < _SHORT:
            continue
        for start, end in combinations(range(1, len(word) + 1), 2):
            # of a longer word one letter and stars could be anything
            if end - start < len(word) - 1 or len(word) == _SHORT:
                forms.setdefault(_starred(word, start, end), word)
        forms.setdefault(word[0] + _VOWEL.sub("*", word[1:]), word)
        forms.setdefault(word[0] + _VOWEL.sub("*", word[1:-1]) + word[-1], word)
    found: dict[str, set[str]] = {}
    for word in telling:
        for start, end in combinations(range(1, len(word) if len(word) >= _SHORT else 0), 2):
            if end - start < _SHORT - 1:
                found.setdefault(_starred(word, start, end), set()).add(word)
    return {form: next(iter(words)) for form, words in found.items() if len(words) == 1} | forms


def _starred(word: str, start: int, end: int) -> str:
    return word[:start] + "*" * (end - start) + word[end:]
