"""Words as digits, however they are written: "7", "seven", "double", "O7". Pure; it knows single words in small letters."""

from __future__ import annotations

from monitor.kept import Kept

_DIGITS = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "nil": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9", "hundred": "00", "thousand": "000",
}  # fmt: skip
_TIMES = {"double": "xx", "triple": "xxx", "treble": "xxx"}
_SPOKEN = _DIGITS | _TIMES
_LETTER_DIGITS = str.maketrans({"o": "0", "l": "1", "i": "1"})
KEPT = 1 << 14  # words whose digits are remembered


def _digits(word: str) -> str:
    """The digits that a word stands for ("xx" for double), or nothing."""
    if word.isalpha():
        return _SPOKEN.get(word, "")
    if word.isdecimal():
        return word
    plain = word.translate(_LETTER_DIGITS)
    return plain if plain.isdecimal() and not word.isalpha() else ""


DIGITS_OF = Kept(_digits, KEPT)
