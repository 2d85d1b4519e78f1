from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select

from alerts.desk import Desk
from alerts.notify import notify
from alerts.remind import remind
from monitor.domain import Role
from monitor.store import Store
from monitor.tables import CaseRow
from tests.alerts.telling import ADDRESSES, delivered, desk, one_case
from tests.conftest import MORNING, HandClock

HIGH = "[bullying high]"


def goes(
    store: Store, at: Desk, clock: HandClock, *, hours: float, step: int = 5
) -> list[tuple[str, str, str]]:
    """What leaves in so many hours: local time, role and the subject's first word, each mail accepted at once."""
    seen = []
    for _ in range(int(hours * 60 / step)):
        remind(store, at, clock=clock)
        notify(store, at, clock=clock)
        when = f"{clock().astimezone(at.hours.zone):%a %H:%M}"
        seen += [
            (when, row.role, str(mail["Subject"]).split(" · ")[0]) for row, mail in delivered(store, clock)
        ]
        clock.wait(minutes=step)
    return seen


def set_case(store: Store, **values: object) -> None:
    with store.write() as session:
        case = session.exec(select(CaseRow)).one()
        for name, value in values.items():
            setattr(case, name, value)


def test_a_high_case_is_reminded_of_after_two_hours_and_then_daily_in_waking_hours(
    store: Store, clock: HandClock
) -> None:
    clock.now = MORNING.replace(hour=19, minute=30)  # Friday evening
    one_case(store, clock, HIGH)
    to_dsl = [
        (when, word) for when, role, word in goes(store, desk(), clock, hours=64, step=15) if role == "dsl"
    ]
    assert to_dsl == [
        ("Fri 19:30", "NEW"),
        ("Sat 06:30", "REMINDER 1"),
        ("Sun 06:30", "REMINDER 2"),
        ("Mon 06:30", "REMINDER 3"),
    ]


def test_an_unanswered_high_case_goes_on_a_school_day_later(store: Store, clock: HandClock) -> None:
    one_case(store, clock, HIGH)  # Friday, 9:00
    escalated = [one for one in goes(store, desk(), clock, hours=76, step=30) if one[2] == "ESCALATED"]
    assert escalated == [("Mon 09:00", "deputy", "ESCALATED")]


def test_silence_goes_from_deputy_to_deputy(store: Store, clock: HandClock) -> None:
    one_case(store, clock)
    escalated = [one for one in goes(store, desk(), clock, hours=2) if one[2] == "ESCALATED"]
    assert escalated == [("Fri 09:15", "deputy", "ESCALATED"), ("Fri 09:30", "esafety", "ESCALATED")]


def test_a_deputy_who_is_away_comes_last(store: Store, clock: HandClock) -> None:
    away = replace(desk(), is_away=lambda role, day: role is Role.DEPUTY and day == date(2026, 11, 20))
    one_case(store, clock)
    escalated = [role for _, role, word in goes(store, away, clock, hours=2) if word == "ESCALATED"]
    assert escalated == ["esafety", "deputy"]


def test_a_reminder_goes_to_whoever_stands_in_that_day(store: Store, clock: HandClock) -> None:
    def reader(role: Role, day: date):  # type: ignore[no-untyped-def]
        stands_in = role is Role.HEADTEACHER and day >= date(2026, 11, 21)
        return at.reader(Role.DEPUTY if stands_in else role, day)

    at = desk()
    one_case(store, clock, HIGH)
    seen = goes(store, replace(at, reader=reader), clock, hours=27, step=30)
    assert {role for when, role, _ in seen if when.startswith("Fri")} == {"headteacher", "dsl"}
    assert [role for when, role, word in seen if when.startswith("Sat") and word == "REMINDER 2"] == [
        "deputy",
        "dsl",
    ]


def test_three_days_off_bring_one_reminder_and_no_storm(store: Store, clock: HandClock) -> None:
    one_case(store, clock)
    goes(store, desk(), clock, hours=0.25)
    clock.wait(days=3)
    words = [word for _, role, word in goes(store, desk(), clock, hours=0.5) if role == "headteacher"]
    assert words == ["REMINDER 1"]


