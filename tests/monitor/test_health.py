"""What becomes an incident, when it closes, and what /healthz and the doctor are told."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from monitor import disk, health, poll
from monitor.checked import Health, HealthPoint
from monitor.domain import ItemKind
from monitor.incidents import close_news, open_incident, open_incidents
from monitor.store import Store
from monitor.tables import IncidentRow, SpendRow, StreamRow
from tests.conftest import HandClock
from tests.making import WrittenNetwork, watch

HOLE = "update Python to 3.11.10 or later."


def wrong(store: Store) -> dict[str, str]:
    """The open incidents: key → cure."""
    with store.read() as session:
        return {row.key: row.cure for row in open_incidents(session, store.school)}


def test_a_check_that_fails_is_an_incident_until_it_is_well(store: Store, clock: HandClock) -> None:
    bad = Health(False, (HealthPoint("token", ok=False, says="Make a new token."),))
    health.note(store, "page", "facebook", bad, clock())
    health.note(store, "page", "facebook", bad, clock())
    assert wrong(store) == {"check:page:token": "Make a new token."}
    health.note(
        store, "page", "facebook", Health(True, (HealthPoint("token", ok=True, says="valid"),)), clock()
    )
    assert wrong(store) == {}
    with store.read() as session:
        assert len(session.exec(select(IncidentRow)).all()) == 1


def test_what_a_check_cost_is_counted(store: Store, clock: HandClock) -> None:
    for _ in range(2):
        health.note(store, "page", "facebook", Health(True, reads=10), clock())
    with store.read() as session:
        assert session.exec(select(SpendRow)).one().reads == 20


@pytest.mark.parametrize(("left", "told"), [(timedelta(days=13), True), (timedelta(days=15), False)])
def test_an_access_that_runs_out_soon_is_told_of(
    store: Store, clock: HandClock, left: timedelta, told: bool
) -> None:
    point = HealthPoint("token", ok=True, says="Make a new token.", expires_at=clock() + left)
    health.note(store, "page", "facebook", Health(True, (point,)), clock())
    assert (list(wrong(store)) == ["expires:page:token"]) is told


def test_a_python_with_a_hole_is_told_of_once_and_closed_when_mended(store: Store, clock: HandClock) -> None:
    health.note_python(store, HOLE, clock())
    clock.wait(minutes=1)
    health.note_python(store, HOLE, clock())
    assert wrong(store) == {"python:headers": HOLE}
    health.note_python(store, None, clock())
    assert wrong(store) == {}
    with store.read() as session:
        assert len(session.exec(select(IncidentRow)).all()) == 1


def test_a_disk_that_is_nearly_full_is_told_of(store: Store, clock: HandClock) -> None:
    disk.note_room(store, disk.Room(disk.LOW - 1, 2**40), clock())
    assert list(wrong(store)) == ["storage:disk"]
    disk.note_room(store, disk.Room(disk.LOW, 2**40), clock())
    assert wrong(store) == {}


def test_a_stream_is_well_until_three_intervals_pass_without_a_success(
    store: Store, clock: HandClock
) -> None:
    one = watch(WrittenNetwork())
    poll.declare(store, [one], clock())
    assert health.report(store, [one], clock())["ok"]  # never read, but only just begun
    with store.write() as session:
        session.exec(select(StreamRow)).one().last_success_at = clock()
    clock.wait(minutes=34)
    assert health.report(store, [one], clock())["ok"]
    clock.wait(minutes=2)
    said = health.report(store, [one], clock())
    assert not said["ok"]
    assert [row["ok"] for row in said["streams"]] == [False]


def test_a_blocked_stream_is_not_well_and_one_that_is_no_longer_watched_is_left_out(
    store: Store, clock: HandClock
) -> None:
    one = watch(WrittenNetwork(), ItemKind.COMMENT, ItemKind.FOLLOWER)
    poll.declare(store, [one], clock())
    with store.write() as session:
        row = session.exec(select(StreamRow).where(StreamRow.kind == "follower")).one()
        row.last_success_at, row.blocked_at = clock(), clock()
    said = health.report(store, [one], clock())
    assert {row["kind"]: row["ok"] for row in said["streams"]} == {"comment": True, "follower": False}
    comments = watch(WrittenNetwork())
    assert health.report(store, [comments], clock())["ok"]
    json.dumps(said)


def test_advice_is_shown_and_does_not_call_the_service_unwell(store: Store, clock: HandClock) -> None:
    with store.write() as session:
        open_incident(store, session, "expires:page:token", says="x", cure="y", now=clock())
    says = health.report(store, [], clock())
    assert (says["ok"], says["incidents"]) == (True, ["expires:page:token"])
    with store.write() as session:
        open_incident(store, session, "stream:page:comment", says="x", cure="y", now=clock())
    assert health.report(store, [], clock())["ok"] is False


@pytest.mark.parametrize(
    ("off", "says"),
    [
        ([], None),
        ([119.0], None),
        ([-119.0, 3600.0], None),  # one network alone is wrong itself
        ([1.0, 3600.0], None),
        ([-180.0, 180.0], None),  # they do not agree
        ([3600.0, 3590.0], "this machine's clock is 60 minutes slow"),
        ([-180.0], "this machine's clock is 3 minutes fast"),
    ],
)
def test_a_clock_that_is_wrong_by_all_networks_is_told_of(
    store: Store, clock: HandClock, off: list[float], says: str | None
) -> None:
    health.check_clock(store, off, clock())
    with store.read() as session:
        told = [one.says for one in open_incidents(session, store.school)]
    assert [one.partition(",")[0] for one in told] == ([says] if says else [])
    health.check_clock(store, [0.5], clock())
    assert wrong(store) == {}


def test_a_network_that_says_no_time_closes_nothing(store: Store, clock: HandClock) -> None:
    health.check_clock(store, [600.0], clock())
    health.check_clock(store, [], clock())
    assert list(wrong(store)) == ["clock"]


def test_what_happened_once_leaves_the_lists_some_days_after_it_was_told(
    store: Store, clock: HandClock
) -> None:
    with store.write() as session:
        for key in ("outbox:4", "decision:5", "storage:disk"):
            open_incident(store, session, key, says="x", cure="y", now=clock())
    clock.wait(days=9)
    assert close_news(store, clock()) == 0  # nobody was told yet
    with store.write() as session:
        for row in open_incidents(session, store.school):
            row.composed_at = clock()
    clock.wait(days=3)
    assert close_news(store, clock()) == 2
    assert list(wrong(store)) == ["storage:disk"]


def test_watching_is_what_a_sign_of_life_goes_by(store: Store, clock: HandClock) -> None:
    with store.write() as session:
        open_incident(store, session, "decision:5", says="x", cure="y", now=clock())
    said = health.report(store, [], clock())
    assert (said["ok"], said["watching"]) == (False, True)
    with store.write() as session:
        open_incident(store, session, "mail", says="x", cure="y", now=clock())
    assert health.report(store, [], clock())["watching"] is False
