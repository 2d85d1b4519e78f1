from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from sqlmodel import col, select

from monitor import poll
from monitor.assess import Judgement, assess
from monitor.domain import Author, CaseState, ItemKind, Page, Role, Severity
from monitor.evidence import EVIDENCE
from monitor.incidents import open_incidents
from monitor.ingest import Source, ingest
from monitor.store import Store
from monitor.tables import CaseRow, EvidenceRow, FindingRow, ItemRow, NoticeRow, StreamRow
from tests.conftest import HandClock
from tests.making import WrittenNetwork, comment, follower, judgement, watch


def arrive(
    store: Store, clock: HandClock, *texts: str, first: int = 1, baseline: bool = False, author: str = ""
) -> None:
    """Comments on the school's page, each by another author unless one is named."""
    written = [
        comment(text, str(n), author=Author(author or f"a{n}", "sam_example", "Sam Example"))
        for n, text in enumerate(texts, start=first)
    ]
    page = Page(tuple(written), "c")
    watched = watch(WrittenNetwork(), ItemKind.COMMENT, ItemKind.FOLLOWER)
    poll.declare(store, [watched], clock())
    with store.write() as session:
        row = session.exec(select(StreamRow).where(StreamRow.kind == "comment")).one()
        row.baseline_at = None if baseline else clock()
    assert row.id is not None
    ingest(
        store,
        page,
        Source("facebook", watched.intervals[ItemKind.COMMENT]),
        stream_id=row.id,
        fence=0,
        now=clock(),
    )


def cases(store: Store) -> list[CaseRow]:
    with store.read() as session:
        return list(session.exec(select(CaseRow).order_by(col(CaseRow.id))))


def notices(store: Store) -> list[NoticeRow]:
    with store.read() as session:
        return list(session.exec(select(NoticeRow).order_by(col(NoticeRow.id))))


def test_a_finding_opens_a_case_with_evidence_and_a_notice(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "well [threat critical] then")
    assert assess(store, judgement(), clock=clock) == 1
    (case,) = cases(store)
    assert (case.ref, case.category, case.state) == ("SM-0001", "threat", "open")
    assert case.roles == "headteacher,dsl"
    (notice,) = notices(store)
    assert (notice.case_id, notice.reason, notice.not_before) == (case.id, "first", clock())
    with store.read() as session:
        finding = session.exec(select(FindingRow)).one()
        evidence = session.exec(select(EvidenceRow)).one()
    assert (finding.start, finding.end) == (5, 22)
    body = store.vault.unseal(evidence.sealed, EVIDENCE)
    assert hashlib.sha256(body).hexdigest() == evidence.sha256
    copy = json.loads(body)
    assert copy["as_returned"] == {"id": "1", "message": "well [threat critical] then"}
    assert copy["url"] == "https://facebook.com/1"


def test_harmless_items_are_judged_once_and_open_nothing(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "Lovely", "Thanks")
    assert assess(store, judgement(), clock=clock) == 2
    assert assess(store, judgement(), clock=clock) == 0
    assert cases(store) == []


def test_an_author_who_repeats_within_seven_days_is_one_step_up(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "[insult medium]", author="again")
    assess(store, judgement(), clock=clock)
    clock.wait(days=6)
    arrive(store, clock, "[insult medium]", first=2, author="again")
    assess(store, judgement(), clock=clock)
    clock.wait(days=8)
    arrive(store, clock, "[insult medium]", first=3, author="again")
    assess(store, judgement(), clock=clock)
    assert [one.severity for one in cases(store)] == [Severity.MEDIUM, Severity.HIGH, Severity.MEDIUM]


def test_harmless_words_and_another_author_are_no_repetition(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "Lovely", "[spam low]", author="again")
    arrive(store, clock, "[insult medium]", first=3, author="another")
    assess(store, judgement(), clock=clock)
    arrive(store, clock, "[insult medium]", first=4, author="again")
    assess(store, judgement(), clock=clock)
    assert {one.severity for one in cases(store) if one.category == "insult"} == {Severity.MEDIUM}


