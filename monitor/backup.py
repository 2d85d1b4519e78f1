"""Backups: a consistent copy of the database, sealed, and beside it the keys that must not grow old. Restores nothing.

The tables in APART stand in no backup. They go into one file of their own, replaced at each backup, so that a key that was
destroyed is gone from there too, and with it what it sealed in every older copy. The keys are written first: a backup
without its keys would be lost, keys without a backup do no harm.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlmodel import select

from monitor import __version__, schema
from monitor.crash import point
from monitor.errors import StoreError
from monitor.locks import alone
from monitor.retention_files import WORK
from monitor.sealed_files import CHUNK, SERIES, owned_as_its_folder, series_of, settle_folder, written
from monitor.store import Store
from monitor.tables_backup import BackupSeriesRow
from monitor.vault import Vault

APART = ("sealing_key",)  # tables; one that is not there is nothing to keep apart
KEYS = "schoolgate.keys"
PURPOSE = "backup"  # of the key, see Vault.key
MARGIN = 200 * 1024 * 1024  # bytes that stay free, for what comes in meanwhile
_OURS = re.compile(r"schoolgate-(?:\d{8}-\d{6}(?:-\d+)?|before-\w+)\.backup")
_ASIDE = re.compile(r"\.(?:before-\w+|replaced-\d{8}-\d{6})(?:-wal)?$")
_DATED = re.compile(r"(\d{8}-\d{6})")


@dataclass(frozen=True, slots=True)
class Made:
    """A backup: its file, and what is in it. `counts` are rows by table, those kept apart among them."""

    path: Path
    size: int
    counts: dict[str, int]

    @property
    def records(self) -> int:
        return sum(self.counts.values())


def file_name(now: datetime) -> str:
    return f"schoolgate-{now.astimezone(UTC):%Y%m%d-%H%M%S}.backup"


def free_name(folder: Path, now: datetime) -> str:
    """A name that nothing there has yet, also where a second one is made in the same second."""
    name, number = file_name(now), 1
    while (folder / name).exists():
        number += 1
        name = file_name(now).replace(".backup", f"-{number}.backup")
    return name


def make(store: Store, target: Path, now: datetime) -> Made:
    """A backup of the open database, by its writer, while the service runs. StoreError where it is refused, OSError and
    sqlite3.Error as disk and database give them; whatever fails, older backups and their keys stay as they were."""
    _marked(store)
    return _make(store.path, store.vault, store.backup, target, now)


def make_before_upgrade(path: Path, vault: Vault, folder: Path, now: datetime) -> Path:
    """A backup of a database of an older shape, before it is changed; one for each shape that it is brought to."""
    target = folder / f"schoolgate-before-{schema.head()}.backup"
    if not target.exists():
        _make(path, vault, lambda copied: schema.copy(path, copied), target, now)
    return target


@contextlib.contextmanager
def workplace(state_dir: Path) -> Iterator[Path]:
    """A folder for copies in clear, for one backup, drill or restore at a time; what a killed one left there is removed."""
    busy = StoreError("another backup or restore is running on this database; wait until it ends")
    with alone(state_dir / "backup.lock", busy):
        for left in state_dir.glob(f"{WORK}*"):
            shutil.rmtree(left)
        work = state_dir / f"{WORK}{secrets.token_hex(4)}"
        work.mkdir(mode=0o700)
        owned_as_its_folder(work)
        try:
            yield work
        finally:
            shutil.rmtree(work)


def prune(state_dir: Path, database: str, folder: Path, series: bytes, before: datetime) -> int:
    """Delete this school's own backups that are older, and copies that an upgrade or a restore put aside; returns how many.
    The newest stays, and files of other names or of other schools are never touched."""
    old = [
        path
        for path in folder.iterdir()
        if _OURS.fullmatch(path.name) and series_of(path) in {series, bytes(SERIES)}
    ]
    old += [
        path
        for path in state_dir.iterdir()
        if path.name.startswith(database) and _ASIDE.fullmatch(path.name[len(database) :])
    ]
    stays = newest(folder, series)
    gone = [path for path in old if path != stays and _made_at(path) < before]
    for path in gone:
        path.unlink()
    if gone:
        settle_folder(folder)
    return len(gone)


def _made_at(path: Path) -> datetime:
    """By its name, which the school's clock gave it; where that says nothing, by the file's own time."""
    named = _DATED.search(path.name)
    if named is None:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return datetime.strptime(named[1], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)


def series(store: Store) -> bytes:
    """What this school's backups begin with; zeros before the first."""
    with store.read() as session:
        row = session.exec(select(BackupSeriesRow).where(BackupSeriesRow.school_id == store.school)).first()
    return bytes.fromhex(row.mark) if row else bytes(SERIES)


