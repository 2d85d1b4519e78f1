"""The database's shape over time: alembic, from the first day. Knows no stage and no row."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import URL

from monitor.errors import StoreError
from monitor.sealed_files import owned_as_its_folder

_HERE = Path(__file__).parent / "migrations"


def _config(path: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.attributes["url"] = URL.create("sqlite", database=str(path))
    return config


def revision(path: Path) -> str | None:
    """The revision that this database file is at; None for a file without one, or no file."""
    if not path.exists():
        return None
    engine = create_engine(URL.create("sqlite", database=str(path)))
    try:
        with engine.connect() as connection:
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


def upgrade(path: Path, to: str = "head") -> tuple[str | None, str]:
    """Bring the database to this program's shape, making it (0600) when there is none. Returns (before, newest known).
    `to` is an older revision in tests of the step that leads from it.

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
    command.upgrade(_config(path), to)
    return before, head()


def copy(path: Path, target: Path) -> None:
    """A consistent copy of the file before it is changed, readable by its owner only."""
    target.touch(mode=0o600)
    with (
        contextlib.closing(sqlite3.connect(path)) as source,
        contextlib.closing(sqlite3.connect(target)) as kept,
    ):
        source.backup(kept)


def drift(path: Path) -> None:
    """Raise alembic's error when the tables differ from what the migrations make."""
    command.check(_config(path))
