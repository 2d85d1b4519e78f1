from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary
from sqlmodel import SQLModel, select

from alerts.outbox import lease
from monitor import items, keys
from monitor.assess import assess
from monitor.errors import ErasedError, StoreError
from monitor.evidence import EVIDENCE
from monitor.evidence_check import check
from monitor.key_ends import destroy, empty_erased
from monitor.retention import prune
from monitor.sealed import COLUMNS
from monitor.store import Store
from monitor.tables import AuditRow, CaseRow, DecisionRow, EvidenceRow, ItemRow, OutboxRow
from monitor.tables_keys import SealingKeyRow
from monitor.vault import Vault, key_id_of
from tests.conftest import HandClock
from tests.making import judgement
from tests.monitor.aging import KEEP, close, fail_a_mail, follow, read, rows_of, traces
from tests.monitor.test_assess import arrive


def key_of(store: Store, purpose: str) -> SealingKeyRow:
    with store.read() as session:
        return session.exec(select(SealingKeyRow).where(SealingKeyRow.purpose == purpose)).one()


def sealed_with(store: Store, table: type) -> list[str]:
    """Purpose and reference of the key of each row that holds something."""
    named = {row.key_id: f"{row.purpose} {row.ref}" for row in rows_of(store, SealingKeyRow)}
    return [named[key_id_of(row.sealed) or b""] for row in rows_of(store, table) if row.sealed]


def erase(store: Store, clock: HandClock) -> None:
    with store.write() as session:
        destroy(session, store, session.exec(select(CaseRow)).one(), actor="dsl", now=clock(), why="erased")


def test_each_sealed_column_is_on_the_list_and_its_place_is_its_own() -> None:
    there = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary) and column.name in {"sealed", "said"}
    }
    assert {column.place for column in COLUMNS} == there


def test_what_comes_in_is_sealed_with_the_key_of_its_day(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "Lovely photos", "Well done all")
    clock.wait(days=1)
    arrive(store, clock, "See you at the fair", first=3)
    assert sealed_with(store, ItemRow) == ["day 2026-11-20", "day 2026-11-20", "day 2026-11-21"]


def test_a_follower_is_not_sealed_with_what_goes_after_a_month(store: Store, clock: HandClock) -> None:
    follow(store, clock, "sam_example")
    assert sealed_with(store, ItemRow) == ["month 2026-11"]


def test_a_case_takes_every_version_of_its_item_under_its_own_key(store: Store, clock: HandClock) -> None:
    read(store, clock, "Lovely photos", "Well done")
    arrive(store, clock, "[threat critical] now", first=1)  # the first was edited
    assert sealed_with(store, ItemRow)[0] == "day 2026-11-20"
    assess(store, judgement(), clock=clock)
    assert sealed_with(store, ItemRow) == ["case 1", "day 2026-11-20", "case 1"]
    assert sealed_with(store, EvidenceRow) == ["case 1"]
    assert items.from_row(rows_of(store, ItemRow)[0], store.vault).text == "Lovely photos"


def test_a_case_s_mail_is_sealed_with_its_key(store: Store, clock: HandClock) -> None:
    read(store, clock, "[threat critical]")
    fail_a_mail(store, clock, "Body")
    assert sealed_with(store, OutboxRow) == ["case 1"]


def test_two_cases_have_two_keys(store: Store, clock: HandClock) -> None:
    read(store, clock, "[threat critical] one", "[threat critical] two")
    assert sealed_with(store, EvidenceRow) == ["case 1", "case 2"]


def test_with_its_key_a_case_is_gone_from_a_copy_that_was_made_before(
    store: Store, clock: HandClock, tmp_path: Path, vault: Vault
) -> None:
    """The copy keeps everything but the table of keys, which is the present one: so backups are made and restored."""
    read(store, clock, "[threat critical] planted", "[insult medium] harmless")
    copy = tmp_path / "copy.db"
    store.backup(copy)
    with store.write() as session:
        case = session.exec(select(CaseRow).where(CaseRow.id == 1)).one()
        destroy(session, store, case, actor="dsl", now=clock(), why="erased")
    with sqlite3.connect(copy) as there:
        there.execute("ATTACH ? AS now", (str(store.path),))
        there.execute("DELETE FROM main.sealing_key")
        there.execute("INSERT INTO main.sealing_key SELECT * FROM now.sealing_key")
    there.close()
    old = Store(copy, vault, school="school")
    try:
        first, second = rows_of(old, EvidenceRow)
        with pytest.raises(ErasedError, match="was destroyed on 2026-11-20"):
            old.vault.unseal(first.sealed, EVIDENCE)
        assert b"harmless" in old.vault.unseal(second.sealed, EVIDENCE)
        assert check(old).problems == [
            "copy 1 (case SM-0001) cannot be read any more: its key was destroyed, and the audit log does not say so"
        ]
        assert empty_erased(old, clock()) == 2  # the item and its copy
        assert [bool(row.sealed) for row in rows_of(old, ItemRow)] == [False, True]
        assert (check(old).problems, check(old).no_longer_kept) == ([], 1)
    finally:
        old.close()


def test_nothing_of_a_destroyed_key_is_left_in_the_files(store: Store, clock: HandClock) -> None:
    read(store, clock, "[threat critical]")
    wrapped = key_of(store, "case").wrapped
    assert traces(store.path, [wrapped], 12) > 0
    erase(store, clock)
    assert store.checkpoint()
    assert traces(store.path, [wrapped], 12) == 0


