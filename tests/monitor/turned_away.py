"""A school on the sandbox's X whose office turned one follower away, and what X is asked about it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlmodel import select

from connectors import build
from connectors.x_words import ACTIONS
from monitor import follower_rows, read_back
from monitor.domain import ActionKind, ItemKind
from monitor.following import FollowerChoice
from monitor.poll import Watch, declare, poll
from monitor.register import load_register
from monitor.sandbox.faults import Faults
from monitor.sandbox.x_api import serve_x
from monitor.sandbox.x_state import XState
from monitor.tables_people import FollowerRow, FollowerStepRow
from monitor.verify_stage import School, verify

TOKEN, APP_TOKEN = "t" * 40, "a" * 40


class Office:
    """A school on the sandbox's X whose office turned one follower away."""

    def __init__(
        self,
        store,
        clock,
        state: XState,
        faults: Faults,
        url: str,
        budget: int | None = None,
        token: str = TOKEN,
    ) -> None:
        self.store, self.clock, self.state, self.faults = store, clock, state, faults
        settings = {"base_url": url, "token": token, "user_id": state.user_id}
        connector = build("x", settings, key="x-main", handle="StAldhelms", clock=clock)
        every = {ItemKind.FOLLOWER: timedelta(hours=1)}
        self.watch = Watch("x-main", "x", connector, every, budget)
        declare(store, [self.watch], clock())
        self.bot = state.add_person("bot_8472", "A Bot")
        self.parent = state.add_person("grannyjo", "Jo")
        for person in (self.bot, self.parent):
            state.follow(person)
        self.poll()

    def poll(self) -> None:
        poll(self.store, self.watch, ItemKind.FOLLOWER, clock=self.clock, chance=random.Random(1))
        verify(self.store, load_register(self.store), self.clock(), school=School("St Aldhelm's"))

    def turn_away(self, who: str = "") -> None:
        with self.store.write() as session:
            row = session.exec(select(FollowerRow).where(FollowerRow.external_id == (who or self.bot))).one()
            follower_rows.decide(
                self.store,
                session,
                [row],
                FollowerChoice.REJECT,
                role="office",
                who="Dot Wren",
                reason="nobody knows it",
                review_on=None,
                able={"x": ACTIONS},
                now=self.clock(),
            )

    def say(self, action: ActionKind = ActionKind.BLOCK) -> None:
        with self.store.write() as session:
            for step in session.exec(select(FollowerStepRow)).all():
                follower_rows.say(self.store, session, step, action, role="office", now=self.clock())

    def ask(self) -> int:
        return read_back.read_relations(self.store, self.watch, clock=self.clock)

    def read(self) -> int:
        return read_back.read_blocked(self.store, self.watch, clock=self.clock)

    def state_becomes(self, name: str) -> int:
        with self.store.write() as session:
            row = session.exec(select(FollowerRow).where(FollowerRow.external_id == self.bot)).one()
            row.state = name
        return read_back.note_departures(self.store, self.clock())

    @property
    def shown(self) -> str:
        with self.store.read() as session:
            return session.exec(select(FollowerStepRow.shown)).one()

    @property
    def state_of_it(self) -> str:
        with self.store.read() as session:
            return session.exec(select(FollowerRow.state).where(FollowerRow.external_id == self.bot)).one()

    def asked(self, path: str = "/blocking") -> int:
        return sum(path in line for line in self.faults.requests)


@contextmanager
def x_world(store, clock) -> Iterator[tuple]:
    """What an Office is made of: (store, clock, the network, its bad days, its address)."""
    faults = Faults()
    state = XState(handle="StAldhelms", name="St Aldhelm's", token=TOKEN, app_token=APP_TOKEN, clock=clock)
    with serve_x(state, faults) as server:
        yield store, clock, state, faults, server.url
