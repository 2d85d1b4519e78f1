"""Who can help with what: the next step of each category, read from `doors.toml`, which a school may lay its own over.

Words only: this opens no network connection, and no address from here is put in a mail.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from alerts.outside import Door, doors_in
from alerts.words import family
from monitor.errors import ConfigError

SHIPPED = Path(__file__).parent / "doors.toml"
BASE = "england"
SECTIONS = frozenset({"next", "help", "words", "door"})


@dataclass(frozen=True, slots=True)
class Doors:
    """What to do next by category, for one jurisdiction. `reviewed`: when a person last checked it."""

    reviewed: date
    steps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    help_says: str = ""
    help_for: frozenset[str] = frozenset()
    outside: tuple[Door, ...] = ()  # who may be told, most urgent first

    def next_steps(self, category: str) -> tuple[str, ...]:
        """What to do, first thing first; a category's own entry before its family's; nothing for the unknown."""
        own = self.steps.get(category) or self.steps.get(family(category), ())
        return (*own, self.help_says) if self.help_says and family(category) in self.help_for else tuple(own)

    def doors_for(self, category: str, *, reported: bool) -> tuple[Door, ...]:
        """Who outside may be told of a category, whose clock runs first; `reported`: the network has had it, as some ask
        for before they take anything."""
        found = [
            door
            for door in self.outside
            if family(category) in door.categories and (reported or not door.after_report)
        ]
        return tuple(sorted(found, key=lambda door: not door.clock))

    def reached(self, key: str, *, name: str = "", phone: str = "", mail: str = "") -> Doors:
        """The same, with the school's own contact at one of them."""
        own = [
            door.reached(name=name, phone=phone, mail=mail) if door.key == key else door
            for door in self.outside
        ]
        return replace(self, outside=tuple(own))

    def door(self, key: str) -> Door | None:
        return next((door for door in self.outside if door.key == key), None)


@cache
def load_doors(jurisdiction: str = BASE, own: Path | None = None) -> Doors:
    """England's words, then the jurisdiction's, then those of the school's `own` file. Raises ConfigError."""
    files = [(SHIPPED, _read(SHIPPED))] + ([(own, _read(own))] if own else [])
    known = {name for _, data in files for name, value in data.items() if isinstance(value, dict)}
    if jurisdiction not in known:
        raise ConfigError(
            [f"jurisdiction: {jurisdiction!r} is not one of {', '.join(sorted(known))}; choose one."]
        )
    merged: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    reviewed = date.min
    for path, data in files:
        reviewed = _reviewed(path, data, reviewed)
        for layer in dict.fromkeys((BASE, jurisdiction)):
            for section, values in _table(path, layer, data.get(layer, {})).items():
                if section not in SECTIONS:
                    raise ConfigError(
                        [f"{path}: {layer}.{section} is unknown; use {', '.join(sorted(SECTIONS))}."]
                    )
                given = _table(path, f"{layer}.{section}", values)
                if section == "door":  # a nation or a school changes a key of a door, not the whole door
                    for key, door in given.items():
                        known_door = merged["door"].get(key, {})
                        merged["door"][key] = known_door | _table(path, f"{layer}.door.{key}", door)
                else:
                    merged[section].update(given)
    words = merged["words"]
    try:
        outside = doors_in(merged["door"], lambda text: _worded(text, words))
    except ConfigError as error:
        raise ConfigError([f"{own or SHIPPED}: {problem}" for problem in error.problems]) from None
    return Doors(
        reviewed=reviewed,
        steps={
            name: tuple(_worded(text, words) for text in _sentences(f"next.{name}", texts))
            for name, texts in merged["next"].items()
        },
        help_says=str(merged["help"].get("says", "")),
        help_for=frozenset(merged["help"].get("categories", ())),
        outside=outside,
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            [f"{path}: cannot be read ({error}); mend it, or take it out of the configuration."]
        ) from error


def _reviewed(path: Path, data: dict[str, Any], before: date) -> date:
    when = data.get("reviewed", before)
    if not isinstance(when, date):
        raise ConfigError(
            [f"{path}: reviewed is {when!r}; write a date without quotation marks, such as 2026-11-20."]
        )
    return when


def _table(path: Path, key: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError([f"{path}: {key} is not a table; write it as [{key}]."])
    return value


def _sentences(key: str, texts: object) -> tuple[str, ...]:
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ConfigError([f"{key}: must be a list of sentences, such as ['Call 999.', 'Tell the lead.']."])
    if any("://" in text for text in texts):
        raise ConfigError(
            [f"{key}: holds a web address, and a mail has only our own link; put it under `page` of a door."]
        )
    return tuple(texts)


def _worded(text: str, words: Mapping[str, str]) -> str:
    for word, other in words.items():
        text = text.replace(word, other)
    return text