def test_erasing_a_case_empties_its_rows_and_the_log_holds(store: Store, clock: HandClock) -> None:
    read(store, clock, "[threat critical]")
    close(store, clock, "In her own words")
    hashed = rows_of(store, EvidenceRow)[0].sha256
    erase(store, clock)
    erase(store, clock)
    assert [row.sealed for table in (ItemRow, EvidenceRow, DecisionRow) for row in rows_of(store, table)] == [
        b""
    ] * 3
    assert rows_of(store, EvidenceRow)[0].sha256 == hashed
    assert (check(store).problems, check(store).no_longer_kept) == ([], 1)
    said = [(row.event, row.thing) for row in rows_of(store, AuditRow) if row.actor == "dsl"]
    assert said == [("copy no longer kept", "copy 1"), ("key destroyed", "case SM-0001")]


def test_a_mail_of_an_erased_case_never_leaves(store: Store, clock: HandClock) -> None:
    read(store, clock, "[threat critical]")
    fail_a_mail(store, clock, "Body")
    with store.write() as session:
        session.exec(select(OutboxRow)).one().failed_at = None
    erase(store, clock)
    assert lease(store, clock()) == []
    assert "mail withdrawn (first)" in {row.event for row in rows_of(store, AuditRow)}


def test_a_mail_that_is_on_its_way_when_its_case_is_erased_is_not_tried_again(
    store: Store, clock: HandClock
) -> None:
    read(store, clock, "[threat critical]")
    fail_a_mail(store, clock, "Body")
    with store.write() as session:
        row = session.exec(select(OutboxRow)).one()
        row.failed_at, row.lease_until = None, clock()
    erase(store, clock)
    clock.wait(days=1)
    assert lease(store, clock()) == []


def test_a_case_that_is_opened_again_after_it_was_erased_has_a_new_key(
    store: Store, clock: HandClock
) -> None:
    read(store, clock, "[threat critical]")
    close(store, clock)
    erase(store, clock)
    read(store, clock, "[threat critical] again")
    (_, again) = rows_of(store, EvidenceRow)
    assert b"again" in store.vault.unseal(again.sealed, EVIDENCE)
    assert [bool(row.destroyed_at) for row in rows_of(store, SealingKeyRow) if row.purpose == "case"] == [
        True,
        False,
    ]


def test_pruning_destroys_the_keys_that_seal_nothing_any_more(store: Store, clock: HandClock) -> None:
    read(store, clock, "Lovely photos", "[threat critical]")
    close(store, clock)
    clock.wait(days=31)
    read(store, clock, "Well done", first=3)
    assert prune(store, KEEP, clock()).counts == {"items": 1, "keys": 1}
    assert {row.ref for row in rows_of(store, SealingKeyRow) if row.destroyed_at} == {"2026-11-20"}
    clock.wait(days=336)
    prune(store, KEEP, clock())
    assert {row.ref for row in rows_of(store, SealingKeyRow) if row.destroyed_at} == {
        "2026-11-20",
        "2026-12-21",
        "1",
    }
    assert check(store).problems == []


def test_a_day_s_key_stays_while_one_thing_of_that_day_is_kept(store: Store, clock: HandClock) -> None:
    read(store, clock, "[insult medium] first answered", "Lovely photos")
    with store.write() as session:
        session.get_one(ItemRow, 2).assessed_at = None
    clock.wait(days=40)
    prune(store, KEEP, clock())
    assert not any(row.destroyed_at for row in rows_of(store, SealingKeyRow))
    assert items.from_row(rows_of(store, ItemRow)[1], store.vault).text == "Lovely photos"


def test_a_key_that_stands_in_another_s_place_does_not_open(
    store: Store, clock: HandClock, vault: Vault
) -> None:
    read(store, clock, "[threat critical] one", "[threat critical] two")
    with store.write() as session:
        one, two = session.exec(select(SealingKeyRow).where(SealingKeyRow.purpose == "case")).all()
        one.wrapped = two.wrapped
    again = Store(store.path, vault, school="school")
    with pytest.raises(StoreError, match="stands in another's place"):
        again.vault.unseal(rows_of(again, EvidenceRow)[0].sealed, EVIDENCE)
    again.close()


def test_with_another_master_key_nothing_may_be_stored(store: Store, clock: HandClock) -> None:
    read(store, clock, "Lovely photos")
    other = Store(store.path, Vault(bytes(32)), school="school")
    with (
        pytest.raises(StoreError, match="is not the key that this database is sealed with"),
        other.write() as session,
    ):
        keys.for_case(session, other, 7, clock())
    with pytest.raises(StoreError, match="does not open"):
        items.from_row(rows_of(other, ItemRow)[0], other.vault)
    other.close()


def test_a_key_made_in_a_transaction_that_failed_is_not_used_again(store: Store, clock: HandClock) -> None:
    class StoppedError(Exception):
        pass

    with pytest.raises(StoppedError), store.write() as session:
        keys.for_day(session, store, clock())
        raise StoppedError
    read(store, clock, "Lovely photos")
    assert sealed_with(store, ItemRow) == ["day 2026-11-20"]


def test_what_an_older_version_sealed_still_opens(store: Store, vault: Vault) -> None:
    sealed = vault.seal_json({"text": "Zoë"}, items.SEALED)
    assert sealed[:1] == b"\x01"
    assert store.vault.unseal_json(sealed, items.SEALED) == {"text": "Zoë"}
