"""Words written wrong on purpose: vowels left out, letters swapped or doubled, written by sound, endings, backwards.

Every form is made beforehand from the words that rules know, so that reading one costs a single look-up. No form is an
ordinary word, nor a short form that stands for another. It judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import combinations

# Words with other uses: from a form of them too little would follow.
_SOFT = frozenset({
    "bomb", "snap", "shoot", "stab", "kill", "clown", "sexy", "shank", "loser", "losers", "rape", "boobs", "porn", "coon", "coons", "mong", "dyke", "poof",
})  # fmt: skip
# Of those the ones that swapped letters do not turn into something else.
_SHIFTED = frozenset({"kill", "bomb", "stab", "snap", "shoot", "clown", "sexy", "loser", "poof", "rape"})
# Names, and words that are not in the list of common ones.
_NOT_FORMS = frozenset({
    "looser", "loosers", "shiite", "shiites", "shiitake", "twatt", "fagg", "cook", "cooks", "coq", "dike", "dikes", "koch", "king", "pron",
    "satb", "bobs", "con", "cons", "cocker", "cockers", "cocky", "dicky", "dickie", "dicken", "pricked", "pricking", "prickly", "mongo",
    "chinky", "cornish", "slt", "twt", "fgt", "dyck", "tihs", "morn", "mornin", "realy", "clams", "wats", "babes", "bling", "grills",
    "feds", "raps", "fellas", "kuntz", "phuc", "retarder", "retarders", "cnut", "pollack", "pollacks", "pollock", "pollocks", "dyk", "dix",
})  # fmt: skip
_VOWELS = "aeiou"
_BY_SOUND = (
    ("f", "ph"), ("ck", "k"), ("ck", "q"), ("ck", "kk"), ("ck", "c"), ("ck", "cc"), ("k", "q"), ("c", "k"), ("gg", "qq"), ("g", "q"), ("u", "v"),
    ("u", "oo"), ("i", "l"), ("i", "ee"), ("i", "y"), ("er", "a"), ("er", "ah"), ("er", "uh"), ("a", "ah"), ("ss", "zz"), ("s", "z"), ("s", "x"),
    ("ck", "x"), ("cks", "x"), ("it", "iet"), ("or", "aw"), ("tch", "ch"), ("ar", "ah"),
)  # fmt: skip
_ENDINGS = (
    "s",
    "es",
    "z",
    "ez",
    "ed",
    "d",
    "er",
    "ers",
    "a",
    "as",
    "az",
    "ah",
    "in",
    "ing",
    "y",
    "ish",
    "o",
    "ery",
    "ty",
)
_RUN, _DOUBLE = re.compile(r"(.)\1*"), re.compile(r"(.)\1")
_LONG, _SHORT, _SHORTEST_FORM = (
    5,
    4,
    3,
)  # letters: of a word whose forms are told apart without doubt, of the shortest
_MOST_VOWELS = 4
_CLEAR = frozenset(
    ["fck", "sht", "cnt", "dck", "wnk", "cck"]
)  # of words of four letters, the forms that mean nothing else
_RARE = 3000  # rank: what is commoner is no telling word


class Misspelt:
    """Built once. `vocabulary` are the words that rules know, `rude` those that people disguise most; `ordinary` words
    by their rank, and `slang`, are no form of anything."""

    def __init__(
        self,
        vocabulary: Iterable[str],
        rude: Iterable[str],
        ordinary: Mapping[str, int],
        slang: Collection[str],
    ) -> None:
        known = sorted(word for word in frozenset(vocabulary) if word.isalpha() and len(word) >= _SHORT)
        hard = sorted(word for word in frozenset(rude) - _SOFT if len(word) >= _SHORT)
        taken = frozenset(known).union(ordinary, slang, _NOT_FORMS)
        self._forms: dict[str, str] = {}
        for word in hard:
            forms = (
                *_swapped(word, 0),
                *_without_vowels(word),
                *_crossed(word),
                *_by_sound(word),
                word[::-1],
            )
            self._add(word, forms, taken)
        for word in hard:
            self._add(word, _with_endings(word), taken)
        for word in _SHIFTED & frozenset(known):
            self._add(word, (*_swapped(word, 1), *_without_vowels(word), *_crossed(word)), taken)
        for word in known:
            if len(word) >= _LONG:
                self._add(word, _swapped(word, 1), taken)
                if len(word) > _LONG and ordinary.get(word, _RARE) >= _RARE:
                    shorter = (form for form in _without_vowels(word) if len(form) >= _LONG)
                    self._add(word, shorter, taken)
        self._by_letters: dict[str, list[tuple[tuple[int, ...], str]]] = {}
        rude = frozenset(rude)
        for word in known:
            if len(word) >= _LONG or word in rude:
                letters, counts = _runs(word)
                self._by_letters.setdefault(letters, []).append((counts, word))

    def _add(self, word: str, forms: Iterable[str], taken: frozenset[str]) -> None:
        for form in forms:
            if len(form) >= _SHORTEST_FORM and form not in taken:
                self._forms.setdefault(form, word)

    def meant(self, token: str) -> str:
        """The word that a token in small letters, which is no known word, was made from; or nothing."""
        found = self._forms.get(token)
        if found or token in _NOT_FORMS:
            return found or ""
        if _DOUBLE.search(token) is None:
            return ""
        letters, counts = _runs(token)
        for least, word in self._by_letters.get(letters, ()):
            if all(count >= few for count, few in zip(counts, least, strict=True)):
                return word
        return self._forms.get(letters, "") if len(letters) >= _SHORT else ""


def _runs(word: str) -> tuple[str, tuple[int, ...]]:
    """The letters of a word without doubles, and how often each stands there in a row."""
    runs = [(match.group(1), len(match.group())) for match in _RUN.finditer(word)]
    return "".join(letter for letter, _ in runs), tuple(count for _, count in runs)


def _swapped(word: str, first: int) -> Iterator[str]:
    """With two neighbouring letters in each other's place, from the letter `first` on."""
    for at in range(first, len(word) - 1):
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _without_vowels(word: str) -> Iterator[str]:
    """With some or all of the vowels inside it left out."""
    places = [at for at in range(1, len(word) - 1) if word[at] in _VOWELS][:_MOST_VOWELS]
    for count in range(1, len(places) + 1):
        for gone in combinations(places, count):
            form = "".join(letter for at, letter in enumerate(word) if at not in gone)
            if len(form) >= _SHORT or form in _CLEAR:
                yield form


