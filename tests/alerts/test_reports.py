from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from alerts.compose_report import termly_values, weekly_values
from alerts.digest_rows import not_delivered
from alerts.notify import notify
from alerts.pdf import pdf
from alerts.reports import reports, term_so_far
from alerts.schedule import Schedule
from monitor.assess import assess
from monitor.domain import Role
from monitor.drill_mark import PREFIX
from monitor.store import Store
from monitor.tables import AuditRow, CaseRow, OutboxRow, StreamRow
from monitor.tables_watching import KeptDigestRow, ReportRow, WatchedDayRow
from monitor.terms import Term
from tests.alerts import reporting
from tests.alerts.mails import NOW, stamp
from tests.alerts.telling import delivered, desk, outbox, text_of
from tests.conftest import HandClock
from tests.making import judgement
from tests.monitor.test_assess import arrive

FRIDAY = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
TERMS = Schedule(weekday=None, terms=(Term(date(2026, 9, 2), date(2026, 11, 20)),))
WEEKLY = Schedule(termly=False)


def began(store: Store, day: date = date(2026, 11, 2)) -> None:
    """Everything has been watched since this day."""
    with store.write() as session:
        for kind in ("comment", "follower"):
            session.add(
                WatchedDayRow(
                    school_id=store.school, account="page", kind=kind, day=day, every=600, made=143, missed=1
                )
            )


def mails(store: Store) -> list[tuple[str, str]]:
    return [(row.role, str(mail["Subject"])) for row, mail in outbox(store)]


def said(store: Store) -> str:
    return " ".join(text_of(outbox(store)[-1][1]).split())


def test_the_week_is_reported_to_the_headteacher_at_its_hour(store: Store, clock: HandClock) -> None:
    began(store)
    clock.now = FRIDAY - timedelta(seconds=1)
    reports(store, desk(schedule=WEEKLY), clock=clock)
    assert [row.day for row in rows(store)] == [date(2026, 11, 13)]  # late, for last Friday's was never made
    clock.now = FRIDAY
    assert reports(store, desk(schedule=WEEKLY), clock=clock) == 1
    assert mails(store)[-1] == ("headteacher", "THE WEEK · Fri 20 Nov · nothing waiting")


def rows(store: Store) -> list[ReportRow]:
    with store.read() as session:
        return list(session.exec(select(ReportRow)))


def test_each_report_is_made_once_however_often_it_is_asked(store: Store, clock: HandClock) -> None:
    began(store, date(2026, 11, 19))
    clock.now = FRIDAY
    both = Schedule(terms=TERMS.terms)
    assert reports(store, desk(schedule=both), clock=clock) == 2
    for _ in range(10):
        clock.wait(hours=13)
        assert reports(store, desk(schedule=both), clock=clock) == 0
    assert sorted(role for role, _ in mails(store)) == ["chair", "headteacher"]


def test_a_report_that_an_outage_kept_back_still_goes_on_the_next_school_day_once(
    store: Store, clock: HandClock
) -> None:
    began(store)
    with store.write() as session:
        session.add(
            ReportRow(
                school_id=store.school, kind="weekly", day=date(2026, 11, 13), covers_from=FRIDAY,
                covers_to=FRIDAY - timedelta(days=7), created_at=FRIDAY,
            )
        )  # fmt: skip
    clock.now = FRIDAY + timedelta(days=1)  # Saturday: nobody is written to
    assert reports(store, desk(schedule=WEEKLY), clock=clock) == 0
    clock.now = FRIDAY + timedelta(days=2, hours=17, minutes=1)  # Monday, 08:01
    assert reports(store, desk(schedule=WEEKLY), clock=clock) == 1
    assert reports(store, desk(schedule=WEEKLY), clock=clock) == 0
    assert rows(store)[-1].covers_from == FRIDAY - timedelta(days=7)
    assert "Fri 13 Nov to Mon 23 Nov 2026" in said(store)


def test_nothing_is_reported_of_a_time_before_anything_was_watched(store: Store, clock: HandClock) -> None:
    clock.now = FRIDAY + timedelta(days=3)
    assert reports(store, desk(schedule=Schedule(terms=TERMS.terms)), clock=clock) == 0
    began(store, date(2026, 11, 21))
    assert reports(store, desk(schedule=Schedule(terms=TERMS.terms)), clock=clock) == 0


