from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from monitor.domain import CaseState
from monitor.evidence import EVIDENCE
from monitor.retention import Pruned, is_due, prune, would_prune
from monitor.store import Store
from monitor.tables import (
    AuditRow,
    CaseRow,
    DecisionRow,
    EvidenceRow,
    FindingRow,
    IncidentRow,
    ItemRow,
    OutboxRow,
)
from monitor.tables_people import CodeRow, LinkRow, SignInRow
from monitor.tables_replies import ReplyCodeRow
from tests.conftest import HandClock
from tests.monitor.aging import (
    KEEP,
    close,
    fail_a_mail,
    follow,
    leave,
    read,
    rows_of,
    sealed_values,
    texts,
    traces,
)
from tests.monitor.test_assess import arrive


def test_a_harmless_item_is_kept_for_its_time_and_no_longer(store: Store, clock: HandClock) -> None:
    read(store, clock, "Lovely")
    clock.wait(days=30)
    assert prune(store, KEEP, clock()) == Pruned()
    assert texts(store) == ["Lovely"]
    clock.wait(seconds=1)
    assert prune(store, KEEP, clock()) == Pruned(items=1)
    (row,) = rows_of(store, ItemRow)
    assert (row.sealed, row.pruned_at, row.external_id) == (b"", clock(), "1")
    assert texts(store) == [""]


def test_pruning_twice_is_pruning_once(store: Store, clock: HandClock) -> None:
    read(store, clock, "Lovely")
    clock.wait(days=31)
    prune(store, KEEP, clock())
    rows = rows_of(store, ItemRow)
    clock.wait(days=1)
    assert prune(store, KEEP, clock()) == Pruned()
    assert rows_of(store, ItemRow) == rows


def test_reading_a_pruned_item_again_makes_nothing_new(store: Store, clock: HandClock) -> None:
    read(store, clock, "Lovely")
    clock.wait(days=31)
    prune(store, KEEP, clock())
    read(store, clock, "Lovely")
    assert texts(store) == [""]
    read(store, clock, "Lovely, edited")
    assert texts(store) == ["", "Lovely, edited"]


def test_what_nobody_has_judged_is_not_pruned(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "Lovely")
    clock.wait(days=400)
    prune(store, KEEP, clock())
    assert texts(store) == ["Lovely"]


def test_findings_go_with_the_item_that_led_to_nothing(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "[insult medium]", baseline=True)
    read(store, clock)
    assert rows_of(store, CaseRow) == []
    assert len(rows_of(store, FindingRow)) == 1
    clock.wait(days=31)
    assert prune(store, KEEP, clock()) == Pruned(items=1, findings=1)
    assert rows_of(store, FindingRow) == []
    assert rows_of(store, ItemRow)[0].category == "insult"


def test_an_open_case_stays_whatever_its_age(store: Store, clock: HandClock) -> None:
    read(store, clock, "[threat critical]")
    fail_a_mail(store, clock, "planted")
    clock.wait(days=4000)
    entries = len(rows_of(store, AuditRow))
    assert prune(store, KEEP, clock()) == Pruned(incidents=1, coverage=1, audit_entries=entries - 1)
    assert texts(store) == ["[threat critical]"]
    assert all(row.sealed for row in rows_of(store, EvidenceRow))
    assert len(rows_of(store, OutboxRow)) == 1
    with store.write() as session:
        case = session.exec(select(CaseRow)).one()
        case.state, case.closed_at = CaseState.ACKNOWLEDGED.value, case.opened_at
    prune(store, KEEP, clock())
    assert texts(store) == ["[threat critical]"]


def test_what_an_open_case_answers_and_stands_under_stays_with_it(store: Store, clock: HandClock) -> None:
    read(store, clock, "The post", "What it answers", "Something else", first=7)
    read(store, clock, "[threat critical]", first=1)
    with store.write() as session:
        row = session.exec(select(ItemRow).where(ItemRow.external_id == "1")).one()
        row.thread_id, row.parent_id = "7", "8"
    clock.wait(days=31)
    prune(store, KEEP, clock())
    assert texts(store) == ["The post", "What it answers", "", "[threat critical]"]
    close(store, clock)
    prune(store, KEEP, clock())
    assert texts(store) == ["", "", "", "[threat critical]"]


