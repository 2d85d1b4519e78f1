from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from alerts import links
from alerts.notify import notify
from alerts.remind import gap, remind
from monitor import items
from monitor.assess import assess
from monitor.domain import Role, Severity
from monitor.incidents import open_incidents
from monitor.store import Store
from monitor.tables import CaseRow, NoticeRow
from monitor.tables_telling import TellingRow
from tests.alerts.telling import delivered, desk, one_case, outbox, text_of, told
from tests.conftest import MORNING, HandClock
from tests.making import HOURS, comment, judgement
from tests.monitor.test_assess import arrive


def acknowledge(store: Store) -> None:
    with store.write() as session:
        session.exec(select(CaseRow)).one().state = "acknowledged"


def test_a_case_is_told_once_to_each_who_should_know(store: Store, clock: HandClock) -> None:
    one_case(store, clock)
    assert notify(store, desk(), clock=clock) == 1
    assert notify(store, desk(), clock=clock) == 0
    assert told(store) == [("headteacher", "first"), ("dsl", "first")]
    _, mail = outbox(store)[0]
    assert mail["To"] == "headteacher@school.example"
    assert "planted" not in text_of(mail)


def test_the_mails_link_opens_this_case_for_this_reader_only(store: Store, clock: HandClock) -> None:
    case = one_case(store, clock)
    notify(store, desk(), clock=clock)
    seen = set()
    for row, mail in outbox(store):
        token = re.search(r"https://gate\.school\.example/c/(\S+)", text_of(mail))[1]  # type: ignore[index]
        with store.read() as session:
            link = links.find(store, session, token, now=clock())
        assert link is not None
        assert (link.case_id, link.role) == (case.id, Role(row.role))
        assert link.recipient == links.recipient_hash(store.vault, str(mail["To"]))
        seen.add(token)
    assert len(seen) == 2


def test_somebody_with_two_roles_gets_one_mail(store: Store, clock: HandClock) -> None:
    one_case(store, clock)
    same = dict.fromkeys(Role, "head@school.example")
    notify(store, desk(same), clock=clock)
    assert told(store) == [("headteacher", "first")]


def test_high_at_night_is_told_in_the_morning(store: Store, clock: HandClock) -> None:
    clock.now = MORNING.replace(hour=2)
    one_case(store, clock, "[bullying high]")
    assert notify(store, desk(), clock=clock) == 0
    clock.now = MORNING.replace(hour=6, minute=30)
    assert notify(store, desk(), clock=clock) == 1


def test_cases_of_one_hour_come_in_one_mail(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "[insult medium] a", "[insult medium] b", "[insult medium] c")
    assess(store, judgement(), clock=clock)
    notify(store, desk(), clock=clock)
    assert told(store) == [("headteacher", "grouped"), ("dsl", "grouped")]
    _, mail = outbox(store)[0]
    body = text_of(mail)
    assert all(ref in body for ref in ("SM-0001", "SM-0002", "SM-0003"))


def test_a_case_that_somebody_closed_meanwhile_is_not_told(store: Store, clock: HandClock) -> None:
    clock.now = MORNING.replace(hour=2)
    one_case(store, clock, "[bullying high]")
    with store.write() as session:
        session.exec(select(CaseRow)).one().state = "closed"
    clock.now = MORNING
    notify(store, desk(), clock=clock)
    assert told(store) == []


def test_an_unanswered_critical_case_is_reminded_and_escalated(store: Store, clock: HandClock) -> None:
    one_case(store, clock)
    mails = []
    for _ in range(5):
        remind(store, desk(), clock=clock)
        notify(store, desk(), clock=clock)
        mails += delivered(store, clock)
        clock.wait(minutes=5)
    assert told(store) == [
        ("headteacher", "first"),
        ("dsl", "first"),
        ("headteacher", "reminder"),
        ("dsl", "reminder"),
        ("deputy", "escalation"),
    ]
    first, reminder = mails[0][1], mails[2][1]
    assert reminder["In-Reply-To"] == first["Message-ID"]
    assert reminder["Subject"].startswith("REMINDER 1")


def test_an_acknowledged_case_is_left_alone(store: Store, clock: HandClock) -> None:
    one_case(store, clock)
    notify(store, desk(), clock=clock)
    acknowledge(store)
    clock.wait(hours=5)
    assert remind(store, desk(), clock=clock) == 0


def test_a_reminder_that_was_due_is_not_sent_when_somebody_answered(store: Store, clock: HandClock) -> None:
    one_case(store, clock)
    notify(store, desk(), clock=clock)
    delivered(store, clock)
    clock.wait(minutes=16)
    assert remind(store, desk(), clock=clock) == 2
    acknowledge(store)
    notify(store, desk(), clock=clock)
    assert told(store) == [("headteacher", "first"), ("dsl", "first")]


def test_what_can_wait_is_not_reminded_of(store: Store, clock: HandClock) -> None:
    one_case(store, clock, "[bullying medium]")
    notify(store, desk(), clock=clock)
    clock.wait(hours=5)
    assert remind(store, desk(), clock=clock) == 0


