"""`python -m bench.restore [--full]`: backups that are killed, cut off, changed, and short of room; and every one restored.

A school's database is written to all the while. What must hold: every backup that was said to be made restores with what
was acknowledged before it, what is damaged is refused as a whole, a destroyed key is gone from all of them, and a restore
that dies leaves one of the two databases whole.
"""

from __future__ import annotations

import contextlib
import random
import resource
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from bench.attack import Attack, command
from monitor import schema
from monitor.backup import PURPOSE, make
from monitor.backup_restore import restore, unpacked
from monitor.crash import BACKUP_POINTS
from monitor.errors import StoreError
from monitor.evidence_check import check
from monitor.store import Store
from monitor.vault import Vault
from tests.conftest import MORNING
from tests.monitor.backed_up import add_key, destroy_key, fill, keys_in, values_in
from tests.monitor.backup_driver import KILLED, driver

SEED = 20261121


def measure(full: bool) -> list[Attack]:
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory(prefix="schoolgate-restore-") as name, _store(Path(name)) as store:
        return [
            _killed(store, Path(name) / "killed", 200 if full else 10),
            _damaged(store, Path(name) / "damaged", chance, 20_000 if full else 600),
            _no_room(store, Path(name) / "full", chance, 300 if full else 25),
            _shredded(store, Path(name) / "shredded", 200 if full else 10),
            _restores_killed(store, Path(name) / "restores", 15 if full else 1),
            _restored(store, Path(name) / "restored", 200 if full else 10),
        ]


@contextlib.contextmanager
def _store(folder: Path) -> Iterator[Store]:
    schema.upgrade(folder / "schoolgate.db")
    opened = Store(folder / "schoolgate.db", Vault(bytes(range(32))), school="school")
    fill(opened, 50)
    try:
        yield opened
    finally:
        opened.close()


def _back(store: Store, file: Path) -> Path:
    """The backup as a database beside it, whole."""
    target = file.with_suffix(".db")
    target.unlink(missing_ok=True)
    target.with_name(f"{target.name}.keys").unlink(missing_ok=True)
    unpacked(file, [store.vault.key(PURPOSE)], target)
    return target


def _killed(store: Store, folder: Path, times: int) -> Attack:
    """Killed at each named point in turn: the older backup opens, nothing in clear is left by the next one."""
    older, wrong = make(store, folder / "older.backup", MORNING).path, 0
    had = values_in(store.path)
    with driver() as run:
        for number in range(times):
            label = BACKUP_POINTS[number % len(BACKUP_POINTS)]
            died = run(make=folder / f"{number}.backup", database=store.path, at=label) == KILLED
            after = make(store, folder / f"{number} after.backup", MORNING).path
            left = [*store.path.parent.glob(".backup-*"), *folder.glob(".*")]
            wrong += not died or bool(left) or values_in(_back(store, older)) != had
            wrong += values_in(_back(store, after)) != values_in(store.path)
    return Attack("A backup that dies costs no older one", "SIGKILL at every named point", times, wrong)


def _damaged(store: Store, folder: Path, chance: random.Random, times: int) -> Attack:
    """One bit changed or the end cut off, anywhere: never a database, always a sentence."""
    file = make(store, folder / "one.backup", MORNING).path
    whole, odd, wrong = file.read_bytes(), folder / "odd.backup", 0
    for number in range(times):
        if number % 2:
            content = whole[: chance.randrange(len(whole))]
        else:
            changed = bytearray(whole)
            changed[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
            content = bytes(changed)
        odd.write_bytes(content)
        try:
            _back(store, odd)
            wrong += 1
        except StoreError:
            pass
    return Attack("A damaged backup is refused", "a bit changed, or its end cut off", times, wrong)


def _no_room(store: Store, folder: Path, chance: random.Random, times: int) -> Attack:
    """Files, the database's own among them, may not grow beyond a random size: no half of a backup, the older one stays,
    and where the database could not be written it is whole for the process that comes next."""
    add_key(store, b"wrapped key, kept on a full disk")
    own = folder / "own" / store.path.name
    own.parent.mkdir(parents=True)
    store.backup(own)
    older, wrong = make(store, folder / "older.backup", MORNING).path, 0
    before = {path.name for path in folder.iterdir()}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = older.stat().st_size
    mine = _opened(own, store)
    for number in range(times):
        target = folder / f"{number}.backup"
        resource.setrlimit(resource.RLIMIT_FSIZE, (chance.randrange(size), hard))
        try:
            make(mine, target, MORNING)
            wrong += 1
        except (OSError, sqlite3.Error, StoreError):
            pass
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        if mine.failed is not None:  # it does nothing any more: the process ends, and another begins
            mine.close()
            mine = _opened(own, store)
            mine.check()
        wrong += {path.name for path in folder.iterdir()} != before
    mine.close()
    _back(store, older)
    return Attack("A full disk costs no older backup", "RLIMIT_FSIZE at a random size", times, wrong)


def _opened(path: Path, like: Store) -> Store:
    return Store(path, like.vault, school=like.school)


def _shredded(store: Store, folder: Path, times: int) -> Attack:
    """A key is destroyed after a backup; after the next one, the older holds it no more either."""
    wrong = 0
    for number in range(times):
        key = f"wrapped key number {number:06}, to be shredded".encode()
        add_key(store, key)
        older = make(store, folder / f"{number} before.backup", MORNING).path
        destroy_key(store, key)
        make(store, folder / f"{number} after.backup", MORNING)
        wrong += key in keys_in(_back(store, older))
    return Attack("A destroyed key is gone from older backups", "restoring the older ones", times, wrong)


def _restores_killed(store: Store, folder: Path, times: int) -> Attack:
    """Killed before each change of a name in turn, until one comes to its end."""
    died, wrong = 0, 0
    target = folder / "living" / "schoolgate.db"
    target.parent.mkdir(parents=True)
    file = make(store, folder / "one.backup", MORNING).path
    store.backup(folder / "had.db")
    had = values_in(folder / "had.db")
    with driver() as run:
        for _ in range(times):
            for number in range(1, 40):
                for old in target.parent.iterdir():
                    if old.is_file():
                        old.unlink()
                schema.copy(folder / "had.db", target)
                code = run(restore=file, database=target, at=number)
                stands = [values_in(path) for path in (target, *target.parent.glob("*replaced*[0-9]"))]
                wrong += had not in stands or code not in {0, KILLED}
                if code == 0:
                    break
                died += 1
    return Attack(
        "A restore that dies leaves a whole database", "death before each change of a name", died, wrong
    )


def _restored(store: Store, folder: Path, times: int) -> Attack:
    """Backups while rows are written; each restores to what was acknowledged by then, and its audit log holds."""
    wrong = 0
    for number in range(times):
        fill(store, 2, at=MORNING + timedelta(seconds=number + 1))
        file = make(store, folder / f"{number}.backup", MORNING).path
        target = folder / f"{number}.db"
        restored = restore(file, target, [store.vault], school="school", now=MORNING)
        copy = _opened(target, store)
        wrong += (
            bool(restored.problems) or not check(copy).holds or values_in(target) != values_in(store.path)
        )
        copy.close()
    return Attack("Every backup restores whole", "restored, migrated, audit log checked", times, wrong)


if __name__ == "__main__":
    sys.exit(command(measure, "backups under attack, and every one restored"))
