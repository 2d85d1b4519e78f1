"""A backup: sealed, consistent, private, without the keys that must not grow old, and never at the cost of an older one."""

from __future__ import annotations

import contextlib
import os
import resource
import sqlite3
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from monitor import schema
from monitor.backup import (
    KEYS,
    PURPOSE,
    counted,
    file_name,
    make,
    make_before_upgrade,
    newest,
    prune,
    series,
    workplace,
)
from monitor.backup_restore import unpacked
from monitor.crash import BACKUP_POINTS
from monitor.errors import StoreError
from monitor.sealed_files import opened
from monitor.store import Store
from monitor.vault import Vault
from tests.conftest import MORNING
from tests.monitor.backed_up import add_key, destroy_key, fill, keys_in, values_in
from tests.monitor.backup_driver import KILLED, driver

KEY = b"Marker wrapped key of case seven"


def back(file: Path, vault: Vault, target: Path) -> Path:
    unpacked(file, [vault.key(PURPOSE)], target)
    return target


def test_a_backup_holds_every_row_and_nothing_in_clear(store: Store, tmp_path: Path) -> None:
    fill(store, 5)
    made = make(store, tmp_path / "backups" / "one.backup", MORNING)
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.path.parent.stat().st_mode) == 0o700
    assert b"case opened" not in made.path.read_bytes()
    restored = back(made.path, store.vault, tmp_path / "back.db")
    assert values_in(restored) == values_in(store.path)
    with contextlib.closing(sqlite3.connect(store.path)) as connection:
        assert made.counts == counted(connection)


def test_no_copy_in_clear_stays_behind(store: Store, tmp_path: Path) -> None:
    fill(store)
    before = {path.name for path in tmp_path.iterdir()}
    make(store, tmp_path / "one.backup", MORNING)
    new = {path.name for path in tmp_path.iterdir()} - before
    assert new == {"one.backup", "backup.lock", KEYS}


def test_a_file_that_is_there_is_never_overwritten(store: Store, tmp_path: Path) -> None:
    made = make(store, tmp_path / "one.backup", MORNING)
    with pytest.raises(StoreError, match="exists already"):
        make(store, made.path, MORNING)


def test_it_is_one_moment_while_others_write(store: Store, tmp_path: Path) -> None:
    """Each transaction writes one row and one audit entry: a backup has as many of one as of the other."""
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            fill(store, 1, at=MORNING + timedelta(seconds=number))
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [make(store, tmp_path / f"{number}.backup", MORNING) for number in range(3)]
    finally:
        done.set()
        writer.join()
    assert all(one.counts["spend"] == one.counts["audit"] for one in made)
    for number, one in enumerate(made):
        copy = Store(back(one.path, store.vault, tmp_path / f"{number}.db"), store.vault, school="school")
        copy.check()
        copy.close()


def test_keys_lie_apart_and_come_back_with_a_restore(store: Store, tmp_path: Path) -> None:
    add_key(store, KEY)
    made = make(store, tmp_path / "backups" / "one.backup", MORNING)
    with opened(made.path, store.vault.key(PURPOSE)) as (_, body):
        assert KEY not in b"".join(body), "the backup holds the key"
    assert keys_in(back(made.path, store.vault, tmp_path / "back.db")) == [KEY]


def test_a_destroyed_key_is_gone_from_every_older_backup(store: Store, tmp_path: Path) -> None:
    add_key(store, KEY)
    older = make(store, tmp_path / "backups" / "older.backup", MORNING)
    destroy_key(store, KEY)
    make(store, tmp_path / "backups" / "newer.backup", MORNING)
    assert keys_in(back(older.path, store.vault, tmp_path / "back.db")) == [b""]
    for path in (tmp_path / "backups").iterdir():
        with opened(path, store.vault.key(PURPOSE)) as (_, body):
            assert KEY not in b"".join(body)


def test_without_the_keys_beside_it_a_backup_is_refused(store: Store, tmp_path: Path) -> None:
    add_key(store, KEY)
    made = make(store, tmp_path / "backups" / "one.backup", MORNING)
    made.path.with_name(KEYS).unlink()
    with pytest.raises(StoreError, match=r"schoolgate\.keys is missing"):
        back(made.path, store.vault, tmp_path / "back.db")


def test_another_schools_keys_are_never_replaced(store: Store, tmp_path: Path, vault: Vault) -> None:
    (tmp_path / "other").mkdir()
    schema.copy(store.path, tmp_path / "other" / "schoolgate.db")
    add_key(store, KEY)
    make(store, tmp_path / "shared" / "one.backup", MORNING)
    before = (tmp_path / "shared" / KEYS).read_bytes()
    other = Store(tmp_path / "other" / "schoolgate.db", vault, school="school")
    add_key(other, b"another school's own wrapped key")
    with pytest.raises(StoreError, match="another school's backups"):
        make(other, tmp_path / "shared" / "two.backup", MORNING)
    other.close()
    assert (tmp_path / "shared" / KEYS).read_bytes() == before
    assert not (tmp_path / "shared" / "two.backup").exists()


