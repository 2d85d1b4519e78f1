"""What was removed or reported is looked at again on networks that are really served on loopback."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import col, select

from connectors import build
from monitor import poll
from monitor.act import act
from monitor.assess import assess
from monitor.domain import CaseState, Choice, Done, ItemKind
from monitor.look_again import look_again
from monitor.poll import Watch
from monitor.rechecks import Found, found, schedule
from monitor.sandbox.faults import Faults
from monitor.sandbox.graph_api import serve_graph
from monitor.sandbox.graph_state import GraphState
from monitor.sandbox.x_api import serve_x
from monitor.sandbox.x_state import XState
from monitor.store import Store
from monitor.tables import AuditRow, CaseRow, DecisionRow, EvidenceRow, NoticeRow, SpendRow
from monitor.tables_rechecks import RecheckRow
from tests.conftest import HandClock
from tests.making import judgement

TOKEN = "token-0123456789"
THREAT = "[threat critical]"


@dataclass
class Place:
    """One account with one case, on a network that this test may change behind Schoolgate's back."""

    store: Store
    clock: HandClock
    state: GraphState | XState
    faults: Faults
    watch: Watch
    name: str  # of the item, on the network

    @property
    def case(self) -> CaseRow:
        with self.store.read() as session:
            return session.exec(select(CaseRow)).one()

    def decide(self, choice: Choice, *, done: Done | None = None) -> None:
        """A reviewer's decision, carried out at once; `done`: a person says so."""
        with self.store.write() as session:
            case = session.get_one(CaseRow, self.case.id)
            row = DecisionRow(
                school_id="school", case_id=case.id or 0, item_id=case.item_id, seq=case.decisions,
                choice=choice.value, role="headteacher", sealed=b"", created_at=self.clock(),
                next_attempt_at=self.clock(), done=done, done_at=self.clock() if done else None,
            )  # fmt: skip
            session.add(row)
            case.decisions += 1
            case.state, case.acknowledged_at = CaseState.ACKNOWLEDGED.value, self.clock()
            session.flush()
            if done is Done.REPORTED:
                schedule(session, self.store, row, self.clock())
        if done is None:
            assert act(self.store, {"page": self.watch.connector}, clock=self.clock) == 1

    def look(self, hours: float) -> int:
        self.clock.wait(hours=hours)
        return look_again(self.store, [self.watch], lambda: judgement().opening, clock=self.clock)

    def looks(self) -> list[tuple[int, str | None, bool]]:
        """(hours, what was found, edited) of each look, in their order."""
        with self.store.read() as session:
            rows = session.exec(select(RecheckRow).order_by(col(RecheckRow.due_at), col(RecheckRow.id))).all()
        return [(row.hours, row.found, row.edited) for row in rows]

    def notices(self) -> list[str]:
        with self.store.read() as session:
            return list(session.exec(select(NoticeRow.reason).order_by(col(NoticeRow.id))).all())

    def rows(self, table):
        with self.store.read() as session:
            return session.exec(select(table)).all()


@contextmanager
def standing_on(
    network: str, store: Store, clock: HandClock, *, budget: int | None = None
) -> Iterator[Place]:
    faults = Faults()
    state: GraphState | XState
    if network == "facebook":
        state = GraphState(page_id="100000000000001", page_name="St Aldhelm's", token=TOKEN, clock=clock)
        name = state.add_comment(state.add_post("Term starts"), state.add_person("A Person"), THREAT)
        server, kind, settings = serve_graph(state, faults), ItemKind.COMMENT, {"page_id": state.page.id}
    else:
        state = XState(handle="StAldhelms", name="St Aldhelm's", token=TOKEN, clock=clock)
        root = state.add_post(state.user_id, "Term starts")
        name = state.add_post(state.add_person("p0", "A Person"), f"@StAldhelms {THREAT}", in_reply_to=root)
        server, kind, settings = serve_x(state, faults), ItemKind.MENTION, {"user_id": state.user_id}
    with server as serving:
        connector = build(
            network,
            {**settings, "base_url": serving.url, "token": TOKEN},
            key="page",
            clock=clock,
            handle="StAldhelms",
        )
        watch = Watch("page", network, connector, {kind: timedelta(minutes=10)}, budget)
        poll.declare(store, [watch], clock())
        with store.write() as session:  # what is there already is not a baseline here
            session.exec(select(poll.StreamRow)).one().baseline_at = clock()
        poll.poll(store, watch, kind, clock=clock, chance=random.Random(1))
        assess(store, judgement(), clock=clock)
        yield Place(store, clock, state, faults, watch, name)


