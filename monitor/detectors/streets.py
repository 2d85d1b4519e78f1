"""Street addresses among the words of a reading: a house's number beside what streets are called, in English and Welsh.

Pure. It tells where one stands and how surely; whether somebody lives there is for `contact` to ask.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.detectors.normalise import NO_BREAK, SENTENCE, Reading

_STREETS = frozenset({
    "road", "rd", "street", "lane", "avenue", "ave", "av", "close", "drive", "court", "crescent", "cres", "terrace", "gardens", "gdns", "grove",
    "mews", "rise", "walk", "way", "row", "place", "hill", "green", "view", "park", "square", "parade", "villas", "cottages", "croft",
    "fold", "garth", "brow", "bank", "vale", "wynd", "brae", "wharf", "quay", "yard", "end", "heights", "meadow", "meadows", "fields",
    "path", "flats", "house", "buildings", "estate", "loan", "boulevard", "embankment", "promenade", "esplanade", "mount", "dene",
    "paddock", "paddocks", "orchard", "spinney", "chase", "ridge", "copse",
})  # fmt: skip
# Of these a number and capitals are enough; of the rest only where somebody lives there.
_SAFE_STREETS = frozenset({
    "road", "rd", "street", "lane", "avenue", "ave", "av", "close", "drive", "crescent", "cres", "terrace", "gardens", "gdns", "grove", "mews",
    "court", "way",
})  # fmt: skip
_WELSH = frozenset(
    {"stryd", "heol", "ffordd", "lon", "clos", "maes", "rhodfa", "rhes", "tyn", "bryn", "cae", "cwrt", "erw"}
)
_SAFE_WELSH = frozenset({"stryd", "heol", "ffordd", "rhodfa"})
_NUMBERED = frozenset({"number", "no", "rhif"})
_ARTICLES = frozenset({"y", "yr", "the"})
_COURTS = frozenset({  # of law and of games: nobody lives there
    "supreme", "high", "county", "magistrates", "appeal", "tennis", "netball", "basketball", "badminton", "squash",
})  # fmt: skip
_MOST_NAME = 3
_ORGANISATIONS = frozenset({
    "school", "primary", "infants", "juniors", "academy", "college", "nursery", "preschool", "church", "chapel", "centre", "library",
    "theatre", "office", "offices", "club", "surgery", "museum", "university", "hospital", "hotel", "inn", "arms", "pharmacy",
    "chemist", "bakery", "salon", "depot", "ltd", "foundation",
})  # fmt: skip
_BESIDE = frozenset({
    "near", "behind", "opposite", "by", "beside", "next", "above", "past", "facing", "from", "of", "left",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Street:
    """Words [start, end) of an address. `titled` says that the street has its capitals, `safe` that its last word is
    hardly anything but a street."""

    start: int
    end: int
    titled: bool
    safe: bool


def streets(reading: Reading) -> Iterator[Street]:
    """Every address: "14 Cherry Tree Close", "9 Heol y Felin", "Heol y Felin, number 9"."""
    for at, word in enumerate(reading.words):
        if not (word[0].isdigit() and _is_house(word)):
            continue
        found = _english(reading, at) or _welsh(reading, at) or _numbered_last(reading, at)
        if found is not None:
            yield found


def is_of_organisation(reading: Reading, at: int, reach: int = 3) -> bool:
    """Whether the name of a school, a church, an office stands right before, and the place is not merely near it."""
    words = reading.words
    low = max(0, at - reach)
    for place in range(at - 1, low - 1, -1):
        if words[place] in _ORGANISATIONS:
            return _BESIDE.isdisjoint(words[max(0, place - 4) : place])
    return False


def _is_house(word: str) -> bool:
    """Of a word that begins with a digit."""
    return (
        word[:_MOST_NAME].rstrip("abcdef").isdigit() and len(word) <= _MOST_NAME + 1 and word.strip("0") != ""
    )


def _english(reading: Reading, at: int) -> Street | None:
    words = reading.words
    for end in range(at + 2, min(at + _MOST_NAME + 2, len(words))):
        if any(reading.breaks[place] == SENTENCE for place in range(at + 1, end + 1)):
            return None
        titled = all(reading.titled[at + 1 : end + 1])
        if words[end] in _STREETS and (
            _is_score(reading, at, end) or (words[end] == "court" and words[end - 1] in _COURTS)
        ):
            return None
        if words[end] in _STREETS:
            return Street(at, end + 1, titled, words[end] in _SAFE_STREETS)
        if words[end] == "st" and end == at + 2 and (end + 1 == len(words) or reading.breaks[end + 1]):
            return Street(at, end + 1, titled, safe=True)
    return None


def _is_score(reading: Reading, at: int, end: int) -> bool:
    """Whether two sides and their goals stand there: "Beacon Hill 3 Moor Road 1"."""
    words = reading.words
    if (
        not at
        or reading.breaks[at] != NO_BREAK
        or end + 1 >= len(words)
        or reading.breaks[end + 1] != NO_BREAK
    ):
        return False
    return reading.titled[at - 1] and words[end + 1].isdecimal()


def _welsh(reading: Reading, at: int) -> Street | None:
    """The number first: "31 Ffordd Las", "9 Heol y Felin"."""
    words = reading.words
    if at + 2 >= len(words) or words[at + 1] not in _WELSH or reading.breaks[at + 1] == SENTENCE:
        return None
    end = at + 2 + (words[at + 2] in _ARTICLES and at + 3 < len(words))
    if SENTENCE in reading.breaks[at + 2 : end + 1]:
        return None
    return Street(at, end + 1, reading.titled[at + 1] and reading.titled[end], words[at + 1] in _SAFE_WELSH)


def _numbered_last(reading: Reading, at: int) -> Street | None:
    """The street first: "Heol y Felin, number 9", "Larch Mews no 7", "Mill Lane, 12b"."""
    words = reading.words
    last = at - 1 - (at > 0 and words[at - 1] in _NUMBERED)
    if last < 1 or SENTENCE in reading.breaks[last + 1 : at + 1]:
        return None
    if last == at - 1 and reading.breaks[at] == NO_BREAK and not _is_lettered(words[at]):
        return None  # "Mill Lane 20 minutes late"
    if words[last] in _SAFE_STREETS and reading.titled[last] and reading.titled[last - 1]:
        return Street(last - 1, at + 1, titled=True, safe=last != at - 1)
    start = _first_welsh(words, last)
    if start is None or last == at - 1 or SENTENCE in reading.breaks[start + 1 : last + 1]:
        return None
    return Street(start, at + 1, reading.titled[start] and reading.titled[last], words[start] in _SAFE_WELSH)


def _is_lettered(word: str) -> bool:
    return word[-1].isalpha()


def _first_welsh(words: Sequence[str], last: int) -> int | None:
    return next((at for at in range(last - 1, max(-1, last - 4), -1) if words[at] in _WELSH), None)
