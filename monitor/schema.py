"""The database's shape over time: alembic, from the first day. Knows no stage and no row.

A change of shape is one transaction, however many steps lead to the newest: a crash or a power cut in it leaves the
database as it was, and the next start begins again.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL

from monitor.errors import StoreError
from monitor.sealed_files import owned_as_its_folder
from monitor.store_failure import failures_told

_HERE = Path(__file__).parent / "migrations"


def _engine(path: Path, driver: Any = None) -> Engine:
    """Connections that begin a transaction by a statement: Python's `sqlite3` would leave changes of shape outside it."""
    options: dict[str, Any] = {} if driver is None else {"module": driver}
    engine = create_engine(URL.create("sqlite", database=str(path)), **options)

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous=EXTRA")  # FULL, and the folder where a journal is removed

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.attributes["engine"] = engine
    return config


def revision(path: Path) -> str | None:
    """The revision that this database file is at; None for a file without one, or no file.
    StoreFailedError where the file cannot be read as a database."""
    if not path.exists():
        return None
    engine = create_engine(URL.create("sqlite", database=str(path)))
    try:
        with failures_told(path), engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def head() -> str:
    """The newest revision this program knows."""
    script = ScriptDirectory(str(_HERE)).get_current_head()
    assert script is not None
    return script


def is_older(path: Path) -> bool:
    """Whether this program would change the shape of what is there."""
    known = {script.revision for script in ScriptDirectory(str(_HERE)).walk_revisions()}
    return revision(path) in known - {head()}


def upgrade(path: Path, to: str = "head", *, driver: Any = None) -> tuple[str | None, str]:
    """Bring the database to this program's shape, making it (0600) when there is none. Returns (before, newest known).
    `to` is an older revision in tests of the step that leads from it; `driver` as in monitor/store.py.

    StoreError when the file comes from a newer program: going back needs the backup made before the upgrade.
    """
    before = revision(path)
    known = {script.revision for script in ScriptDirectory(str(_HERE)).walk_revisions()}
    if before is not None and before not in known:
        raise StoreError(
            f"{path} was made by a newer Schoolgate (revision {before}); install that version or restore a backup"
        )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        owned_as_its_folder(path)
    engine = _engine(path, driver)
    try:
        with failures_told(path):
            command.upgrade(_config(engine), to)
    finally:
        engine.dispose()
    return before, head()


def copy(path: Path, target: Path) -> None:
    """A consistent copy of the file before it is changed, readable by its owner only. It is there whole or not at all."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)  # of a copy that was cut off
    part.touch(mode=0o600)
    with (
        failures_told(path),
        contextlib.closing(sqlite3.connect(path)) as source,
        contextlib.closing(sqlite3.connect(part)) as kept,
    ):
        source.backup(kept)
    part.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def drift(path: Path) -> None:
    """Raise alembic's error when the tables differ from what the migrations make."""
    engine = _engine(path)
    try:
        command.check(_config(engine))
    finally:
        engine.dispose()
