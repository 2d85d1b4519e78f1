"""Tables that fold written disguises to plain letters: look-alike characters, emoji, digits used as letters.

Data and the folding of characters only; `normalise` decides where a fold is allowed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Letters that look like a Latin one: Cyrillic, Greek, Armenian, Cherokee, Canadian syllables, small capitals, turned and
# hooked letters. Own table: the Unicode confusables file folds far more than people use, and digits into letters,
# which would harm "Y7" and "3pm".
_SHAPES = {
    "a": "аɑαᴀɐⱥꭺ⍺", "A": "АΑᎪᗩȺ", "b": "Ььвβʙƀɓҍƅᏼ", "B": "ВΒᏴᗷɃƁ", "c": "сϲςᴄ¢©ɔƈȼɕↄ", "C": "СᏟᑕƇȻ", "d": "ԁɗđðժᴅɖᑯ", "D": "ĐᎠᗪƉƊ",
    "e": "еєεəәэɘ€ᴇǝɛҽ℮ɇ", "E": "ЕЄΕЭᎬƐƎ", "f": "ƒғꜰɟʄքϝꞙẝ", "F": "ҒᖴϜ", "g": "ɡցɢƃɠǥ", "G": "ᏀᏳǤ", "h": "нһħіʜɥհɦ", "H": "НΗᎻᕼĦ",
    "i": "іιɩı¡їɪᴉɨꙇ", "I": "ІΙЇᎥ", "j": "јʝᴊյϳɉ", "J": "ЈᎫᒍ", "k": "кκĸᴋʞƙҟқҝ", "K": "КΚᏦҚ", "l": "ӏłʟɭƚן", "L": "ӀŁᏞᒪ",
    "m": "мᴍɱ", "M": "МΜṃᎷᗰ", "n": "пηոиŋɴɲɳƞռղ", "N": "ΝᑎИП", "o": "оοσøөօᴏჿ", "O": "ОΟØӨ", "p": "рρþᴘƥ", "P": "РΡᏢᑭ", "q": "ԛգզɋʠ",
    "r": "гɾʀяɹɽʁꭇ", "R": "ЯᏒᎡᖇ", "s": "ѕʂꜱȿƨꙅ", "S": "ЅՏᏚᔕ", "t": "тτ†ʈᴛʇƭŧ", "T": "ТΤᎢŦ", "u": "υμսцʊᴜʉ", "U": "ՍᑌɄ",
    "v": "νѵʋᴠʌ", "V": "ᏙᐯѴ", "w": "ωшԝɯᴡʍաѡ", "W": "ԜᎳᏔᗯ", "x": "хχҳ", "X": "ХΧ᙭", "y": "уγү¥ʏʎყɣ", "Y": "УΥҮᎽᎩ", "z": "ʐƶᴢȥ",
    "Z": "ΖᏃᘔƵ", "3": "з",
}  # fmt: skip
_LISU = dict(zip("ꓐꓑꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ", "BPDTGKJCZFMNLSRVHWXYAEIOU", strict=True))  # made after Latin capitals  # fmt: skip
LOOK_ALIKES = {odd: plain for plain, odds in _SHAPES.items() for odd in odds} | _LISU
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
LEET_AGAIN = LEET | {"1": "l", "!": "l", "|": "l", "6": "b", "9": "p", "#": "h", "2": "z", "<": "c"}

_LINE_ENDS = frozenset("\n\r\v\f\x85\u2028\u2029")
_INVISIBLE = frozenset({"Cf", "Mn", "Me", "Cc", "Cs", "Co"})
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")  # letters and signs by their class, but nothing is seen
_SKIN = range(0x1F3FB, 0x1F400)
_LETTER_BLOCKS = (
    range(0x1F1E6, 0x1F200),  # regional indicators
    range(0x249C, 0x24B6), range(0x1F110, 0x1F12A),  # in brackets
    range(0x1F130, 0x1F14A), range(0x1F150, 0x1F16A), range(0x1F170, 0x1F18A),  # squared and circled
)  # fmt: skip
_NOT_PLAIN = re.compile(r"[^ -~\n]")
_TO_THE_LEFT, _TO_THE_LEFT_ENDS = "\u202e", re.compile("[\u202c\u2069\n]|$")
_TURNED_LETTERS = re.compile("[ǝɐɥɹʇʎɯʞɟɔᴉʌʍƃɾ]")
_TURNED = str.maketrans("nupdqbɯMW", "unpbbqmWM") | {ord("d"): "p", ord("b"): "q", ord("q"): "b"}
_FEW_TURNED, _TURNED_SHARE = (
    3,
    3,
)  # so many, and one letter in so many, show that a text was turned upside down
_EMOJI_SIGNS = "".join(_EMOJI)
# A meaningful emoji between letters, with what may follow an emoji without being seen.
EMOJI_BETWEEN = re.compile(rf"[^\W_]+(?:(?:[{_EMOJI_SIGNS}][\u200d\ufe0f\U0001f3fb-\U0001f3ff]*)+[^\W_]+)+")
EMOJI_SIGN = re.compile(f"[{_EMOJI_SIGNS}]")


def _emoji_letter(point: int) -> str:
    """The letter of a regional indicator or of a letter in a square, a circle or brackets, else nothing."""
    for block in _LETTER_BLOCKS:
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
    return ord(character) in _SKIN or character in _BLANK or unicodedata.category(character) in _INVISIBLE


def _decomposed(character: str) -> str:
    parts = [part for part in unicodedata.normalize("NFKD", character) if not _is_invisible(part)]
    return "".join(part if part == character else fold_character(part) for part in parts)


def turned_sections(text: str) -> list[tuple[int, int]]:
    """The places [start, end) that are shown from right to left although they were typed so that they read from left
    to right: behind a right-to-left override, or the whole text where its letters stand on their heads."""
    if text.isascii():
        return []
    if _is_upside_down(text):
        return [(0, len(text))]
    sections: list[tuple[int, int]] = []
    at = text.find(_TO_THE_LEFT)
    while at >= 0:
        match = _TO_THE_LEFT_ENDS.search(text, at)
        end = match.start() if match else len(text)
        if end > at + 1:
            sections.append((at + 1, end))
        at = text.find(_TO_THE_LEFT, end)
    return sections


def _is_upside_down(text: str) -> bool:
    turned = len(_TURNED_LETTERS.findall(text))
    return turned >= _FEW_TURNED and turned * _TURNED_SHARE >= sum(sign.isalpha() for sign in text)


def _as_shown(text: str) -> str:
    """The text with every turned section as an eye reads it; as long as before."""
    sections = turned_sections(text)
    if not sections:
        return text
    if sections == [(0, len(text))] and _is_upside_down(text):
        return text[::-1].translate(_TURNED)
    pieces: list[str] = []
    last = 0
    for start, end in sections:
        pieces += [text[last:start], text[start:end][::-1]]
        last = end
    return "".join([*pieces, text[last:]])


def fold(text: str) -> tuple[str, list[int] | None]:
    """The text in plain characters, and for each of them the index it came from (None: the indexes are the same).

    In a turned section the index is that of the place where the character is seen.
    """
    if text.isascii() and (text.isprintable() or _NOT_PLAIN.search(text) is None):
        return text, None
    shown = _as_shown(text)
    pieces: list[str] = []
    origins: list[int] = []
    last = 0
    for match in _NOT_PLAIN.finditer(shown):
        index = match.start()
        plain = fold_character(match.group())
        pieces += (shown[last:index], plain)
        origins += range(last, index)
        origins += [index] * len(plain)
        last = index + 1
    pieces.append(shown[last:])
    origins += range(last, len(shown))
    return "".join(pieces), origins
