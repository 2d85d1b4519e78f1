"""After a restore: what was erased since the backup stays erased, what is held stays held, and the key in use opens it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from monitor import holds, items, key_rotation, schema
from monitor.backup import make
from monitor.backup_restore import Restored, restore
from monitor.errors import StoreError
from monitor.evidence import EVIDENCE
from monitor.evidence_check import check
from monitor.key_ends import destroy
from monitor.retention import prune
from monitor.store import Store
from monitor.subject import Asked
from monitor.subject_erase import erase
from monitor.tables import CaseRow, DecisionRow, EvidenceRow, ItemRow
from monitor.tables_holds import HoldRow
from monitor.tables_keys import SealingKeyRow
from monitor.tables_people import FollowerRow
from monitor.vault import Vault
from tests.conftest import MORNING, HandClock
from tests.monitor.aging import KEEP, close, follow, leave, read, rows_of, texts

NEW = Vault(bytes(range(1, 33)))


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "backups" / "one.backup"


def brought_back(store: Store, file: Path, *vaults: Vault) -> tuple[Store, Restored]:
    """The backup in the place of this database."""
    known = vaults or (store.vault,)
    store.close()
    restored = restore(file, store.path, known, school=store.school, now=MORNING, replace=True)
    return Store(store.path, known[0], school=store.school), restored


def mine(store: Store, author: str, *ids: str) -> None:
    with store.write() as session:
        for row in session.exec(select(ItemRow).where(ItemRow.external_id.in_(ids))):  # type: ignore[attr-defined]
            row.author_id = author


def test_a_case_that_was_erased_after_the_newest_backup_does_not_come_back(
    store: Store, clock: HandClock, backup: Path
) -> None:
    read(store, clock, "[insult medium] Marker", "Nice")
    close(store, clock)
    make(store, backup, clock())
    with store.write() as session:
        destroy(session, store, session.exec(select(CaseRow)).one(), actor="it", now=clock(), why="erased")
    again, restored = brought_back(store, backup)
    assert texts(again) == ["", "Nice"]
    assert [row.sealed for table in (EvidenceRow, DecisionRow) for row in rows_of(again, table)] == [b"", b""]
    assert [row.wrapped for row in rows_of(again, SealingKeyRow) if row.purpose == "case"] == [b""]
    assert restored.problems == ()
    assert check(again).holds
    again.close()


def test_whatever_the_folder_is_called(vault: Vault, clock: HandClock, tmp_path: Path) -> None:
    folder = tmp_path / "St Mark's #1 50%?"
    schema.upgrade(folder / "schoolgate.db")
    store = Store(folder / "schoolgate.db", vault, school="school")
    read(store, clock, "[insult medium] Marker")
    close(store, clock)
    make(store, folder / "one.backup", clock())
    with store.write() as session:
        destroy(session, store, session.exec(select(CaseRow)).one(), actor="it", now=clock(), why="erased")
    again, _ = brought_back(store, folder / "one.backup")
    assert texts(again) == [""]
    again.close()


def test_what_a_person_had_erased_does_not_come_back(store: Store, clock: HandClock, backup: Path) -> None:
    read(store, clock, "Lovely", "Nice")
    mine(store, "u1", "1")
    follow(store, clock, "kaz")
    leave(store)
    make(store, backup, clock())
    (follower,) = rows_of(store, FollowerRow)
    asked = Asked(accounts=(("facebook", "u1"), (follower.network, follower.external_id)))
    steps, _ = erase(store, asked, by="it", now=clock())
    assert not [step for step in steps if step.kept]
    left = texts(store)
    again, _ = brought_back(store, backup)
    assert texts(again) == left
    assert "u1" not in [row.author_id for row in rows_of(again, ItemRow)]
    assert [row.handle for row in rows_of(again, FollowerRow)] == [None]
    again.close()


def test_a_hold_that_was_placed_after_the_backup_still_holds(
    store: Store, clock: HandClock, backup: Path
) -> None:
    read(store, clock, "[insult medium] Marker", "Other")
    mine(store, "u2", "2")
    close(store, clock)
    make(store, backup, clock())
    with store.write() as session:
        case = session.exec(select(CaseRow)).one()
        assert holds.place(session, store, case, why="The police asked", by="headteacher", now=clock())
        assert holds.restrict(session, store, "facebook", "u2", why="Asked", by="it", now=clock())
    again, _ = brought_back(store, backup)
    assert [holds.reason_of(again, one) for one in rows_of(again, HoldRow)] == ["The police asked", "Asked"]
    clock.wait(days=4000)
    prune(again, KEEP, clock())
    assert texts(again)[0].endswith("Marker")
    assert texts(again)[1].endswith("Other")
    again.close()


def test_nothing_is_taken_from_a_database_that_is_not_the_backup_s_own(
    store: Store, clock: HandClock, backup: Path, tmp_path: Path
) -> None:
    """A service that was started anew, empty, says nothing about what was erased."""
    read(store, clock, "[insult medium] Marker", "Nice")
    make(store, backup, clock())
    had = texts(store)
    other = tmp_path / "other" / "schoolgate.db"
    schema.upgrade(other)
    fresh = Store(other, store.vault, school=store.school)
    read(fresh, clock, "One", "Two")
    clock.wait(days=400)
    prune(fresh, KEEP, clock())
    again, _ = brought_back(fresh, backup)
    assert texts(again) == had
    again.close()


def test_keys_of_another_master_key_are_refused_before_anything_is_changed(
    store: Store, clock: HandClock, tmp_path: Path
) -> None:
    """A database in clear, put aside before the master key was changed: the service could not start on it."""
    read(store, clock, "[insult medium] Marker")
    store.backup(tmp_path / "aside.db")
    target = tmp_path / "new" / "schoolgate.db"
    with pytest.raises(StoreError, match="--key-file"):
        restore(tmp_path / "aside.db", target, [NEW], school="school", now=MORNING)
    assert not target.exists()
    assert (
        restore(tmp_path / "aside.db", target, [NEW, store.vault], school="school", now=MORNING).problems
        == ()
    )


def test_a_backup_from_before_a_change_of_the_master_key_opens_with_the_new_one(
    store: Store, clock: HandClock, backup: Path, tmp_path: Path
) -> None:
    """The former key is named once, to restore; from then on the key in use is enough."""
    read(store, clock, "[insult medium] Marker")
    make(store, backup, clock())
    store.close()
    target = tmp_path / "new" / "schoolgate.db"
    restored = restore(backup, target, [NEW, store.vault], school="school", now=MORNING)
    assert restored.problems == ()
    again = Store(target, NEW, school="school")
    assert texts(again)[0].endswith("Marker")
    assert again.vault.digest("email", "a") == store.vault.digest("email", "a")
    assert sum(key_rotation.reseal(again)) == 0
    assert key_rotation.end(again, MORNING)
    assert texts(again)[0].endswith("Marker")
    again.close()


def test_a_backup_of_a_version_without_keys_opens_after_the_master_key_was_changed(
    store: Store, clock: HandClock, backup: Path, tmp_path: Path
) -> None:
    """Its values are sealed with the former master key itself."""
    read(store, clock, "[insult medium] Marker")
    with store.write() as session:
        for table, place in ((ItemRow, items.SEALED), (EvidenceRow, EVIDENCE)):
            for row in session.exec(select(table)).all():
                row.sealed = store.vault.seal(store.vault.unseal(row.sealed, place), place)  # type: ignore[attr-defined]
        for key in session.exec(select(SealingKeyRow)):
            session.delete(key)
    make(store, backup, clock())
    store.close()
    target = tmp_path / "new" / "schoolgate.db"
    restored = restore(backup, target, [NEW, store.vault], school="school", now=MORNING)
    assert restored.problems == ()
    again = Store(target, NEW, school="school")
    assert texts(again)[0].endswith("Marker")
    assert again.vault.digest("email", "a") == store.vault.digest("email", "a")
    again.close()