def test_a_closed_case_is_kept_for_its_time_after_it_was_closed(store: Store, clock: HandClock) -> None:
    read(store, clock, "[threat critical]")
    read(store, clock, "[threat critical] edited")
    clock.wait(days=300)
    close(store, clock)
    clock.wait(days=365)
    assert prune(store, KEEP, clock()) == Pruned()
    clock.wait(seconds=1)
    assert prune(store, KEEP, clock()) == Pruned(items=2, reasons=1, evidence=2)
    assert texts(store) == ["", ""]
    assert [row.sealed for row in rows_of(store, DecisionRow)] == [b""]
    assert [(row.sealed, len(row.sha256)) for row in rows_of(store, EvidenceRow)] == [(b"", 64)] * 2
    assert rows_of(store, CaseRow)[0].ref == "SM-0001"
    assert len(rows_of(store, FindingRow)) == 2


def test_evidence_has_its_own_time(store: Store, clock: HandClock) -> None:
    longer = type(KEEP)(KEEP.harmless, timedelta(days=100), timedelta(days=200), KEEP.audit)
    read(store, clock, "[threat critical]")
    close(store, clock)
    clock.wait(days=101)
    assert prune(store, longer, clock()) == Pruned(items=1, reasons=1)
    (copy,) = rows_of(store, EvidenceRow)
    assert b"[threat critical]" in store.vault.unseal(copy.sealed, EVIDENCE)
    clock.wait(days=100)
    assert prune(store, longer, clock()) == Pruned(evidence=1)


def test_a_case_with_something_still_to_carry_out_is_not_pruned(store: Store, clock: HandClock) -> None:
    read(store, clock, "[threat critical]")
    close(store, clock, done=False)
    clock.wait(days=400)
    assert prune(store, KEEP, clock()) == Pruned()
    assert texts(store) == ["[threat critical]"]


def test_a_young_version_of_an_old_closed_case_stays(store: Store, clock: HandClock) -> None:
    read(store, clock, "[threat critical]")
    close(store, clock)
    clock.wait(days=400)
    read(store, clock, "I am sorry")
    assert prune(store, KEEP, clock()) == Pruned(items=1, reasons=1, evidence=1)
    assert texts(store) == ["", "I am sorry"]
    assert [bool(row.sealed) for row in rows_of(store, EvidenceRow)] == [False, True]


def test_new_abuse_opens_a_pruned_case_again_with_its_own_copy(store: Store, clock: HandClock) -> None:
    read(store, clock, "[threat critical]")
    close(store, clock)
    clock.wait(days=400)
    prune(store, KEEP, clock())
    read(store, clock, "[threat critical] once more")
    (case,) = rows_of(store, CaseRow)
    assert case.state == "open"
    clock.wait(days=400)
    prune(store, KEEP, clock())
    assert texts(store) == ["", "[threat critical] once more"]
    assert [bool(row.sealed) for row in rows_of(store, EvidenceRow)] == [False, True]


def test_a_follower_is_kept_while_following_and_what_it_was_called_before_is_not(
    store: Store, clock: HandClock
) -> None:
    follow(store, clock, "before_example")
    follow(store, clock, "now_example")
    clock.wait(days=400)
    assert prune(store, KEEP, clock()) == Pruned(items=1)
    assert [bool(row.sealed) for row in rows_of(store, ItemRow)] == [False, True]
    follow(store, clock, "now_example")
    assert len(rows_of(store, ItemRow)) == 2
    leave(store)
    assert prune(store, KEEP, clock()) == Pruned(items=1)


def test_old_mails_and_incidents_and_ended_links_codes_and_sign_ins_are_deleted(
    store: Store, clock: HandClock
) -> None:
    read(store, clock, "[threat critical]")
    fail_a_mail(store, clock, "planted")
    ended = clock() + timedelta(days=340)
    with store.write() as session:
        same = {"school_id": store.school, "role": "dsl", "recipient": "r", "created_at": clock()}
        for end in (ended, ended + timedelta(days=26)):
            name = end.isoformat()
            session.add(LinkRow(**same, token_hash=name, expires_at=end))
            session.add(SignInRow(**same, token_hash=name, expires_at=end))
            session.add(CodeRow(**same, challenge_hash=name, code_hash=name, expires_at=end))
            which = {"digest": name.encode(), "case_id": 1, "item_id": 1, "seq": 0}
            session.add(ReplyCodeRow(**same, **which, expires_at=end))
    close(store, clock)
    opened = [row.key for row in rows_of(store, IncidentRow) if row.closed_at is None]
    clock.wait(days=371)
    removed = prune(store, KEEP, clock())
    assert (removed.messages, removed.links, removed.codes, removed.sign_ins) == (1, 1, 1, 1)
    assert removed.reply_codes == 1
    assert (removed.incidents, removed.audit_entries) == (1, 0)
    assert rows_of(store, OutboxRow) == []
    assert [row.key for row in rows_of(store, IncidentRow)] == opened != []


