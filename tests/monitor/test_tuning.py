from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from monitor.assess import assess
from monitor.detectors.changes import Change, Kind
from monitor.domain import Role
from monitor.judging import Judges
from monitor.store import Store
from monitor.tables import AuditRow, CaseRow, ItemRow
from monitor.tables_tuning import ProposalRow, TrialHitRow
from monitor.tuning import (
    MOST_OPEN,
    State,
    active_changes,
    decide,
    open_proposals,
    propose,
    try_out,
    words_of,
)
from tests.conftest import HandClock
from tests.judges import judges
from tests.monitor.test_assess import arrive

CLOWN = "Mr Hill is a clown"
CLOWN_RULE = "insult.you_are"
PLANTED = "planted comment about Ottilie Lockhart"


@pytest.fixture
def judge(store: Store) -> Judges:
    return judges(store)


def judged(store: Store, clock: HandClock, judge: Judges, *texts: str, first: int = 1) -> None:
    arrive(store, clock, *texts, first=first)
    assess(store, judge.now()[1], clock=clock)


def put_on_trial(
    store: Store, clock: HandClock, change: Change, comment: str = "", phrase: str = ""
) -> ProposalRow | None:
    with store.write() as session:
        case = session.exec(select(CaseRow)).first()
        assert case is not None
        return propose(
            session,
            store,
            case,
            change,
            category="insult",
            phrase=phrase,
            comment=comment,
            role=Role.DSL,
            now=clock(),
        )


def hits(store: Store) -> list[TrialHitRow]:
    with store.read() as session:
        return list(session.exec(select(TrialHitRow)))


def take_over(store: Store, clock: HandClock, to: State = State.ACTIVE) -> None:
    with store.write() as session:
        decide(session, store, session.exec(select(ProposalRow)).one(), to, Role.DSL, clock())


def test_on_trial_a_change_counts_new_findings_and_acts_on_none(
    store: Store, clock: HandClock, judge: Judges
) -> None:
    judged(store, clock, judge, CLOWN)
    clock.wait(minutes=1)
    put_on_trial(store, clock, Change(CLOWN_RULE, Kind.SHADOW))
    clock.wait(minutes=1)
    judged(store, clock, judge, CLOWN, "Lovely photos", f"{CLOWN}. I am going to stab somebody", first=2)
    assert try_out(store, judge.judged, clock=clock) == 2
    with store.read() as session:
        assert len(session.exec(select(CaseRow)).all()) == 3
        items = {row.id: row.external_id for row in session.exec(select(ItemRow))}
    assert [(items[one.item_id], one.left) for one in hits(store)] == [("2", None), ("4", 4)]
    assert try_out(store, judge.judged, clock=clock) == 0
    assert len(hits(store)) == 2


def test_many_of_one_moment_are_all_tried(store: Store, clock: HandClock, judge: Judges) -> None:
    judged(store, clock, judge, CLOWN)
    put_on_trial(store, clock, Change(CLOWN_RULE, Kind.SHADOW))
    judged(store, clock, judge, *[CLOWN] * 95, first=2)
    judged(store, clock, judge, *[CLOWN] * 25, first=100)
    while try_out(store, judge.judged, clock=clock):
        pass
    assert len(hits(store)) == 120


def test_a_change_that_is_taken_over_counts_from_the_next_text_on_and_ends_when_withdrawn(
    store: Store, clock: HandClock, judge: Judges
) -> None:
    judged(store, clock, judge, CLOWN)
    put_on_trial(store, clock, Change(CLOWN_RULE, Kind.SHADOW))
    assert [one.detector for one in judge.now()[1].look(CLOWN)] == [CLOWN_RULE]
    take_over(store, clock)
    assert active_changes(store) == (Change(CLOWN_RULE, Kind.SHADOW),)
    assert judge.now()[1].look(CLOWN) == ()
    take_over(store, clock, State.WITHDRAWN)
    assert [one.detector for one in judge.now()[1].look(CLOWN)] == [CLOWN_RULE]


