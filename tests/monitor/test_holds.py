"""What is held is neither pruned nor forgotten, and goes once the hold is lifted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from monitor import holds
from monitor.domain import CaseState
from monitor.retention import chain_broken_at, is_due, prune, would_prune
from monitor.retention_cases import spared
from monitor.retention_rules import rules
from monitor.store import Store
from monitor.tables import AuditRow, CaseRow, EvidenceRow, ItemRow, OutboxRow
from monitor.tables_cases import PileRow, TargetRow
from monitor.tables_evidence import GivenRow
from monitor.tables_holds import HoldRow
from monitor.tables_people import ClaimRow, FollowerDecisionRow
from tests.conftest import HandClock
from tests.monitor.aging import KEEP, close, fail_a_mail, read, rows_of, texts

AGES = timedelta(days=2000)


def hold(store: Store, clock: HandClock, why: str = "The police asked for it", **which: str) -> bool:
    with store.write() as session:
        case = session.exec(select(CaseRow).order_by(CaseRow.id)).first()  # type: ignore[arg-type]
        assert case is not None
        return holds.place(session, store, case, why=why, by="dsl", now=clock(), **which)  # type: ignore[arg-type]


def lift(store: Store, clock: HandClock) -> None:
    with store.write() as session:
        for one in holds.all_holds(session, store.school):
            holds.lift(session, store, one, by="dsl", now=clock())


def old_case(store: Store, clock: HandClock) -> None:
    """Closed, with a refused mail, an edit, the post it stands under, and a decision."""
    read(store, clock, "The post", first=7)
    read(store, clock, "[threat critical]")
    read(store, clock, "[threat critical] edited")
    with store.write() as session:
        for row in session.exec(select(ItemRow).where(ItemRow.external_id == "1")):
            row.thread_id = "7"
    fail_a_mail(store, clock, "planted")
    close(store, clock)


def test_a_held_case_and_what_belongs_to_it_outlive_every_time(store: Store, clock: HandClock) -> None:
    old_case(store, clock)
    read(store, clock, "Lovely", first=9)
    assert hold(store, clock)
    clock.now += AGES
    gone = prune(store, KEEP, clock())
    assert (gone.reasons, gone.evidence, gone.messages, gone.findings) == (0, 0, 0, 0)
    assert texts(store) == ["The post", "[threat critical]", "[threat critical] edited", ""]
    assert all(row.sealed for row in rows_of(store, EvidenceRow))
    assert len(rows_of(store, OutboxRow)) == 1
    assert chain_broken_at(store) is None


def test_what_was_held_goes_when_the_hold_is_lifted(store: Store, clock: HandClock) -> None:
    old_case(store, clock)
    hold(store, clock)
    clock.now += AGES
    prune(store, KEEP, clock())
    lift(store, clock)
    clock.wait(days=1)
    assert prune(store, KEEP, clock()).evidence == 2
    assert texts(store) == ["", "", ""]
    assert rows_of(store, OutboxRow) == []


def test_the_reason_is_sealed_and_goes_with_its_time(store: Store, clock: HandClock) -> None:
    read(store, clock, "[threat critical]")
    hold(store, clock, "Marlow Quillfeather's solicitor wrote")
    (row,) = rows_of(store, HoldRow)
    assert holds.reason_of(store, row) == "Marlow Quillfeather's solicitor wrote"
    assert b"Quillfeather" not in b"".join(file.read_bytes() for file in store.path.parent.iterdir())
    lift(store, clock)
    clock.wait(days=366)
    prune(store, KEEP, clock())
    (row,) = rows_of(store, HoldRow)
    assert (row.sealed, holds.reason_of(store, row), row.lifted_by) == (b"", "", "dsl")


def test_the_audit_log_stays_from_where_a_held_case_began(store: Store, clock: HandClock) -> None:
    old_case(store, clock)
    hold(store, clock)
    entries = [row.seq for row in rows_of(store, AuditRow)]
    clock.wait(days=4000)
    assert prune(store, KEEP, clock()).audit_entries == 0
    assert [row.seq for row in rows_of(store, AuditRow)][: len(entries)] == entries
    lift(store, clock)
    clock.wait(days=1)
    assert prune(store, KEEP, clock()).audit_entries > 0
    assert chain_broken_at(store) is None


def test_a_case_is_held_once_in_each_way(store: Store, clock: HandClock) -> None:
    read(store, clock, "[threat critical]")
    assert hold(store, clock)
    assert not hold(store, clock)
    assert hold(store, clock, kind=holds.Kind.RESTRICTION)
    lift(store, clock)
    assert hold(store, clock)
    said = [(row.event, row.thing, row.detail) for row in rows_of(store, AuditRow) if "hold" in row.event]
    placed, lifted = ("hold placed", "case SM-0001"), ("hold lifted", "case SM-0001")
    assert said == [
        (*placed, "legal"),
        (*placed, "restriction"),
        (*lifted, "legal"),
        (*lifted, "restriction"),
        (*placed, "legal"),
    ]


def test_a_pile_on_is_held_with_its_comments_and_a_comment_with_its_pile_on(
    store: Store, clock: HandClock
) -> None:
    read(store, clock, "[threat critical]", "[insult medium]", "[bullying high]")
    lead, member, alone = rows_of(store, CaseRow)
    with store.write() as session:
        session.get_one(CaseRow, member.id).joined_to = lead.id

    def held() -> list[int]:
        with store.read() as session:
            return sorted(session.exec(holds.held_cases(store.school)).all())

    assert held() == []
    hold(store, clock)
    assert held() == [lead.id, member.id]
    lift(store, clock)
    with store.write() as session:
        holds.place(session, store, session.get_one(CaseRow, member.id), why="x", by="dsl", now=clock())
    assert held() == [lead.id, member.id]
    assert alone.id not in held()


def test_everything_of_a_restricted_author_stays(store: Store, clock: HandClock) -> None:
    read(store, clock, "[threat critical]", "Lovely", "Nice")
    with store.write() as session:
        rows = session.exec(select(ItemRow).order_by(ItemRow.id)).all()  # type: ignore[arg-type]
        for row, author in zip(rows, ("u1", "u1", "u2"), strict=True):
            row.author_id = author
        network = rows[0].network
        assert holds.restrict(session, store, network, "u1", why="asked for", by="it", now=clock())
        assert not holds.restrict(session, store, network, "u1", why="again", by="it", now=clock())
    close(store, clock)
    clock.now += AGES
    prune(store, KEEP, clock())
    assert texts(store) == ["[threat critical]", "Lovely", ""]
    assert not any("u1" in row.thing or "u1" in row.detail for row in rows_of(store, AuditRow))


def test_what_would_be_pruned_leaves_out_what_is_held(store: Store, clock: HandClock) -> None:
    old_case(store, clock)
    hold(store, clock)
    clock.now += AGES
    assert is_due(store, clock())
    assert would_prune(store, KEEP, clock()).evidence == 0


@pytest.mark.parametrize("table", [EvidenceRow, GivenRow, OutboxRow, TargetRow, PileRow])
def test_no_rule_on_rows_of_a_case_forgets_holds(store: Store, clock: HandClock, table: type) -> None:
    """Whatever is added to the rules: rows that name a case, an item version or an account on a network are spared."""
    assert spared(store.school, table) is not None
    for rule in rules(store.school, KEEP, clock()):
        if hasattr(rule.table, "case_id"):
            assert "hold" in str(rule.due)


def test_rows_about_an_account_are_spared_too(store: Store) -> None:
    for table in (ClaimRow, FollowerDecisionRow):
        assert "hold" in str(spared(store.school, table))
    assert spared(store.school, AuditRow) is None


def test_a_drill_is_not_held(store: Store, clock: HandClock) -> None:
    read(store, clock, "[threat critical]")
    with store.write() as session:
        case = session.exec(select(CaseRow)).one()
        case.external_id, case.state = "schoolgate-drill-1", CaseState.CLOSED.value
    assert not hold(store, clock)
