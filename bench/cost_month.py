"""A month of an invented school's X, replayed against the sandbox over HTTP with a clock that is moved: what is served.

Ours is the real thing: the connector, the poll, ingest and reconcile stages and their default intervals. The naive
reader asks for everything again at each turn, as a script of twenty lines would.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from sqlmodel import select

import connectors
from monitor import health, poll, schema
from monitor.domain import ItemKind
from monitor.poll import Watch
from monitor.ports import Connector
from monitor.reconcile import reconcile
from monitor.sandbox.faults import Faults
from monitor.sandbox.x_api import serve_x
from monitor.sandbox.x_bill import Bill
from monitor.sandbox.x_state import XState
from monitor.settings import Account
from monitor.store import Store
from monitor.tables import StreamRow
from monitor.vault import Vault

BEGINS = datetime(2026, 11, 1, tzinfo=UTC)  # midnight, when the network's days begin
DAY, STEP = timedelta(days=1), timedelta(minutes=5)
CHECKED = time(6)  # the service asks each network once a day whether all is well
AUTHORS = 300  # people who comment, in turn
NAIVE_TURNS = 12  # a day that are replayed of the naive reader; each is as dear as the next
KINDS = (ItemKind.MENTION, ItemKind.FOLLOWER, ItemKind.POST)


@dataclass(frozen=True, slots=True)
class School:
    """How much happens on one account. `new` followers a day, `leaving` in each week, `posts` and `comments` a day."""

    followers: int
    new: int = 3
    leaving: int = 0
    posts: int = 5
    comments: int = 20


@dataclass(frozen=True, slots=True)
class Served:
    """Resources by endpoint: returned, and of those new that day; `along`: authors that came with posts, once a day."""

    served: Mapping[str, float]
    charged: Mapping[str, float]
    along: float = 0.0

    @classmethod
    def of(cls, bill: Bill) -> Served:
        return cls(dict(bill.served), dict(bill.charged), bill.along["users"])

    def times(self, served: float, charged: float) -> Served:
        """The same, more often."""
        return Served(
            {name: number * served for name, number in self.served.items()},
            {name: number * charged for name, number in self.charged.items()},
            self.along * charged,
        )


@dataclass
class Hand:
    """A clock that is moved."""

    now: datetime = BEGINS - timedelta(hours=2)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class World:
    """The school's X, and what happens on it as time goes by."""

    school: School
    clock: Hand = field(default_factory=Hand)

    def __post_init__(self) -> None:
        self.x = XState(handle="StWexExample", name="St Wex", token="token", clock=self.clock)
        for number in range(self.school.followers):
            self._follower(f"old{number}", BEGINS - timedelta(days=400) + timedelta(minutes=number))
        self._authors = [self.x.add_person(f"author{number}", "An Author") for number in range(AUTHORS)]
        self._chance = random.Random(2026)
        self._happening = self._happenings()
        self._next = next(self._happening)

    def go_on(self) -> None:
        """Let happen what is due by now."""
        while self._next[0] <= self.clock():
            at, what, number = self._next
            self._happen(at, what, number)
            self._next = next(self._happening)

    def _happenings(self) -> Iterator[tuple[datetime, str, int]]:
        """When, what, and the how many-th of its kind; for ever."""
        school, number = self.school, 0
        while True:
            day = BEGINS + number * DAY
            leaving = school.leaving if number % 7 == 3 else 0
            waking = [
                ("post", school.posts),
                ("comment", school.comments),
                ("new", school.new),
                ("left", leaving),
            ]
            many = [(what, index) for what, most in waking for index in range(most)]
            times = sorted(self._chance.randrange(7 * 60, 22 * 60) for _ in many)
            self._chance.shuffle(many)
            for minute, (what, index) in zip(times, many, strict=True):
                yield day + timedelta(minutes=minute, seconds=30), what, number * 1000 + index
            number += 1
            yield day + DAY, "night", number

    def _happen(self, at: datetime, what: str, number: int) -> None:
        if what == "post":
            self._last = self.x.add_post(self.x.user_id, f"News {number}", at)
        elif what == "comment":
            author = self._authors[number % AUTHORS]
            about = getattr(self, "_last", None)
            self.x.add_post(author, f"@StWexExample Thank you {number}", at, about)
        elif what == "new":
            self._follower(f"new{number}", at)
        elif what == "left":
            _, person = self._chance.choice(self.x.followers())
            self.x.unfollow(person.id)

    def _follower(self, handle: str, at: datetime) -> None:
        self.x.follow(self.x.add_person(handle, "A Follower"), at)