def test_only_our_own_old_backups_are_deleted(store: Store, tmp_path: Path) -> None:
    folder, now = tmp_path / "backups", MORNING
    for days in (0, 29, 31):
        make(store, folder / file_name(now - timedelta(days=days)), now)
    (folder / "schoolgate-20200101-033000.backup").write_bytes(b"somebody else's")
    (folder / "notes.txt").write_bytes(b"the office's")
    aside = [
        store.path.with_name(f"schoolgate.db{end}")
        for end in (".before-0017", ".replaced-20260101-000000-wal")
    ]
    kept = store.path.with_name("schoolgate.db.mine")
    for path in (
        *aside,
        kept,
        *(folder / name for name in ("notes.txt", "schoolgate-20200101-033000.backup")),
    ):
        path.touch()
        os.utime(path, (0, 0))
    gone = prune(store.path.parent, store.path.name, folder, series(store), now - timedelta(days=30))
    assert gone == 3
    left = {path.name for path in folder.iterdir()}
    assert left == {
        "schoolgate-20261120-090000.backup",
        "schoolgate-20261022-090000.backup",
        "schoolgate-20200101-033000.backup",
        "notes.txt",
        KEYS,
    }
    assert kept.exists()
    assert not any(path.exists() for path in aside)
    assert newest(folder, series(store)) == folder / "schoolgate-20261120-090000.backup"


def test_the_newest_backup_stays_however_old(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    for days in (200, 300):
        make(store, folder / file_name(MORNING - timedelta(days=days)), MORNING)
    assert prune(store.path.parent, store.path.name, folder, series(store), MORNING - timedelta(days=30)) == 1
    left = {path.name for path in folder.iterdir()}
    assert left == {file_name(MORNING - timedelta(days=200)), KEYS}


def test_an_older_database_is_backed_up_sealed_before_it_is_changed(tmp_path: Path, vault: Vault) -> None:
    path = tmp_path / "old.db"
    schema.upgrade(path, "0009")
    assert schema.is_older(path)
    made = make_before_upgrade(path, vault, tmp_path / "backups", MORNING)
    again = make_before_upgrade(path, vault, tmp_path / "backups", MORNING)
    assert again == made
    assert schema.revision(back(made, vault, tmp_path / "back.db")) == "0009"
    schema.upgrade(path)
    assert not schema.is_older(path)


def test_two_at_once_are_refused_and_what_a_killed_one_left_is_removed(store: Store, tmp_path: Path) -> None:
    (tmp_path / ".backup-dead").mkdir()
    (tmp_path / ".backup-dead" / "copy.db").write_bytes(b"in clear")
    with workplace(tmp_path), pytest.raises(StoreError, match="another backup or restore is running"):
        make(store, tmp_path / "one.backup", MORNING)
    assert list(tmp_path.glob(".backup-*")) == []


def test_a_full_disk_leaves_the_older_backup_and_no_half_of_a_new_one(store: Store, tmp_path: Path) -> None:
    add_key(store, KEY)
    older = make(store, tmp_path / "backups" / "older.backup", MORNING)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises((OSError, sqlite3.Error)):
            make(store, tmp_path / "backups" / "newer.backup", MORNING)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {path.name for path in (tmp_path / "backups").iterdir()} == {"older.backup", KEYS}
    assert keys_in(back(older.path, store.vault, tmp_path / "back.db")) == [KEY]


def test_killed_anywhere_the_older_backup_opens_and_the_next_one_is_made(
    store: Store, tmp_path: Path
) -> None:
    add_key(store, KEY)
    folder = tmp_path / "backups"
    older = make(store, folder / "older.backup", MORNING)
    with driver() as run:
        for label in BACKUP_POINTS:
            newer, last = folder / f"newer {label}.backup", folder / f"last {label}.backup"
            assert run(make=newer, database=store.path, at=label) == KILLED, f"it never came to {label}"
            assert newer.exists() == (label == "backup.named")
            assert keys_in(back(older.path, store.vault, tmp_path / f"back {label}.db")) == [KEY]
            make(store, last, MORNING)
            assert keys_in(back(last, store.vault, tmp_path / f"last {label}.db")) == [KEY]
            assert list(tmp_path.glob(".backup-*")) == []
            assert list(folder.glob(".*")) == []