def newest(folder: Path, marked: bytes) -> Path | None:
    """This school's newest daily backup there."""
    if not folder.is_dir():
        return None
    ours = [path for path in folder.iterdir() if _OURS.fullmatch(path.name) and "before" not in path.name]
    return max((path for path in ours if series_of(path) == marked), default=None, key=lambda path: path.stem)


def counted(connection: sqlite3.Connection) -> dict[str, int]:
    """Rows by table."""
    names = [
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
    ]
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608 - the database's own names


def pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece


def _marked(store: Store) -> None:
    with store.write() as session:
        found = select(BackupSeriesRow).where(BackupSeriesRow.school_id == store.school)
        if session.exec(found).first() is None:
            session.add(BackupSeriesRow(school_id=store.school, mark=secrets.token_hex(SERIES)))


def _make(path: Path, vault: Vault, copy: Callable[[Path], None], target: Path, now: datetime) -> Made:
    if target.exists():
        raise StoreError(f"{target} exists already; name a new file")
    _folder(target.parent)
    _room(path, target.parent)
    key = vault.key(PURPOSE)
    with workplace(path.parent) as work:
        copied, apart = work / "copy.db", work / "keys.db"
        copy(copied)
        point("backup.copied")
        facts, mark = _parted(copied, apart)
        facts["made_at"] = now.astimezone(UTC).isoformat()
        point("backup.parted")
        for left in target.parent.glob(".*.part"):  # of one that was killed
            if series_of(left) == mark:
                left.unlink()
        keys = target.with_name(KEYS)
        if facts["apart"]:
            if keys.exists() and series_of(keys) != mark:
                raise StoreError(
                    f"{keys} belongs to another school's backups; give this school's a folder of their own"
                )
            written(keys, key, mark, facts, pieces(apart))
        point("backup.keys")
        written(target, key, mark, facts, pieces(copied), settled=lambda: point("backup.sealed"))
        point("backup.named")
    return Made(target, target.stat().st_size, facts["counts"] | facts["apart"])


def _parted(copied: Path, apart: Path) -> tuple[dict[str, Any], bytes]:
    """Take the tables of APART out of the copy, into a file of their own; returns the facts, and whose it is."""
    with contextlib.closing(sqlite3.connect(copied, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=MEMORY")  # a journal on the disk would hold what is taken out
        connection.execute("PRAGMA secure_delete=ON")
        apart.touch(mode=0o600)
        connection.execute("ATTACH ? AS apart", (str(apart),))
        before = counted(connection)
        connection.execute("BEGIN")
        for table in APART:
            if table in before:
                connection.execute(f'CREATE TABLE apart."{table}" AS SELECT * FROM main."{table}"')  # noqa: S608 - our own names
                connection.execute(f'DELETE FROM main."{table}"')  # noqa: S608 - our own names
        connection.execute("COMMIT")
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        mark = (
            connection.execute("SELECT mark FROM backup_series").fetchone()
            if "backup_series" in before
            else None
        )
    facts = {
        "program": __version__,
        "revision": revision,
        "counts": {table: number for table, number in before.items() if table not in APART},
        "apart": {table: before[table] for table in APART if table in before},
    }
    return facts, bytes.fromhex(mark[0]) if mark else bytes(SERIES)


def _folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True)
        owned_as_its_folder(folder)


def _room(path: Path, folder: Path) -> None:
    """One copy in clear where the database is, one sealed in the folder: both must fit, and the service go on."""
    size = sum(one.stat().st_size for one in (path, path.with_name(f"{path.name}-wal")) if one.exists())
    same = path.parent.stat().st_dev == folder.stat().st_dev
    for place, need in ((path.parent, size * (1 + same)), (folder, size)):
        free = shutil.disk_usage(place).free
        if free < need + MARGIN:
            raise StoreError(
                f"only {free // 2**20} MiB are free at {place}, and a backup needs {(need + MARGIN) // 2**20}; make room there"
            )