def test_reports_that_are_off_are_not_made(store: Store, clock: HandClock) -> None:
    began(store)
    clock.now = FRIDAY
    off = Schedule(weekday=None, termly=False, terms=TERMS.terms)
    assert reports(store, desk(schedule=off), clock=clock) == 0


def test_the_hour_is_the_schools_when_the_clocks_change(store: Store, clock: HandClock) -> None:
    began(store, date(2026, 7, 2))
    clock.now = datetime(2026, 7, 3, 13, 59, tzinfo=UTC)  # 14:59 in London
    assert reports(store, desk(schedule=WEEKLY), clock=clock) == 0
    clock.now = datetime(2026, 7, 3, 14, 0, tzinfo=UTC)
    assert reports(store, desk(schedule=WEEKLY), clock=clock) == 1


def test_the_term_is_reported_to_the_chair_late_too_but_not_at_night(store: Store, clock: HandClock) -> None:
    began(store)
    clock.now = FRIDAY + timedelta(days=20, hours=9)  # midnight
    assert reports(store, desk(schedule=TERMS), clock=clock) == 0
    clock.wait(hours=9)
    assert reports(store, desk(schedule=TERMS), clock=clock) == 1
    assert mails(store)[-1] == ("chair", "REPORT TO GOVERNORS · Fri 11 Dec · Autumn term 2026")
    clock.wait(days=100)
    assert reports(store, desk(schedule=TERMS), clock=clock) == 0


def test_a_term_that_is_long_over_is_not_reported_any_more(store: Store, clock: HandClock) -> None:
    began(store)
    clock.now = FRIDAY + timedelta(days=61)
    assert reports(store, desk(schedule=TERMS), clock=clock) == 0


def test_the_figures_are_those_of_the_cases(store: Store, clock: HandClock) -> None:
    began(store, date(2026, 11, 18))
    arrive(store, clock, "[insult medium] planted", "[threat critical] planted", "[spam low] planted")
    assess(store, judgement(), clock=clock)
    clock.wait(minutes=4)
    told = clock()
    notify(store, desk(), clock=clock)
    delivered(store, clock)
    with store.write() as session:
        for case in session.exec(select(CaseRow).where(CaseRow.severity > 1)):
            case.acknowledged_at = told + timedelta(minutes=30)
        insult = session.exec(select(CaseRow).where(CaseRow.category == "insult")).one()
        insult.state, insult.closed_at, insult.outcome = "closed", told, "not a problem"
    clock.now = FRIDAY
    reports(store, desk(schedule=WEEKLY), clock=clock)
    body = said(store)
    assert "1 case waits for a decision" in body
    assert "SM-0002 · possible threat" in body
    assert "1 × possible insult" in body
    assert "1 × spam" in body
    assert "1 case 1 was a false alarm (100%)" in body
    assert "From seen to told: half within 4 minutes" in body
    assert "From told to acknowledged: half within 30 minutes" in body
    assert "99% of the planned readings made" in body
    assert "planted" not in body


def test_a_drill_is_in_no_figure(store: Store, clock: HandClock) -> None:
    began(store, date(2026, 11, 18))
    arrive(store, clock, "[threat critical] planted")
    assess(store, judgement(), clock=clock)
    with store.write() as session:
        session.exec(select(CaseRow)).one().external_id = f"{PREFIX}1"
    clock.now = FRIDAY
    reports(store, desk(schedule=WEEKLY), clock=clock)
    assert "possible threat" not in said(store)


def test_a_case_whose_only_mail_went_with_others_and_failed_reached_nobody(
    store: Store, clock: HandClock
) -> None:
    arrive(store, clock, "[insult medium] one", "[insult medium] two")
    assess(store, judgement(), clock=clock)
    notify(store, desk(), clock=clock)
    with store.write() as session:
        for row in session.exec(select(OutboxRow)):
            row.attempts, row.failed_at = 1, clock()
    with store.read() as session:
        assert {case.ref for case in not_delivered(session, store, clock())} == {"SM-0001", "SM-0002"}
    with store.write() as session:
        session.exec(select(OutboxRow)).first().sent_at = clock()
    with store.read() as session:
        assert not_delivered(session, store, clock()) == []


