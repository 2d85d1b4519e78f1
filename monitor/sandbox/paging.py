"""Cut one page out of a listing, with opaque tokens that stay right when the listing grows or shrinks in between.

A token holds the key of the row it stands at, not a count, so nothing is skipped when somebody posts between two pages.
"""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


class StaleTokenError(ValueError):
    """The token was not made by this listing, or the sandbox was told to forget it."""


@dataclass(frozen=True, slots=True)
class Window(Generic[T]):
    """One page. `first` and `last` point before and after its rows (Graph `cursors`); `onward` and `back` are tokens to
    the neighbours, None where there is none; `here` leads to this page again."""

    rows: list[T]
    here: str
    onward: str | None
    back: str | None
    first: str | None
    last: str | None


def token_for(listing: str, side: str, key: int) -> str:
    return base64.b32encode(f"{side}.{key}.{listing}".encode()).decode().rstrip("=").lower()


def read_token(listing: str, token: str) -> tuple[str, int]:
    """The side ("after", "before") and key of a token. StaleTokenError when it is not one of this listing."""
    padded = token.upper() + "=" * (-len(token) % 8)
    try:
        side, key, made_for = base64.b32decode(padded).decode().split(".", 2)
        number = int(key)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise StaleTokenError(token) from None
    if made_for != listing or side not in {"after", "before"}:
        raise StaleTokenError(token)
    return side, number


def window(
    rows: Sequence[tuple[int, T]], listing: str, token: str | None, limit: int, *, newest_first: bool = True
) -> Window[T]:
    """The page of at most `limit` of `rows`, (key, row) pairs already in the order of the answer, keys unique."""
    sign = -1 if newest_first else 1
    ranks = [sign * key for key, _ in rows]
    start, stop = 0, limit
    if token is not None:
        side, key = read_token(listing, token)
        if side == "after":
            start = bisect_right(ranks, sign * key)
            stop = start + limit
        else:
            stop = bisect_left(ranks, sign * key)
            start = max(0, stop - limit)
    kept = rows[start:stop]
    first = token_for(listing, "before", kept[0][0]) if kept else None
    last = token_for(listing, "after", kept[-1][0]) if kept else None
    edge = rows[0][0] + (1 if newest_first else -1) if rows else 0
    return Window(
        rows=[row for _, row in kept],
        here=token if token is not None else token_for(listing, "after", edge),
        onward=last if stop < len(rows) else None,
        back=first if kept and start > 0 else None,
        first=first,
        last=last,
    )
