"""Ways to reach or find a person: telephone, e-mail, postcode, street address, health and education numbers.

Numbers are found however they are written: spaced, spelt out, with O for 0. A number, address or mailbox that an
organisation announces ("call the office on ...") is no finding. Pure; linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from monitor.detectors.context import Cues, around
from monitor.detectors.folds import fold
from monitor.detectors.handles import handles, names_network
from monitor.detectors.identifiers import personal_numbers
from monitor.detectors.normalise import Reading
from monitor.detectors.numerals import DIGITS_OF, KEPT
from monitor.detectors.streets import is_of_organisation, streets
from monitor.domain import Finding, Severity
from monitor.kept import Kept

POLICY = "St Mary's, Users: no age, contact numbers, where you live"
_FEWEST = 9  # digits of a telephone number
_MOBILE = re.compile(r"07[1-9]\d{8}")
_LANDLINE = re.compile(r"0(?:1\d{8,9}|2[03489]\d{8}|3\d{9}|55\d{8}|800\d{6,7}|808\d{7})")
_BETWEEN = frozenset(" -.,()+/\t\u00a0\u2013\u2014_*~\u200b\u200c\u200d\ufe0f\u20e3")
_MOST_BETWEEN = 4
_NUMERAL = re.compile(r"\d")
_ADDRESSED = re.compile(r"@[^@\n]+\.")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}[A-Za-z]{2,24}(?![\w-])")
_AT_MAIL = re.compile(
    r"(?<![\w.])[\w.+-]{2,64} at (?:gmail|googlemail|hotmail|outlook|icloud|yahoo|live|btinternet)\.co(?:m|\.uk)(?!\w)",
    re.IGNORECASE,
)
_ROLE_MAILBOX = re.compile(
    r"(?:office|admin|head|headteacher|info|enquir\w*|contact|reception|pta|ptfa|fops|help|hello|bookings?|clubs?|nursery|"
    r"secretary|school|support|senco|sen|attendance|absence|lunch|kitchen|finance|bursar|governors?|recruitment|jobs|press|news|"
    r"(?:yearbook|tickets?|events?|sports?|music|transport|uniform|safeguarding|dsl|admissions|trips?|payments?|accounts?|team|web\w*|media|marketing|"
    r"fundraising|volunteers?|volunteering|membership|members|coach\w*|editors?|orders?|sales|shop|lettings|exams?|sixthform|wraparound|"
    r"breakfast\w*|after\w*|dpo|privacy|complaints|chair|clerk|treasurer|post|mail|theatre|friends|hall|parish|rehearsals|lost\w*|dinners?|wellbeing|pastoral|reading|council|parking)(?![a-z]))"
    r"[\w.+-]{0,40}@.{1,200}",
    re.IGNORECASE,
)
_SCHOOL_DOMAIN = re.compile(r".{1,100}@.{1,150}\.(?:sch\.uk|gov\.uk|nhs\.uk|police\.uk)", re.IGNORECASE)
_POSTCODE = re.compile(
    r"(?<!\w)([A-Za-z]{1,2})(\d[A-Za-z\d]?) {0,2}(\d)([ABD-HJLNP-UW-Zabd-hjlnp-uw-z]{2})(?!\w)"
)
_INWARD = re.compile(r"\d[A-Za-z]{2}(?!\w)")  # the second half of a postcode
_DIGIT = re.compile(r"\d")
_FEWEST_OF_NUMBER = 6  # digits: a National Insurance number
_AREAS = frozenset({
    "AB", "AL", "B", "BA", "BB", "BD", "BH", "BL", "BN", "BR", "BS", "BT", "CA", "CB", "CF", "CH", "CM", "CO", "CR", "CT", "CV", "CW",
    "DA", "DD", "DE", "DG", "DH", "DL", "DN", "DT", "DY", "E", "EC", "EH", "EN", "EX", "FK", "FY", "G", "GL", "GU", "GY", "HA", "HD", "HG",
    "HP", "HR", "HS", "HU", "HX", "IG", "IM", "IP", "IV", "JE", "KA", "KT", "KW", "KY", "L", "LA", "LD", "LE", "LL", "LN", "LS", "LU", "M",
    "ME", "MK", "ML", "N", "NE", "NG", "NN", "NP", "NR", "NW", "OL", "OX", "PA", "PE", "PH", "PL", "PO", "PR", "RG", "RH", "RM", "S", "SA",
    "SE", "SG", "SK", "SL", "SM", "SN", "SO", "SP", "SR", "SS", "ST", "SW", "SY", "TA", "TD", "TF", "TN", "TQ", "TR", "TS", "TW", "UB",
    "W", "WA", "WC", "WD", "WF", "WN", "WR", "WS", "WV", "YO", "ZE",
})  # fmt: skip
_ENDS = frozenset({
    "com", "co", "uk", "org", "net", "gmail", "hotmail", "outlook", "icloud", "yahoo", "example", "test",
})  # fmt: skip
_SPACED_MAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{2,64} ?@ ?[\w-]{2,63}(?: ?\. ?[\w-]{2,63}){0,2} ?\. ?(?:com|co|uk|org|net|me|info|example|test)(?!\w)",
    re.IGNORECASE,
)
_MAIL_SAID = frozenset({"email", "emails", "mail", "mailto", "e"})
# An office has a number, a family a landline and a home phone.
_PRIVATE = frozenset({"landline", "landlines", "home", "house"})
_NEAR = 6  # words
_ADDRESS = 8  # words from an organisation to its postcode


class Contacts:
    """Looks for contact details. `cues`: `announced` (an organisation's own), `own` (the writer's), `venue`, `lives`."""

    name = "contacts"

    def __init__(self, cues: dict[str, Cues]) -> None:
        self._cues = cues

    def look(self, text: str, reading: Reading) -> Sequence[Finding]:
        """Findings in the text as posted; `reading` is the reading of the same text."""
        findings: list[Finding] = []
        folded, origins = fold(text)
        telling = any(map(_TELLING.__getitem__, reading.words))
        if telling:
            findings += [*self._phones(text, reading), *self._spelt_mail(reading)]
        if "." in folded and " at " in (low := folded.lower()) and ".co" in low:
            findings += self._half_spelt_mail(folded, origins)
        for place in handles(folded) if telling and names_network(reading.words) else ():
            reason, span = "A name on another network stands in it", _as_posted(place, origins)
            findings.append(
                self._finding("identifying.contact", Severity.MEDIUM, "contact.handle", reason, span)
            )
        if _NUMERAL.search(folded) or ("@" in folded and _ADDRESSED.search(folded)):
            findings += [*self._streets(reading), *self._written(folded, origins, reading)]
        return findings

    def _finding(
        self, category: str, severity: Severity, detector: str, reason: str, span: tuple[int, int]
    ) -> Finding:
        return Finding(category, severity, detector, reason, span, POLICY)

    def _stands(self, cue: str, reading: Reading, start: int, end: int) -> bool:
        return self._cues[cue].stands(reading, *around(reading, start, end))

    def _phones(self, text: str, reading: Reading) -> Iterator[Finding]:
        digits = list(map(DIGITS_OF.__getitem__, reading.words))
        if len("".join(digits)) < _FEWEST:
            return
        at = 0
        while at < len(digits):
            follows = at > 0 and digits[at - 1] and _is_joined(text, reading, at)
            end = _phone(text, reading, digits, at) if digits[at] and not follows else 0
            if not end:
                at += 1
                continue
            number = "".join(digits[at:end])
            private = not _PRIVATE.isdisjoint(reading.words[max(0, at - 6) : at])
            if not private and self._stands("business", reading, at, end):
                at = end
                continue
            mobile = number.removeprefix("0044").removeprefix("44").lstrip("0").startswith("7")
            if not private and self._stands("announced", reading, at, end):
                severity = Severity.LOW if mobile else None
            else:
                severity = Severity.MEDIUM if self._stands("own", reading, at, end) else Severity.HIGH
            if severity is not None:
                reason = "A telephone number stands in it"
                yield self._finding(
                    "identifying.contact", severity, "contact.phone", reason, reading.span(at, end)
                )
            at = end

    def _streets(self, reading: Reading) -> Iterator[Finding]:
        for one in streets(reading):
            if is_of_organisation(reading, one.start):
                continue
            lives = self._stands("lives", reading, one.start, one.end - 1)
            if not (one.titled and one.safe) and not (lives and (one.titled or one.safe)):
                continue
            if not lives and self._stands("venue", reading, one.start, one.end - 1):
                continue
            if self._stands("elsewhere", reading, one.start, one.end - 1):
                continue
            severity = Severity.HIGH if lives else Severity.MEDIUM
            span = reading.span(one.start, one.end)
            yield self._finding(
                "identifying.address", severity, "contact.address", "A street address stands in it", span
            )

    def _half_spelt_mail(self, folded: str, origins: list[int] | None) -> Iterator[Finding]:
        """Such as `name at gmail.com`."""
        for match in _AT_MAIL.finditer(folded):
            reason, span = "An e-mail address stands in it, half spelt out", _as_posted(match.span(), origins)
            yield self._finding("identifying.contact", Severity.HIGH, "contact.email_spelt", reason, span)

    def _spelt_mail(self, reading: Reading) -> Iterator[Finding]:
        """Such as `name at gmail dot com`: the signs are written out."""
        words = reading.words
        if "dot" not in words:
            return
        for at, word in enumerate(words):
            if word != "dot" or at < 2 or at + 1 >= len(words) or words[at + 1] not in _ENDS:  # noqa: PLR2004
                continue
            if "at" in words[max(0, at - 3) : at]:
                start = max(0, words.index("at", max(0, at - 3)) - 1)
                reason = "An e-mail address stands in it, spelt out"
                span = reading.span(start, at + 2)
                yield self._finding("identifying.contact", Severity.HIGH, "contact.email_spelt", reason, span)

    def _written(self, folded: str, origins: list[int] | None, reading: Reading) -> Iterator[Finding]:
        for match in _EMAIL.finditer(folded) if "@" in folded else ():
            if _ROLE_MAILBOX.fullmatch(match.group()) or _SCHOOL_DOMAIN.fullmatch(match.group()):
                continue
            span = _as_posted(match.span(), origins)
            at = _word_at(reading, span[0])
            if self._stands("business", reading, at, at + 1):
                continue
            own = self._stands("own", reading, at, at + 1) or self._stands("announced", reading, at, at + 1)
            severity, reason = Severity.MEDIUM if own else Severity.HIGH, "An e-mail address stands in it"
            yield self._finding("identifying.contact", severity, "contact.email", reason, span)
        if "@" in folded and " " in folded:
            yield from self._spaced_mail(folded, origins, reading)
        for match in _POSTCODE.finditer(folded) if _INWARD.search(folded) else ():
            area = match.group(1)
            if area.upper() not in _AREAS:
                continue
            span = _as_posted(match.span(), origins)
            at = _word_at(reading, span[0])
            if is_of_organisation(reading, at, _ADDRESS):
                continue
            lives = self._stands("lives", reading, at, at + 1)
            if not lives and (not match.group().isupper() or self._stands("venue", reading, at, at + 1)):
                continue
            severity = Severity.HIGH if lives else Severity.MEDIUM
            reason = "A postcode stands in it"
            yield self._finding("identifying.address", severity, "contact.postcode", reason, span)
        if len(_DIGIT.findall(folded)) >= _FEWEST_OF_NUMBER:
            yield from self._numbers(folded, origins, reading)

    def _spaced_mail(self, folded: str, origins: list[int] | None, reading: Reading) -> Iterator[Finding]:
        """Such as `name @ mail . example`, where it is called an address or the name looks like one."""
        for match in _SPACED_MAIL.finditer(folded):
            mail = match.group()
            name, bare = mail.split("@")[0].strip(), mail.replace(" ", "")
            if bare == mail or _ROLE_MAILBOX.fullmatch(bare) or _SCHOOL_DOMAIN.fullmatch(bare):
                continue
            span = _as_posted(match.span(), origins)
            at = _word_at(reading, span[0])
            called = not _MAIL_SAID.isdisjoint(reading.words[max(0, at - _NEAR) : at])
            if called or any(sign.isdigit() or sign in "._" for sign in name):
                reason = "An e-mail address stands in it, written apart"
                yield self._finding("identifying.contact", Severity.HIGH, "contact.email", reason, span)

    def _numbers(self, folded: str, origins: list[int] | None, reading: Reading) -> Iterator[Finding]:
        for place, called, says in personal_numbers(folded):
            span = _as_posted(place, origins)
            if not called or _is_called(reading, _word_at(reading, span[0]), called):
                yield self._finding("identifying.health_family", Severity.HIGH, "contact.number", says, span)


def _as_posted(span: tuple[int, int], origins: list[int] | None) -> tuple[int, int]:
    """A span of the folded text in the text as posted."""
    return span if origins is None else (origins[span[0]], origins[span[1] - 1] + 1)


def _is_called(reading: Reading, at: int, names: Sequence[str]) -> bool:
    """Digits may be anything; with what they are called near, they are that."""
    return not set(names).isdisjoint(reading.words[max(0, at - _NEAR) : at + _NEAR])


def _is_telling(word: str) -> bool:
    """Whether it is part of a number or of an address that is spelt out, or names a network."""
    return word == "dot" or names_network((word,)) or DIGITS_OF[word] != ""


_TELLING = Kept(_is_telling, KEPT)


def _phone(text: str, reading: Reading, digits: Sequence[str], at: int) -> int:
    """The word after a telephone number that begins at word `at`, or 0."""
    number, times = "", 0
    for end in range(at, min(at + 13, len(digits))):
        if not digits[end]:
            return 0
        if end > at and not _is_joined(text, reading, end):
            return 0
        if digits[end].startswith("x"):
            times = len(digits[end])
            continue
        number += digits[end] * times if times and len(digits[end]) == 1 else digits[end]
        times = 0
        national = number
        for prefix in ("0044", "44"):
            if number.startswith(prefix):
                rest = number[len(prefix) :]
                national = rest if rest.startswith("0") else f"0{rest}"
                break
        whole = end + 1 >= len(digits) or not digits[end + 1]
        if _MOBILE.fullmatch(national):
            return end + 1
        if _LANDLINE.fullmatch(national) and (whole or len(national) == 11):  # noqa: PLR2004 - digits of a number
            return end + 1
        if len(national) > 11:  # noqa: PLR2004
            return 0
    return 0


def _is_joined(text: str, reading: Reading, at: int) -> bool:
    """Whether only what people write inside a number stands between word `at` and the one before it."""
    between = text[reading.spans[at - 1][1] : reading.spans[at][0]]
    return len(between) <= _MOST_BETWEEN and all(sign in _BETWEEN for sign in between)


def _word_at(reading: Reading, offset: int) -> int:
    """The index of the first word that ends after the offset."""
    low, high = 0, len(reading.spans) - 1
    while low < high:
        middle = (low + high) // 2
        if reading.spans[middle][1] > offset:
            high = middle
        else:
            low = middle + 1
    return max(low, 0)