def _crossed(word: str) -> Iterator[str]:
    """With an x for one of the vowels inside it, or for all of them, or for c ("stxb", "fuxk")."""
    places = [at for at in range(1, len(word)) if word[at] in _VOWELS]
    for at in places:
        yield word[:at] + "x" + word[at + 1 :]
    yield "".join("x" if at in places else letter for at, letter in enumerate(word))
    yield word[0] + word[1:].replace("c", "x")


def _by_sound(word: str) -> Iterator[str]:
    """As it sounds, or with a letter that looks much the same; one or two such changes."""
    once = {form for written, heard in _BY_SOUND if (form := _replaced(word, written, heard)) != word}
    once |= {_replaced(word, written, heard, 1) for written, heard in _BY_SOUND}
    yield from sorted(once)
    for form in sorted(once):
        for written, heard in _BY_SOUND:
            yield _replaced(form, written, heard)


def _replaced(word: str, written: str, heard: str, count: int = -1) -> str:
    if heard == "ph" and not word.startswith(written):
        return word
    if heard in {"a", "ah", "uh", "z", "x"} and written != "a":  # only at the end
        return word[: -len(written)] + heard if word.endswith(written) and not word.endswith("ss") else word
    return word.replace(written, heard, count)


def _with_endings(word: str) -> Iterator[str]:
    for ending in _ENDINGS:
        yield word + ending
        if word.endswith("e") and ending[0] in _VOWELS:
            yield word[:-1] + ending
        if ending[0] in _VOWELS and word[-1] not in _VOWELS:
            yield word + word[-1] + ending
    for form in (*_by_sound(word), *_without_vowels(word)):
        for ending in ("s", "z", "ed", "er", "in", "ing"):
            yield form + ending
