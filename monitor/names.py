"""Names, addresses and social handles in the one form in which they are compared. Pure; knows no register and no key.

Whoever hashes a name and whoever looks for one in a text both come here, so that the two always agree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

# letters that Unicode does not take apart into a base letter and a mark
_WHOLE_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)
# apostrophes, and what a reader does not see: of no width, signs of direction, fillers
SILENT = str.maketrans(
    dict.fromkeys(
        "'’‘ʼʻ`´ʹ′＇\u02bd\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u115f\u1160\u3164\uffa0\ufe0e\ufe0f"
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
)
TITLES = frozenset(
    "mr mrs ms miss mx dr rev revd reverend fr father sir dame lady lord prof professor canon and".split()  # noqa: SIM905
)
_PARTICLES = frozenset("de da do dos du di del der den la le van von bin ibn al el ap st of y e".split())  # noqa: SIM905
SHORTEST_SLIP = 4  # letters; of a shorter part one letter is too much of it
_NAME_FIELDS = 2  # surname and forename

_EMAIL = re.compile(r"[^@\s<>()\[\],;:\"\\]{1,64}@[^@\s<>()\[\],;:\"\\]{1,190}")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_PROFILE = re.compile(
    r"(?:https?://)?(?:www\.|m\.|mobile\.|en-gb\.)?(twitter|x|facebook|fb)\.com/(?:#!/)?@?"
    r"(?:profile\.php\?(?:[^#\s]*&)?id=(\d+)|([^/?#\s]+))\S*",
    re.IGNORECASE,
)
_SITES: Mapping[str, str] = {"twitter": "x", "x": "x", "facebook": "facebook", "fb": "facebook"}
_HANDLE: Mapping[str, re.Pattern[str]] = {
    "x": re.compile(r"[a-z0-9_]{1,20}"),  # X allows 15 today; older accounts have more
    "facebook": re.compile(r"[a-z0-9]{4,60}"),
}
_ANY_HANDLE = re.compile(r"[a-z0-9_.-]{1,64}")


def plain(text: str) -> str:
    """Lower case, without diacritics: "Zoë Łuczak" is "zoe luczak". May change the text's length."""
    if text.isascii():
        return text.lower()
    lower = unicodedata.normalize("NFKD", text).casefold().translate(_WHOLE_LETTERS)
    return "".join(c for c in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(c))


def name_words(text: str) -> tuple[str, ...]:
    """The words of a name: lower case, no diacritics, apostrophes removed, hyphens and all else between words.

    "Zoë O'Brien" is ("zoe", "obrien"); "Smith-Jones" is ("smith", "jones").
    """
    bare = plain(text.translate(SILENT))
    return tuple("".join(c if c.isalpha() else " " for c in bare).split())


def full_form(words: Iterable[str]) -> str:
    """One string for a full name's words in any order."""
    return " ".join(sorted(words))


def full_forms(forename: str, surname: str) -> frozenset[str]:
    """The ways in which a person may be called in full; empty when either part is missing or a bare initial.

    Middle names are optional; a double-barrelled name stands as one word and as two.
    """
    return frozenset(full_form((*given, *family)) for given, family in _in_full(forename, surname))


def joined_forms(forename: str, surname: str) -> frozenset[str]:
    """A full name run together as in a hashtag or a handle, in either order."""
    forms: set[str] = set()
    for words in _in_full(forename, surname):
        given, family = map("".join, words)
        if len(family) > 1:
            forms |= {given + family, family + given}
    return frozenset(forms)


def _in_full(forename: str, surname: str) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The words of the forename and of the surname, in each way in which they may be written."""
    first = tuple(word for word in name_words(forename) if len(word) > 1)
    last = name_words(surname)
    if not first or not last or all(len(word) == 1 for word in last):
        return
    for given in {first, first[:1], ("".join(first),)}:
        for family in {last, ("".join(last),)}:
            yield given, family


def deletions(word: str) -> frozenset[str]:
    """The word without any one of its letters."""
    return frozenset(word[:at] + word[at + 1 :] for at in range(len(word)))


def slip_forms(forename: str, surname: str) -> frozenset[str]:
    """What a full name and a misspelling of it have in common: one of its two parts exactly, and the other as it is or
    without one letter. A letter left out, added, changed or swapped in one part leaves one of these alike, when the
    misspelt part loses a letter in the same way. Only parts of SHORTEST_SLIP letters and more."""
    first, last = name_words(forename)[:1], name_words(surname)
    if not first or not last:
        return frozenset()
    forms: set[str] = set()
    for given, family in {
        (first[0], family) for family in ("".join(last), *last) if family not in _PARTICLES
    }:
        if len(given) > 1 and len(family) >= SHORTEST_SLIP:
            forms |= {slip_form(given, one) for one in (family, *deletions(family))}
        if len(family) > 1 and len(given) >= SHORTEST_SLIP:
            forms |= {slip_form(one, family) for one in (given, *deletions(given))}
    return frozenset(forms)


def slip_form(given: str, family: str) -> str:
    return f"{given} {family}"


def part_forms(forename: str, surname: str) -> frozenset[str]:
    """Single words that stand for part of a name: the forename, each part of the surname; never an initial, a
    particle ("de", "van") or a middle name."""
    first, last = name_words(forename), name_words(surname)
    family = {word for word in last if len(last) == 1 or word not in _PARTICLES}
    words = {*first[:1], "".join(first), *family, "".join(last)}
    return frozenset(word for word in words if len(word) > 1)


def split_name(text: str) -> tuple[str, str]:
    """(forename, surname) of a name typed in one cell: "Okafor, Ms Amelia" or "Ms Amelia Okafor". Titles are dropped.

    One word alone is a surname when a title stood before it, else a forename.
    """
    before, comma, after = text.partition(",")
    if comma:
        return _untitled(after)[0], _untitled(before)[0]
    rest, titled = _untitled(text)
    words = rest.split()
    if len(words) < _NAME_FIELDS:
        return ("", rest) if titled else (rest, "")
    at = len(words) - 1
    while at > 1 and name_words(words[at - 1]) and name_words(words[at - 1])[0] in _PARTICLES:
        at -= 1
    return " ".join(words[:at]), " ".join(words[at:])


def _untitled(text: str) -> tuple[str, bool]:
    words = text.replace("&", " and ").split()
    start = 0
    while start < len(words) and "".join(name_words(words[start])) in TITLES:
        start += 1
    return " ".join(words[start:]), start > 0


def normal_email(text: str) -> str | None:
    """One address, trimmed, NFC, lower case, its domain in IDNA; None when it is none.

    Dots and plus-tags stay: two people's addresses must never become one.
    """
    address = unicodedata.normalize("NFC", text.strip()).lower()
    if not _EMAIL.fullmatch(address) or not address.isprintable():  # nothing that hides, turns or controls
        return None
    local, _, domain = address.partition("@")
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    return f"{local}@{domain}" if _DOMAIN.fullmatch(domain) else None


def normal_handle(network: str, text: str) -> tuple[str, str] | None:
    """(network, handle) in lower case without the @; None when it cannot be one.

    The address of a profile names its own network, whatever `network` says. Facebook ignores dots in a handle.
    """
    bare = unicodedata.normalize("NFKC", text).strip()
    if profile := _PROFILE.fullmatch(bare):
        network = _SITES[profile[1].lower()]
        bare = profile[2] or profile[3]
    handle = bare.removeprefix("@").lower()
    if network == "facebook":
        handle = handle.replace(".", "")
    return (network, handle) if _HANDLE.get(network, _ANY_HANDLE).fullmatch(handle) else None
