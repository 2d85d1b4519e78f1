"""How a pile-on and a case that is handed on are told."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from alerts.digest_rows import closed_since, decided, waiting
from alerts.notify import notify
from alerts.remind import remind
from monitor.domain import Severity
from monitor.store import Store
from monitor.tables import CaseRow, NoticeRow
from tests.alerts.telling import delivered, desk, outbox, text_of, told
from tests.conftest import HandClock
from tests.monitor.crowd import INSULT, Crowd

HIGH = "[bullying high]"


def test_a_pile_on_is_one_mail_that_names_its_case_and_how_many_there_are(
    store: Store, clock: HandClock
) -> None:
    crowd = Crowd(store, clock)
    crowd.write(*[HIGH] * 7)
    notify(store, desk(), clock=clock)
    assert told(store) == [("headteacher", "first"), ("dsl", "first")]
    _, mail = outbox(store)[0]
    assert "SM-0001" in mail["Subject"]
    assert "One of 7 comments against one target" in text_of(mail)
    assert "SM-0002" not in text_of(mail)


def test_a_threat_among_a_thousand_insults_is_mailed_by_itself_at_any_hour(
    store: Store, clock: HandClock
) -> None:
    crowd = Crowd(store, clock)
    clock.now = clock().replace(hour=2)
    crowd.write(*[INSULT] * 60, "[threat critical]", *[INSULT] * 60)
    notify(store, desk(), clock=clock)
    subjects = {str(mail["Subject"]) for _, mail in outbox(store)}
    assert len(subjects) == 1
    assert "SM-0061" in subjects.pop()


def test_only_the_case_that_leads_is_reminded_of(store: Store, clock: HandClock) -> None:
    crowd = Crowd(store, clock)
    crowd.write(HIGH, HIGH)
    notify(store, desk(), clock=clock)
    crowd.write(HIGH)
    with store.write() as session:
        for case in session.exec(select(CaseRow)):
            case.severity = Severity.CRITICAL.value
    notify(store, desk(), clock=clock)
    delivered(store, clock)
    clock.wait(minutes=16)
    assert remind(store, desk(), clock=clock) == 2  # a reminder and the escalation
    with store.read() as session:
        nags = session.exec(select(NoticeRow.case_id).where(NoticeRow.reason == "reminder")).all()
    assert nags == [1]


def test_the_digest_counts_a_pile_on_once(store: Store, clock: HandClock) -> None:
    crowd = Crowd(store, clock)
    crowd.write(*[INSULT] * 4)
    with store.read() as session:
        assert [case.ref for case in waiting(session, store)] == ["SM-0001"]
    before = clock() - timedelta(days=1)
    with store.write() as session:
        for case in session.exec(select(CaseRow)):
            case.state, case.closed_at = "closed", clock()
    with store.read() as session:
        assert [case.ref for case in closed_since(session, store, before)] == ["SM-0001"]
        assert decided(session, store, clock(), lambda case: True, false_alarm=False) == 1


def test_a_notice_for_one_role_is_mailed_to_that_role_alone(store: Store, clock: HandClock) -> None:
    crowd = Crowd(store, clock)
    crowd.write(HIGH)
    notify(store, desk(), clock=clock)
    with store.write() as session:
        session.add(
            NoticeRow(
                school_id=store.school,
                case_id=1,
                reason="updated",
                severity=3,
                only_role="dsl",
                created_at=clock(),
                not_before=clock(),
            )
        )
    notify(store, desk(), clock=clock)
    assert told(store)[2:] == [("dsl", "updated")]
