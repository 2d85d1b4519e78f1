"""Tables that fold written disguises to plain letters: look-alike characters, emoji, digits used as letters.

Data and the folding of a single character only; `normalise` decides where a fold is allowed.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Cyrillic, Greek, Armenian, Cherokee and other letters that look like a Latin one. Own table: the Unicode
# confusables file folds far more than people use, and digits into letters, which would harm "Y7" and "3pm".
_LOOK_ALIKE_PAIRS = (
    "а" "a", "А" "A", "ɑ" "a", "α" "a", "Α" "A", "ә" "e", "в" "b", "В" "B", "β" "b", "Β" "B", "ь" "b", "Ь" "b", "с" "c", "С" "C",
    "ϲ" "c", "ᴄ" "c", "¢" "c", "©" "c", "ԁ" "d", "ɗ" "d", "đ" "d", "Đ" "D", "ð" "d", "е" "e", "Е" "E", "є" "e", "Є" "E", "ε" "e",
    "Ε" "E", "э" "e", "ɘ" "e", "€" "e", "ƒ" "f", "ғ" "f", "Ғ" "F", "ɡ" "g", "ց" "g", "н" "h", "Н" "H", "һ" "h", "Η" "H", "ħ" "h",
    "і" "i", "І" "I", "ι" "i", "Ι" "I", "ɩ" "i", "ı" "i", "¡" "i", "ї" "i", "ј" "j", "Ј" "J", "ʝ" "j", "к" "k", "К" "K", "κ" "k",
    "Κ" "K", "ĸ" "k", "ӏ" "l", "Ӏ" "l", "ł" "l", "Ł" "L", "ʟ" "l", "м" "m", "М" "M", "Μ" "M", "ṃ" "m", "п" "n", "η" "n", "Ν" "N",
    "ո" "n", "и" "n", "ŋ" "n", "ɴ" "n", "о" "o", "О" "O", "ο" "o", "Ο" "O", "σ" "o", "ø" "o", "Ø" "O", "օ" "o", "ө" "o", "р" "p",
    "Р" "P", "ρ" "p", "Ρ" "P", "þ" "p", "ԛ" "q", "г" "r", "ɾ" "r", "ʀ" "r", "я" "r", "ѕ" "s", "Ѕ" "S", "ʂ" "s", "т" "t", "Т" "T",
    "τ" "t", "Τ" "T", "†" "t", "ʈ" "t", "υ" "u", "μ" "u", "ս" "u", "ц" "u", "ʊ" "u", "ν" "v", "ѵ" "v", "ʋ" "v", "ω" "w", "ш" "w",
    "ԝ" "w", "Ԝ" "W", "ɯ" "w", "х" "x", "Х" "X", "χ" "x", "Χ" "X", "у" "y", "У" "Y", "γ" "y", "Υ" "Y", "ү" "y", "¥" "y", "з" "3",
    "ʐ" "z", "Ζ" "Z", "ƶ" "z", "ᴀ" "a", "ʙ" "b", "ᴅ" "d", "ᴇ" "e", "ꜰ" "f", "ɢ" "g", "ʜ" "h", "ɪ" "i", "ᴊ" "j", "ᴋ" "k", "ᴍ" "m",
    "ᴏ" "o", "ᴘ" "p", "ꜱ" "s", "ᴛ" "t", "ᴜ" "u", "ᴠ" "v", "ᴡ" "w", "ʏ" "y", "ᴢ" "z",
)  # fmt: skip
LOOK_ALIKES = {pair[0]: pair[1] for pair in _LOOK_ALIKE_PAIRS}

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
    if character in "\n\r\t\v\f\x85\u2028\u2029":
        return "\n" if character not in "\t" else " "
    if character.isascii():
        return character if character.isprintable() else ""
    known = _PLAIN_PUNCTUATION.get(character) or LOOK_ALIKES.get(character)
    if known:
        return known
    word = _EMOJI.get(character)
    if word:
        return f" {word} "
    letter = _emoji_letter(ord(character))
    if letter:
        return letter
    if ord(character) in _SKIN or unicodedata.category(character) in _INVISIBLE:
        return ""
    plain: list[str] = []
    for part in unicodedata.normalize("NFKD", character):
        if part == character:
            plain.append(part)
        elif unicodedata.category(part) not in _INVISIBLE:
            plain.append(fold_character(part))
    return "".join(plain)


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