def test_low_findings_wait_for_the_digest(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "[spam low]")
    assess(store, judgement(), clock=clock)
    assert [case.category for case in cases(store)] == ["spam"]
    assert notices(store) == []


def test_the_baseline_alerts_on_nothing_but_critical(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "[insult medium]", "[threat critical]", "[bullying high]", baseline=True)
    assess(store, judgement(), clock=clock)
    assert [case.category for case in cases(store)] == ["threat"]
    with store.read() as session:
        severities = session.exec(select(ItemRow.severity).order_by(col(ItemRow.id))).all()
    assert severities == [2, 4, 3]  # known for the digest all the same


def test_an_edit_from_harmless_to_abusive_opens_a_case(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "Lovely")
    assess(store, judgement(), clock=clock)
    arrive(store, clock, "[insult medium]")
    assess(store, judgement(), clock=clock)
    assert [case.category for case in cases(store)] == ["insult"]


def test_an_edit_that_makes_it_worse_is_told_again_and_both_versions_are_kept(
    store: Store, clock: HandClock
) -> None:
    arrive(store, clock, "[insult medium]")
    assess(store, judgement(), clock=clock)
    with store.write() as session:
        session.exec(select(CaseRow)).one().state = CaseState.ACKNOWLEDGED.value
    arrive(store, clock, "[threat critical]")
    assess(store, judgement(), clock=clock)
    (case,) = cases(store)
    assert (case.category, case.state) == ("threat", "open")
    assert [(one.reason, one.severity) for one in notices(store)] == [("first", 2), ("updated", 4)]
    with store.read() as session:
        assert len(session.exec(select(EvidenceRow)).all()) == 2


def test_an_edit_that_hides_the_abuse_keeps_the_case_and_both_copies(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "[threat critical]")
    assess(store, judgement(), clock=clock)
    arrive(store, clock, "Only joking")
    assess(store, judgement(), clock=clock)
    (case,) = cases(store)
    assert case.category == "threat"
    assert len(notices(store)) == 1
    with store.read() as session:
        assert len(session.exec(select(EvidenceRow)).all()) == 2


def test_new_abuse_on_a_closed_case_opens_it_again(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "[insult medium]")
    assess(store, judgement(), clock=clock)
    with store.write() as session:
        row = session.exec(select(CaseRow)).one()
        row.state, row.closed_at = CaseState.CLOSED.value, clock()
    arrive(store, clock, "[insult medium] again")
    assess(store, judgement(), clock=clock)
    assert cases(store)[0].state == "open"
    assert [one.reason for one in notices(store)] == ["first", "updated"]


def test_what_cannot_be_judged_goes_to_a_human_and_stops_nobody(store: Store, clock: HandClock) -> None:
    def look(text: str) -> tuple[()]:
        if "poison" in text:
            raise ZeroDivisionError(text)
        return ()

    arrive(store, clock, "poison", "Lovely")
    for _ in range(3):
        assess(store, judgement(look), clock=clock)
    (case,) = cases(store)
    assert (case.category, case.severity, case.roles) == ("unassessed", 2, "dsl,chair")
    with store.read() as session:
        waiting = session.exec(select(ItemRow).where(col(ItemRow.assessed_at).is_(None))).all()
        (incident,) = open_incidents(session, "school")
    assert waiting == []
    assert "ZeroDivisionError" in incident.says
    assert "poison" not in incident.says


@pytest.mark.parametrize(
    ("text", "bypassed"),
    [
        ("[staff_allegation high] the headteacher took the money", "headteacher"),
        ("[staff_allegation high] Mrs Penrose took the money", "headteacher"),
        ("[staff_allegation high] Mr Quill was drunk", ""),
        ("[insult medium] Mrs Penrose is useless", ""),
    ],
)
def test_whoever_an_allegation_names_is_bypassed(
    store: Store, clock: HandClock, text: str, bypassed: str
) -> None:
    people = {Role.HEADTEACHER: "Mrs Harriet Penrose"}
    arrive(store, clock, text)
    assess(store, judgement(people=people), clock=clock)
    assert cases(store)[0].bypassed == bypassed


