"""The service and a command on one database: each has keys in its memory that the other may have ended or wrapped anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from monitor import holds, key_rotation, keys
from monitor.backup import KEYS, make
from monitor.backup_watch import Plan, hold_drill
from monitor.errors import ErasedError, StoreError
from monitor.evidence import EVIDENCE
from monitor.key_ends import destroy
from monitor.retention import prune
from monitor.store import Store
from monitor.tables import CaseRow, EvidenceRow, ItemRow
from monitor.tables_holds import HoldRow
from monitor.tables_keys import SealingKeyRow
from monitor.vault import Vault
from tests.conftest import HandClock
from tests.monitor.aging import KEEP, close, read, rows_of, texts

NEW = Vault(bytes(range(1, 33)))


@pytest.fixture
def command(store: Store) -> Iterator[Store]:
    """Another process' store of the same database; `store` is the service's."""
    other = Store(store.path, store.vault, school=store.school)
    yield other
    other.close()


def test_the_service_writes_with_no_key_that_a_command_destroyed(
    store: Store, command: Store, clock: HandClock
) -> None:
    read(store, clock, "[insult medium] Marker", "Nice")
    close(store, clock)
    sealed = rows_of(store, EvidenceRow)[0].sealed
    assert store.vault.unseal(sealed, EVIDENCE)  # from here on its key is in the service's memory
    with command.write() as session:
        destroy(session, command, session.exec(select(CaseRow)).one(), actor="it", now=clock(), why="erased")
    with pytest.raises(ErasedError):
        command.vault.unseal(sealed, EVIDENCE)
    with store.write() as session:
        case = session.exec(select(CaseRow)).one()
        holds.place(session, store, case, why="The police asked", by="dsl", now=clock())
    (hold,) = rows_of(command, HoldRow)
    assert holds.reason_of(command, hold) == "The police asked"


def test_a_day_whose_key_a_command_s_pruning_ended_gets_another(
    store: Store, command: Store, clock: HandClock
) -> None:
    read(store, clock, "Lovely")
    clock.wait(days=31)
    prune(command, KEEP, clock())
    clock.wait(days=-31)  # the service's clock was put back
    read(store, clock, "Nice", first=2)
    assert texts(command) == ["", "Nice"]


def test_a_service_that_runs_through_a_change_of_the_master_key_loses_nothing(
    store: Store, command: Store, clock: HandClock
) -> None:
    read(store, clock, "[insult medium] one")
    key_rotation.begin(command, NEW, clock())
    clock.wait(days=1)
    read(store, clock, "[insult medium] two", "three", first=2)
    new = Store(store.path, NEW, school=store.school)
    assert texts(new) == texts(store) == ["[insult medium] one", "[insult medium] two", "three"]
    assert key_rotation.end(new, clock())
    clock.wait(days=1)
    with pytest.raises(StoreError, match="not the key"), store.write() as session:
        keys.for_day(
            session, store, clock()
        )  # a service that was not restarted stores nothing it could not open
    assert {row.wrapped_by for row in rows_of(new, SealingKeyRow) if row.wrapped} == {NEW.fingerprint}
    new.close()


def test_a_drill_with_a_backup_that_is_older_than_an_erasure_goes_well(
    store: Store, clock: HandClock, tmp_path: Path
) -> None:
    """The keys beside it are newer, as they are where the next backup was cut off after them."""
    plan = Plan(tmp_path / "backups", time(2), ZoneInfo("Europe/London"), 30)
    read(store, clock, "[insult medium] Marker")
    close(store, clock)
    make(store, plan.folder / "schoolgate-20261120-090000.backup", clock())
    with store.write() as session:
        destroy(session, store, session.exec(select(CaseRow)).one(), actor="it", now=clock(), why="erased")
    clock.wait(hours=1)
    made = make(store, plan.folder / "schoolgate-20261120-100000.backup", clock())
    made.path.unlink()
    assert (plan.folder / KEYS).exists()
    row = hold_drill(store, plan, clock)
    assert (row.ok, row.says) == (True, "")


def test_an_item_is_sealed_with_its_case_s_key_whoever_opened_the_case(
    store: Store, command: Store, clock: HandClock
) -> None:
    """Two processes that both make the first key of one case: the rows of both must open."""
    read(store, clock, "[insult medium] Marker")
    with command.write() as session:
        case = session.exec(select(CaseRow)).one()
        one = keys.for_case(session, command, case.id, clock())
    with store.write() as session:
        two = keys.for_case(session, store, case.id, clock() + timedelta(seconds=1))
    assert one.key_id == two.key_id
    assert len(rows_of(store, ItemRow)) == 1