def test_a_case_that_the_headteacher_may_not_see_is_counted_nowhere_for_them(
    store: Store, clock: HandClock
) -> None:
    began(store, date(2026, 11, 18))
    people = {Role.HEADTEACHER: "Mrs Harriet Penrose"}
    arrive(store, clock, "[staff_allegation high] Mrs Penrose took it")
    assess(store, judgement(people=people), clock=clock)
    clock.now = FRIDAY
    reports(store, desk(schedule=WEEKLY), clock=clock)
    body = said(store)
    assert "Nothing waits for a decision" in body
    assert "confidential" not in body
    assert "SM-0001" not in body


def test_the_governors_are_told_nothing_of_allegations_and_no_reference(
    store: Store, clock: HandClock
) -> None:
    began(store, date(2026, 11, 18))
    arrive(store, clock, "[staff_allegation high] planted", "[threat critical] planted")
    assess(store, judgement(), clock=clock)
    clock.now = FRIDAY
    reports(store, desk(schedule=TERMS), clock=clock)
    body = said(store)
    assert "SM-000" not in body
    assert "confidential" not in body
    assert "fewer than 5 × possible threat" in body


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_small_numbers_look_alike_to_governors_bars_and_all(number: int) -> None:
    def shown(count: int) -> object:
        view = reporting.figures(
            found=(("threat", count), ("insult", 40)), noted=(("spam", count),), waiting=(),
            decided=count, false_alarms=count, to_tell=(timedelta(minutes=count),) * count, to_answer=(),
            new_followers=count, followers=(("Verified", count),),
        )  # fmt: skip
        return termly_values(view, stamp("termly", Role.CHAIR), "Autumn term 2026", NOW)["sections"]

    assert shown(number) == shown(1)
    assert shown(5) != shown(1)


def test_every_number_that_a_bar_draws_stands_in_words_beside_it() -> None:
    values = weekly_values(reporting.figures(), stamp("weekly"), NOW)
    drawn = [row for section in values["sections"] for row in section["rows"] if row["bar"] is not None]
    assert len(drawn) >= 8
    assert all(any(char.isdigit() for char in row["says"]) for row in drawn)
    assert all(0 <= row["bar"] <= 100 for row in drawn)


def test_a_report_is_kept_and_noted(store: Store, clock: HandClock) -> None:
    began(store)
    clock.now = FRIDAY
    reports(store, desk(schedule=TERMS), clock=clock)
    with store.read() as session:
        kept = session.exec(select(KeptDigestRow)).one()
        noted = [(row.event, row.thing) for row in session.exec(select(AuditRow))]
    assert (kept.kind, kept.role, kept.day) == ("termly", "chair", date(2026, 11, 20))
    assert ("termly report made", "report 2026-11-20") in noted


def test_the_report_by_hand_is_of_the_term_so_far_and_prints(store: Store, clock: HandClock) -> None:
    began(store)
    with store.read() as session:
        values = term_so_far(session, store, desk(), clock())
    assert "Mon 2 Nov to Fri 20 Nov 2026" in values["read"]
    assert pdf("termly", values, made_at=clock()).startswith(b"%PDF")


def test_an_account_that_was_never_read_is_no_hundred_percent(store: Store, clock: HandClock) -> None:
    with store.read() as session:
        values = term_so_far(session, store, desk(), clock())
    assert "no reading on record" in str(values["sections"])
    assert "100%" not in str(values["sections"])


def test_an_outage_is_in_the_weeks_report(store: Store, clock: HandClock) -> None:
    began(store)
    arrive(store, clock, "hello")
    with store.write() as session:
        stream = session.exec(select(StreamRow).where(StreamRow.kind == "comment")).one()
        stream.last_success_at = clock() - timedelta(hours=3)
    clock.now = FRIDAY - timedelta(hours=6)
    arrive(store, clock, "back", first=2)
    clock.now = FRIDAY
    reports(store, desk(schedule=WEEKLY), clock=clock)
    assert "not watched since 06:00" in said(store)