def test_medium_findings_within_an_hour_are_told_together(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "[insult medium]", "[insult medium] b")
    assess(store, judgement(), clock=clock)
    clock.wait(minutes=20)
    arrive(store, clock, "[insult medium] c", first=3)
    assess(store, judgement(), clock=clock)
    clock.wait(minutes=5)
    arrive(store, clock, "[insult medium] d", first=4)
    assess(store, judgement(), clock=clock)
    start = notices(store)[0].not_before
    assert [(one.not_before - start).total_seconds() / 60 for one in notices(store)] == [0, 0, 60, 60]


def test_followers_and_own_posts_are_no_comments(store: Store, clock: HandClock) -> None:
    calls: list[str] = []

    def look(text: str) -> tuple[()]:
        calls.append(text)
        return ()

    arrive(store, clock, "Lovely")
    with store.write() as session:
        stream = session.exec(select(StreamRow).where(StreamRow.kind == "follower")).one()
    assert stream.id is not None
    ingest(
        store,
        Page((follower(),), "c"),
        Source("facebook", watch(WrittenNetwork()).intervals[ItemKind.COMMENT]),
        stream_id=stream.id,
        fence=0,
        now=clock(),
    )
    assess(store, judgement(look), clock=clock)
    assert calls == ["Lovely"]


def test_a_broken_judgement_leaves_nothing_half_done(store: Store, clock: HandClock) -> None:
    def weigh(findings: object) -> object:
        raise RuntimeError

    arrive(store, clock, "[threat critical]")
    sound = judgement()
    assess(store, Judgement(sound.look, weigh, sound.route, sound.people, sound.opening), clock=clock)  # type: ignore[arg-type]
    assert cases(store) == []
    with store.read() as session:
        assert session.exec(select(FindingRow)).all() == []
    assess(store, sound, clock=clock)
    assert len(cases(store)) == 1


def test_an_edit_that_names_a_reader_shuts_them_out_and_is_told_again(store: Store, clock: HandClock) -> None:
    people = {Role.HEADTEACHER: "Mrs Jane Okafor"}
    arrive(store, clock, "[threat critical]")
    assess(store, judgement(people=people), clock=clock)
    arrive(store, clock, "[staff_allegation high] Mrs Okafor took it")
    assess(store, judgement(people=people), clock=clock)
    (case,) = cases(store)
    assert (case.bypassed, case.category, case.severity) == ("headteacher", "threat", 4)
    assert [one.reason for one in notices(store)] == ["first", "updated"]
    arrive(store, clock, "[extremism critical] and again")
    assess(store, judgement(people=people), clock=clock)
    assert cases(store)[0].bypassed == "headteacher"  # the version that names her is still on the page


def test_an_edit_that_concerns_somebody_else_is_told_to_them(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "[sexual high]")
    assess(store, replace(judgement(), route=lambda _: (Role.HEADTEACHER,)), clock=clock)
    arrive(store, clock, "[extremism high]")
    assess(store, replace(judgement(), route=lambda _: (Role.DSL,)), clock=clock)
    (case,) = cases(store)
    assert (case.roles, case.category) == ("dsl", "extremism")
    assert [one.reason for one in notices(store)] == ["first", "updated"]


def test_an_item_that_cannot_even_be_opened_stops_nobody(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "Lovely", "[threat critical]")
    with store.write() as session:
        session.get_one(ItemRow, 1).sealed = b"damaged"
    for _ in range(3):
        assess(store, judgement(), clock=clock)
    assert [case.category for case in cases(store)] == ["threat"]
    with store.read() as session:
        assert [one.key for one in open_incidents(session, "school")] == ["quarantine:assess"]
