"""Reads the hand-written lines of `corpus/*.seeds` and makes varied texts of them.

A file is text in UTF-8. `# ...` is a comment. `$ slot = a | b` gives a slot of that file. `@ function : labels` heads a
section; each other line is one seed until the next heading. A label is a category; `?category` leaves it undecided.
Every category that is not named counts as a firm no. `discrimination` alone takes its characteristic from the group that
the line names. A seed holds `(one|another|)` and `{slot}`; see `corpus/groups.toml` and `corpus/slots.toml`.

    python -m bench.train.seeds [FILE ...]      checks the files, and prints how many seeds and texts each holds
"""

from __future__ import annotations

import hashlib
import random
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from bench.train.heads import DISCRIMINATION, HARMLESS, HEADS, OF_CHARACTERISTICS, OFTEN_TOO

CORPUS = Path(__file__).parent / "corpus"
MOST_OF_ONE, MOST_OF_GROUPS = 8, 30  # texts made of one seed: without and with a group in it
HELD_BACK = 8  # of a hundred seeds
FORMS = ("people", "person", "one", "adj", "slur", "slurs")
_SLOT = re.compile(r"\{([a-z_]+?)(2?)(?::([a-z_,]+))?\}")
_SMILE = re.compile(r"[:;=]['-]?[()]")
_HEADING = re.compile(r"@\s*([\w.\-/ ]+?)\s*:(.*)")


class Text(NamedTuple):
    """One text with what is known of it: 1 or 0 for each head; a head that is missing is undecided."""

    text: str
    labels: Mapping[str, int]
    function: str
    alone: bool = False  # the only text of its seed


@dataclass(frozen=True)
class Seed:
    text: str
    function: str
    labels: frozenset[str]
    undecided: frozenset[str]
    slots: Mapping[str, Sequence[str]]
    where: str


@cache
def groups() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((CORPUS / "groups.toml").read_text("utf-8"))


@cache
def shared_slots() -> Mapping[str, Sequence[str]]:
    slots: dict[str, Sequence[str]] = tomllib.loads((CORPUS / "slots.toml").read_text("utf-8"))
    full = [f"{name} {surname}" for name in slots["name"][::3] for surname in slots["surname"][::4]]
    return {**slots, "fullname": full}


def read(path: Path) -> list[Seed]:
    """The seeds of one file. ValueError: the file, the line and what is wrong with it."""
    seeds: list[Seed] = []
    function, labels, undecided = "", frozenset[str](), frozenset[str]()
    slots: dict[str, Sequence[str]] = {}
    for number, raw in enumerate(path.read_text("utf-8").splitlines(), 1):
        line, where = raw.strip(), f"{path.name}:{number}"
        if not line or line.startswith("#"):
            continue
        if line.startswith("$"):
            name, _, values = line[1:].partition("=")
            slots[name.strip()] = [value.strip() for value in values.split("|")]
        elif line.startswith("@ "):
            heading = _HEADING.fullmatch(line)
            if heading is None:
                raise ValueError(f"{where}: write a heading as `@ function : labels`")
            function = heading[1]
            named = [one for one in heading[2].split() if one != "none"]
            labels = frozenset(one for one in named if not one.startswith("?"))
            undecided = frozenset(one[1:] for one in named if one.startswith("?"))
            for unknown in sorted((labels | undecided) - set(HEADS)):
                raise ValueError(f"{where}: there is no category {unknown!r}")
        elif not function:
            raise ValueError(f"{where}: the first line must be a heading, `@ function : labels`")
        else:
            seed = Seed(line, function, labels, undecided, slots, where)
            _check(seed)
            seeds.append(seed)
    return seeds


def _check(seed: Seed) -> None:
    plain = _SMILE.sub("", seed.text)
    if plain.count("(") != plain.count(")") or seed.text.count("{") != seed.text.count("}"):
        raise ValueError(f"{seed.where}: a bracket is not closed")
    for name, _, only in _SLOT.findall(seed.text):
        if name not in FORMS and name not in seed.slots and name not in shared_slots():
            raise ValueError(f"{seed.where}: there is no slot {{{name}}}")
        known = groups().keys() | {one["characteristic"] for one in groups().values()}
        for unknown in sorted(set(filter(None, only.split(","))) - known):
            raise ValueError(f"{seed.where}: there is no group or characteristic {unknown!r}")
    if _fitting(seed.text) == []:
        raise ValueError(f"{seed.where}: no group has all the forms that this line asks for")


