from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from monitor.act import act
from monitor.assess import REPEATS_WITHIN, assess
from monitor.detectors import Judge, load_rules
from monitor.domain import Choice, Done, Severity
from monitor.drill_mark import NOTHING_DONE, PREFIX, TEXTS
from monitor.drill_times import after, recent, times_of
from monitor.drills import IN_A_DAY, LASTS, Refusal, Wish, ask, move
from monitor.retention import prune
from monitor.retention_rules import Keep
from monitor.store import Store
from monitor.tables import AuditRow, CaseRow, DecisionRow, EvidenceRow, ItemRow, NoticeRow, OutboxRow
from monitor.tables_drill import DrillRow
from monitor.triage import CATEGORIES, triage
from tests.conftest import MORNING, HandClock
from tests.judges import judges
from tests.making import HOURS, WrittenNetwork
from tests.monitor.test_assess import arrive

WATCHED = {"page": "facebook"}
WISH = Wish("threat", "page", "headteacher")
LATE = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)  # half an hour of waking hours left


def asked(store: Store, clock: HandClock, wish: Wish = WISH) -> DrillRow | Refusal:
    return ask(store, wish, ("page",), HOURS, clock())


def turn(store: Store, clock: HandClock) -> None:
    """What the running service does: begin, judge, look again."""
    move(store, WATCHED, HOURS, clock())
    assess(store, judges(store).now()[1], clock=clock)
    move(store, WATCHED, HOURS, clock())


def running(store: Store, clock: HandClock, wish: Wish = WISH) -> CaseRow:
    assert isinstance(asked(store, clock, wish), DrillRow)
    turn(store, clock)
    return case(store)


def case(store: Store) -> CaseRow:
    with store.read() as session:
        return session.exec(select(CaseRow).order_by(col(CaseRow.id).desc())).first()  # type: ignore[return-value]


def drill(store: Store) -> DrillRow:
    with store.read() as session:
        return recent(session, store, 1)[0]


@pytest.mark.parametrize("category", TEXTS)
def test_each_drill_is_found_as_its_category_by_rules_alone(category: str) -> None:
    verdict = triage(Judge(load_rules())(TEXTS[category]))
    assert verdict.category == category
    assert verdict.severity is CATEGORIES[category].severity


def test_a_drill_becomes_a_case_as_anything_else_does(store: Store, clock: HandClock) -> None:
    made = running(store, clock)
    assert made.external_id == f"{PREFIX}1"
    assert (made.category, made.severity, made.roles) == ("threat", 4, "headteacher,dsl")
    with store.read() as session:
        assert session.exec(select(NoticeRow)).one().case_id == made.id
        assert session.exec(select(EvidenceRow)).one().case_id == made.id
        entries = session.exec(select(AuditRow).order_by(col(AuditRow.seq))).all()
    told = [(one.actor, one.event) for one in entries if one.thing == "DRILL 1"]
    assert told == [
        ("headteacher", "drill asked for"),
        ("schoolgate", "drill begun"),
        ("schoolgate", "drill opened its case"),
    ]
    assert drill(store).ref == made.ref


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        (Wish("spam", "page", "it"), Refusal.CATEGORY),
        (Wish("staff_allegation", "page", "it"), Refusal.CATEGORY),
        (Wish("threat", "elsewhere", "it"), Refusal.ACCOUNT),
        (Wish("threat", "", "it"), Refusal.ACCOUNT),
    ],
)
def test_what_cannot_be_drilled_is_refused(
    store: Store, clock: HandClock, wish: Wish, refusal: Refusal
) -> None:
    assert asked(store, clock, wish) is refusal
    with store.read() as session:
        assert session.exec(select(DrillRow)).all() == []


@pytest.mark.parametrize("hour", [0, 3, 6, 20, 23])
def test_a_drill_wakes_nobody_unless_somebody_said_so(store: Store, clock: HandClock, hour: int) -> None:
    clock.now = MORNING.replace(hour=hour, minute=15)
    assert asked(store, clock) is Refusal.NIGHT
    assert isinstance(asked(store, clock, Wish("threat", "page", "command line", at_night=True)), DrillRow)


def test_one_at_a_time_and_not_too_many_a_day(store: Store, clock: HandClock) -> None:
    for _ in range(IN_A_DAY):
        running(store, clock, Wish("bullying", "page", "it"))
        assert asked(store, clock) is Refusal.RUNNING
        clock.wait(minutes=1)
        close(store, clock)
        turn(store, clock)
    assert asked(store, clock) is Refusal.OFTEN
    clock.now += timedelta(days=1)
    assert isinstance(asked(store, clock), DrillRow)


def close(store: Store, clock: HandClock) -> None:
    with store.write() as session:
        row = session.exec(select(CaseRow).where(CaseRow.state != "closed")).one()
        row.state, row.closed_at, row.closed_by = "closed", clock(), "headteacher"


def test_no_drill_buries_a_real_critical_case(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "I am going to stab somebody at the gate")
    turn(store, clock)
    assert asked(store, clock) is Refusal.REAL
    with store.write() as session:
        session.exec(select(CaseRow)).one().state = "acknowledged"
    assert isinstance(asked(store, clock), DrillRow)


