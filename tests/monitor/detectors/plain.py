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

    def joined_name(self, word: str) -> str | None:
        return next(
            (
                role
                for (first, *rest), role in self._full.items()
                if word in (first + "".join(rest), "".join(rest) + first)
            ),
            None,
        )

    def near_name(self, given: str, family: str) -> str | None:
        for name, role in self._full.items():
            if role != "pupil" or len(name) != 2:
                continue
            exact = sum(a == b for a, b in zip(name, (given, family), strict=True))
            if exact == 1 and _one_off(
                *next((a, b) for a, b in zip(name, (given, family), strict=True) if a != b)
            ):
                return role
        return None

    def handle(self, network: str, handle: str) -> tuple[str, str] | None:
        return None


def _one_off(one: str, other: str) -> bool:
    """Whether one letter is left out, added, changed or swapped."""
    if abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 4:
        return False
    swapped = {one[:at] + one[at + 1] + one[at] + one[at + 2 :] for at in range(len(one) - 1)}
    changed = len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1
    left = {one[:at] + one[at + 1 :] for at in range(len(one))}
    more = {other[:at] + other[at + 1 :] for at in range(len(other))}
    return other in swapped or changed or other in left or one in more


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