def test_nobody_is_reminded_of_what_the_server_has_not_taken(store: Store, clock: HandClock) -> None:
    one_case(store, clock)
    for _ in range(60):
        remind(store, desk(), clock=clock)
        notify(store, desk(), clock=clock)
        clock.wait(minutes=5)
    waiting = [(row.role, row.reason) for row, _ in delivered(store, clock)]
    assert sorted(waiting) == [
        ("deputy", "escalation"),
        ("dsl", "first"),
        ("esafety", "escalation"),
        ("headteacher", "first"),
    ]


def test_a_reminder_that_waits_for_the_server_is_withdrawn_when_somebody_has_the_case(
    store: Store, clock: HandClock
) -> None:
    one_case(store, clock)
    notify(store, desk(), clock=clock)
    delivered(store, clock)
    clock.wait(minutes=16)
    remind(store, desk(), clock=clock)
    notify(store, desk(), clock=clock)
    set_case(store, state="acknowledged")
    assert delivered(store, clock) == []


def test_whoever_was_told_hears_that_somebody_else_closed_the_case(store: Store, clock: HandClock) -> None:
    one_case(store, clock)
    goes(store, desk(), clock, hours=0.1)
    set_case(store, state="closed", closed_at=clock(), closed_by="dsl")
    assert goes(store, desk(), clock, hours=3) == [("Fri 09:05", "headteacher", "CLOSED")]


def test_nobody_is_woken_to_hear_that_a_case_is_closed(store: Store, clock: HandClock) -> None:
    clock.now = MORNING.replace(hour=2)
    one_case(store, clock)
    goes(store, desk(), clock, hours=0.1)
    set_case(store, state="closed", closed_at=clock(), closed_by="dsl")
    assert goes(store, desk(), clock, hours=6) == [("Fri 06:30", "headteacher", "CLOSED")]


@pytest.mark.parametrize(
    ("text", "at"), [("[spam low]", desk()), ("[threat critical]", replace(desk(), closed_mails=False))]
)
def test_no_word_of_a_closed_case_that_mailed_nobody_or_where_it_is_switched_off(
    store: Store, clock: HandClock, text: str, at: Desk
) -> None:
    one_case(store, clock, text)
    goes(store, at, clock, hours=0.1)
    set_case(store, state="closed", closed_at=clock(), closed_by="dsl")
    assert goes(store, at, clock, hours=3) == []


def test_a_case_that_is_open_again_is_not_called_closed(store: Store, clock: HandClock) -> None:
    clock.now = MORNING.replace(hour=2)
    one_case(store, clock)
    goes(store, desk(), clock, hours=0.1)
    set_case(store, state="closed", closed_at=clock(), closed_by="dsl")
    goes(store, desk(), clock, hours=1)
    set_case(store, state="acknowledged", closed_at=None)
    assert goes(store, desk(), clock, hours=6) == []


def test_one_person_with_two_roles_is_not_escalated_to(store: Store, clock: HandClock) -> None:
    same = desk({**ADDRESSES, Role.DEPUTY: ADDRESSES[Role.HEADTEACHER]})
    one_case(store, clock)
    escalated = [role for _, role, word in goes(store, same, clock, hours=1) if word == "ESCALATED"]
    assert escalated == ["esafety"]


def test_what_the_machine_slept_through_waits_for_the_morning(store: Store, clock: HandClock) -> None:
    one_case(store, clock, HIGH)
    clock.now = MORNING.replace(hour=22)
    assert goes(store, desk(), clock, hours=8) == []
    clock.now = MORNING.replace(hour=6, minute=30) + timedelta(days=1)
    assert [word for _, _, word in goes(store, desk(), clock, hours=0.1)] == ["NEW", "NEW"]


def test_what_the_server_did_not_take_in_the_day_waits_for_the_morning(
    store: Store, clock: HandClock
) -> None:
    one_case(store, clock, HIGH)
    notify(store, desk(), clock=clock)
    clock.now = MORNING.replace(hour=22)
    assert delivered(store, clock) == []
    clock.now = MORNING.replace(hour=6, minute=30) + timedelta(days=1)
    assert len(delivered(store, clock)) == 2