def test_reminders_come_less_and_less_often() -> None:
    gaps = [gap(Severity.CRITICAL, reminded, HOURS) for reminded in range(8)]
    assert gaps[:4] == [timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2)]
    assert set(gaps[4:]) == {timedelta(hours=4)}
    assert [gap(Severity.HIGH, n, HOURS) for n in (0, 1, 5)] == [
        timedelta(hours=2),
        timedelta(days=1),
        timedelta(days=1),
    ]


def test_the_same_notice_always_gives_the_same_message_id(store: Store, clock: HandClock) -> None:
    one_case(store, clock)
    notify(store, desk(), clock=clock)
    first = [mail["Message-ID"] for _, mail in outbox(store)]
    with store.write() as session:  # as if the transaction had been lost, and done again
        for row, _ in outbox(store):
            session.delete(session.merge(row))
        for share in session.exec(select(TellingRow)):
            session.delete(share)
        session.exec(select(NoticeRow)).one().composed_at = None
    notify(store, desk(), clock=clock)
    assert [mail["Message-ID"] for _, mail in outbox(store)] == first


def test_an_alert_that_cannot_be_composed_is_loud_and_tried_again(store: Store, clock: HandClock) -> None:
    case = one_case(store, clock)
    with store.write() as session:
        row = session.get_one(CaseRow, case.id)
        row.ref = "not a reference"
    notify(store, desk(), clock=clock)
    assert told(store) == []
    with store.read() as session:
        (incident,) = open_incidents(session, "school")
    assert incident.key.startswith("notify:")
    with store.write() as session:
        session.get_one(CaseRow, case.id).ref = "SM-0001"
    clock.wait(minutes=5)
    notify(store, desk(), clock=clock)
    assert len(told(store)) == 2


def test_a_crowd_of_grave_comments_does_not_fill_the_mailbox(store: Store, clock: HandClock) -> None:
    arrive(store, clock, *(f"[threat critical] {number}" for number in range(60)))
    assess(store, judgement(), clock=clock)
    notify(store, desk(), clock=clock)
    to_head = [reason for role, reason in told(store) if role == "headteacher"]
    assert to_head == ["first"] * 6 + ["grouped"]
    _, mail = outbox(store)[-1]
    assert mail["Subject"] == "NEW · ACT NOW · 54 cases"
    assert "SM-0007" in text_of(mail)
    assert "And 24 more on St Elsewhere on Facebook" in text_of(mail)


def test_a_crowd_that_goes_on_is_told_every_five_minutes(store: Store, clock: HandClock) -> None:
    for minute in range(60):
        arrive(
            store,
            clock,
            f"[threat critical] {minute}",
            f"[threat critical] again {minute}",
            first=minute * 2 + 1,
        )
        assess(store, judgement(), clock=clock)
        notify(store, desk(), clock=clock)
        clock.wait(minutes=1)
    to_head = [reason for role, reason in told(store) if role == "headteacher"]
    assert len(to_head) <= 10 + 12
    clock.wait(minutes=5)
    notify(store, desk(), clock=clock)
    with store.read() as session:
        assert all(row.composed_at for row in session.exec(select(NoticeRow)))


def test_many_that_can_wait_are_counted_in_one_short_mail(store: Store, clock: HandClock) -> None:
    arrive(store, clock, *(f"[insult medium] {number}" for number in range(80)))
    assess(store, judgement(), clock=clock)
    notify(store, desk(), clock=clock)
    assert told(store) == [("headteacher", "grouped"), ("dsl", "grouped")]
    _, mail = outbox(store)[0]
    assert mail["Subject"] == "NEW · TO REVIEW · 80 cases"
    assert "And 50 more" in text_of(mail)
    assert "SM-0031 to SM-0080." in text_of(mail)


@pytest.mark.parametrize("year", [1, 9999])
def test_a_time_that_cannot_be_silences_no_alert(store: Store, clock: HandClock, year: int) -> None:
    one_case(store, clock)
    item = comment("[threat critical]", "2", posted_at=datetime(year, 1, 1, tzinfo=UTC))
    with store.write() as session:
        session.add(
            items.to_row(
                item,
                store.vault,
                school=store.school,
                network="facebook",
                version=1,
                now=clock(),
                baseline=False,
            )
        )
    assess(store, judgement(), clock=clock)
    notify(store, desk(), clock=clock)
    assert sorted(told(store)) == sorted([("headteacher", "first"), ("dsl", "first")] * 2)


def test_one_that_cannot_be_told_silences_no_other_of_its_group(store: Store, clock: HandClock) -> None:
    arrive(store, clock, *(f"[insult medium] {number}" for number in range(5)))
    assess(store, judgement(), clock=clock)
    with store.write() as session:
        session.exec(select(CaseRow).where(CaseRow.number == 3)).one().bypassed = ",".join(Role)
    notify(store, desk(), clock=clock)
    with store.read() as session:
        left = [row.case_id for row in session.exec(select(NoticeRow)) if row.composed_at is None]
        assert [one.key for one in open_incidents(session, store.school)] == ["notify:3"]
    assert left == [3]
    assert all(ref in "".join(text_of(mail) for _, mail in outbox(store)) for ref in ("SM-0001", "SM-0005"))
    assert notify(store, desk(), clock=clock) == 0  # not at every tick
