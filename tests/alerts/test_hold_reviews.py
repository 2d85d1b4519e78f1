"""Once a term, whoever may see what is held is asked whether it must still be."""

from __future__ import annotations

from datetime import date, timedelta

from sqlmodel import select

from alerts.hold_reviews import review_holds
from alerts.schedule import Schedule
from monitor import holds
from monitor.store import Store
from monitor.tables import CaseRow
from monitor.tables_holds import HoldRow
from monitor.terms import Term
from tests.alerts.telling import desk, one_case, outbox, text_of
from tests.conftest import MORNING, HandClock
from tests.monitor.aging import rows_of

LAST = Schedule(terms=(Term(date(2026, 9, 2), date(2026, 11, 25)),))
NEXT = Schedule(terms=(*LAST.terms, Term(date(2027, 1, 4), date(2027, 3, 26))))
DONE = MORNING.replace(month=11, day=26)


def held(store: Store, clock: HandClock) -> str:
    one_case(store, clock)
    with store.write() as session:
        case = session.exec(select(CaseRow)).one()
        holds.place(session, store, case, why="Quillfeather's solicitor", by="dsl", now=clock())
    return case.ref


def asked(store: Store) -> list[str]:
    return [row.role for row, mail in outbox(store) if str(mail["Subject"]).startswith("HOLDS")]


def test_nobody_is_asked_before_the_term_ends(store: Store, clock: HandClock) -> None:
    held(store, clock)
    clock.now = DONE - timedelta(days=1)
    assert review_holds(store, desk(schedule=LAST), clock=clock) == 0
    assert asked(store) == []


def test_each_is_asked_once_a_term_and_not_told_why(store: Store, clock: HandClock) -> None:
    ref = held(store, clock)
    clock.now = DONE
    assert review_holds(store, desk(schedule=LAST), clock=clock) == 2
    clock.wait(days=3)
    assert review_holds(store, desk(schedule=LAST), clock=clock) == 0
    assert sorted(asked(store)) == ["dsl", "headteacher"]
    said = text_of(outbox(store)[-1][1])
    assert ref in said
    assert "Quillfeather" not in said
    assert [row.asked_at for row in rows_of(store, HoldRow)] == [DONE]
    clock.now = MORNING.replace(year=2027, month=3, day=29)
    assert review_holds(store, desk(schedule=NEXT), clock=clock) == 2


def test_nobody_is_woken(store: Store, clock: HandClock) -> None:
    held(store, clock)
    clock.now = DONE.replace(hour=3)
    assert review_holds(store, desk(schedule=LAST), clock=clock) == 0
    clock.now = DONE
    assert review_holds(store, desk(schedule=LAST), clock=clock) == 2


def test_what_was_lifted_is_asked_about_no_more(store: Store, clock: HandClock) -> None:
    held(store, clock)
    with store.write() as session:
        holds.lift(session, store, holds.all_holds(session, store.school)[0], by="dsl", now=clock())
    clock.now = DONE
    assert review_holds(store, desk(schedule=LAST), clock=clock) == 0


def test_who_is_named_in_a_case_is_not_asked(store: Store, clock: HandClock) -> None:
    held(store, clock)
    with store.write() as session:
        session.exec(select(CaseRow)).one().bypassed = "headteacher"
    clock.now = DONE
    review_holds(store, desk(schedule=LAST), clock=clock)
    assert "headteacher" not in asked(store)
    assert "dsl" in asked(store)
