"""Numbers by which the state knows a person: National Insurance, a pupil's, the NHS's. Pure; check digits are checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_NI = re.compile(r"(?<!\w)(?:[A-CEGHJ-PR-TW-Z]{2}|QQ) ?\d\d ?\d\d ?\d\d ?[A-D](?!\w)")
_NI_SAID = re.compile(_NI.pattern, re.IGNORECASE)  # in small letters only where it is called so
_UPN = re.compile(r"(?<!\w)[A-HJ-NP-RT-Z]\d{11}[\dA-Z](?!\w)", re.IGNORECASE)
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"  # DfE, unique pupil numbers: of the sum weighted 2 to 13, modulo 23
_NHS = re.compile(r"(?<![\w.,])\d{3}( ?|-)\d{3}\1\d{4}(?![\w.,]?\d)")


def personal_numbers(folded: str) -> Iterator[tuple[tuple[int, int], tuple[str, ...], str]]:
    """Each place, the words one of which must stand near it for it to count (none: it counts anyhow), and what to say."""
    for pattern, is_one, called, says in _KINDS:
        for match in pattern.finditer(folded):
            if is_one is None or is_one(match.group()):
                yield match.span(), called, says


def _is_upn(text: str) -> bool:
    """Whether the check letter is right (DfE: unique pupil numbers, guide for local authorities)."""
    text = text.upper()
    values = [int(sign) if sign.isdigit() else _UPN_LETTERS.find(sign) for sign in text[1:]]
    total = sum(value * weight for weight, value in enumerate(values, start=2))
    return _UPN_LETTERS[total % len(_UPN_LETTERS)] == text[0]


def _is_nhs(text: str) -> bool:
    """Whether the tenth digit is right (NHS Data Dictionary: NHS NUMBER, weights 10 to 2, modulo 11)."""
    digits = [int(sign) for sign in text if sign.isdigit()]
    check = 11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check % 11 == digits[9] and check != 10  # noqa: PLR2004 - ten stands for no digit


_KINDS: tuple[tuple[re.Pattern[str], Callable[[str], bool] | None, tuple[str, ...], str], ...] = (
    (_NI, None, (), "A National Insurance number stands in it"),
    (_NI_SAID, None, ("ni", "nino", "insurance"), "A National Insurance number stands in it"),
    (_UPN, _is_upn, (), "A pupil number stands in it"),
    (_NHS, _is_nhs, ("nhs",), "An NHS number stands in it"),
)
