"""Texts that are judged and shown: the normaliser, every detector, what is shown of a text, names and what followers say."""

from __future__ import annotations

import random
import re
import unicodedata
from datetime import date
from functools import cache

from alerts import safe
from bench.fuzz import texts
from bench.fuzz.target import Target, holds
from monitor.detectors import Judge, load_rules
from monitor.detectors.normalise import Normaliser
from monitor.domain import Author, Finding
from monitor.family_codes import ALPHABET, normal_code
from monitor.impersonation import impersonation
from monitor.names import name_words, normal_email, normal_handle
from monitor.possible import possible
from monitor.register import register_of
from monitor.register_csv import read_register
from monitor.register_hashes import HashedRegister
from monitor.underage import underage

SCHOOL = "St Elsewhere Primary School"
OFFICE = (
    "Forename,Surname,Class,Contact 1 Name,Contact 1 Email\n"
    "Tamsin,Okafor,3B,Grace Okafor,tamsin@mail.example\nZoë,O'Brien,4A,Sean O'Brien,sean@mail.example\n"
)
_LIVE = re.compile(r"\bhttps?://|\bwww\.\w|\b(?:mailto|tel|javascript|data|file):\S|\w@\w", re.IGNORECASE)
_FLAG = re.compile(
    "\U0001f3f4[\U000e0020-\U000e007e]{1,6}\U000e007f"
)  # England, Scotland, Wales: their tags may stay
_KEPT = frozenset("\u200c\u200d\n")


@cache
def register() -> HashedRegister:
    return register_of(read_register(OFFICE.encode()).people)


@cache
def judge() -> Judge:
    return Judge(load_rules(), register=register())


@cache
def normaliser() -> Normaliser:
    rules = load_rules()
    return Normaliser(rules.vocabulary, rules.rude, rules.slang)


def _read(chance: random.Random) -> None:
    said = texts.text(chance)
    reading = normaliser().read(said)
    sizes = {
        len(part)
        for part in (
            reading.words,
            reading.spans,
            reading.titled,
            reading.breaks,
            reading.quoted,
            reading.tagged,
        )
    }
    holds(len(sizes) == 1, "all that is known of the words is as long as the words")
    holds(
        all(0 <= start < end <= len(said) for start, end in reading.spans),
        "every word stands in the text as posted",
    )
    holds(
        all(word and word == word.strip() and " " not in word for word in reading.words), "a word is a word"
    )


def _judged(chance: random.Random) -> None:
    said = texts.text(chance)
    findings_hold(said, judge()(said))


def findings_hold(said: str, found: tuple[Finding, ...]) -> None:
    """Findings stand in the text, by place, and repeat none of its words in their reasons."""
    for one in found:
        holds(0 <= one.span[0] < one.span[1] <= len(said), "a finding stands in the text as posted")
        holds(texts.MARK not in one.reason and one.reason.isprintable(), "a reason holds no stranger's word")
    holds(list(found) == sorted(found, key=lambda one: (one.span, one.category)), "findings come by place")


def _shown(chance: random.Random) -> None:
    said, limit = texts.text(chance), chance.choice((1, 2, 40, 160, 2000))
    lines = chance.random() < 0.5
    shown_holds(safe.shown(said, limit, lines=lines), limit, lines=lines)
    spans = [_span(chance, said) for _ in range(chance.randint(0, 3))]
    hidden = [_span(chance, said) for _ in range(chance.randint(0, 2))]
    shown_holds(safe.shown(safe.masked(said, spans, hidden)), 2000)
    shown_holds(safe.shown(safe.masked_whole(said, hidden)), 2000)
    turned = safe.isolated(safe.clean(said))
    holds(
        turned.count("\u2068") == turned.count("\u2069") and turned.count("\u2068") < 2,
        "what turns the line is closed",
    )


def _span(chance: random.Random, said: str) -> tuple[int, int]:
    start = chance.randint(0, len(said))
    return start, chance.randint(start, len(said))


def shown_holds(shown: str, limit: int, *, lines: bool = False) -> None:
    """What a person is shown: nothing hides or turns, no address is live, no tower of marks, no longer than asked."""
    holds(len(shown) <= limit, "what is shown is no longer than asked for")
    holds(not _LIVE.search(shown), "what is shown holds no live address")
    for char in _FLAG.sub("", shown):
        kind = unicodedata.category(char)
        holds(
            kind not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} or char in _KEPT,
            "what is shown hides and turns nothing",
        )
    holds(lines or "\n" not in shown, "one line stays one line")
    holds(not re.search(r"[\u0300-\u036f\u0489\u0336]{5}", shown), "no tower of marks")
    shown.encode()


def _follower(chance: random.Random) -> None:
    handle, name, bio = texts.line(chance), texts.line(chance), texts.text(chance)
    author = Author("7", handle or None, name or None, bio or None)
    impersonation(author, ("StElsewhere",), SCHOOL, head="Ms Asha Quill")
    role = possible(author, register())
    holds(
        role in {None, "pupil", "parent", "staff", "governor"}, "an account is possibly of a role, or of none"
    )
    for one in underage(bio, date(2026, 11, 20)):
        holds(0 <= one.span[0] <= one.span[1] <= len(bio), "a finding stands in the bio")
    for word in name_words(name):
        holds(word.isalpha(), "a word of a name is letters")


def _addresses(chance: random.Random) -> None:
    said = texts.line(chance)
    address = normal_email(
        chance.choice((said, f"{said}@mail.example", f"grace@{said}", f" Grace@Mail.Example{said}"))
    )
    holds(
        address is None
        or (address.isprintable() and address.count("@") == 1 and not set(address) & set(' <>,;:"\\')),
        "an address is one address",
    )
    network = chance.choice(("", "x", "facebook"))
    read = normal_handle(
        network,
        chance.choice((said, f"@{said}", f"https://x.com/{said}", f"https://facebook.com/{said}?x=1")),
    )
    holds(read is None or re.fullmatch(r"[a-z0-9_.-]{1,64}", read[1]), "a handle is a handle")
    typed = chance.choice((said, "".join(chance.choice(ALPHABET) for _ in range(chance.randint(13, 16)))))
    code = normal_code(typed)
    holds(
        code is None or (len(code) == 15 and normal_code(code) == code), "a code is read as a code or as none"
    )


PROMISE = "Whatever a stranger writes is judged and shown, and leads nobody astray"
TARGETS = (
    Target("read", PROMISE, "texts to the normaliser", _read, 2_000),
    Target("judge", PROMISE, "texts to every detector, with a register", _judged, 900),
    Target("shown", PROMISE, "texts cleaned, defanged and masked", _shown, 4_000),
    Target("follower", PROMISE, "handles, names and bios of followers", _follower, 400),
    Target(
        "address",
        "Whatever is typed as an address, handle or code is one, or none",
        "typed words",
        _addresses,
        20_000,
    ),
)
