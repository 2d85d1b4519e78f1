"""A trouble is mailed when it begins, for each new cause, and when it is over; one that comes and goes is not mailed each time."""

from __future__ import annotations

import pytest
from sqlmodel import select

from alerts.loudness import about, sign
from alerts.operations import tell_incidents
from monitor.incidents import close_incident, open_incident
from monitor.store import Store
from monitor.tables_service import IncidentMailRow
from tests.alerts.telling import desk, outbox, text_of, told
from tests.conftest import HandClock

DISK = "storage:disk"


def breaks(store: Store, clock: HandClock, key: str = DISK, cure: str = "Make room.") -> None:
    with store.write() as session:
        open_incident(store, session, key, says="only 140 MiB are free", cure=cure, now=clock())


def mends(store: Store, clock: HandClock, key: str = DISK) -> None:
    with store.write() as session:
        assert close_incident(store, session, key, now=clock())


def mailed(store: Store, clock: HandClock) -> list[str]:
    """The subjects of the mails that are new in this turn."""
    before = len(told(store))
    tell_incidents(store, desk(), clock=clock)
    return [str(mail["Subject"]) for _, mail in outbox(store)[before:]]


def test_the_end_is_mailed_once_to_whom_the_beginning_was(store: Store, clock: HandClock) -> None:
    breaks(store, clock)
    assert mailed(store, clock) == ["OPERATIONS · storage"]
    clock.wait(minutes=40)
    mends(store, clock)
    assert mailed(store, clock) == ["OPERATIONS · there is room again"]
    body = text_of(outbox(store)[-1][1])
    assert "This is over: “only 140 MiB are free”." in body
    assert "HOW TO MEND IT" not in body
    clock.wait(minutes=1)
    assert mailed(store, clock) == []


@pytest.mark.parametrize("key", ["python:headers", "relist:page", "outbox:7", "check:page:token"])
def test_the_end_of_what_nobody_waits_for_is_not_mailed(store: Store, clock: HandClock, key: str) -> None:
    breaks(store, clock, key)
    assert len(mailed(store, clock)) >= 1
    clock.wait(minutes=40)
    mends(store, clock, key)
    assert mailed(store, clock) == []


def test_a_new_cause_is_mailed_once_and_an_old_one_that_returns_is_not(
    store: Store, clock: HandClock
) -> None:
    breaks(store, clock, "budget:x", "It answered 503.")
    assert len(mailed(store, clock)) == 1
    clock.wait(hours=2)
    breaks(store, clock, "budget:x", "It answered 500.")  # numbers differ, nothing else
    assert mailed(store, clock) == []
    breaks(store, clock, "budget:x", "The token was revoked.")
    assert len(mailed(store, clock)) == 1
    body = text_of(outbox(store)[-1][1])
    assert "You were told of this before; its cause is another one now." in body
    assert "The token was revoked." in body
    for cure in ("It answered 503.", "The token was revoked."):
        clock.wait(hours=2)
        breaks(store, clock, "budget:x", cure)
        assert mailed(store, clock) == []


def test_a_cause_that_changes_every_minute_is_mailed_once_an_hour(store: Store, clock: HandClock) -> None:
    count = 0
    for minute in range(120):
        breaks(store, clock, "budget:x", f"cause {'abcdefgh'[minute % 8]}")
        count += len(mailed(store, clock))
        clock.wait(minutes=1)
    assert count == 2


def test_what_was_told_by_an_earlier_version_is_not_told_again(store: Store, clock: HandClock) -> None:
    breaks(store, clock)
    assert len(mailed(store, clock)) == 1
    with store.write() as session:
        for row in session.exec(select(IncidentMailRow)):
            session.delete(row)
    clock.wait(hours=3)
    assert mailed(store, clock) == []


def test_what_comes_and_goes_all_day_is_mailed_as_that_and_then_left_in_peace(
    store: Store, clock: HandClock
) -> None:
    mails: list[str] = []
    for _ in range(48):
        breaks(store, clock)
        mails += mailed(store, clock)
        clock.wait(minutes=15)
        mends(store, clock)
        mails += mailed(store, clock)
        clock.wait(minutes=15)
    assert mails == [
        "OPERATIONS · storage",
        "OPERATIONS · there is room again",
        "OPERATIONS · storage",
        "OPERATIONS · there is room again",
        "OPERATIONS · storage",  # which says that it comes and goes
    ]
    assert "It came and went 2 times within a day and is back." in text_of(outbox(store)[-1][1])
    clock.wait(minutes=60)
    assert mailed(store, clock) == ["OPERATIONS · there is room again"]  # when it has been well for an hour


def test_what_was_unsteady_and_then_lasts_is_mailed_again(store: Store, clock: HandClock) -> None:
    for _ in range(4):
        breaks(store, clock)
        mailed(store, clock)
        clock.wait(minutes=5)
        mends(store, clock)
        mailed(store, clock)
        clock.wait(minutes=5)
    breaks(store, clock)
    mails = []
    for _ in range(8 * 60):
        mails += mailed(store, clock)
        clock.wait(minutes=1)
    assert mails == ["OPERATIONS · storage"]


def test_an_account_stays_one_trouble_whatever_is_not_read_of_it(store: Store) -> None:
    assert about("stream:page:comment") == about("stream:page:follower") != about("stream:other:comment")
    assert about("check:page:token") != about("check:page:version")
    assert sign("did not finish within 20 s") == sign("did not finish within 60 s") != sign("was refused")
