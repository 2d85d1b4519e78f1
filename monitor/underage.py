"""Signs in an account's description that it is a child's, whom the networks ask to be 13. Pure; linear in the text.

Grown-ups speak of children, of years and of numbers far more often than children of their age: each sign must be said
of oneself, or stand alone.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from monitor.domain import Finding, Severity
from monitor.resemblance import latin

_LONGEST_BIO = 1000  # characters; no network allows more, and a pattern must not be kept busy
_GROWN = 13  # years
_LEAVES_AT = 7  # years before the end of school at 18 that somebody in Year 7 still has
_AGE = r"(?:1[0-2]|[5-9]|five|six|seven|eight|nine|ten|eleven|twelve)"
# what may stand behind an age said of oneself; "I'm 5'2", "I'm 12 weeks in" and "I'm 10/10 tired" go on otherwise
_THEN = (
    r"(?=\s*$|\s*y(?:ea)?rs?\s+old\b|\s*y/?o\b|\s+and\s+a\s+half\s*(?:$|\W)|\s+(?:and|but)\s+(?:i|my|love|like|in|from)\b"
    r"|\s+i\b|\s*[!.|•·,;\n)](?!\d)|\s*[^\w\s%/'’\"′+–.,:&-])"
)
_CLASS = r"(?:y|yr|year)\s*(?:[1-7](?:\s?[a-z])?|one|two|three|four|five|six|seven)\b"
_CHILD = r"(?:pupil|student|kid|child|girl|boy)\b"
_STARTS = r"(?:only|just|nearly|almost|turning)\s+"
# said of oneself: stands whatever else the bio says
_SELF = re.compile(
    rf"\b[il]\s*['’]?\s*a?m\s+(?:(?:{_STARTS})?(?:{_AGE}{_THEN})"
    r"|in\s+(?:y|yr|year)\s*(?:[1-7]\b|(?:one|two|three|four|five|six|seven)\b)(?!\s*(?:teach|ta\b|staff))"
    rf"|an?\s+{_CLASS}\s+{_CHILD})"
    rf"|\bmy\s+age\s*(?:is|:|=)\s*{_AGE}\b(?!\s*(?:group|range))|\bi\s+(?:go\s+to|attend)\s+(?:a\s+)?primary\s+school\b",
    re.IGNORECASE,
)
# a scrap of a bio, between bars, commas and line ends, that is nothing but an age or a class, or goes on with an emoji
_YEARS = rf"(?:aged?\s*:?\s*{_AGE}\b|{_AGE}\s*(?:y/?o|yrs?(?:\s+old)?|years?\s+old)\b)"
_ENDS = r"(?=\W*$|\s*[^\w\s.,:;%+–'’&()/-])"
_CAKE = r"[🎂🎈🥳]"
_SAID = re.compile(
    rf"\s*(?:(?:in\s+)?{_CLASS}(?:\s+(?:at|@)\s+[\w' ’.]{{2,40}}(?=\W*$))?|{_YEARS})(?:\s+(?:{_CLASS}|{_YEARS}))?{_ENDS}"
    rf"|\s*{_YEARS}\s+(?:gamer|footballer|dancer|lad|{_CHILD})\W*$"
    rf"|\s*(?:{_CLASS}|primary\s+school)\s+{_CHILD}\W*$"
    rf"|\s*{_STARTS}{_AGE}(?:\s+soon)?{_ENDS}"
    rf"|\s*(?:my\s+)?{_AGE}th\s+b(?:irth)?day(?:\s+soon)?\W*$"
    rf"|\s*{_AGE}\s+going\s+on\s+(?:1[0-4]|[6-9])\b\W*$"
    rf"|\s*{_AGE}\s*{_CAKE}+\W*$|\s*{_CAKE}+\s*{_AGE}\W*$"
    rf"|\s*{_AGE}\s*[^\w\s.,:;%+–'’&()/-]+\s*{_CLASS}\W*$",
    re.IGNORECASE,
)
_PRONOUNS = r"(?:she/her|he/him|they/them)"
_BESIDE = re.compile(
    rf"(?:^|[|•·,;\n])\s*(?:{_PRONOUNS}[\s|•·,]{{1,3}}{_AGE}|{_AGE}[\s|•·,]{{1,3}}{_PRONOUNS})(?=\s*(?:$|[|•·,;\n]))",
    re.IGNORECASE,
)
_ALONE = re.compile(rf"\W*{_AGE}\W*", re.IGNORECASE)
_BORN = re.compile(
    r"\s*(?:born(?:\s+in)?|b\.|dob:?)\s*(20\d\d)\W*$|\s*(20\d\d)\s+(?:baby|kid)\W*$", re.IGNORECASE
)
_LEAVES = re.compile(r"\s*class\s+of\s+(20\d\d)\W*$", re.IGNORECASE)
_SCRAP = re.compile(r"[^|•·,;\n/~–—]+")
# a grown-up speaks of children
_GROWN_UP = re.compile(
    r"\b(?:mum|mums|mummy|mom|mama|papa|nain|taid|mam|dad|dads|daddy|parents?|mother|father|carers?|guardian|nan|nanny|nana|gran|granny|"
    r"grand\w+|aunt|auntie|aunty|uncle|wife|husband|married|hubby|sons?|daughters?|kids?|"
    r"children|boys|girls|twins|teach(?:er|ing|es)?|ta|teaching assistant|tutor|coach|leader|governor|head|headteacher|"
    r"senco|pta|ptfa|chair|class(?:es)?|pupils|club|team|charity|school|academy|nursery|childminder|nhs|nurse|alumn\w+|"
    r"caf[eé]|shop|bakery|brewery|business|company|ltd|band|cakes?|university|uni)\b",
    re.IGNORECASE,
)
# said by a child alone, whatever word of the list above is in it
_CHILDS = re.compile(
    rf"\b(?:{_CLASS}|primary\s+school|20\d\d)\s+(?:kid|child|girl|boy)\b|\bclass\s+of\s+20\d\d\b",
    re.IGNORECASE,
)


def underage(bio: str, today: date | None = None) -> tuple[Finding, ...]:
    """At most one finding, its span in `bio`. `today`: without it, years of birth and of leaving school say nothing."""
    text, places = _read(bio[:_LONGEST_BIO])
    if said := _SELF.search(text):
        says = "the account says of itself that it is a child's"
        return (_young(Severity.MEDIUM, "follower.age", says, (places[said.start()], places[said.end()])),)
    if _GROWN_UP.search(_CHILDS.sub(" ", text)):
        return ()
    if found := _scrap(text, today):
        says = "the account's description gives a child's age or class"
        return (_young(Severity.LOW, "follower.class", says, (places[found[0]], places[found[1]])),)
    return ()


def _scrap(text: str, today: date | None) -> tuple[int, int] | None:
    if _ALONE.fullmatch(text):
        return 0, len(text)
    if said := _BESIDE.search(text):
        return said.span()
    for scrap in _SCRAP.finditer(text):
        if (said := _SAID.match(scrap[0])) or (today and (said := _dated(scrap[0], today))):
            return scrap.start(), scrap.start() + said.end()
    return None


def _dated(scrap: str, today: date) -> re.Match[str] | None:
    if (said := _BORN.match(scrap)) and today.year - _GROWN < int(said[1] or said[2]) <= today.year:
        return said
    if (said := _LEAVES.match(scrap)) and today.year + _LEAVES_AT <= int(said[1]):
        return said
    return None


def _read(bio: str) -> tuple[str, list[int]]:
    """The bio with disguised letters and digits as plain ones, without what cannot be seen; and where each character
    of it stands in the bio, with the bio's length behind them."""
    letters: list[str] = []
    places: list[int] = []
    for at, char in enumerate(bio):
        if unicodedata.category(char) in {"Cf", "Me"} or char == "\ufe0f":
            continue
        plain = char
        if not char.isascii() and char.isalnum():
            plain = latin(char)[:1] or char
        letters.append(plain)
        places.append(at)
    return "".join(letters), [*places, len(bio)]


def _young(severity: Severity, detector: str, reason: str, span: tuple[int, int]) -> Finding:
    return Finding("underage", severity, detector, f"{reason}; the network asks for at least 13 years", span)
