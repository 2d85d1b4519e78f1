"""Tables that fold written disguises to plain letters: look-alike characters, emoji, digits used as letters.

Data and the folding of a single character only; `normalise` decides where a fold is allowed.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Cyrillic, Greek, Armenian, Cherokee and other letters that look like a Latin one. Own table: the Unicode
# confusables file folds far more than people use, and digits into letters, which would harm "Y7" and "3pm".
_ODD = (
    "аАɑαΑәвВβΒьЬсСϲᴄ¢©ԁɗđĐðеЕєЄεΕэɘ€ƒғҒɡցнНһΗħіІιΙɩı¡їјЈʝкКκΚĸӏӀ"
    "łŁʟмМΜṃпηΝոиŋɴоОοΟσøØօөрРρΡþԛгɾʀяѕЅʂтТτΤ†ʈυμսцʊνѵʋωшԝԜɯхХχΧу"
    "УγΥү¥зʐΖƶᴀʙᴅᴇꜰɢʜɪᴊᴋᴍᴏᴘꜱᴛᴜᴠᴡʏᴢ"
)
_PLAIN = (
    "aAaaAebBbBbbcCccccdddDdeEeEeEeeeffFgghHhHhiIiIiiiijJjkKkKkll"
    "lLlmMMmnnNnnnnoOoOooOoopPpPpqrrrrsSstTtTttuuuuuvvvwwwWwxXxXy"
    "YyYyy3zZzabdefghijkmopstuvwyz"
)
LOOK_ALIKES = dict(zip(_ODD, _PLAIN, strict=True))

_PLAIN_PUNCTUATION = {
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "ʼ": "'", "`": "'", "´": "'", "′": "'", "＇": "'",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "″": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
    "•": ".", "·": ".", "●": ".", "․": ".", "。": ".", "∙": ".", "…": "...",
}  # fmt: skip

# Emoji that carry meaning in abuse. A word's own rule decides whether it matters: a knife in a cookery post does not.
_EMOJI = {
    "🔪": "knife", "🗡": "knife", "🔫": "gun", "💣": "bomb", "🪓": "axe", "☠": "skull", "💀": "skull", "⚰": "coffin", "🪦": "grave",
    "🐒": "monkey", "🐵": "monkey", "🙈": "shymonkey", "🙉": "shymonkey", "🙊": "shymonkey", "🦍": "gorilla", "🦧": "ape",
    "🍌": "banana", "🐍": "snake", "🐀": "rat", "🐷": "pig", "🐖": "pig", "🐽": "pig", "🐮": "cow", "🐄": "cow", "🐳": "whale",
    "🐋": "whale", "🤡": "clown", "💩": "shite", "🖕": "middlefinger", "🍆": "aubergine", "🍑": "peach", "💦": "droplets",
    "🤮": "vomiting", "🤢": "sickface", "👊": "punchfist", "🔥": "fire", "🍃": "leaf", "💊": "pills", "🍁": "leaf",
}  # fmt: skip

# A digit or sign that stands for a letter; tried only in tokens that mix letters with these, see `normalise`.
LEET = {
    "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "!": "i", "|": "i", "+": "t", "(": "c", "€": "e",
}  # fmt: skip
LEET_AGAIN = LEET | {"1": "l", "!": "l", "|": "l", "6": "b", "9": "p"}

_LINE_ENDS = frozenset("\n\r\v\f\x85\u2028\u2029")
_INVISIBLE = frozenset({"Cf", "Mn", "Me", "Cc", "Cs", "Co"})
_SKIN = range(0x1F3FB, 0x1F400)
_REGIONAL = range(0x1F1E6, 0x1F200)
_SQUARED = (range(0x1F130, 0x1F14A), range(0x1F150, 0x1F16A), range(0x1F170, 0x1F18A))


def _emoji_letter(point: int) -> str:
    """The letter of a regional indicator or of a squared or circled letter, else nothing."""
    if point in _REGIONAL:
        return chr(ord("a") + point - _REGIONAL.start)
    for block in _SQUARED:
        if point in block:
            return chr(ord("a") + point - block.start)
    return ""


@lru_cache(maxsize=8192)
def fold_character(character: str) -> str:
    """One character as plain text: what it looks like, or nothing when it is invisible. Keeps capitals.

    NFKD without marks (so that é is e), look-alikes to Latin, meaningful emoji to a word between spaces. Folding
    what was folded changes nothing.
    """
    if character in _LINE_ENDS:
        return "\n"
    if character.isascii():
        return " " if character == "\t" else character * character.isprintable()
    known = _PLAIN_PUNCTUATION.get(character) or LOOK_ALIKES.get(character) or _emoji_letter(ord(character))
    if not known and character.lower() in LOOK_ALIKES:
        known = LOOK_ALIKES[character.lower()].upper()
    if known:
        return known
    if character in _EMOJI:
        return f" {_EMOJI[character]} "
    return "" if _is_invisible(character) else _decomposed(character)


def _is_invisible(character: str) -> bool:
    return ord(character) in _SKIN or unicodedata.category(character) in _INVISIBLE


def _decomposed(character: str) -> str:
    parts = [part for part in unicodedata.normalize("NFKD", character) if not _is_invisible(part)]
    return "".join(part if part == character else fold_character(part) for part in parts)


def fold(text: str) -> tuple[str, list[int] | None]:
    """The text in plain characters, and for each of them the index it came from (None: the indexes are the same)."""
    if text.isascii() and text.isprintable():
        return text, None
    characters: list[str] = []
    origins: list[int] = []
    for index, character in enumerate(text):
        plain = fold_character(character)
        if len(plain) == 1:
            characters.append(plain)
            origins.append(index)
        else:
            characters.extend(plain)
            origins.extend([index] * len(plain))
    return "".join(characters), origins
