"""What must be true of a restored database before anybody uses it: the key in use opens it, and what was ended since the
backup stays ended. What is known of that comes from the keys beside the backup and, where it can be read, from the
database that it replaces.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import func, select

from monitor import key_rotation, keys
from monitor.ended_since import read_from, take_over
from monitor.errors import StoreError
from monitor.evidence_check import check
from monitor.key_ends import empty_erased
from monitor.keyring import living
from monitor.keys import Purpose
from monitor.sealed import COLUMNS
from monitor.store import Store
from monitor.vault import Vault


def made_ready(
    fresh: Path,
    vaults: Sequence[Vault],
    school: str,
    name: str,
    made_at: datetime | None,
    now: datetime,
    also: Callable[[Store], object],
    *,
    replaces: Path | None,
) -> tuple[str, ...]:
    """Do all of it, write into the audit log that it was restored, and say what of its evidence does not hold.

    `vaults`: that of the key in use first. StoreError where none of them is the one that it is sealed with.
    """
    _opened_by_the_first(fresh, vaults, school, name, now)
    store = Store(fresh, vaults[0], school=school)
    try:
        ended = read_from(replaces, store) if replaces is not None else None
        if ended is not None:
            take_over(store, ended, now)
        empty_erased(store, now)
        problems = tuple(check(store).problems)
        also(store)
        with store.write() as session:
            when = f"made at {made_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if made_at else ""
            store.audit(
                session,
                at=now,
                actor="administrator",
                happened="restored from a backup",
                thing=f"database of {name}",
                detail=when,
            )
        store.compact()  # of what was just emptied nothing stays in its file either
    finally:
        store.close()
    return problems


def _opened_by_the_first(fresh: Path, vaults: Sequence[Vault], school: str, name: str, now: datetime) -> None:
    """Where a former master key sealed it, begin the change to the one in use: the service ends that."""
    for vault in vaults:
        store = Store(fresh, vault, school=school)
        try:
            if not _fits(store):
                continue
            if vault is not vaults[0]:
                key_rotation.begin(store, vaults[0], now)
            return
        finally:
            store.close()
    raise StoreError(
        f"{name} is sealed with another master key than the one in use; name the file of that key with --key-file"
    )


def _fits(store: Store) -> bool:
    """Whether this is a master key that it is sealed with. Before there were keys in it, its values themselves say so."""
    with store.read() as session:
        if living(session, store.school, Purpose.MASTER) is not None:
            with contextlib.suppress(StoreError):
                keys.check(session, store)
                return True
            return False
        for column in COLUMNS:
            its = (column.table.school_id == store.school, func.substr(column.there, 1, 1) == b"\x01")
            row = session.exec(select(column.table).where(*its).limit(1)).first()
            if row is not None:
                with contextlib.suppress(StoreError):
                    store.vault.unseal(getattr(row, column.column), column.place)
                    return True
                return False
    return True
