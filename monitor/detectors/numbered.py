"""Tells a word and its number ("year5", "moon6") or a number and what is counted ("60th", "11ft") from a disguise.

Pure; it knows single tokens in small letters.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_NAMED, _COUNTED = re.compile(r"([a-z]{2,})(\d+)"), re.compile(r"([1-9]\d*)([a-z]+)")
_UNITS = frozenset({
    "st", "nd", "rd", "th", "s", "m", "k", "kg", "km", "g", "ml", "cl", "cm", "mm", "am", "pm", "p", "x", "y", "yr", "yrs", "min", "mins",
    "hr", "hrs", "ft", "mph", "in", "lb", "oz", "gb", "mb", "tb", "bn", "er", "ers", "all", "nil", "d", "h", "w",
})  # fmt: skip
# What is numbered one by one: "class5" is no "classes", as "nude5" is "nudes".
_LABELS = frozenset({
    "yr", "no", "as", "ps", "age", "ks", "key", "iphone", "gta", "year", "class", "form", "team", "set", "room", "group", "block", "bus", "route", "day", "week", "stage",
    "level", "part", "unit", "page", "chapter", "house", "lane", "row", "seat", "platform", "gate", "zone", "floor", "step", "round",
    "match", "race", "heat", "lesson", "period", "term", "score", "game", "phase", "wave", "channel", "player", "door", "stop", "hut",
    "pool", "table", "question", "task", "section", "appendix", "figure",
})  # fmt: skip
_SHORTEST = 4  # characters of a word with its number: "th3" is "the"
_THING = 5  # letters of what is counted, from which on a single digit is a number
_MOST_DIGITS = 2  # at the beginning of a disguise: "57ab"


def is_numbered(form: str, known: Collection[str], rude: Collection[str]) -> bool:
    """Whether it reads as a known word and its number, or as a number and what is counted."""
    if named := _NAMED.fullmatch(form):
        word = named[1]
        return word in _LABELS or (len(form) >= _SHORTEST and word in known and word not in rude)
    counted = _COUNTED.fullmatch(form)
    if counted is None:
        return False
    number, thing = counted.groups()
    return len(number) > 1 or thing in _UNITS or (len(thing) >= _THING and thing in known)


def may_be_meant(form: str) -> bool:
    """Whether a rude word may stand behind it nevertheless ("pak1", "57ab"): behind no unit and no long number."""
    thing = form.lstrip("0123456789")
    return thing not in _UNITS and len(form) - len(thing) <= _MOST_DIGITS


def is_plural(form: str, word: str) -> bool:
    """Whether only the s at its end is written as a digit, and it is nothing that has a number."""
    return word == f"{form[:-1]}s" and form[:-1] not in _LABELS
