"""What the loops of bench/nth.py play in: a clock by hand, an empty database, and one account of a sandbox network.

Each play is a world of its own: two turns of reading with something new between them, and a removal.
"""

from __future__ import annotations

import contextlib
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

import connectors
from monitor import poll, schema
from monitor.act import act
from monitor.assess import assess
from monitor.domain import Choice, ItemKind
from monitor.poll import Watch
from monitor.ports import Connector
from monitor.sandbox.fault_answers import Fault
from monitor.sandbox.faults import Faults
from monitor.sandbox.graph_api import graph_app
from monitor.sandbox.graph_state import GraphState
from monitor.sandbox.serve import Serving
from monitor.sandbox.x_api import x_app
from monitor.sandbox.x_state import XState
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow, ItemRow, StreamRow
from monitor.vault import Vault
from tests.conftest import HandClock
from tests.making import judgement

TOKEN = "token-of-the-loops-0123456789"
THREAT = "[threat critical] I will hurt you tomorrow"
TRIES = 40  # turns in which everything must be well again
SHORT = (1.0, 0.25, 0.6)  # seconds to connect, between two bytes, for one exchange


class NthFaults(Faults):
    """Switches of which one is armed for the `at`-th request alone. `count`: requests so far."""

    def __init__(self) -> None:
        super().__init__()
        self.at, self.name, self.settings, self.count = 0, "", dict[str, Any](), 0

    def take(self, names: Mapping[str, str] | str, target: str) -> Fault | None:
        if not isinstance(names, str) and "html_503" in names:  # the gate's own question: a request came in
            self.count += 1
            if self.count == self.at:
                self.arm(self.name, **self.settings)
        return super().take(names, target)


