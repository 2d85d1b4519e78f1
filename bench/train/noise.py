"""Slips of the finger and short forms, as people write on phones: so that the model is not thrown by them. Seeded."""

from __future__ import annotations

import random
import re

NOISY = 0.35  # of all texts in a pass
_SHORT = {
    "you": ["u", "ya", "yu"], "your": ["ur", "yr"], "you're": ["ur", "your", "youre"], "are": ["r"], "please": ["pls", "plz"],
    "because": ["cos", "bc", "coz"], "people": ["ppl"], "with": ["wiv", "w"], "the": ["da", "teh", "th"], "that": ["dat", "tht"],
    "about": ["abt"], "tonight": ["2nite", "tonite"], "tomorrow": ["tmrw", "2moro", "tmw"], "before": ["b4"], "to": ["2"], "for": ["4"],
    "and": ["n", "&"], "know": ["no", "kno"], "what": ["wat", "wot"], "have": ["av", "hav"], "going to": ["gonna"], "want to": ["wanna"],
    "them": ["em", "dem"], "this": ["dis", "ths"], "school": ["skool", "scl", "schl"], "teacher": ["teach", "techer"], "really": ["rly", "realy"],
    "don't": ["dont"], "can't": ["cant"], "won't": ["wont"], "isn't": ["isnt", "aint"], "I'm": ["im"], "he's": ["hes"], "she's": ["shes"],
    "they're": ["theyre", "there"], "shouldn't": ["shouldnt"], "I": ["i"], "something": ["smth"], "someone": ["sum1", "some1"],
}  # fmt: skip
_TAGS = [
    "",
    "",
    "",
    " lol",
    " smh",
    " tbh",
    " ffs",
    " x",
    " xx",
    " !!!",
    " ???",
    " ...",
    " imo",
    " fr",
    " ngl",
    " haha",
    " 🙄",
    " 👏",
    " 😂",
    " 😡",
    " ❤️",
]
_FRONT = [
    "",
    "",
    "",
    "",
    "@OakdenHigh ",
    "@wexcombe_ptfa ",
    "@wexcombe_ptfa @OakdenHigh ",
    "lol ",
    "omg ",
    "ngl ",
    "honestly ",
    "so ",
    "well ",
    "and ",
    "tbh ",
    "ok ",
    "RT @a: ",
]
_WORD = re.compile(r"[A-Za-z']+")


def noisy(text: str, rng: random.Random) -> str:
    """The text with one to three kinds of noise."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        text = rng.choice(_KINDS)(text, rng)
    return text


def _slip(text: str, rng: random.Random) -> str:
    places = [match for match in _WORD.finditer(text) if match.end() - match.start() > 3]
    for match in sorted(
        rng.sample(places, min(len(places), rng.choice((1, 1, 2)))), key=lambda one: -one.start()
    ):
        text = text[: match.start()] + _slipped(match.group(), rng) + text[match.end() :]
    return text


def _slipped(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    return word[:at] + rng.choice("aeiostrn") + word[at + 1 :]


def _short(text: str, rng: random.Random) -> str:
    for word in rng.sample(sorted(_SHORT), len(_SHORT)):
        if rng.random() < 0.5:
            text = re.sub(rf"(?<![\w']){re.escape(word)}(?![\w'])", rng.choice(_SHORT[word]), text)
    return text


def _joined(text: str, rng: random.Random) -> str:
    spaces = [at for at, sign in enumerate(text) if sign == " "]
    for at in sorted(rng.sample(spaces, min(len(spaces), rng.choice((1, 1, 2)))), reverse=True):
        text = text[:at] + text[at + 1 :]
    return text


def _parted(text: str, rng: random.Random) -> str:
    places = [match for match in _WORD.finditer(text) if match.end() - match.start() > 4]
    if not places:
        return text
    match = rng.choice(places)
    at = rng.randrange(match.start() + 1, match.end())
    return text[:at] + " " + text[at:]


def _bare(text: str, _: random.Random) -> str:
    return re.sub(r"[.,;:!?'’\"“”]", "", text)


def _low(text: str, rng: random.Random) -> str:
    return text.lower() if rng.random() < 0.7 else text.upper()


def _framed(text: str, rng: random.Random) -> str:
    return rng.choice(_FRONT) + text + rng.choice(_TAGS)


_KINDS = (_slip, _slip, _short, _short, _joined, _parted, _bare, _low, _framed, _framed)
