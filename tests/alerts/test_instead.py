"""Messages that cannot be sent as they were written: set aside, never in the way, and a bare mail tells in their place."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from alerts.instead import tell_barely
from alerts.notify import notify
from alerts.outbox import accepted, broke, lease, refused
from alerts.outbox_failed import UNSURE, replay
from monitor import health, quarantine
from monitor.incidents import open_incidents
from monitor.store import Store
from monitor.tables import NoticeRow, OutboxRow
from monitor.tables_telling import TellingRow
from tests.alerts.telling import desk, one_case, outbox, text_of
from tests.conftest import HandClock

PLANTED = "planted"


@pytest.fixture
def waiting(store: Store, clock: HandClock) -> int:
    one_case(store, clock)
    notify(store, desk(), clock=clock)
    return 2


class Post:
    """The outbox with a sender that may die."""

    def __init__(self, store: Store, clock: HandClock) -> None:
        self.store, self.clock = store, clock

    def instead(self, session: Session, row: OutboxRow, address: str | None, now: datetime) -> bool:
        return tell_barely(session, self.store, desk(), row, address, now)

    def take(self) -> list[int]:
        return [one.id for one in lease(self.store, self.clock(), instead=self.instead)]

    def row(self, number: int) -> OutboxRow:
        with self.store.read() as session:
            return session.get_one(OutboxRow, number)

    def keys(self) -> set[str]:
        with self.store.read() as session:
            return {one.key for one in open_incidents(session, "school")}

    def aside(self) -> list[str]:
        with self.store.read() as session:
            return [row.thing for row in quarantine.listed(session, self.store)]


@pytest.fixture
def post(store: Store, clock: HandClock, waiting: int) -> Post:
    return Post(store, clock)


def test_a_message_at_which_the_process_died_three_times_is_replaced_by_a_bare_one(post: Post) -> None:
    for _ in range(3):
        assert post.take() == [1, 2]
        accepted(post.store, 2, reply="250", now=post.clock())
        with post.store.write() as session:
            session.get_one(OutboxRow, 2).sent_at = None
            session.get_one(OutboxRow, 2).sealed = session.get_one(OutboxRow, 1).sealed
        post.clock.wait(minutes=13)
    post.take()
    assert post.aside() == ["message 1"]
    assert post.row(1).failed_at == post.clock()
    bare = next((row, mail) for row, mail in outbox(post.store) if row.dedup_key.startswith("bare:"))
    assert (bare[0].role, bare[0].case_id, bare[1]["To"]) == (
        post.row(1).role,
        1,
        "headteacher@school.example",
    )
    assert bare[0].message_id != post.row(1).message_id
    text = text_of(bare[1])
    assert text.count("https://gate.school.example/c/") == 1
    assert PLANTED not in text
    with post.store.read() as session:
        assert not session.exec(
            select(TellingRow).where(TellingRow.message_id == post.row(1).message_id)
        ).all()
    assert bare[0].id in post.take()


def test_a_message_that_does_not_open_stops_none_behind_it(post: Post) -> None:
    with post.store.write() as session:
        session.get_one(OutboxRow, 1).sealed = b"damaged"
    assert post.take() == [2]
    assert post.aside() == ["message 1"]
    (bare,) = lease(post.store, post.clock())
    assert bare.to == "headteacher@school.example"  # who holds the role, for the address does not open either
    assert post.row(bare.id).dedup_key.startswith("bare:")


def test_a_refusal_of_the_content_brings_a_bare_mail_and_no_alarm(post: Post) -> None:
    post.take()
    says = "554 5.7.1 rejected"
    refused(
        post.store,
        1,
        permanent=True,
        says=says,
        now=post.clock(),
        about_content=True,
        instead=post.instead,
    )
    assert post.keys() == set()
    assert health.report(post.store, [], post.clock())["mails_failed"] == 0
    with post.store.read() as session:
        assert not session.exec(select(NoticeRow).where(NoticeRow.reason == "escalation")).all()
    (number,) = post.take()
    assert post.row(number).dedup_key.startswith("bare:")
    refused(
        post.store,
        number,
        permanent=True,
        says=says,
        now=post.clock(),
        about_content=True,
        instead=post.instead,
    )
    assert post.take() == []  # a bare one is replaced by nothing
    assert post.keys() == {f"outbox:{number}"}


def test_a_refusal_of_the_recipient_brings_no_bare_mail(post: Post) -> None:
    post.take()
    refused(post.store, 1, permanent=True, says="550", now=post.clock(), instead=post.instead)
    assert post.keys() == {"outbox:1"}
    assert post.take() == []


def test_an_unsure_message_waits_ten_minutes_and_goes_out_with_the_same_bytes(post: Post) -> None:
    first = lease(post.store, post.clock(), most=1)[0]
    refused(post.store, first.id, permanent=False, says="broke off", now=post.clock(), unsure=True)
    accepted(post.store, 2, reply="250", now=post.clock())
    post.clock.wait(minutes=9)
    assert post.take() == []
    post.clock.now += UNSURE
    again = lease(post.store, post.clock(), most=1)[0]
    assert (again.id, again.message) == (first.id, first.message)


def test_what_nobody_foresaw_is_tried_again_later_and_then_set_aside(post: Post) -> None:
    for turn in range(3):
        post.take()
        broke(post.store, 1, ZeroDivisionError(), now=post.clock(), instead=post.instead)
        assert post.aside() == (["message 1"] if turn == 2 else [])
        post.clock.wait(minutes=30)


def test_a_refusal_for_now_is_no_try_in_vain(post: Post) -> None:
    for _ in range(6):
        post.take()
        refused(post.store, 1, permanent=False, says="451", now=post.clock(), instead=post.instead)
        refused(post.store, 2, permanent=False, says="451", now=post.clock(), instead=post.instead)
        post.clock.now += timedelta(hours=1)
    assert post.aside() == []


def test_a_replay_sends_the_message_as_it_was_written(post: Post) -> None:
    before = lease(post.store, post.clock())[0].message
    for _ in range(3):
        post.clock.wait(minutes=13)
        post.take()
    assert "message 1" in post.aside()
    with post.store.write() as session:
        for row in quarantine.listed(session, post.store):
            quarantine.again(session, post.store, row, post.clock())
            replay(session, post.store, row.thing, post.clock())
    again = {one.id: one.message for one in lease(post.store, post.clock())}
    assert again[1] == before
    for number in again:
        accepted(post.store, number, reply="250", now=post.clock())
    assert (post.aside(), post.keys()) == ([], set())
