"""One account's turn: what is due is read, kind after kind, and followers are compared. A part of the composition root."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from functools import partial

from monitor import poll, read_back
from monitor.domain import ItemKind
from monitor.poll import Watch
from monitor.ports import Clock
from monitor.read_again import read_again
from monitor.reconcile import reconcile
from monitor.store import Store


def take_turn(
    store: Store, watch: Watch, kinds: Iterable[ItemKind], *, clock: Clock, chance: random.Random
) -> int:
    """Returns how many items are new or changed. It ends far below what counts as hung, however slow the network is: what
    is left is due still, and the next tick has it."""
    asked, new = list(kinds), 0
    ends = time.monotonic() + poll.TURN
    read_again(store, watch, clock=clock)
    for number, kind in enumerate(asked):
        left = ends - time.monotonic()
        if number and left <= 0:
            return new
        stored = poll.poll(store, watch, kind, clock=clock, chance=chance, patience=left)
        new += stored.new + stored.changed
    if ItemKind.FOLLOWER in asked:
        for ask in (read_back.read_relations, read_back.read_blocked, partial(reconcile, chance=chance)):
            if time.monotonic() < ends:
                ask(store, watch, clock=clock)
    return new