def ours(school: School, days: int, every: Mapping[str, timedelta] | None = None) -> tuple[Served, Served]:
    """(the first reading, the `days` after it) as Schoolgate reads with its defaults; `every` are other intervals, by
    their names in the configuration."""
    with _connected(World(school)) as (world, connector), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        schema.upgrade(path)
        store = Store(path, Vault(bytes(range(32))), school="bench")
        watch = _watch(connector, every or {})
        poll.declare(store, [watch], world.clock())
        _turn(store, watch, world)
        first = Served.of(world.x.bill)
        world.clock.now = BEGINS
        world.x.bill = Bill()
        while world.clock() < BEGINS + days * DAY:
            world.go_on()
            if world.clock().time() == CHECKED:
                health.note(store, watch.key, watch.network, connector.check(), world.clock())
            _turn(store, watch, world)
            world.clock.now += STEP
        store.close()
        return first, Served.of(world.x.bill)


def naive(school: School, days: int) -> Served:
    """All followers, the last 100 mentions and the last 100 posts at each of our turns; one day is replayed in
    NAIVE_TURNS turns, and stands for each of `days`."""
    every = _default("poll_every")
    with _connected(World(school)) as (world, connector):
        world.clock.now = BEGINS + 25 * DAY  # there is something to read again
        world.x.bill = Bill()
        for _ in range(NAIVE_TURNS):
            world.go_on()
            for kind in KINDS:
                cursor, more = None, True
                while more:
                    page = connector.poll(kind, cursor)
                    more = page.more
                    cursor = page.cursor if more else None
            world.clock.now += DAY / NAIVE_TURNS
        return Served.of(world.x.bill).times(days * (DAY / every) / NAIVE_TURNS, days)


@contextmanager
def _connected(world: World) -> Iterator[tuple[World, Connector]]:
    with serve_x(world.x, Faults()) as serving:
        settings = {"base_url": serving.url, "user_id": world.x.user_id, "token": world.x.token}
        yield world, connectors.build("x", settings, key="x", clock=world.clock, handle="StWexExample")


def _watch(connector: Connector, every: Mapping[str, timedelta]) -> Watch:
    names = {
        ItemKind.MENTION: "poll_every",
        ItemKind.FOLLOWER: "followers_every",
        ItemKind.POST: "posts_every",
    }
    every = {name: _default(name) for name in (*names.values(), "reconcile_every", "relist_every")} | every
    return Watch(
        "x",
        "x",
        connector,
        {kind: every[name] for kind, name in names.items()},
        reconcile_every=every["reconcile_every"],
        relist_every=every["relist_every"],
    )


def _default(name: str) -> timedelta:
    found = Account.model_fields[name].default
    assert isinstance(found, timedelta)
    return found


def _turn(store: Store, watch: Watch, world: World) -> None:
    chance = random.Random(1)
    kinds = poll.due(store, watch, world.clock())
    for kind in kinds:
        poll.poll(store, watch, kind, clock=world.clock, chance=chance)
    if ItemKind.FOLLOWER in kinds:
        reconcile(store, watch, clock=world.clock, chance=chance)
    with store.read() as session:
        wrong = [row.last_error for row in session.exec(select(StreamRow)) if row.last_error]
    if wrong:
        raise RuntimeError(f"a read failed, so nothing can be said of its cost: {wrong[0]}")