def test_a_change_on_trial_is_tried_beside_those_in_use(
    store: Store, clock: HandClock, judge: Judges
) -> None:
    judged(store, clock, judge, CLOWN)
    put_on_trial(store, clock, Change(CLOWN_RULE, Kind.SHADOW))
    take_over(store, clock)
    put_on_trial(store, clock, Change(CLOWN_RULE, Kind.PHRASE, ("is", "a", "clown", "fish")))
    clock.wait(minutes=1)
    judged(store, clock, judge, "Mr Hill is a clown fish", first=2)
    assert try_out(store, judge.judged, clock=clock) == 0  # it is gone without it


def test_nobody_without_the_key_can_make_a_change_up(store: Store, clock: HandClock, judge: Judges) -> None:
    judged(store, clock, judge, CLOWN)
    put_on_trial(store, clock, Change("spam.selling", Kind.SHADOW))
    with store.write() as session:  # as somebody at the database would
        row = session.exec(select(ProposalRow)).one()
        row.rule, row.state = CLOWN_RULE, "active"
    assert active_changes(store) == ()
    with store.write() as session:
        row = session.exec(select(ProposalRow)).one()
        row.sealed = b"\x01" + bytes(40)
    assert active_changes(store) == ()
    assert [one.detector for one in judge.now()[1].look(CLOWN)] == [CLOWN_RULE]


def test_words_are_sealed_and_everything_is_audited_by_id(
    store: Store, clock: HandClock, judge: Judges
) -> None:
    judged(store, clock, judge, CLOWN)
    row = put_on_trial(
        store, clock, Change(CLOWN_RULE, Kind.PHRASE, ("clown", "fish")), PLANTED, "clown fish"
    )
    assert row is not None
    assert words_of(store, row)["comment"] == PLANTED
    take_over(store, clock)
    take_over(store, clock, State.WITHDRAWN)
    with store.read() as session:
        entries = session.exec(select(AuditRow)).all()
        raw = session.connection().exec_driver_sql("SELECT * FROM proposal").fetchall()
    said = [(one.actor, one.event) for one in entries if one.thing == "proposal 1"]
    assert said == [
        ("dsl", "change of a rule proposed"),
        ("dsl", "change of a rule taken over"),
        ("dsl", "change of a rule withdrawn"),
    ]
    assert "Lockhart" not in repr(entries) + repr(raw)
    assert "clown" not in repr(entries) + repr(raw)


def test_the_same_change_is_put_on_trial_once_and_not_too_many_are(
    store: Store, clock: HandClock, judge: Judges
) -> None:
    judged(store, clock, judge, CLOWN)
    first = put_on_trial(store, clock, Change(CLOWN_RULE, Kind.SHADOW))
    again = put_on_trial(store, clock, Change(CLOWN_RULE, Kind.SHADOW))
    assert first is not None
    assert again is not None
    assert first.id == again.id
    for number in range(1, MOST_OPEN):
        assert put_on_trial(store, clock, Change(f"spam.number{number}", Kind.SHADOW)) is not None
    assert put_on_trial(store, clock, Change("spam.one_more", Kind.SHADOW)) is None
    with store.read() as session:
        assert len(open_proposals(session, store.school)) == MOST_OPEN


def test_another_schools_changes_count_for_nothing_here(
    store: Store, clock: HandClock, judge: Judges
) -> None:
    judged(store, clock, judge, CLOWN)
    put_on_trial(store, clock, Change(CLOWN_RULE, Kind.SHADOW))
    take_over(store, clock)
    other = Store(store.path, store.vault, school="another")
    assert active_changes(other) == ()
    other.close()


def test_what_came_before_the_proposal_is_not_counted(store: Store, clock: HandClock, judge: Judges) -> None:
    judged(store, clock, judge, CLOWN, CLOWN)
    put_on_trial(store, clock, Change(CLOWN_RULE, Kind.SHADOW))
    clock.now += timedelta(minutes=5)
    assert try_out(store, judge.judged, clock=clock) == 0
