"""What the contract runs against: one account on one network, with hooks to write on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors import build
from monitor.domain import Item, ItemKind, Page
from monitor.ports import Connector

TOKEN = "token-never-to-be-seen-0123456789"
LIMIT = 40  # polls that a connector may ask for in one go


class Ticking:
    """A clock that moves one second at each look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class World:
    """One account on one network. `write` adds an item of each kind, with a text, and returns its external id."""

    network: str
    settings: Mapping[str, Any]
    faults: Any  # arm(name, times=, path=, ...), clear(), requests: as monitor.sandbox.faults
    write: Mapping[ItemKind, Callable[[str], str]]
    edit: Callable[[str, str], object]
    delete: Callable[[str], object]
    is_hidden: Callable[[str], bool]
    moderated: ItemKind  # the kind whose items may be hidden
    handle: str = "StAldhelms"
    key: str = "main"
    clock: Ticking = field(default_factory=Ticking)

    def connect(self, **changed: Any) -> Connector:
        settings = {**self.settings, **changed}
        return build(self.network, settings, key=self.key, handle=self.handle, clock=self.clock)


def drain(connector: Connector, kind: ItemKind, cursor: str | None) -> tuple[list[Item], str | None]:
    """All that a connector has for a cursor, as the poll stage asks for it."""
    items: list[Item] = []
    for _ in range(LIMIT):
        page = connector.poll(kind, cursor)
        assert isinstance(page, Page)
        items += page.items
        cursor = page.cursor
        if not page.more:
            return items, cursor
    raise AssertionError(f"{kind} asks to be polled without end")


def ids(items: list[Item]) -> list[str]:
    return [item.external_id for item in items]


def is_sentence(message: str) -> bool:
    return (
        bool(re.search(r"\w", message))
        and message.endswith(".")
        and "\n" not in message
        and TOKEN not in message
    )
