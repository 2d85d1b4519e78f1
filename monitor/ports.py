"""The shapes the centre asks for; whoever has the shape may be used. No behaviour here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Protocol, runtime_checkable

from monitor.checked import Health
from monitor.domain import (
    ActionKind,
    Capability,
    Count,
    Done,
    Finding,
    Item,
    ItemKind,
    Outcome,
    Page,
    People,
)


class Clock(Protocol):
    def __call__(self) -> datetime:
        """Now, aware, in UTC."""
        ...


class Connector(Protocol):
    """One connection to one account of one network. Every method raises only ConnectorError."""

    network: ClassVar[str]
    reads: ClassVar[frozenset[ItemKind]]  # what can be polled
    actions: ClassVar[Mapping[ActionKind, Capability]]  # every ActionKind is a key
    read_price: ClassVar[Decimal]  # US dollars for one of `Page.reads`; 0 where reading is free

    @property
    def api(self) -> str:
        """Which interface of the network is asked, with its version, as evidence says it: "X API v2"."""
        ...

    def poll(self, kind: ItemKind, cursor: str | None) -> Page:
        """New since `cursor`, oldest first; None asks for the baseline."""
        ...

    def act(self, action: ActionKind, item: Item) -> Outcome:
        """Do it, and read back what is true then. Doing it twice is not an error; what is gone counts as success.

        `accept_follower` and `remove_follower` are such actions too, on an item that is a follower.
        """
        ...

    def check(self) -> Health:
        """Token, permissions, version, credit. Reads only."""
        ...


@runtime_checkable
class Blocking(Protocol):
    """A connector whose network tells whom the account blocks, so that a block by hand can be read back."""

    def blocked(self) -> People:
        """Everybody, by the network's stable ids. Raises only ConnectorError."""
        ...


@dataclass(frozen=True, slots=True)
class Relations:
    """How some people stand with an account, by their ids: each in one of the three, or in none where nothing was told.
    `reads` as in `Page`."""

    follow: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()  # and do not follow
    neither: frozenset[str] = frozenset()
    reads: int = 0


@runtime_checkable
class Relating(Protocol):
    """A connector whose network tells how people whose ids are known stand with the account, so that a removal by hand
    can be read back without the whole list."""

    def relations(self, ids: Sequence[str]) -> Relations:
        """How these stand with the account, 100 at most. Networks may say nothing of a stranger: ask of a known follower
        as well, so that it shows whether they say anything at all. Raises only ConnectorError."""
        ...


@runtime_checkable
class Following(Protocol):
    """A connector whose network tells whom the account follows."""

    def following(self) -> People:
        """Everybody, each with the network's stable id. Raises only ConnectorError."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """One item as the network shows it now. `standing`: VISIBLE, HIDDEN or GONE; None where it is there and the network
    does not say whether it is hidden. `item`: it as it reads now, None when it is gone. `says`: one sentence of truth
    for the page. `reads` as in `Page.reads`."""

    standing: Done | None
    item: Item | None = None
    says: str = ""
    reads: int = 0


@runtime_checkable
class Looking(Protocol):
    """A connector whose network shows one item again when it is asked for it."""

    def look(self, item: Item) -> Seen:
        """How it stands and reads now; what is gone is an answer, no error. Raises only ConnectorError."""
        ...


@runtime_checkable
class Dated(Protocol):
    """A connector whose network says what time it is."""

    def clock_off(self) -> float | None:
        """Seconds by which its clock was ahead of ours at its last answer; None where it has not said."""
        ...


@runtime_checkable
class Counting(Protocol):
    """A connector that can ask how many there are of something, far cheaper than listing them all."""

    def count(self, kind: ItemKind) -> Count | None:
        """How many the network says there are; None for a kind that it does not count. Raises only ConnectorError."""
        ...


class Register(Protocol):
    """What judgement may ask of the school office's records: keyed hashes only, so it answers yes or no, never a list.

    `words` are normalised name tokens (lower case, no diacritics): "Zoë O'Brien" is ("zoe", "obrien").
    """

    def full_name(self, words: Sequence[str]) -> str | None:
        """The role ("pupil", "parent", "staff") whose full name these words are, in either order; None if nobody's."""
        ...

    def part_name(self, word: str) -> str | None:
        """The role of somebody with this forename or surname; None if nobody's."""
        ...

    def joined_name(self, word: str) -> str | None:
        """The role of somebody whose forename and surname, run together in either order, are this word; None if nobody's."""
        ...

    def near_name(self, given: str, family: str) -> str | None:
        """As `full_name` where these are a pupil's forename and surname but for one letter in one of them; None if not."""
        ...

    def handle(self, network: str, handle: str) -> tuple[str, str] | None:
        """(person id, role) of whoever the office wrote this handle down for."""
        ...


class Detector(Protocol):
    """Code that looks. Pure: the same text and register give the same findings."""

    name: str

    def look(self, text: str) -> Sequence[Finding]: ...
