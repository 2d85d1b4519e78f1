"""Undoes the disguise of one word: digits and signs for letters, letters apart, stars, long repeats.

A disguise is undone only where the result is a word that some rule knows. It sees single words, never a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product

from monitor.detectors.folds import LEET, LEET_AGAIN

OPENING, CLOSING = "([{<\"'*_~#", ")]}>\"'*_~.,;:!?"
LONGEST = 40  # code points; a longer word is nobody's disguise, and its repair would cost more than it tells
_APART = re.compile(r"[\w@$!](?:[._\-*+~|/,^=:;\\'][\w@$!]){2,20}", re.ASCII)
_SOFT = str.maketrans("", "", "-_~^|'*`+\\=")
_NOT_STAR = re.compile(r"[^\w]|_", re.ASCII)
_TRIPLE = re.compile(r"([^\W\d])\1{2,}")
_REPEAT = re.compile(r"(.)\1*")
_MANY_REPEATS = 4
_HEAD = 3  # letters
_PLAINEST = "fuck fucking shit cunt dick twat wank bitch"  # what stars stand for, when they leave a choice
_SHORT = 4  # letters: below it a disguise must be plainer to count


class Disguises:
    """Built once from the words that rules know; `rude` are those that people censor with stars."""

    def __init__(self, vocabulary: Iterable[str], rude: Iterable[str]) -> None:
        self.vocabulary = frozenset(vocabulary)
        self.rude = frozenset(rude)
        self._censored = _censored_forms(self.rude)
        self._heads = frozenset(word[:_HEAD] for word in self.vocabulary)

    def repaired(self, raw: str, core: str) -> str:
        """The known word behind a disguised one, or nothing. `core` is `raw` without what stands around it; both in
        small letters."""
        if len(raw) > LONGEST:
            return ""
        for form in (core, raw):
            if not form.replace("'", "").isalpha() and (word := self._behind(form)):
                return word
        return ""

    def _behind(self, form: str) -> str:
        if _APART.fullmatch(form):
            bare = "".join(sign for sign in form if sign.isalnum() or sign in "@$!")
            if word := self._known(bare) or self.plain(bare):
                return word
        ended = form.rstrip(".,?;:")
        if word := self.plain(ended) or self._censored.get(_NOT_STAR.sub("*", ended.rstrip("!")), ""):
            return word
        joined = form.strip(OPENING + CLOSING).translate(_SOFT)
        return joined if joined in self.rude and "'" not in form else ""

    def plain(self, form: str) -> str:
        """A known word behind digits and signs, or nothing. Letters must outnumber the signs, unless it is long."""
        signs = sum(sign in LEET for sign in form)
        letters = sum(sign.isalpha() for sign in form)
        if not signs or not letters or len(form) > LONGEST:
            return ""
        if (len(form) < _SHORT and signs > 1) or (len(form) <= _SHORT and signs > letters):
            return ""
        inside = form[0].isalpha() and form[-1].isalpha()
        for table in (LEET, LEET_AGAIN):
            word = "".join(table.get(sign, sign) for sign in form)
            known = self._known(word) if word.isalpha() else ""
            if known and (len(known) >= _SHORT or known in self.rude or inside):
                return known
        return ""

    def may_begin(self, letters: str) -> bool:
        """Whether some known word begins with the first letters, signs read as letters."""
        return any(
            "".join(table.get(sign, sign) for sign in letters[:_HEAD]) in self._heads
            for table in (LEET, LEET_AGAIN)
        )

    def squeezed(self, word: str) -> str:
        """The word without letters repeated three times and more; of the possible forms the one that a rule knows."""
        if word in self.vocabulary or not _TRIPLE.search(word):
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

    def _known(self, word: str) -> str:
        squeezed = self.squeezed(word)
        return squeezed if squeezed in self.vocabulary else ""


def _censored_forms(rude: Iterable[str]) -> dict[str, str]:
    """Every way to star out a run of letters after the first ("f**k", "f*ck", "f***"), to its word."""
    forms: dict[str, str] = {}
    for word in sorted(rude, key=lambda one: (_PLAINEST.find(one) < 0, _PLAINEST.find(one), one)):
        for start in range(1, len(word) if len(word) >= _SHORT else 0):
            for end in range(start + 1, len(word) + 1):
                # of a longer word one letter and stars could be anything
                if end - start < len(word) - 1 or len(word) == _SHORT:
                    forms.setdefault(word[:start] + "*" * (end - start) + word[end:], word)
    return forms
