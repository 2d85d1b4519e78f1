"""Whatever is done to the evidence or to the audit log is found and named; what pruning did is not taken for it."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable

import pytest
from sqlmodel import select

from monitor.domain import Role
from monitor.evidence import EVIDENCE
from monitor.evidence_check import check
from monitor.evidence_watch import INCIDENT, is_due, watch_evidence
from monitor.given import Kind, Provenance, keep_given
from monitor.heads import newest, note_head
from monitor.incidents import open_incidents
from monitor.retention import prune
from monitor.store import Store
from monitor.tables import AuditRow, CaseRow, EvidenceRow
from monitor.tables_evidence import GivenRow
from tests.conftest import HandClock
from tests.monitor.aging import KEEP, close, read, rows_of, traces

SHOT = b"\x89PNG\r\n\x1a\n" + b"pixels"


@pytest.fixture
def kept(store: Store, clock: HandClock) -> Store:
    """Two cases with a copy each, one of them with a parent's screenshot; a head that a digest named."""
    read(store, clock, "[threat critical]", "[insult medium]")
    with store.write() as session:
        case = session.exec(select(CaseRow)).first()
        assert case is not None
        keep_given(
            session,
            store,
            case,
            SHOT,
            Kind.PNG,
            Provenance("parent", "Tamsin Example", "by e-mail"),
            received_at=clock(),
            by=Role.DSL,
            now=clock(),
        )
        note_head(session, store, "digest", clock())
    return store


