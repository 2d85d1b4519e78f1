"""A register in clear words, for tests only: the real one holds keyed hashes."""

from __future__ import annotations

from collections.abc import Sequence


class PlainRegister:
    def __init__(self, people: dict[str, str]) -> None:
        """`people` maps "forename surname" in small letters to pupil, parent or staff."""
        self._full = {tuple(name.split()): role for name, role in people.items()}
        self._parts = {part: role for name, role in people.items() for part in name.split()}

    def full_name(self, words: Sequence[str]) -> str | None:
        return self._full.get(tuple(words)) or self._full.get(tuple(reversed(words)))

    def part_name(self, word: str) -> str | None:
        return self._parts.get(word)

    def handle(self, network: str, handle: str) -> tuple[str, str] | None:
        return None


def register() -> PlainRegister:
    return PlainRegister(
        {
            "ellie marsh": "pupil",
            "zoe obrien": "pupil",
            "rose summers": "pupil",
            "will young": "pupil",
            "kaiya brindle": "pupil",
            "anne marie holt": "pupil",
            "jane marsh": "parent",
            "priti patel": "staff",
        }
    )