@pytest.fixture(params=["facebook", "x"])
def place(request: pytest.FixtureRequest, store: Store, clock: HandClock) -> Iterator[Place]:
    with standing_on(request.param, store, clock) as standing:
        yield standing


@pytest.fixture
def facebook(store: Store, clock: HandClock) -> Iterator[Place]:
    with standing_on("facebook", store, clock) as standing:
        yield standing


def test_what_is_hidden_is_looked_at_after_an_hour_and_after_two_days(place: Place) -> None:
    place.decide(Choice.REMOVE)
    assert place.look(0.9) == 0
    assert place.look(0.1) == 1
    assert place.look(0) == 0
    assert place.look(46) == 0
    assert place.look(1) == 1
    still = "hidden" if place.watch.network == "facebook" else "there"
    assert place.looks() == [(1, still, False), (48, still, False)]
    assert place.case.standing == Done.HIDDEN
    assert place.case.state == CaseState.ACKNOWLEDGED
    assert place.notices() == ["first"]
    last = [row for row in place.rows(AuditRow) if row.event == "looked again"]
    assert [row.detail for row in last] == [f"after 1 h: {still}", f"after 48 h: {still}"]


def test_what_is_back_opens_the_case_again_and_people_are_told(facebook: Place) -> None:
    facebook.decide(Choice.REMOVE)
    facebook.state.set_hidden(facebook.name, False)
    facebook.look(1)
    assert facebook.looks()[0] == (1, "back", False)
    assert (facebook.case.standing, facebook.case.state) == ("visible", "open")
    assert facebook.notices() == ["first", "updated"]


def test_what_its_author_deleted_is_gone_and_nobody_is_called(place: Place) -> None:
    place.decide(Choice.REMOVE)
    (place.state.delete if place.watch.network == "facebook" else place.state.delete_post)(place.name)
    place.look(1)
    assert place.looks()[0][1] == "gone"
    assert place.case.standing == Done.GONE
    assert place.notices() == ["first"]


def test_an_edit_is_kept_as_a_new_version_copied_and_told_of(place: Place) -> None:
    place.decide(Choice.REMOVE)
    edit = place.state.edit if place.watch.network == "facebook" else place.state.edit_post
    place.clock.wait(minutes=1)
    edit(place.name, "@StAldhelms [threat critical] and more")
    place.look(1)
    assert place.looks()[0][2] is True
    assert (place.case.state, place.notices()) == ("open", ["first", "updated"])
    assess(place.store, judgement(), clock=place.clock)
    assert len(place.rows(EvidenceRow)) == 2
    assert place.case.standing == Done.HIDDEN  # an edit shows nobody what is hidden
    assert place.notices() == ["first", "updated"]  # once


def test_what_a_person_showed_again_is_not_looked_at(facebook: Place) -> None:
    facebook.decide(Choice.REMOVE)
    facebook.decide(Choice.RESTORE)
    assert facebook.look(49) == 0
    assert {one[1] for one in facebook.looks()} == {"not_needed"}


def test_what_is_still_public_two_days_after_its_report_asks_for_help_outside(place: Place) -> None:
    place.decide(Choice.REPORTED, done=Done.REPORTED)
    place.look(1)
    place.look(47)
    rows = place.rows(RecheckRow)
    assert [(row.hours, row.found, row.nudge) for row in rows] == [(1, "public", False), (48, "public", True)]
    assert place.notices() == ["first"]  # no mail of its own: the digest and the page say it


