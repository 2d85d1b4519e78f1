"""Reading a listing that is newest first without losing or re-reading anything. Knows no network.

`walk` is for listings that take `since`, `until` and page tokens. Its state between polls is a small dict: `since` is
the newest id that is safely read; while a long walk is cut at the page cap, `newest` and `until` say where it began and
how far down it came. `until_known` is for listings that take page tokens only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from connectors.reading import age_order, identity, rows, text

Row = TypeVar("Row")
# (since, until, token), both bounds exclusive -> ([(id, row)], next token)
Fetch = Callable[[str | None, str | None, str | None], tuple[list[tuple[str, Row]], str | None]]


class Stale(Exception):  # noqa: N818 - it reads as what it says
    """Raised by a fetch whose position the network refused: too old a since, or an expired page token."""


@dataclass(frozen=True, slots=True)
class Walk(Generic[Row]):
    """`rows` by id, oldest first. `more`: the cap cut the walk, and `state` goes on from there."""

    rows: dict[str, Row]
    state: dict[str, Any]
    more: bool
    reads: int


def walk(
    fetch: Fetch[Row], state: Mapping[str, Any] | None, pages: int, hurried: Callable[[], bool]
) -> Walk[Row]:
    """What is newer than `state`, in at most `pages` requests and until `hurried`; None reads one page, the baseline.

    A server that ignores the bounds, repeats pages, shuffles them or goes round in circles makes no difference
    beyond wasted requests. Raises Stale when the network refuses even a request without a position.
    """
    baseline = state is None
    state = state or {}
    since, newest, until = (identity(state.get(name)) for name in ("since", "newest", "until"))
    floor, ceiling = _order(since), _order(until)
    found: dict[str, Row] = {}
    seen: set[str] = set()
    token: str | None = None
    asked_since, asked_until = since, until
    reads, ended = 0, False
    for _ in range(1 if baseline else pages):
        try:
            batch, following = fetch(asked_since, asked_until, token)
        except Stale:
            if token is not None:  # go on below what is already here
                token, asked_until = None, min(found, key=age_order, default=until)
                seen.clear()
            elif asked_since is not None:  # read from the top down to what is known
                asked_since = None
            elif asked_until is not None:
                asked_until = None
            else:
                raise
            continue
        reads += len(batch)
        fresh = [(name, row) for name, row in batch if floor is None or age_order(name) > floor]
        found.update((name, row) for name, row in fresh if ceiling is None or age_order(name) < ceiling)
        if not following or (batch and not fresh):
            ended = True
            break
        if following in seen or hurried():  # round in circles: the next walk goes on below, by `until`
            break
        seen.add(following)
        token = following
    order = sorted(found, key=age_order)
    top = max(filter(None, (since, newest, *order[-1:])), key=age_order, default=None)
    if baseline or ended or not order:
        return Walk({name: found[name] for name in order}, {"since": top}, more=False, reads=reads)
    state = {"since": since, "newest": top, "until": order[0]}
    return Walk({name: found[name] for name in order}, state, more=True, reads=reads)


def _order(name: str | None) -> tuple[int, str] | None:
    return None if name is None else age_order(name)


KNOWN = 200  # ids kept by `until_known`, so that many of them may vanish from the listing

# (page number from 0, token) -> ([(id, row)], next token)
Turn = Callable[[int, str | None], tuple[list[tuple[str, Row]], str | None]]


@dataclass(frozen=True, slots=True)
class Top(Generic[Row]):
    """`rows` by id, newest first; `met`: those of the pages read that were known, who may have gone and come back;
    `complete`: the listing was read to its end, and something was there.

    `emptied`: it shows nothing at all where several were known, which is a fault and never a departure.
    """

    rows: dict[str, Row]
    met: dict[str, Row]
    state: dict[str, Any]
    reads: int
    complete: bool
    emptied: bool


def until_known(
    turn: Turn[Row], state: Mapping[str, Any] | None, pages: int, hurried: Callable[[], bool]
) -> Top[Row]:
    """What stands above the first id that `state` knows; with None the whole listing, as far as `pages` reach."""
    known = [text(name) for name in rows((state or {}).get("known"))]
    found: dict[str, Row] = {}
    met: dict[str, Row] = {}
    token: str | None = None
    seen: set[str | None] = {None}
    reads, complete = 0, False
    for number in range(pages):
        batch, token = turn(number, token)
        reads += len(batch)
        met.update((name, row) for name, row in batch if name in known)
        found.update((name, row) for name, row in batch if name not in known)
        complete = state is None and token is None and bool(found)
        if met or token in seen or hurried():
            break
        seen.add(token)
    kept = {"known": [*found, *known][:KNOWN]}
    return Top(found, met, kept, reads, complete, emptied=len(known) > 1 and not reads)
