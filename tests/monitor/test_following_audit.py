"""Whom the school follows on X, over real HTTP: organisations of a list, and nobody's personal account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import select

from connectors import build
from monitor import following_rows, items
from monitor.following_audit import audit_following
from monitor.poll import Watch
from monitor.register import import_register, load_register
from monitor.register_csv import read_register
from monitor.sandbox.faults import Faults
from monitor.sandbox.x_api import serve_x
from monitor.sandbox.x_state import XState
from monitor.tables import AuditRow, SpendRow
from monitor.tables_people import FollowerDecisionRow, FollowerRow
from monitor.verify_stage import School
from tests.making import WrittenNetwork, follower
from tests.monitor.test_read_back import TOKEN

KNOWN = School("St Aldhelm's", ("StAldhelms", "StAldhelmsPTA"), {"StMarysChurch": "the parish church"})
RECORDS = (
    b"Contact ID,Contact Forename,Contact Surname,Email,X handle\n1,Grace,Okafor,g@mail.example,@grace_o\n"
)


class World:
    def __init__(self, store, clock, state: XState, faults: Faults, url: str) -> None:
        self.store, self.clock, self.state, self.faults = store, clock, state, faults
        settings = {"base_url": url, "token": TOKEN, "user_id": state.user_id}
        connector = build("x", settings, key="x-main", handle="StAldhelms", clock=clock)
        self.watch = Watch("x-main", "x", connector, {})
        import_register(store, read_register(RECORDS).people, clock())
        self.ids = {
            name: state.add_person(name, "Anybody")
            for name in ("StMarysChurch", "StAldhelmsPTA", "grace_o", "pub_quiz", "library")
        }

    def follow(self, *names: str) -> None:
        for name in names:
            self.state.follow(self.state.user_id, of=self.ids[name])

    def audit(self) -> int:
        return audit_following(self.store, self.watch, load_register(self.store), KNOWN, clock=self.clock)

    def wrong(self) -> dict[str, str]:
        with self.store.read() as session:
            found = following_rows.rows(session, self.store, wrong=True)
        return {following_rows.handle_of(self.store, row): row.says for row in found}

    def asked(self) -> int:
        return sum("/following" in line for line in self.faults.requests)


@pytest.fixture
def world(store, clock) -> Iterator[World]:
    faults = Faults()
    state = XState(handle="StAldhelms", name="St Aldhelm's", token=TOKEN, clock=clock)
    with serve_x(state, faults) as server:
        yield World(store, clock, state, faults, server.url)


def test_what_is_on_no_list_and_what_is_personal_is_found(world):
    world.follow("StMarysChurch", "StAldhelmsPTA", "grace_o", "pub_quiz")
    assert world.audit() == 2
    assert world.wrong() == {
        "pub_quiz": "it is not on the list of organisations",
        "grace_o": "its handle is on the records: a personal account, which the school does not follow",
    }
    with world.store.read() as session:
        assert session.exec(select(SpendRow.reads)).one() == 4
        events = [row.event for row in session.exec(select(AuditRow))]
    assert events.count("followed without being on a list") == 2


def test_who_is_verified_is_followed_by_nobody_even_when_approved(world):
    world.follow("library")
    with world.store.write() as session:
        session.add(
            FollowerDecisionRow(
                school_id="school",
                network="x",
                external_id=world.ids["library"],
                choice="organisation",
                role="office",
                sealed=b"",
                decided_at=world.clock(),
            )
        )
    assert world.audit() == 0
    with world.store.write() as session:
        session.add(
            FollowerRow(
                school_id="school",
                account="x-main",
                network="x",
                external_id=world.ids["library"],
                item_id=an_item(world, session),
                state="verified",
                first_seen_at=world.clock(),
            )
        )
    world.clock.wait(days=7)
    assert world.audit() == 1
    assert "somebody on the records" in world.wrong()["library"]


def an_item(world: World, session) -> int:
    row = items.to_row(
        follower("f"),
        world.store.vault,
        school="school",
        network="x",
        version=1,
        now=world.clock(),
        baseline=True,
    )
    session.add(row)
    session.flush()
    return row.id or 0


def test_it_is_read_once_a_week_and_what_is_no_longer_followed_goes(world):
    world.follow("pub_quiz", "library")
    world.audit()
    assert world.audit() == 0
    assert world.asked() == 1
    world.state.unfollow(world.state.user_id, of=world.ids["pub_quiz"])
    world.clock.wait(days=7)
    assert world.audit() == 1
    assert set(world.wrong()) == {"library"}
    with world.store.read() as session:
        assert [row.event for row in session.exec(select(AuditRow))][-1] == "no longer followed"


def test_a_network_that_does_not_answer_or_tells_nothing_changes_nothing(world):
    world.follow("pub_quiz")
    world.audit()
    world.clock.wait(days=7)
    world.faults.arm("html_503", times=None)
    assert world.audit() == 0
    assert set(world.wrong()) == {"pub_quiz"}
    world.watch = Watch("x-main", "facebook", WrittenNetwork(), {})  # type: ignore[arg-type]
    assert world.audit() == 0


def test_a_budget_that_is_nearly_spent_stops_it(world):
    world.watch = Watch("x-main", "x", world.watch.connector, {}, budget=0)
    world.follow("pub_quiz")
    assert world.audit() == 0
    assert world.asked() == 0


def test_no_handle_is_stored_in_clear(world):
    world.follow("pub_quiz")
    world.audit()
    world.store.checkpoint()
    assert b"pub_quiz" not in world.store.path.read_bytes()
