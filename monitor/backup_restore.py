"""Restoring a backup: into a new file first, tried there as a whole, and only then in the place of the living database.

What stood in that place is put aside and never deleted here. Starts and stops no service: the caller holds its lock.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor import schema
from monitor.backup import APART, KEYS, PURPOSE, counted, workplace
from monitor.errors import StoreError
from monitor.restored import made_ready
from monitor.sealed_files import opened, owned_as_its_folder, settle_folder
from monitor.store import Store
from monitor.vault import Vault

_PLAIN = b"SQLite format 3\0"  # what versions before sealed backups made
_TOLD = ("item", "cases", "decision", "evidence", "given_evidence", "note", "hold", "outbox", "audit")


@dataclass(frozen=True, slots=True)
class Missing:
    """What the replaced database had beyond the backup, by table; `cases` are references of those that are not in it."""

    counts: dict[str, int] = field(default_factory=dict)
    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Restored:
    """`made_at`: when the backup was made, None where its file does not say. `missing` is None where nothing was replaced
    or what was replaced could not be read. `problems`: what does not hold in it, one sentence each."""

    revision: str
    made_at: datetime | None
    records: int
    aside: Path | None = None
    missing: Missing | None = None
    problems: tuple[str, ...] = ()


def unpacked(file: Path, keys: Sequence[bytes], target: Path) -> dict[str, Any]:
    """Write the database that is in a backup to `target` (0600, new), with the keys that lie beside it; returns its facts.

    `keys`: those of the vault that may have sealed it, the likeliest first. StoreError where anything of it is not as it
    was when the backup was made.
    """
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    if _first(file) == _PLAIN:
        _copied(file, target)
        facts: dict[str, Any] = {}
    else:
        facts = _opened(file, keys, target)
        if facts["apart"]:
            beside = file.with_name(KEYS)
            if not beside.exists():
                raise StoreError(
                    f"{beside} is missing; copy it there too: nothing sealed can be read without it"
                )
            apart = target.with_name(f"{target.name}.keys")
            _opened(beside, keys, apart)
            _joined(target, apart)
    _whole(file, target, facts)
    return facts


def restore(
    file: Path,
    target: Path,
    vaults: Sequence[Vault],
    *,
    school: str,
    now: datetime,
    replace: bool = False,
    as_it_was: bool = False,
    also: Callable[[Store], object] = lambda _: None,
) -> Restored:
    """Put the backup in the place of `target`. `as_it_was` leaves it in its older shape, for an older version; `also` is
    what else must be done in it before anybody uses it.

    Whatever is wrong with it is found before anything is changed; killed anywhere, either database stands there whole.
    """
    if target.exists() and not replace:
        raise StoreError(
            f"{target} exists; stop the service and add --replace, which keeps it under another name"
        )
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with workplace(target.parent) as work:
        fresh = work / target.name
        facts = unpacked(file, [vault.key(PURPOSE) for vault in vaults], fresh)
        revision = schema.revision(fresh)
        if revision is None:
            raise StoreError(f"{file} is no database of Schoolgate; name a backup")
        problems: tuple[str, ...] = ()
        made_at = datetime.fromisoformat(facts["made_at"]) if facts else None
        if not as_it_was:
            schema.upgrade(fresh)
            replaces = target if target.exists() else None
            problems = made_ready(fresh, vaults, school, file.name, made_at, now, also, replaces=replaces)
        with contextlib.closing(sqlite3.connect(fresh)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            records = sum(counted(connection).values())
        missing = _missing(target, fresh) if target.exists() else None
        aside = _aside(target, now) if target.exists() else None
        owned_as_its_folder(fresh)
        fresh.replace(target)
        settle_folder(target.parent)
    return Restored(revision if as_it_was else schema.head(), made_at, records, aside, missing, problems)


def _first(file: Path) -> bytes:
    try:
        with file.open("rb") as one:
            return one.read(len(_PLAIN))
    except OSError as error:
        raise StoreError(f"{file} cannot be read ({error.strerror}); name a backup") from error


def _copied(file: Path, target: Path) -> None:
    """A backup in clear, of an older version, or a database that was put aside, with its log beside it."""
    logged = file.with_name(f"{file.name}-wal").exists()
    how = "mode=ro" if logged else "mode=ro&immutable=1"  # where there is no log, nothing is made beside it
    try:
        with (
            contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?{how}", uri=True)) as source,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{file} is damaged; take another backup") from error


def _opened(file: Path, keys: Sequence[bytes], target: Path) -> dict[str, Any]:
    with opened(file, _fitting(file, keys)) as (facts, body), target.open("wb") as into:
        for piece in body:
            into.write(piece)
        into.flush()
        os.fsync(into.fileno())
    return facts


def _fitting(file: Path, keys: Sequence[bytes]) -> bytes:
    """The first key that opens its beginning, else the first of all, whose error is then the answer."""
    for key in keys:
        with contextlib.suppress(StoreError), opened(file, key):
            return key
    return keys[0]


def _joined(target: Path, apart: Path) -> None:
    """Put the keys back where they were taken from."""
    with contextlib.closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS apart", (str(apart),))
        kept = [
            name
            for (name,) in connection.execute("SELECT name FROM apart.sqlite_schema WHERE type = 'table'")
        ]
        connection.execute("BEGIN")
        for table in (one for one in APART if one in kept):
            columns = {row[1] for row in connection.execute(f'PRAGMA main.table_info("{table}")')}
            both = [
                row[1]
                for row in connection.execute(f'PRAGMA apart.table_info("{table}")')
                if row[1] in columns
            ]
            names = ", ".join(f'"{name}"' for name in both)
            connection.execute(
                f'INSERT INTO main."{table}" ({names}) SELECT {names} FROM apart."{table}"'  # noqa: S608 - the database's own names
            )
        connection.execute("COMMIT")


def _whole(file: Path, target: Path, facts: dict[str, Any]) -> None:
    """The database is sound, and holds as many rows as when it was backed up."""
    try:
        with contextlib.closing(sqlite3.connect(target)) as connection:
            (says,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            found = counted(connection)
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{file} is damaged; take another backup") from error
    wrong = [table for table, number in facts.get("counts", {}).items() if found.get(table) != number]
    if says != "ok" or wrong:
        raise StoreError(f"{file} is damaged{f' (table {wrong[0]})' if wrong else ''}; take another backup")


def _missing(living: Path, fresh: Path) -> Missing | None:
    try:
        with contextlib.closing(
            sqlite3.connect(f"{living.absolute().as_uri()}?mode=ro", uri=True)
        ) as connection:
            had = counted(connection)
            refs = [ref for (ref,) in connection.execute("SELECT ref FROM cases ORDER BY id")]
    except sqlite3.DatabaseError:
        return None  # that is why somebody restores
    with contextlib.closing(sqlite3.connect(fresh)) as connection:
        has = counted(connection)
        kept = {ref for (ref,) in connection.execute("SELECT ref FROM cases")}
    counts = {
        table: had[table] - has.get(table, 0) for table in _TOLD if had.get(table, 0) > has.get(table, 0)
    }
    return Missing(counts, tuple(ref for ref in refs if ref not in kept))


def _aside(target: Path, now: datetime) -> Path:
    """Give what stands there a second name, with its log of what was not yet moved into it; then take that log away, for
    it would be taken for the new database's own. The first name stays until the new one takes it.

    The names come before anything opens it: of a damaged database SQLite itself would throw the log away.
    """
    aside = target.with_name(f"{target.name}.replaced-{now.astimezone(UTC):%Y%m%d-%H%M%S}")
    log = target.with_name(f"{target.name}-wal")
    os.link(target, aside)
    if log.exists():
        os.link(log, aside.with_name(f"{aside.name}-wal"))
    settle_folder(target.parent)
    with (
        contextlib.suppress(sqlite3.DatabaseError),
        contextlib.closing(sqlite3.connect(target)) as connection,
    ):
        connection.execute(
            "PRAGMA wal_checkpoint(TRUNCATE)"
        )  # under the first name nothing is missing either
    for end in ("-wal", "-shm"):
        target.with_name(target.name + end).unlink(missing_ok=True)
    kept = aside.with_name(f"{aside.name}-wal")
    if kept.exists() and not kept.stat().st_size:  # all of it was moved
        kept.unlink()
    settle_folder(target.parent)
    return aside
