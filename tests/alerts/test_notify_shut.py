"""Whoever a later version of a comment names, or no longer concerns, is not told of it by a mail that was due before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import select

from alerts.desk import Reader
from alerts.digest import view_of
from alerts.notify import notify
from alerts.offers import NOT_A_PROBLEM
from alerts.remind import remind
from monitor.assess import Judgement, assess
from monitor.domain import CaseState, Role
from monitor.store import Store
from monitor.tables import CaseRow, OutboxRow
from tests.alerts.telling import ADDRESSES, delivered, desk, outbox, text_of
from tests.conftest import HandClock
from tests.making import judgement
from tests.monitor.test_assess import arrive

HEAD, DSL = ADDRESSES[Role.HEADTEACHER], ADDRESSES[Role.DSL]


def to_the_head() -> Judgement:
    return replace(judgement(), route=lambda findings: (Role.HEADTEACHER,))


def mails_to(store: Store, address: str) -> list[str]:
    return [f"{mail['Subject']}\n{text_of(mail)}" for _, mail in outbox(store) if mail["To"] == address]


def alleged(
    store: Store, clock: HandClock, judge: Judgement, number: int, whom: str = "the headteacher"
) -> None:
    """The author changes the comment: now it is about somebody who works there."""
    arrive(store, clock, f"[staff_allegation high] {whom}", first=number)
    assess(store, judge, clock=clock)


@pytest.mark.parametrize("others", [0, 1])
def test_a_mail_that_waits_is_not_sent_to_whom_the_changed_comment_names(
    store: Store, clock: HandClock, others: int
) -> None:
    judge = to_the_head()
    arrive(store, clock, "[insult medium] a")
    assess(store, judge, clock=clock)
    notify(store, desk(), clock=clock)
    before = mails_to(store, HEAD)
    delivered(store, clock)
    clock.wait(minutes=10)
    arrive(store, clock, "[insult medium] b", *["[insult medium] c"] * others, first=2)
    assess(store, judge, clock=clock)
    clock.wait(minutes=55)
    notify(store, replace(desk(), mails_per_hour=0), clock=clock)  # it is shared out, and waits for its place
    assert mails_to(store, HEAD) == []
    clock.wait(minutes=5)
    alleged(store, clock, judge, 2)
    notify(store, desk(), clock=clock)
    clock.wait(hours=2)
    notify(store, desk(), clock=clock)
    assert not [mail for mail in mails_to(store, HEAD) if "SM-0002" in mail]
    assert [mail for mail in mails_to(store, ADDRESSES[Role.CHAIR]) if "SM-0002" in mail]
    assert len([mail for mail in mails_to(store, HEAD) if "SM-0003" in mail]) == others
    assert before


@pytest.mark.parametrize(("whom", "other"), [("the headteacher", HEAD), ("a teacher", DSL)])
def test_who_may_not_know_of_it_by_now_is_not_told_that_it_is_closed(
    store: Store, clock: HandClock, whom: str, other: str
) -> None:
    arrive(store, clock, "[bullying high] a")
    assess(store, judgement(), clock=clock)
    notify(store, desk(), clock=clock)
    before = len(mails_to(store, other))
    assert before == 1
    alleged(store, clock, to_the_head(), 1, whom)
    notify(store, desk(), clock=clock)
    with store.write() as session:
        case = session.exec(select(CaseRow)).one()
        case.state, case.closed_at, case.closed_by = CaseState.CLOSED.value, clock(), Role.CHAIR.value
    remind(store, desk(), clock=clock)
    notify(store, desk(), clock=clock)
    assert len(mails_to(store, other)) == before


def test_the_digest_tells_whom_it_is_about_neither_of_its_mail_nor_of_its_decision(
    store: Store, clock: HandClock
) -> None:
    alleged(store, clock, to_the_head(), 1)
    notify(store, desk(), clock=clock)
    with store.write() as session:
        mail = session.exec(select(OutboxRow)).one()
        mail.attempts, mail.reply = 1, "the server is away"
        case = session.exec(select(CaseRow)).one()
        case.state, case.closed_at, case.closed_by = CaseState.CLOSED.value, clock(), Role.CHAIR.value
        case.outcome = NOT_A_PROBLEM
    assert mail.role == Role.CHAIR
    clock.wait(minutes=1)
    seen = {}
    for role in (Role.HEADTEACHER, Role.CHAIR, Role.OFFICE):
        with store.read() as session:
            seen[role] = view_of(
                session,
                store,
                desk(),
                Reader(role, ADDRESSES[role]),
                clock().date(),
                clock(),
                "https://x.example",
            )
    assert (seen[Role.HEADTEACHER].decided, seen[Role.HEADTEACHER].false_alarms) == (0, 0)
    assert seen[Role.HEADTEACHER].undelivered == ()
    assert (seen[Role.CHAIR].decided, seen[Role.CHAIR].false_alarms) == (1, 1)
    assert [row.ref for row in seen[Role.CHAIR].undelivered] == ["SM-0001"]
    assert len(seen[Role.OFFICE].undelivered) == 1  # by no reference: alerts/compose_digest.py