def test_a_wish_that_the_service_did_not_get_to_lapses(store: Store, clock: HandClock) -> None:
    asked(store, clock)
    clock.wait(hours=12)  # it was off, and comes up at night
    turn(store, clock)
    assert (drill(store).state, drill(store).how) == ("ended", "lapsed")
    with store.read() as session:
        assert session.exec(select(ItemRow)).all() == []


def test_unanswered_it_ends_by_itself_and_leaves_no_mail_for_later(store: Store, clock: HandClock) -> None:
    made = running(store, clock)
    with store.write() as session:
        for number, sent in ((1, clock()), (2, None)):
            session.add(
                OutboxRow(
                    school_id=store.school,
                    case_id=made.id,
                    role="headteacher",
                    reason="first",
                    dedup_key=str(number),
                    message_id=str(number),
                    sealed=b"",
                    sha256="",
                    created_at=clock(),
                    next_attempt_at=clock(),
                    sent_at=sent,
                )
            )
    clock.wait(hours=3)
    turn(store, clock)
    assert drill(store).state == "running"
    clock.wait(seconds=LASTS.total_seconds())
    turn(store, clock)
    assert (drill(store).how, case(store).state, case(store).outcome) == ("nobody", "closed", "drill")
    with store.read() as session:
        assert [row.dedup_key for row in session.exec(select(OutboxRow))] == ["1"]


def test_it_ends_with_waking_hours(store: Store, clock: HandClock) -> None:
    clock.now = LATE - timedelta(hours=1)
    running(store, clock)
    clock.now = LATE
    turn(store, clock)
    assert drill(store).state == "running"
    clock.now = LATE + timedelta(minutes=31)
    turn(store, clock)
    assert (drill(store).state, case(store).state) == ("ended", "closed")


def test_what_schoolgate_does_not_find_is_said(store: Store, clock: HandClock) -> None:
    asked(store, clock, Wish("insult", "page", "it"))
    move(store, WATCHED, HOURS, clock())
    blind = judges(store, silenced=("insult", "model", "bullying"))
    assess(store, blind.now()[1], clock=clock)
    move(store, WATCHED, HOURS, clock())
    assert (drill(store).how, drill(store).ref) == ("not_found", "")


def test_whatever_is_decided_no_network_hears_of_it(store: Store, clock: HandClock) -> None:
    made = running(store, clock)
    with store.write() as session:
        session.add(
            DecisionRow(
                school_id=store.school,
                case_id=made.id or 0,
                item_id=made.item_id,
                seq=0,
                choice=Choice.REMOVE.value,
                role="headteacher",
                sealed=b"",
                created_at=clock(),
                next_attempt_at=clock(),
            )
        )
    network = WrittenNetwork()
    assert act(store, {"page": network}, clock=clock) == 1
    assert network.done == []
    with store.read() as session:
        row = session.exec(select(DecisionRow)).one()
    assert (row.done, row.detail) == (Done.REFUSED.value, NOTHING_DONE)
    assert case(store).standing == Done.VISIBLE


def test_a_drill_makes_no_later_comment_graver(store: Store, clock: HandClock) -> None:
    running(store, clock)
    clock.wait(minutes=1)
    close(store, clock)
    turn(store, clock)
    running(store, clock, Wish("insult", "page", "it"))
    assert case(store).severity == Severity.MEDIUM
    with store.read() as session:
        assert {row.author_id for row in session.exec(select(ItemRow))} == {None}
    assert clock() < MORNING + REPEATS_WITHIN


def test_the_times_are_kept_when_the_rest_is_pruned(store: Store, clock: HandClock) -> None:
    made = running(store, clock)
    clock.wait(minutes=6)
    with store.write() as session:
        row = session.get_one(CaseRow, made.id)
        row.acknowledged_at, row.acknowledged_by, row.state = clock(), "headteacher", "acknowledged"
        session.add(
            DecisionRow(
                school_id=store.school,
                case_id=made.id or 0,
                item_id=made.item_id,
                seq=0,
                choice="acknowledge",
                role="headteacher",
                sealed=store.vault.seal_json({}, "decision.sealed"),
                created_at=clock(),
                next_attempt_at=clock(),
                done_at=clock(),
            )
        )
    close(store, clock)
    turn(store, clock)
    clock.now += timedelta(days=31)
    prune(store, Keep(*[timedelta(days=365)] * 3, timedelta(days=2555)), clock())
    with store.read() as session:
        assert session.exec(select(EvidenceRow)).one().sealed == b""
        assert session.exec(select(DecisionRow)).one().sealed == b""
        assert session.exec(select(ItemRow)).one().pruned_at == clock()
        times = times_of(session, session.exec(select(DrillRow)).one())
    assert times is not None
    assert after(times.seen, times.acknowledged) == "6 min"
    assert [(one.role, after(times.seen, one.decided)) for one in times.people] == [("headteacher", "6 min")]
    assert "stab" not in json.dumps(drill(store).record)


@pytest.mark.parametrize(
    ("seconds", "says"), [(-3, "0 s"), (0, "0 s"), (59, "59 s"), (60, "1 min"), (3900, "1 h 5 min")]
)
def test_how_long_is_said_as_people_say_it(seconds: int, says: str) -> None:
    assert after(MORNING, MORNING + timedelta(seconds=seconds)) == says
    assert after(MORNING, None) == "–"
