"""Restoring: everything is tried before anything is changed, and what was there is kept."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from monitor import schema
from monitor.backup import KEYS, PURPOSE, Made, make, make_before_upgrade
from monitor.backup_restore import restore
from monitor.daemon import only_one
from monitor.errors import StoreError
from monitor.evidence_check import check
from monitor.sealed_files import opened, written
from monitor.store import Store
from monitor.tables import AuditRow
from monitor.vault import Vault
from tests.conftest import MORNING
from tests.monitor.backed_up import add_key, fill, keys_in, values_in
from tests.monitor.backup_driver import KILLED, driver

LATER = MORNING + timedelta(hours=8)
KEY = b"Marker wrapped key of case seven"


@pytest.fixture
def made(store: Store, tmp_path: Path) -> Made:
    fill(store)
    return make(store, tmp_path / "backups" / "one.backup", MORNING)


def case(store: Store, ref: str, number: int) -> None:
    """A case as a row only."""
    with contextlib.closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute(
            "INSERT INTO item (id, school_id, account, network, kind, external_id, version, target_id, sealed, digest,"
            " seen_at, baseline, hidden, refused, attempts) VALUES (?, 'school', 'a', 'x', 'comment', ?, 1, '7', x'',"
            " x'', '2026-11-20 09:00:00', 0, 0, '', 0)",
            (number, str(number)),
        )
        values = dict.fromkeys(
            name
            for _, name, _, needed, default, key in connection.execute("PRAGMA table_info(cases)")
            if needed and default is None and not key
        )
        given = {
            "school_id": "school",
            "number": number,
            "ref": ref,
            "item_id": number,
            "external_id": str(number),
        }
        row = {
            name: given.get(name, "2026-11-20 09:00:00" if name.endswith("_at") else "0") for name in values
        }
        names, marks = ", ".join(row), ", ".join("?" for _ in row)
        connection.execute(f"INSERT INTO cases ({names}) VALUES ({marks})", tuple(row.values()))


def test_a_backup_becomes_the_database_and_says_so_in_the_audit_log(
    store: Store, made: Made, tmp_path: Path, vault: Vault
) -> None:
    target = tmp_path / "elsewhere" / "schoolgate.db"
    restored = restore(made.path, target, [vault], school="school", now=LATER)
    assert (restored.made_at, restored.revision, restored.problems) == (MORNING, schema.head(), ())
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert values_in(target) == values_in(store.path)
    copy = Store(target, vault, school="school")
    with copy.read() as session:
        last = session.exec(select(AuditRow).order_by(col(AuditRow.seq).desc())).first()
    assert last is not None
    assert (last.event, last.thing, last.detail) == (
        "restored from a backup",
        "database of one.backup",
        "made at 2026-11-20T09:00:00Z",
    )
    assert check(copy).holds
    copy.close()


def test_what_stands_there_is_replaced_only_when_asked_and_is_kept(
    store: Store, made: Made, tmp_path: Path, vault: Vault
) -> None:
    case(store, "SM-0001", 1)
    fill(store, 2, at=LATER)
    had = values_in(store.path)
    store.close()
    with pytest.raises(StoreError, match="--replace"):
        restore(made.path, store.path, [vault], school="school", now=LATER)
    restored = restore(made.path, store.path, [vault], school="school", now=LATER, replace=True)
    assert restored.aside == tmp_path / "schoolgate.db.replaced-20261120-170000"
    assert restored.aside is not None
    assert values_in(restored.aside) == had
    assert values_in(store.path) == had[:3]
    assert restored.missing is not None
    assert restored.missing.counts == {"audit": 1, "cases": 1, "item": 1}
    assert restored.missing.cases == ("SM-0001",)


def test_a_log_of_the_old_database_is_never_taken_for_the_new_ones(
    store: Store, made: Made, tmp_path: Path, vault: Vault
) -> None:
    """A database that was killed leaves its log beside it: it goes with the old one, and nothing of it is lost."""
    fill(store, 2, at=LATER)
    had = values_in(store.path)
    left = {end: store.path.with_name(f"schoolgate.db{end}").read_bytes() for end in ("", "-wal")}
    assert left["-wal"]
    store.close()
    for end, content in left.items():
        store.path.with_name(f"schoolgate.db{end}").write_bytes(content)
    restored = restore(made.path, store.path, [vault], school="school", now=LATER, replace=True)
    assert values_in(store.path) == had[:3]
    assert restored.aside is not None
    assert values_in(restored.aside) == had


def test_a_damaged_database_is_replaced_and_kept_as_it_is(
    store: Store, made: Made, tmp_path: Path, vault: Vault
) -> None:
    store.close()
    damaged = b"this is not a database" * 400
    store.path.write_bytes(damaged)
    log = store.path.with_name("schoolgate.db-wal")
    log.write_bytes(b"its log")
    restored = restore(made.path, store.path, [vault], school="school", now=LATER, replace=True)
    assert restored.missing is None
    assert restored.aside is not None
    assert restored.aside.read_bytes() == damaged
    assert restored.aside.with_name(f"{restored.aside.name}-wal").read_bytes() == b"its log"
    assert not log.exists(), "it would be taken for the new database's own"
    assert len(values_in(store.path)) == 3


@pytest.mark.parametrize("cut", [10, 1000, -1])
def test_a_damaged_backup_changes_nothing(
    store: Store, made: Made, tmp_path: Path, vault: Vault, cut: int
) -> None:
    had = values_in(store.path)
    store.close()
    made.path.write_bytes(made.path.read_bytes()[:cut])
    with pytest.raises(StoreError, match=r"one\.backup"):
        restore(made.path, store.path, [vault], school="school", now=LATER, replace=True)
    assert values_in(store.path) == had
    assert list(tmp_path.glob("*replaced*")) == []


def test_a_backup_that_misses_rows_is_refused(store: Store, tmp_path: Path, vault: Vault) -> None:
    """Sealed with the right key and sound, but not what its facts say."""
    fill(store)
    made = make(store, tmp_path / "one.backup", MORNING)
    with opened(made.path, vault.key(PURPOSE)) as (facts, body):
        content = b"".join(body)
    facts["counts"]["spend"] = 4
    written(made.path, vault.key(PURPOSE), b"", facts, [content])
    with pytest.raises(StoreError, match=r"damaged \(table spend\)"):
        restore(made.path, tmp_path / "new.db", [vault], school="school", now=LATER)


def test_a_key_that_was_changed_since_is_named_beside_the_new_one(
    store: Store, made: Made, tmp_path: Path, vault: Vault
) -> None:
    new = Vault(bytes(range(1, 33)))
    with pytest.raises(StoreError, match="another master key"):
        restore(made.path, tmp_path / "new.db", [new], school="school", now=LATER)
    restore(made.path, tmp_path / "new.db", [new, vault], school="school", now=LATER)
    assert len(values_in(tmp_path / "new.db")) == 3


def test_keys_kept_apart_are_back_after_a_restore(store: Store, tmp_path: Path, vault: Vault) -> None:
    add_key(store, KEY)
    made = make(store, tmp_path / "backups" / "one.backup", MORNING)
    restore(made.path, tmp_path / "new.db", [vault], school="school", now=LATER)
    assert keys_in(tmp_path / "new.db") == [KEY]


def test_keys_of_another_time_than_the_backup_fit(store: Store, tmp_path: Path, vault: Vault) -> None:
    """They are always those of the newest backup: more of them than this one needs."""
    add_key(store, KEY)
    made = make(store, tmp_path / "backups" / "one.backup", MORNING)
    add_key(store, b"Marker wrapped key of case eight")
    make(store, tmp_path / "backups" / "two.backup", LATER)
    restore(made.path, tmp_path / "new.db", [vault], school="school", now=LATER)
    assert keys_in(tmp_path / "new.db") == [KEY, b"Marker wrapped key of case eight"]
    assert (tmp_path / "backups" / KEYS).exists()


def test_an_older_backup_is_brought_to_todays_shape_or_left_for_an_older_version(
    tmp_path: Path, vault: Vault
) -> None:
    path = tmp_path / "old.db"
    schema.upgrade(path, "0017")
    made = make_before_upgrade(path, vault, tmp_path / "backups", MORNING)
    restored = restore(made, tmp_path / "new.db", [vault], school="school", now=LATER)
    assert schema.revision(tmp_path / "new.db") == restored.revision == schema.head()
    rolled = restore(made, tmp_path / "rolled.db", [vault], school="school", now=LATER, as_it_was=True)
    assert schema.revision(tmp_path / "rolled.db") == rolled.revision == "0017"


def test_a_backup_in_clear_of_an_earlier_version_is_taken(store: Store, tmp_path: Path, vault: Vault) -> None:
    fill(store)
    plain = tmp_path / "plain.backup"
    store.backup(plain)
    restored = restore(plain, tmp_path / "new.db", [vault], school="school", now=LATER)
    assert values_in(tmp_path / "new.db") == values_in(store.path)
    assert restored.made_at is None


def test_rows_that_a_database_in_clear_had_only_in_its_log_are_taken(
    store: Store, tmp_path: Path, vault: Vault
) -> None:
    """Somebody may name the database that an earlier restore put aside."""
    fill(store)
    for end in ("", "-wal"):
        (tmp_path / f"aside{end}").write_bytes(store.path.with_name(f"schoolgate.db{end}").read_bytes())
    restore(tmp_path / "aside", tmp_path / "new.db", [vault], school="school", now=LATER)
    assert values_in(tmp_path / "new.db") == values_in(store.path)


def test_some_other_programs_database_is_refused(tmp_path: Path, vault: Vault) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "other.db")) as connection, connection:
        connection.execute("CREATE TABLE lunch (day TEXT)")
    with pytest.raises(StoreError, match="no database of Schoolgate"):
        restore(tmp_path / "other.db", tmp_path / "new.db", [vault], school="school", now=LATER)
    assert not (tmp_path / "new.db").exists()


def test_what_is_no_backup_is_named(tmp_path: Path, vault: Vault) -> None:
    (tmp_path / "letter.txt").write_text("Dear office, please find nothing of use in this letter. " * 9)
    for name, says in (("letter.txt", "not a backup that Schoolgate made"), ("nowhere", "cannot be read")):
        with pytest.raises(StoreError, match=says):
            restore(tmp_path / name, tmp_path / "new.db", [vault], school="school", now=LATER)
        assert not (tmp_path / "new.db").exists()


def test_a_backup_of_a_newer_version_is_refused(store: Store, tmp_path: Path, vault: Vault) -> None:
    with contextlib.closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    made = make(store, tmp_path / "one.backup", MORNING)
    with pytest.raises(StoreError, match="newer Schoolgate"):
        restore(made.path, tmp_path / "new.db", [vault], school="school", now=LATER)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_root_makes_in_the_services_folder_is_the_services(tmp_path: Path, vault: Vault) -> None:
    """Or the service could not start, back up or write after an administrator's command."""
    state, service = tmp_path / "state", 61_184
    state.mkdir()
    os.chown(state, service, service)
    schema.upgrade(state / "schoolgate.db")
    store = Store(state / "schoolgate.db", vault, school="school")
    add_key(store, KEY)
    with only_one(state):
        made = make(store, state / "backups" / "one.backup", MORNING)
        store.close()
        restore(made.path, store.path, [vault], school="school", now=LATER, replace=True)
    strange = [path.name for path in state.rglob("*") if path.stat().st_uid != service]
    assert strange == []
    assert (state / "backups" / KEYS).exists()


def test_killed_at_any_change_of_a_name_one_of_the_two_stands_there_whole(
    store: Store, made: Made, tmp_path: Path
) -> None:
    fill(store, 2, at=LATER)
    had = values_in(store.path)
    left = {end: store.path.with_name(f"schoolgate.db{end}").read_bytes() for end in ("", "-wal")}
    store.close()
    died = 0
    with driver() as run:
        for number in range(1, 40):
            for old in tmp_path.glob("*replaced*"):
                old.unlink()
            for end, content in left.items():
                store.path.with_name(f"schoolgate.db{end}").write_bytes(content)
            code = run(restore=made.path, database=store.path, at=number)
            if code == 0:
                break
            assert code == KILLED
            died += 1
            stands = [values_in(path) for path in (store.path, *tmp_path.glob("*replaced*[0-9]"))]
            assert stands[0] in (had, had[:3])
            assert had in stands, "something of the old one is lost"
    assert died >= 3
    assert values_in(store.path) == had[:3]