def _fitting(text: str) -> list[str] | None:
    """The groups that a line may be about; none where it names no group."""
    asked = [
        (name, set(filter(None, only.split(",")))) for name, _, only in _SLOT.findall(text) if name in FORMS
    ]
    if not asked:
        return None
    return [
        key
        for key, group in groups().items()
        if all(
            form in group and (not only or key in only or group["characteristic"] in only)
            for form, only in asked
        )
    ]


def texts(seed: Seed, rng: random.Random) -> Iterator[Text]:
    """The different texts of a seed, at most MOST_OF_ONE or MOST_OF_GROUPS."""
    fitting = _fitting(seed.text)
    most = MOST_OF_GROUPS if fitting else MOST_OF_ONE
    order = rng.sample(fitting, len(fitting)) if fitting else [""]
    seen: set[str] = set()
    for turn in range(most * 2):
        group = order[turn % len(order)]
        text = _filled(seed, group, rng)
        if text not in seen:
            seen.add(text)
            yield Text(
                text, labels(seed, group), seed.function, alone="{" not in seed.text and "|" not in seed.text
            )
        if len(seen) == most:
            return


def labels(seed: Seed, group: str) -> Mapping[str, int]:
    """What is known of a text of this seed about this group."""
    known = dict.fromkeys(HEADS, 0)
    positive = set(seed.labels)
    if DISCRIMINATION in positive and group:
        positive.add(f"{DISCRIMINATION}.{groups()[group]['characteristic']}")
    if positive & set(OF_CHARACTERISTICS):
        positive.add(DISCRIMINATION)
    known.update(dict.fromkeys(positive, 1))
    undecided = set(seed.undecided)
    if positive - HARMLESS:
        undecided |= OFTEN_TOO - positive
    if DISCRIMINATION in positive and not positive & set(OF_CHARACTERISTICS):
        undecided |= set(OF_CHARACTERISTICS)
    if DISCRIMINATION in undecided:
        undecided |= set(OF_CHARACTERISTICS) - positive
    return {head: value for head, value in known.items() if head not in undecided}


def _filled(seed: Seed, group: str, rng: random.Random) -> str:
    chosen: dict[str, str] = {}

    def value(match: re.Match[str]) -> str:
        name, second = match[1], match[2]
        key = name + second
        if key not in chosen:
            if name in FORMS:
                values: Sequence[str] = groups()[group][name]
            else:
                values = seed.slots.get(name) or shared_slots()[name]
            others = [one for one in values if one != chosen.get(name)]
            chosen[key] = rng.choice(others or list(values))
        return chosen[key]

    filled = _SLOT.sub(value, _alternatives(seed.text, rng))
    return re.sub(r"\s+([,.!?])", r"\1", re.sub(r"\s+", " ", filled)).strip()


_INNERMOST = re.compile(r"\(([^()]*)\)")


def _alternatives(text: str, rng: random.Random) -> str:
    """The text with one choice for each `(a|b)`; brackets without a bar stay as they are."""
    while True:
        for match in _INNERMOST.finditer(text):
            if "|" in match[1]:
                text = text[: match.start()] + rng.choice(match[1].split("|")) + text[match.end() :]
                break
        else:
            return text


def is_held_back(text: str) -> bool:
    """The same tenth of all lines at every run, on every machine: kept from training, to measure with."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 100 < HELD_BACK


def everything(
    seed: int = 0, paths: Sequence[Path] = (), *, held_back: bool | None = None, most: int = MOST_OF_GROUPS
) -> Iterator[Text]:
    """All texts of all files (of `paths` only, if given), the same for the same `seed`, `most` of one seed; those of the
    seeds that are held back from training, or of the others, where it is asked."""
    for path in paths or sorted(CORPUS.glob("*.seeds")):
        for number, one in enumerate(read(path)):
            if held_back is not None and is_held_back(one.text) is not held_back:
                continue
            yield from islice(texts(one, random.Random(f"{seed} {path.name} {number}")), most)


def main(arguments: Sequence[str]) -> int:
    total = Counter[str]()
    for path in [Path(one) for one in arguments] or sorted(CORPUS.glob("*.seeds")):
        try:
            seeds = read(path)
        except ValueError as error:
            print(error)
            return 1
        made = list(everything(paths=[path]))
        repeated = [text for text, count in Counter(one.text.lower() for one in seeds).items() if count > 1]
        print(f"{path.name}: {len(seeds)} seeds, {len(made)} texts; twice: {repeated[:5]}")
        total.update(seeds=len(seeds), texts=len(made))
        total.update(head for one in made for head, value in one.labels.items() if value)
    for name, count in total.most_common():
        print(f"{count:>8} {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