def sql(store: Store, *statements: str) -> None:
    with sqlite3.connect(store.path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def resealed(store: Store) -> None:
    """Somebody with the key writes another text into a copy."""
    with store.write() as session:
        row = session.exec(select(EvidenceRow)).first()
        assert row is not None
        row.sealed = store.vault.seal(b'{"text":"Lovely"}', EVIDENCE)


def with_new_hash(store: Store) -> None:
    body = b'{"text":"Lovely"}'
    with store.write() as session:
        row = session.exec(select(EvidenceRow)).first()
        assert row is not None
        row.sealed, row.sha256 = store.vault.seal(body, EVIDENCE), hashlib.sha256(body).hexdigest()


def test_untouched_everything_holds(kept: Store) -> None:
    report = check(kept)
    assert report.problems == []
    assert (report.copies, report.given, report.heads, report.no_longer_kept) == (2, 1, 1, 0)
    assert report.head == rows_of(kept, AuditRow)[-1].hash


@pytest.mark.parametrize(
    ("tampering", "told"),
    [
        (resealed, "copy 1 (case SM-0001) does not match its hash"),
        (with_new_hash, "copy 1 (case SM-0001) has another hash than the audit log"),
        (lambda s: sql(s, "UPDATE evidence SET sealed = x'00' WHERE id = 1"), "copy 1 (case SM-0001) does not open"),
        (lambda s: sql(s, "UPDATE evidence SET sealed = x'' WHERE id = 1"), "copy 1 (case SM-0001) was emptied, and not by"),
        (lambda s: sql(s, "UPDATE given_evidence SET sealed = x''"), "given 1 (case SM-0001) was emptied, and not by"),
        (lambda s: sql(s, "UPDATE given_evidence SET sha256 = 'a'"), "given 1 (case SM-0001) has another hash"),
        (lambda s: sql(s, "UPDATE evidence SET case_id = 2 WHERE id = 1"), "copy 1 (case SM-0002) belongs to another case"),
        (lambda s: sql(s, "DELETE FROM evidence WHERE id = 2"), "copy 2 (case SM-0002) is missing"),
        (lambda s: sql(s, "DELETE FROM given_evidence"), "given 1 (case SM-0001) is missing"),
        (
            lambda s: sql(s, "INSERT INTO evidence SELECT 9, school_id, 2, 1, captured_at, sha256, sealed FROM evidence WHERE id = 1"),
            "copy 9 (case SM-0002) is not in the audit log",
        ),
        (lambda s: sql(s, "DELETE FROM audit WHERE seq = 2"), "changed or cut at entry 2"),
        (lambda s: sql(s, "UPDATE audit SET detail = 'other' WHERE seq = 3"), "changed or cut at entry 3"),
        (
            lambda s: sql(
                s,
                "UPDATE audit SET seq = 90 WHERE seq = 2",
                "UPDATE audit SET seq = 2 WHERE seq = 3",
                "UPDATE audit SET seq = 3 WHERE seq = 90",
            ),
            "changed or cut at entry 2",
        ),
        (lambda s: sql(s, "DELETE FROM audit WHERE seq = 1"), "changed or cut at entry 1"),
        (lambda s: sql(s, "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)"), "has lost or changed entry 5"),
        (lambda s: sql(s, "DELETE FROM audit"), "copy 1 (case SM-0001) is not in the audit log"),
    ],
)  # fmt: skip
def test_what_was_tampered_with_is_named(kept: Store, tampering: Callable[[Store], None], told: str) -> None:
    tampering(kept)
    report = check(kept)
    assert not report.holds
    assert any(told in problem for problem in report.problems), report.problems


def test_a_cut_tail_shows_against_the_head_of_a_digest(kept: Store) -> None:
    with kept.read() as session:
        head = newest(session, kept)
    assert head is not None
    assert check(kept, [head.hash[:12].upper()]).holds
    with kept.write() as session:
        kept.audit(session, at=head.at, actor="dsl", happened="close decided", thing="case SM-0001")
    with kept.read() as session:
        later = newest(session, kept)
    assert later is not None
    sql(kept, f"DELETE FROM audit WHERE seq = {later.seq}")
    assert check(kept).holds  # nobody had been told of that entry
    (problem,) = check(kept, [later.hash[:12]]).problems
    assert f"has the head {later.hash[:12]}" in problem


def test_one_break_is_not_told_as_many(kept: Store) -> None:
    sql(kept, "UPDATE audit SET detail = detail || ' ' WHERE seq = 1")
    assert len(check(kept).problems) == 2  # the entry itself, and the copy that it bound


def test_what_pruning_emptied_is_told_apart_from_what_is_lost(kept: Store, clock: HandClock) -> None:
    sql(kept, "UPDATE cases SET state = 'closed', closed_at = opened_at")
    clock.wait(days=366)
    prune(kept, KEEP, clock())
    report = check(kept)
    assert report.problems == []
    assert (report.no_longer_kept, report.copies, report.given) == (3, 2, 1)


def test_nothing_of_what_was_given_is_left_in_any_file_after_pruning(kept: Store, clock: HandClock) -> None:
    (given,) = rows_of(kept, GivenRow)
    sealed = [given.sealed, given.said]
    assert traces(kept.path, sealed) > 0
    sql(kept, "UPDATE cases SET state = 'closed', closed_at = opened_at")
    clock.wait(days=366)
    prune(kept, KEEP, clock())
    (given,) = rows_of(kept, GivenRow)
    assert (given.sealed, given.said, len(given.sha256)) == (b"", b"", 64)
    assert traces(kept.path, sealed) == 0


def test_a_pruned_log_holds_and_a_cut_one_does_not(kept: Store, clock: HandClock) -> None:
    sql(kept, "UPDATE cases SET state = 'closed', closed_at = opened_at")
    clock.wait(days=2600)
    with kept.write() as session:
        for _ in range(3):
            kept.audit(session, at=clock(), actor="dsl", happened="signed in", thing="page")
    prune(kept, KEEP, clock())
    report = check(kept)
    assert report.problems == []
    assert (report.first, report.older_than_log, report.no_longer_kept) == (6, 3, 3)
    first, second = rows_of(kept, AuditRow)[:2]
    sql(
        kept,
        f"DELETE FROM audit WHERE seq = {first.seq}",
        f"UPDATE prune SET audit_seq = {first.seq}, audit_hash = '{first.hash}'",
    )
    (problem,) = check(kept).problems
    assert f"begins at entry {second.seq}, but pruning left it from entry {first.seq} on" in problem


def test_once_a_day_what_does_not_hold_becomes_an_incident_until_it_holds_again(
    kept: Store, clock: HandClock
) -> None:
    assert is_due(kept, clock())
    assert watch_evidence(kept, clock()).holds
    assert not is_due(kept, clock())
    clock.wait(days=1)
    assert is_due(kept, clock())
    (copy,) = [row for row in rows_of(kept, EvidenceRow) if row.id == 1]
    sql(kept, "UPDATE evidence SET sha256 = 'a' WHERE id = 1")
    assert not watch_evidence(kept, clock()).holds
    with kept.read() as session:
        (incident,) = open_incidents(session, kept.school)
    assert incident.key == INCIDENT
    assert "copy 1 (case SM-0001) has another hash" in incident.says
    sql(kept, f"UPDATE evidence SET sha256 = '{copy.sha256}' WHERE id = 1")
    assert watch_evidence(kept, clock()).holds
    with kept.read() as session:
        assert open_incidents(session, kept.school) == []


def test_closing_and_pruning_one_case_leaves_the_check_whole(store: Store, clock: HandClock) -> None:
    read(store, clock, "[threat critical]")
    close(store, clock)
    clock.wait(days=366)
    prune(store, KEEP, clock())
    assert check(store).holds