def test_what_is_hidden_is_no_reason_to_ask_for_help_outside(facebook: Place) -> None:
    facebook.decide(Choice.REPORTED, done=Done.REPORTED)
    facebook.decide(Choice.REMOVE)
    facebook.look(48)
    assert not any(row.nudge for row in facebook.rows(RecheckRow))


def test_one_look_answers_all_that_is_due_of_a_case(facebook: Place) -> None:
    facebook.decide(Choice.REPORTED, done=Done.REPORTED)
    facebook.decide(Choice.REMOVE)
    assert facebook.look(48) == 1
    assert [one[1] for one in facebook.looks()] == ["hidden"] * 4


def test_a_network_that_does_not_answer_is_asked_again_later(facebook: Place) -> None:
    facebook.decide(Choice.REMOVE)
    facebook.faults.arm("html_503", times=None)
    assert facebook.look(1) == 1
    assert facebook.looks()[0] == (1, None, False)
    assert facebook.look(0) == 0
    facebook.faults.clear()
    facebook.look(0.1)
    assert facebook.looks()[0] == (1, "hidden", False)


def test_a_network_that_never_answers_is_given_up_and_said(facebook: Place) -> None:
    facebook.decide(Choice.REMOVE)
    facebook.faults.arm("revoked_token", times=None)
    for _ in range(12):
        facebook.look(2)
    assert facebook.looks()[0] == (1, "unread", False)
    assert facebook.case.standing == Done.HIDDEN
    assert "token" in facebook.rows(RecheckRow)[0].detail


def test_looks_are_paid_and_stop_when_nothing_is_left(store: Store, clock: HandClock) -> None:
    with standing_on("x", store, clock, budget=8) as place:
        place.decide(Choice.REMOVE)
        place.look(1)
        [spent] = [row.reads for row in place.rows(SpendRow)]
        assert spent >= 6  # the mention, and the post at its full price
        with store.write() as session:
            session.exec(select(SpendRow)).one().reads = 8
        assert place.look(47) == 0
        assert "paid reads are used" in place.rows(RecheckRow)[1].detail
        with store.write() as session:
            session.exec(select(SpendRow)).one().reads = 0
        assert place.look(1) == 1


def test_what_was_done_while_the_network_answered_is_not_overruled(facebook: Place) -> None:
    facebook.decide(Choice.REMOVE)
    facebook.state.set_hidden(facebook.name, False)
    facebook.clock.wait(hours=1)
    times = iter([timedelta(), timedelta(seconds=2), timedelta(seconds=2)])

    def clock():
        at = facebook.clock() + next(times, timedelta(seconds=2))
        if at > facebook.clock():  # somebody hid it once more, after the network was asked
            with facebook.store.write() as session:
                session.get_one(CaseRow, facebook.case.id).standing_at = facebook.clock() + timedelta(
                    seconds=1
                )
        return at

    look_again(facebook.store, [facebook.watch], lambda: judgement().opening, clock=clock)
    assert facebook.case.state == CaseState.ACKNOWLEDGED
    assert facebook.looks()[0][1] is None


@pytest.mark.parametrize(
    ("was", "standing", "means"),
    [
        (Done.HIDDEN, Done.HIDDEN, Found.HIDDEN),
        (Done.HIDDEN, Done.VISIBLE, Found.BACK),
        (Done.HIDDEN, Done.GONE, Found.GONE),
        (Done.HIDDEN, None, Found.THERE),
        (Done.DELETED, Done.GONE, Found.GONE),
        (Done.DELETED, Done.VISIBLE, Found.BACK),
        (Done.DELETED, None, Found.BACK),
        (Done.GONE, Done.HIDDEN, Found.HIDDEN),
        (Done.VISIBLE, Done.VISIBLE, Found.PUBLIC),
        (Done.VISIBLE, None, Found.PUBLIC),
        (Done.ASKED, Done.VISIBLE, Found.PUBLIC),
        (Done.ASKED, Done.HIDDEN, Found.HIDDEN),
    ],
)
def test_what_a_look_means(was: Done, standing: Done | None, means: Found) -> None:
    assert found(was, standing) is means
