from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from alerts.notify import notify
from alerts.outbox import accepted, lease, refused
from monitor.incidents import open_incidents
from monitor.store import Store
from monitor.tables import NoticeRow, OutboxRow
from tests.alerts.telling import desk, one_case
from tests.conftest import HandClock


@pytest.fixture
def waiting(store: Store, clock: HandClock) -> int:
    one_case(store, clock)
    notify(store, desk(), clock=clock)
    return 2


def row(store: Store, number: int) -> OutboxRow:
    with store.read() as session:
        return session.get_one(OutboxRow, number)


def keys(store: Store) -> list[str]:
    with store.read() as session:
        return [one.key for one in open_incidents(session, "school")]


def test_a_message_is_leased_to_one_sender_at_a_time(store: Store, clock: HandClock, waiting: int) -> None:
    assert len(lease(store, clock())) == waiting
    assert lease(store, clock()) == []


def test_a_sender_that_died_leaves_the_same_bytes_to_the_next(
    store: Store, clock: HandClock, waiting: int
) -> None:
    first = lease(store, clock())
    clock.wait(minutes=13)
    again = lease(store, clock())
    assert [one.message for one in again] == [one.message for one in first]
    assert [one.attempts for one in again] == [2, 2]


def test_an_accepted_message_is_never_sent_again_and_its_text_is_not_kept(
    store: Store, clock: HandClock, waiting: int
) -> None:
    for one in lease(store, clock()):
        accepted(store, one.id, reply="250", now=clock())
    clock.wait(days=1)
    assert lease(store, clock()) == []
    kept = row(store, 1)
    assert (kept.sealed, kept.sent_at is not None, len(kept.sha256)) == (b"", True, 64)


def test_a_refused_message_is_tried_less_and_less_often(store: Store, clock: HandClock, waiting: int) -> None:
    accepted(store, lease(store, clock(), most=1)[0].id, reply="250", now=clock())
    waits = []
    for _ in range(8):
        one = lease(store, clock(), most=1)[0]
        refused(store, one.id, permanent=False, says="451 try later", now=clock())
        waits.append(row(store, one.id).next_attempt_at - clock())
        clock.now = row(store, one.id).next_attempt_at
    assert [wait.total_seconds() / 60 for wait in waits] == [1, 2, 5, 10, 20, 30, 30, 30]


def test_mail_that_does_not_leave_is_an_incident_that_ends_with_the_first_that_does(
    store: Store, clock: HandClock, waiting: int
) -> None:
    for _ in range(3):
        for one in lease(store, clock()):
            refused(store, one.id, permanent=False, says="The mail server does not answer.", now=clock())
        clock.wait(minutes=30)
    assert keys(store) == ["mail"]
    one = lease(store, clock(), most=1)[0]
    accepted(store, one.id, reply="250", now=clock())
    assert keys(store) == []


def test_a_message_is_given_up_after_five_days_and_somebody_hears_of_it(
    store: Store, clock: HandClock, waiting: int
) -> None:
    clock.wait(days=5)
    one = lease(store, clock(), most=1)[0]
    refused(store, one.id, permanent=False, says="451 try later", now=clock())
    assert row(store, one.id).failed_at == clock()
    assert f"outbox:{one.id}" in keys(store)


def test_a_recipient_who_cannot_be_reached_brings_in_the_deputy_at_once(
    store: Store, clock: HandClock, waiting: int
) -> None:
    for one in lease(store, clock()):
        refused(store, one.id, permanent=True, says="550 no such mailbox", now=clock())
    with store.read() as session:
        escalations = session.exec(select(NoticeRow).where(NoticeRow.reason == "escalation")).all()
    assert [notice.not_before for notice in escalations] == [clock()]
    notify(store, desk(), clock=clock)
    assert row(store, 3).role == "deputy"


def test_a_failed_message_is_not_tried_again(store: Store, clock: HandClock, waiting: int) -> None:
    for one in lease(store, clock()):
        refused(store, one.id, permanent=True, says="550 no such mailbox", now=clock())
    clock.wait(days=1)
    assert lease(store, clock()) == []


def test_the_message_in_the_database_is_sealed(store: Store, clock: HandClock, waiting: int) -> None:
    for path in store.path.parent.glob("schoolgate.db*"):
        raw = path.read_bytes()
        assert b"gate.school.example" not in raw
        assert b"headteacher@school.example" not in raw


def test_five_days_are_counted_from_when_it_was_written(store: Store, clock: HandClock, waiting: int) -> None:
    clock.wait(days=4, hours=23)
    one = lease(store, clock(), most=1)[0]
    refused(store, one.id, permanent=False, says="451", now=clock())
    assert row(store, one.id).failed_at is None
    assert row(store, one.id).next_attempt_at == clock() + timedelta(minutes=1)