def test_what_waits_to_be_sent_is_never_deleted(store: Store, clock: HandClock) -> None:
    read(store, clock, "[threat critical]")
    fail_a_mail(store, clock, "planted")
    close(store, clock)
    with store.write() as session:
        session.exec(select(OutboxRow)).one().failed_at = None
    clock.wait(days=400)
    assert prune(store, KEEP, clock()).messages == 0


def test_nothing_of_what_was_pruned_is_left_in_any_file(store: Store, clock: HandClock) -> None:
    read(store, clock, "Tamsin Example was here " * 400, "[threat critical] planted words " * 90)
    close(store, clock, "Tamsin's aunt was told")
    fail_a_mail(store, clock, "planted message")
    follow(store, clock, "tamsin_example")
    leave(store)
    sealed = sealed_values(store)
    assert len(sealed) == 6
    assert traces(store.path, sealed) > 1900  # pieces; the end of a page cuts a few in two
    clock.wait(days=400)
    prune(store, KEEP, clock())
    assert sealed_values(store) == []
    assert traces(store.path, sealed) == 0
    plain = [b"Tamsin", b"tamsin", b"planted", b"Sam Example", b"sam_example", b"head@school.example"]
    assert traces(store.path, plain, piece=19) == 0


def test_a_reader_in_the_way_only_puts_the_last_step_off(store: Store, clock: HandClock) -> None:
    read(store, clock, "Lovely")
    sealed = sealed_values(store)
    clock.wait(days=31)
    with store.write() as session:  # so that the test need not wait for the whole timeout
        session.connection().exec_driver_sql("PRAGMA busy_timeout=10")
    with store.read() as session:
        session.exec(select(ItemRow)).all()
        assert prune(store, KEEP, clock()) == Pruned(items=1)
    assert is_due(store, clock())
    assert traces(store.path, sealed) > 0
    assert prune(store, KEEP, clock()) == Pruned(items=1)
    assert not is_due(store, clock())
    assert traces(store.path, sealed) == 0
    assert [row.event for row in rows_of(store, AuditRow)] == ["key destroyed", "pruned"]


def test_a_run_that_removed_something_is_on_record_with_counts_only(store: Store, clock: HandClock) -> None:
    read(store, clock, "Lovely", "Thanks")
    assert prune(store, KEEP, clock()) == Pruned()
    assert rows_of(store, AuditRow) == []
    clock.wait(days=31)
    prune(store, KEEP, clock())
    (ended, entry) = rows_of(store, AuditRow)
    assert (ended.event, ended.thing) == ("key destroyed", "day 2026-11-20")
    assert (entry.actor, entry.event, entry.thing, entry.detail) == (
        "schoolgate",
        "pruned",
        "retention",
        "items 2, keys 1",
    )


def test_it_is_due_once_a_day_even_when_nothing_was_removed(store: Store, clock: HandClock) -> None:
    assert is_due(store, clock())
    prune(store, KEEP, clock())
    assert not is_due(store, clock())
    clock.wait(hours=23, minutes=59)
    assert not is_due(store, clock())
    clock.wait(minutes=1)
    assert is_due(store, clock())


def test_what_would_go_is_what_goes(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "[insult medium]", baseline=True)
    read(store, clock, "Lovely", first=2)
    read(store, clock, "[threat critical]", first=3)
    fail_a_mail(store, clock, "planted")
    close(store, clock)
    clock.wait(days=2600)
    before = [rows_of(store, table) for table in (ItemRow, FindingRow, OutboxRow, AuditRow)]
    would = would_prune(store, KEEP, clock())
    assert [rows_of(store, table) for table in (ItemRow, FindingRow, OutboxRow, AuditRow)] == before
    assert prune(store, KEEP, clock()) == would
    assert would.counts.keys() >= {"items", "findings", "reasons", "evidence", "messages", "audit_entries"}
