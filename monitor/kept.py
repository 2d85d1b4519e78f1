"""What a pure function said of a word, remembered: most words of most texts are the same few thousand. Bounded.

It is a plain dictionary, since asking one costs less than half of what `functools.lru_cache` does, which notes at every
look-up that the word was asked for. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

LONGEST = 64  # characters; a longer word is asked anew each time, or rows of letters would fill the memory

T = TypeVar("T")


class Kept(dict[str, T]):
    """`kept[word]` is what `ask` says of the word; what it raises goes through, and nothing is remembered then.

    At most `most` words are remembered, of at most LONGEST characters; when they are so many all are forgotten. May be
    asked from any thread.
    """

    __slots__ = ("_ask", "_most")

    def __init__(self, ask: Callable[[str], T], most: int) -> None:
        super().__init__()
        self._ask, self._most = ask, most

    def __missing__(self, word: str) -> T:
        answer = self._ask(word)
        if len(word) <= LONGEST:
            if len(self) >= self._most:
                self.clear()
            self[word] = answer
        return answer
