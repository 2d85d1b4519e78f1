"""A change of the database's shape: whole or not at all, and a sentence where there is no database to change."""

from __future__ import annotations

import itertools
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from monitor import schema
from monitor.errors import StoreError


class CutOffError(Exception):
    """As if the process ended here."""


def cut_off(path: Path, after: int) -> bool:
    """Upgrade, and break off after so many statements; False when it was done by then."""
    numbers = itertools.count(1)

    def told(*_: Any) -> None:
        if next(numbers) > after:
            raise CutOffError

    event.listen(Engine, "before_cursor_execute", told)
    try:
        schema.upgrade(path)
    except CutOffError:
        return True
    finally:
        event.remove(Engine, "before_cursor_execute", told)
    return False


def shape(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return [row[0] for row in connection.execute("SELECT sql FROM sqlite_master ORDER BY name") if row[0]]
    finally:
        connection.close()


@pytest.mark.parametrize("after", [12, 40, 80, 120])
def test_an_upgrade_that_is_cut_off_leaves_the_shape_as_it_was(tmp_path: Path, after: int) -> None:
    path = tmp_path / "old.db"
    schema.upgrade(path, "0001")
    before = shape(path)
    assert cut_off(path, after)
    assert shape(path) == before
    assert schema.revision(path) == "0001"
    schema.upgrade(path)
    schema.drift(path)


def test_a_first_start_that_is_cut_off_begins_again(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    assert cut_off(path, 40)
    assert shape(path) == []
    schema.upgrade(path)
    schema.drift(path)


def test_a_file_that_is_no_database_is_one_sentence_and_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "bad.db"
    path.write_bytes(b"this is not a database" * 400)
    with pytest.raises(
        StoreError, match=r"bad\.db is not a usable database .* keep the file and restore a backup"
    ):
        schema.revision(path)
    assert path.stat().st_size == 22 * 400


def test_a_copy_that_was_cut_off_is_made_anew_and_is_never_taken_for_one(tmp_path: Path) -> None:
    path, target = tmp_path / "old.db", tmp_path / "old.db.before"
    schema.upgrade(path, "0001")
    (tmp_path / "old.db.before.part").write_bytes(b"half of a copy")
    schema.copy(path, target)
    assert shape(target) == shape(path)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["old.db", "old.db.before"]
