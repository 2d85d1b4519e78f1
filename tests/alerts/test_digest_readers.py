"""Who gets the daily digest, and on which days."""

from __future__ import annotations

import pytest
from sqlmodel import select

from alerts.digest import digest
from alerts.schedule import Schedule
from monitor.assess import assess
from monitor.domain import Role
from monitor.store import Store
from monitor.tables import CaseRow
from tests.alerts.telling import ADDRESSES, desk, outbox, text_of
from tests.conftest import HandClock
from tests.making import judgement
from tests.monitor.test_assess import arrive


@pytest.mark.parametrize("role", [Role.OFFICE, Role.ESAFETY, Role.HEADTEACHER])
def test_one_who_reads_in_two_roles_gets_one_digest(store: Store, clock: HandClock, role: Role) -> None:
    addresses = dict.fromkeys(Role, "all@school.example")
    assert digest(store, desk(addresses), clock=clock) == 1


NEEDED = Schedule()  # the headteacher's digest comes only when there is something of theirs


def test_the_headteacher_hears_nothing_on_a_day_without_anything_of_theirs(
    store: Store, clock: HandClock
) -> None:
    assert digest(store, desk(schedule=NEEDED), clock=clock) == 2
    assert {row.role for row, _ in outbox(store)} == {"office", "esafety"}


@pytest.mark.parametrize("text", ["[insult medium] x", "[complaint low] x", "[press low] x"])
def test_the_headteacher_hears_daily_of_what_waits_for_them(
    store: Store, clock: HandClock, text: str
) -> None:
    arrive(store, clock, text)
    assess(store, judgement(), clock=clock)
    digest(store, desk(schedule=NEEDED), clock=clock)
    assert Role.HEADTEACHER in {row.role for row, _ in outbox(store)}


def test_what_only_others_must_decide_is_no_reason_to_write_to_the_headteacher(
    store: Store, clock: HandClock
) -> None:
    arrive(store, clock, "[bullying high] x", "[spam low] x")
    assess(store, judgement(), clock=clock)
    with store.write() as session:
        for case in session.exec(select(CaseRow)):
            case.roles = "dsl"
    digest(store, desk(schedule=NEEDED), clock=clock)
    assert {row.role for row, _ in outbox(store)} == {"office", "esafety", "dsl"}


def test_the_headteacher_who_also_coordinates_e_safety_has_every_digest(
    store: Store, clock: HandClock
) -> None:
    both = ADDRESSES | {Role.ESAFETY: ADDRESSES[Role.HEADTEACHER]}
    assert digest(store, desk(both, schedule=NEEDED), clock=clock) == 2


def test_a_digest_made_under_a_clock_that_was_ahead_takes_nothing_from_the_next(
    store: Store, clock: HandClock
) -> None:
    right = clock()
    clock.wait(days=10)
    assert digest(store, desk(), clock=clock)
    clock.now = right
    arrive(store, clock, "Lovely")
    assess(store, judgement(), clock=clock)
    clock.wait(hours=1)
    assert digest(store, desk(), clock=clock)
    said = [text_of(mail) for row, mail in outbox(store) if row.role == Role.ESAFETY]
    assert "1 comment, mention or post read" in said[-1]
