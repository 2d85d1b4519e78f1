"""Whether an unverified account's name resembles one on the school's records: a hint for the office, and no more. Pure.

Nobody is verified by a name: this answers with a role and never with a person, it changes no state, and of somebody under
a restriction it says nothing. Half a name never counts; a name that is made of ordinary words ("Rose Garden") counts
only where it is written out in full, with nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from monitor.detectors.segment import common_words
from monitor.domain import Author
from monitor.names import TITLES, name_words
from monitor.resemblance import latin

_LONGEST = 80  # characters of a name; no network allows more
_PARTS, _MOST = 2, 4  # words of a name
_LOOKED_AT = 6  # words of a part of a display name
_JOINED, _JOINED_SLIP, _LONGEST_JOINED = 7, 9, 40  # letters of a handle without seams
_SHORTEST = 2  # letters of a forename in it
_SEAMS = re.compile(r"[|•·/&+,;:()\[\]{}~–—]|\s-\s|\band\b", re.IGNORECASE)
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z]+")
# "Amelia Okafor's mum" is no child
_FAMILY = frozenset(
    [
        "mum",
        "mums",
        "mummy",
        "mam",
        "mama",
        "dad",
        "dads",
        "daddy",
        "papa",
        "nan",
        "nana",
        "nanny",
        "granny",
        "gran",
        "grandma",
        "grandad",
        "parent",
        "family",
    ]
)


class Names(Protocol):
    """The register, as far as names are concerned."""

    def resembled(self, words: Sequence[str], *, slips: bool = True) -> str | None:
        """The role of somebody whose full name these words are, or with `slips` are but for a letter."""
        ...

    def resembled_joined(self, word: str) -> str | None:
        """The role of somebody whose full name, run together, this word is."""
        ...


def possible(author: Author, register: Names) -> str | None:
    """The role ("pupil", "parent", "staff", "governor") of somebody whose name this account's display name or handle
    resembles; None when nobody's. Where it is both a child's and a grown-up's, the child's."""
    roles = {
        role
        for role in (_by_name(author.name or "", register), _by_handle(author.handle or "", register))
        if role
    }
    return "pupil" if "pupil" in roles else min(roles, default=None)


def _by_name(name: str, register: Names) -> str | None:
    bare = latin(name[:_LONGEST])
    if "," in bare and (role := _of_words(_plain_words(bare), register)):  # "Okafor, Grace"
        return role
    for part in _SEAMS.split(bare):
        if role := _of_words(_plain_words(part), register):
            return role
    return None


def _plain_words(text: str) -> list[str]:
    """Without titles and initials."""
    return [word for word in name_words(text) if word not in TITLES and len(word) > 1][:_LOOKED_AT]


def _of_words(words: Sequence[str], register: Names) -> str | None:
    for some in _runs(words):
        if _is_ordinary(some):
            role = register.resembled(some, slips=False) if len(some) == len(words) else None
        else:
            role = register.resembled(some)
        if role and not (role == "pupil" and not _FAMILY.isdisjoint(words)):
            return role
    return None


def _by_handle(handle: str, register: Names) -> str | None:
    words = [word for word in _HUMPS.sub(" ", handle[:_LONGEST]).lower().split() if len(word) > 1]
    for some in _runs(words):
        if not _is_ordinary(some) and (role := register.resembled(some)):
            return role
    letters = "".join(char for char in handle.lower() if char.isalpha())
    whole = letters if len(words) == 1 else ""
    if not _JOINED <= len(whole) <= _LONGEST_JOINED or not whole.isascii():
        return None
    cuts = [(whole[:at], whole[at:]) for at in range(_SHORTEST, len(whole) - _SHORTEST + 1)]
    if any(_is_ordinary(cut) for cut in cuts):
        return None
    if role := register.resembled_joined(whole):
        return role
    if len(whole) < _JOINED_SLIP:
        return None
    return next((role for cut in cuts if (role := register.resembled(cut))), None)


def _runs(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Neighbouring words, the longest runs first."""
    for length in range(min(_MOST, len(words)), _PARTS - 1, -1):
        for start in range(len(words) - length + 1):
            yield words[start : start + length]


def _is_ordinary(words: Sequence[str]) -> bool:
    common = common_words()
    return all(word in common for word in words)
