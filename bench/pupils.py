"""Pupils who do not exist, as many as a large school has, and how a comment may write their names."""

from __future__ import annotations

import csv
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from string import ascii_lowercase

from monitor.detectors import load_rules
from monitor.domain import Finding
from monitor.register import register_from_csv
from monitor.register_hashes import HashedRegister

PUPILS = 3000
SEED = 11
_NAMED = frozenset({"name.full", "name.near"})
SURNAMES = (
    "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker White Roberts Green Hall "
    "Wood Jackson Clarke Khan Ali Hussain Begum Ahmed Harris Lewis Young King Hill Baker Turner Carter Phillips Mitchell Ward "
    "Cooper Parker Morris Morgan Watson Bell Bailey Kelly Richardson Cox Rose Summers Marsh Field Brook Frost Day Long Little "
    "Okafor Adeyemi Mensah Asante Kowalski Nowak Kaminska Popescu Murphy Byrne Doyle Gallagher Macdonald Campbell Fraser Stewart "
    "Pritchard Griffiths Llewellyn Vaughan Begley Hargreaves Entwistle Ramsbottom Thistlewood Braithwaite Fairclough Ashworth "
    "Singh Kaur Sharma Gupta Nair Iyer Rahman Chowdhury Islam Malik Siddiqui Chen Wong Nguyen Tran Santos Ferreira Garcia Rossi "
    "Asante-Bell Hart-Davies McAllister O'Brien O'Neill St-Clair"
)
FRAMES = (
    "Well done {} on the cross country, what a run", "has anyone seen {} today, the bus has been and gone",
    "My son sits next to {} in maths", "{} was brilliant in the play last night!", "I think that is {} at the back of the photo",
)  # fmt: skip


def pupils(count: int = PUPILS) -> list[tuple[str, str]]:
    """(forename, surname) of different pupils, the same at every run."""
    forenames = sorted(name.title() for name in load_rules().lists["forenames"] if len(name) > 3)
    every = [(forename, surname) for forename in forenames for surname in SURNAMES.split()]
    return random.Random(SEED).sample(every, count)


def register_of(people: Sequence[tuple[str, str]]) -> HashedRegister:
    """Read from a file such as a school office exports."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("Forename", "Surname", "Year Group", "Reg Group"))
            for number, (forename, surname) in enumerate(people):
                year = number % 7 + 7
                rows.writerow((forename, surname, year, f"{year}{'ABCDEF'[number // 7 % 6]}"))
        return register_from_csv(path)


def names(
    look: Callable[[str], Sequence[Finding]], people: Sequence[tuple[str, str]], ordinary: Sequence[str]
) -> dict[str, list[int]]:
    """How many mentions of each kind are taken for a pupil's name, and how many texts that name none of them."""
    counts: dict[str, list[int]] = {}
    for kind, text in [*mentions(people), *(("no pupil's name", text) for text in ordinary)]:
        of = counts.setdefault(kind, [0, 0])
        of[0] += any(one.detector in _NAMED for one in look(text))
        of[1] += 1
    return counts


def mentions(people: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """(how it is written, a text that names a pupil so)."""
    dice = random.Random(SEED)
    for forename, surname in people:
        frame = dice.choice(FRAMES)
        full = f"{forename} {surname}"
        yield "full name", frame.format(full)
        yield "full name as a hashtag", frame.format("#" + "".join(x for x in full if x.isalpha()))
        yield "one letter wrong", frame.format(slip(forename, surname, dice))


def slip(forename: str, surname: str, dice: random.Random) -> str:
    """A letter left out, doubled, changed, or swapped with the next; never the first of the name. The longer of the two
    names has it: of a name of three letters a slip makes another name."""
    word, first = (forename, True) if len(forename) > len(surname) else (surname, False)
    places = [at for at in range(1, len(word) - 1) if word[at].isalpha() and word[at + 1].isalpha()]
    at = dice.choice([at for at in places if word[at] != word[at + 1]] or places)
    other = dice.choice([x for x in ascii_lowercase if x != word[at]])
    wrong = dice.choice([
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + other + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    ])  # fmt: skip
    return f"{wrong} {surname}" if first else f"{forename} {wrong}"
