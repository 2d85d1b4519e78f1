"""A case's mails are told apart by their subjects and held together by their headers.

Gmail keeps mails together whose subject is the same and whose References name a mail it knows (Google, "Threading
changes in Gmail conversation view", 29 March 2019); Outlook goes by Thread-Index and Thread-Topic ([MS-OXOMSG]
2.2.1.3), whatever the subject is; the others by References (RFC 5256).
"""

from __future__ import annotations

import base64
import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from alerts.compose import compose_alert
from alerts.compose_closed import compose_closed
from alerts.envelope import Thread
from alerts.notify import notify
from alerts.remind import remind
from monitor.assess import assess
from monitor.domain import Reason, Role
from monitor.store import Store
from monitor.tables import CaseRow
from tests.alerts.mails import HOUSE, KINDS, NOW, alert, part, read, stamp
from tests.alerts.telling import delivered, desk, one_case
from tests.conftest import HandClock
from tests.making import judgement
from tests.monitor.test_assess import arrive

BEGAN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("alert", "NEW · ACT NOW · SM-0142 · possible threat · Facebook"),
        ("updated", "UPDATED · ACT NOW · SM-0142 · possible threat · Facebook"),
        ("reminder", "REMINDER 2 · ACT NOW · SM-0142 · possible threat · Facebook"),
        ("escalation", "ESCALATED · ACT NOW · SM-0142 · possible threat · Facebook"),
        ("closed", "CLOSED · SM-0142 · possible threat · Facebook"),
    ],
)
def test_each_mail_of_a_case_says_what_it_is(kind: str, subject: str) -> None:
    assert read(KINDS[kind]())["Subject"] == subject
    assert len(subject) <= 60


def test_one_thread_gives_every_mail_of_a_case_the_same_subject() -> None:
    house = dataclasses.replace(HOUSE, one_thread=True)
    made = [
        compose_alert(alert(reason=reason, reminder=2), stamp(reason.value, house=house))
        for reason in (Reason.FIRST, Reason.UPDATED, Reason.REMINDER, Reason.ESCALATION)
    ]
    made.append(
        compose_closed(alert(reason=Reason.CLOSED), stamp("closed", house=house), at=NOW, by=Role.DSL)
    )
    assert {read(data)["Subject"] for data in made} == {"ACT NOW · SM-0142 · possible threat · Facebook"}
    states = ["NEW", "UPDATED", "REMINDER 2", "ESCALATED", "CLOSED"]
    assert [part(data, "plain").split(" · ")[0] for data in made] == states
    assert ">REMINDER 2 · Copied" in part(made[2], "html")  # beside the subject, in Gmail's list


def test_outlooks_index_is_one_head_for_all_and_five_bytes_more_for_an_answer() -> None:
    thread = Thread("Case SM-0001", "school SM-0001", BEGAN)
    first = base64.b64decode(thread.index(BEGAN + timedelta(minutes=1), answer=False))
    later = base64.b64decode(thread.index(BEGAN + timedelta(hours=1), answer=True))
    assert (len(first), len(later)) == (22, 27)
    assert later[:22] == first
    assert first[0] == 1
    began = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(
        microseconds=int.from_bytes(first[:6] + bytes(2), "big") / 10
    )
    assert abs(began - BEGAN) < timedelta(seconds=1)
    since = int.from_bytes(later[22:26], "big") << 18
    assert abs(timedelta(microseconds=since / 10) - timedelta(hours=1)) < timedelta(seconds=1)
    other = Thread("Case SM-0002", "school SM-0002", BEGAN)
    assert other.index(BEGAN, answer=False) != thread.index(BEGAN, answer=False)


def test_every_later_mail_of_a_case_answers_the_first_one(store: Store, clock: HandClock) -> None:
    one_case(store, clock)
    mails = []
    for _ in range(4):
        notify(store, desk(), clock=clock)
        mails += [mail for row, mail in delivered(store, clock) if row.role == "headteacher"]
        clock.wait(minutes=20)
        remind(store, desk(), clock=clock)
    first, *later = mails
    assert len(later) >= 2
    assert first["References"] is None
    assert {mail["References"] for mail in later} == {first["Message-ID"]}
    assert {mail["In-Reply-To"] for mail in later} == {first["Message-ID"]}
    assert {mail["Thread-Topic"] for mail in mails} == {"Case SM-0001"}
    assert {base64.b64decode(mail["Thread-Index"])[:22] for mail in mails} == {
        base64.b64decode(first["Thread-Index"])
    }


def test_a_case_that_was_told_with_others_is_answered_there(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "[insult medium] a", "[insult medium] b")
    assess(store, judgement(), clock=clock)
    notify(store, desk(), clock=clock)
    group = next(mail for row, mail in delivered(store, clock) if row.role == "headteacher")
    with store.write() as session:
        case = session.exec(select(CaseRow).where(CaseRow.number == 1)).one()
        case.state, case.closed_at, case.closed_by = "closed", clock(), "dsl"
    remind(store, desk(), clock=clock)
    notify(store, desk(), clock=clock)
    closed = next(mail for row, mail in delivered(store, clock) if row.role == "headteacher")
    assert closed["Subject"].startswith("CLOSED · SM-0001")
    assert closed["In-Reply-To"] == group["Message-ID"]
