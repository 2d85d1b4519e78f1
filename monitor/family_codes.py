"""The code on a family's letter: how it is made, printed, and read again as people type it. Pure.

A code says that the school's letter reached somebody, and which family it was meant for. It proves no account and
replaces no answer from a mailbox.
"""

from __future__ import annotations

import re
from collections.abc import Callable

ALPHABET = (
    "23456789CDFHJKMNPRTVWXY"  # 23, a prime; no vowels, so no words; of each pair that looks alike, one
)
LENGTH = 14  # random characters: 63 bits
HANDLES = 6  # different accounts that one code speaks for: two parents, and more than one network
_GROUP = 5
_LOOK_ALIKE = str.maketrans({"B": "8", "G": "6", "S": "5", "Z": "2", "U": "V"})
_BETWEEN = re.compile(r"[\s\-‐-―_.]+")
_LONGEST = 40  # characters typed, with whatever stands between them


def new_code(choose: Callable[[str], str]) -> str:
    """A code in its normal form: 14 random characters and a check character. `choose` picks one, such as
    secrets.choice."""
    body = "".join(choose(ALPHABET) for _ in range(LENGTH))
    return body + _check(body)


def printed(code: str) -> str:
    """As it stands on paper: "K7MXR-29PDW-HT4VC"."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def normal_code(text: str) -> str | None:
    """What was typed, in its normal form; None when it is none of ours whatever the database holds: small letters,
    spaces, hyphens and look-alikes are mended, one wrong or two swapped characters are noticed."""
    code = _BETWEEN.sub("", text[: _LONGEST + 1]).upper().translate(_LOOK_ALIKE)
    if len(text) > _LONGEST or len(code) != LENGTH + 1 or any(one not in ALPHABET for one in code):
        return None
    return code if code[-1] == _check(code[:-1]) else None


def _check(body: str) -> str:
    """The sum of each character's place times its value, modulo a prime: as in ISBN-10 any one wrong character and any
    two swapped ones change it."""
    total = sum(place * ALPHABET.index(one) for place, one in enumerate(body, 1))
    return ALPHABET[total % len(ALPHABET)]