@contextlib.contextmanager
def empty_store(template: Path) -> Iterator[Store]:
    """A database of its own, copied from an empty one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "schoolgate.db"
        schema.copy(template, path)
        opened = Store(path, Vault(bytes(range(32))), school="school")
        try:
            yield opened
        finally:
            opened.close()


@dataclass
class Network:
    """One account on a sandbox network: `write` adds one of each kind that is read, and returns how it is named."""

    name: str
    serving: Serving
    faults: NthFaults
    write: Callable[[str], dict[ItemKind, str]]
    is_hidden: Callable[[str], bool]
    settings: Mapping[str, Any]
    moderated: ItemKind


@contextlib.contextmanager
def network(name: str, clock: HandClock) -> Iterator[Network]:
    """ "x" or "facebook"."""
    faults = NthFaults()
    if name == "x":
        x = XState(handle="StMarksExample", name="St Mark's", token=TOKEN, clock=clock)
        root = x.add_post(x.user_id, "Sports day is on Friday.")

        def write(text: str) -> dict[ItemKind, str]:
            who = x.add_person(f"p{len(x.followers())}_{random.Random(text).randrange(10**6)}", "Pat Example")
            x.follow(who)
            return {
                ItemKind.MENTION: x.add_post(who, f"@StMarksExample {text}", in_reply_to=root),
                ItemKind.FOLLOWER: who,
                ItemKind.POST: x.add_post(x.user_id, f"News: {text}"),
            }

        with Serving(x_app(x, faults)) as serving:
            given = {"base_url": serving.url, "token": TOKEN, "user_id": x.user_id, "read_replies": True}
            yield Network(name, serving, faults, write, x.is_hidden, given, ItemKind.MENTION)
        return
    graph = GraphState(
        page_id="100064000000077", page_name="St Mark's", token=TOKEN, clock=clock, followers=4
    )
    page_post = graph.add_post("Sports day is on Friday.")

    def write_there(text: str) -> dict[ItemKind, str]:
        who = graph.add_person("Pat Example")
        return {
            ItemKind.COMMENT: graph.add_comment(page_post, who, text),
            ItemKind.VISITOR_POST: graph.add_visitor_post(who, text),
            ItemKind.POST: graph.add_post(f"News: {text}"),
        }

    with Serving(graph_app(graph, faults)) as serving:
        given = {"base_url": serving.url, "token": TOKEN, "page_id": graph.page.id}
        yield Network(name, serving, faults, write_there, graph.is_hidden, given, ItemKind.COMMENT)


@dataclass
class Play:
    """One play on one network: what it did, and every promise that it saw broken, in words."""

    place: Network
    store: Store
    clock: HandClock
    broken: list[str] = field(default_factory=list)
    said: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.connector: Connector = connectors.build(
            self.place.name, dict(self.place.settings), key="page", handle="StMarksExample", clock=self.clock
        )
        for adapter in self.connector.session.adapters.values():  # type: ignore[attr-defined]
            adapter._timeout, adapter._total = SHORT[:2], SHORT[2]  # noqa: SLF001 - a minute's wait in half a second
        every = {kind: timedelta(minutes=10) for kind in self.connector.reads}
        self.watch = Watch("page", self.place.name, self.connector, every)
        self.chance = random.Random(1)
        poll.declare(self.store, [self.watch], self.clock())

    def play(self) -> None:
        """Twice something new that is read, then a removal; all of it must be done in the end, whatever failed."""
        self._say("Lovely photos")
        self._read()
        self.clock.now += timedelta(minutes=10)
        wanted = self._say(THREAT)[self.place.moderated]
        self._read()
        if not self._stored(
            wanted
        ):  # a page that lied in good form kept it back: the next turn's overlap has it
            self.clock.now += timedelta(minutes=10)
            self._read()
        assess(self.store, judgement(), clock=self.clock)
        self._remove(wanted)
        self.clock.now += timedelta(minutes=10)
        self._read()
        self._look_at_rows(wanted)

    def _stored(self, name: str) -> bool:
        with self.store.read() as session:
            return session.exec(select(ItemRow.id).where(ItemRow.external_id == name)).first() is not None

    def _say(self, text: str) -> dict[ItemKind, str]:
        self.clock.now += timedelta(seconds=2)
        made = self.place.write(text)
        self.said |= {(kind.value, name) for kind, name in made.items() if kind in self.watch.intervals}
        return made

    def _read(self) -> None:
        """Turns until everything that is due was read to its end."""
        since = self.clock()
        for _ in range(TRIES):
            for kind in poll.due(self.store, self.watch, self.clock()):
                poll.poll(self.store, self.watch, kind, clock=self.clock, chance=self.chance)
                self._no_hot_loop(kind)
            rows = self._streams()
            if all(row.whole_at is not None and row.whole_at >= since for row in rows):
                return
            soonest = min(row.next_due for row in rows if row.whole_at is None or row.whole_at < since)
            self.clock.now = max(self.clock.now + timedelta(seconds=5), soonest)
        self.broken.append("a wedge: after many turns a list was not read to its end")

    def _no_hot_loop(self, kind: ItemKind) -> None:
        row = next(row for row in self._streams() if row.kind == kind.value)
        if row.error_count and row.next_due < self.clock() + poll.BACKOFF_FIRST:
            self.broken.append("a hot loop: a failed turn is due again at once")
        if row.error_count and not row.last_error:
            self.broken.append("a silent failure: no reason is kept")
        if row.lease_until is not None:
            self.broken.append("a half-done row: the lease of a turn that ended is held")

    def _streams(self) -> list[StreamRow]:
        with self.store.read() as session:
            return list(session.exec(select(StreamRow)))

    def _remove(self, name: str) -> None:
        with self.store.write() as session:
            case = session.exec(select(CaseRow).where(CaseRow.external_id == name)).first()
            if case is None or case.id is None:
                self.broken.append("a silent skip: what must be removed has no case")
                return
            session.add(
                DecisionRow(
                    school_id="school",
                    case_id=case.id,
                    item_id=case.item_id,
                    seq=case.decisions,
                    choice=Choice.REMOVE.value,
                    role="headteacher",
                    sealed=b"",
                    created_at=self.clock(),
                    next_attempt_at=self.clock(),
                )
            )
            case.decisions += 1
        for _ in range(TRIES):
            act(self.store, {"page": self.connector}, clock=self.clock)
            with self.store.read() as session:
                row = session.exec(select(DecisionRow)).one()
            if row.done_at is not None:
                break
            if row.next_attempt_at <= self.clock():
                self.broken.append("a hot loop: a failed removal is due again at once")
                break
            self.clock.now = row.next_attempt_at
        hidden, faults = self.place.is_hidden(name), self.place.faults
        lied = faults.name == "raw" and faults.settings.get("status", 200) == 200
        said_so = lied and row.done == "failed" and row.detail  # who decided sees that it failed
        if not said_so and not (hidden and row.done == "hidden"):
            self.broken.append(f"a removal that was not carried out: {row.done} {row.detail}")

    def _look_at_rows(self, wanted: str) -> None:
        with self.store.read() as session:
            rows = session.exec(select(ItemRow)).all()
            self._sealed_whole(session, rows[0])
        names = [(row.kind, row.external_id) for row in rows]
        if missing := self.said - set(names):
            self.broken.append(f"a silent skip: {len(missing)} items were never stored")
        if len(names) != len(set(names)):
            self.broken.append("an item was stored twice")
        if any(row.external_id == wanted and row.baseline for row in rows):
            self.broken.append("a half-done row: what came after the first reading counts as of before")

    def _sealed_whole(self, session: Session, row: ItemRow) -> None:
        if session.connection().exec_driver_sql("PRAGMA quick_check").scalar() != "ok":
            self.broken.append("the database is damaged")
        self.store.vault.unseal_json(row.sealed, "item.sealed")
