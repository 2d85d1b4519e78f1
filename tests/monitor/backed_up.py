"""What tests of backups share: a school's database with something in it, and keys that must not grow old."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from datetime import datetime
from pathlib import Path

from monitor.store import Store
from monitor.tables import SpendRow
from monitor.vault import KEY_ID
from tests.conftest import MORNING


def fill(store: Store, months: int = 3, *, at: datetime = MORNING) -> None:
    """Some rows, and an audit entry for each."""
    for month in range(months):
        with store.write() as session:
            session.add(
                SpendRow(school_id=store.school, network="x", month=f"{at:%H%M%S}-{month}", reads=month)
            )
            store.audit(session, at=at, actor="schoolgate", happened="case opened", thing=f"case {month}")


def add_key(store: Store, wrapped: bytes) -> None:
    """A row of the table that is kept apart."""
    with contextlib.closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute(
            "INSERT INTO sealing_key (school_id, key_id, purpose, ref, wrapped, wrapped_by, made_at)"
            " VALUES ('school', ?, 'case', '7', ?, 'nobody', '2026-11-20 09:00:00.000000')",
            (hashlib.sha256(wrapped).digest()[:KEY_ID], wrapped),
        )


def destroy_key(store: Store, wrapped: bytes) -> None:
    with contextlib.closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE sealing_key SET wrapped = x'' WHERE wrapped = ?", (wrapped,))


def keys_in(path: Path) -> list[bytes]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [wrapped for (wrapped,) in connection.execute("SELECT wrapped FROM sealing_key ORDER BY id")]


def values_in(path: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [month for (month,) in connection.execute("SELECT month FROM spend ORDER BY id")]
