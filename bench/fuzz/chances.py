"""Where a case's choices come from: a number, bytes that a fuzzer chose, or whatever else is a `random.Random`."""

from __future__ import annotations

import random
from typing import Self


def numbered(target: str, number: int) -> random.Random:
    """The choices of one case of a target, the same on every machine."""
    return random.Random(f"{target} {number}")


class FromBytes(random.Random):
    """Choices read from bytes, so that a fuzzer which changes a byte changes one choice. After the last byte every choice
    is the first one."""

    def __new__(cls, data: bytes) -> Self:  # noqa: ARG004 - the base class would hash it as a seed
        return super().__new__(cls)

    def __init__(self, data: bytes) -> None:
        super().__init__(0)
        self._data, self._at = data, 0

    def getrandbits(self, k: int, /) -> int:
        size = (k + 7) // 8
        part = self._data[self._at : self._at + size]
        self._at += size
        return int.from_bytes(part, "little") & ((1 << k) - 1)

    def random(self) -> float:
        return self.getrandbits(32) / 2**32
