"""What was ended between a backup and now, read from the database that the backup replaces, and ended in the backup too:
keys that were destroyed, content that was erased or pruned, people who were forgotten. Holds that were placed go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, func, select

from monitor import keys
from monitor.errors import StoreError
from monitor.holds import carry_over, standing
from monitor.key_ends import empty
from monitor.keyring import as_value
from monitor.sealed import COLUMNS
from monitor.store import Store
from monitor.tables import AuditRow, FindingRow, ItemRow, OutboxRow
from monitor.tables_backup import BackupSeriesRow
from monitor.tables_cases import PileRow, TargetRow
from monitor.tables_holds import HoldRow
from monitor.tables_keys import SealingKeyRow
from monitor.tables_people import ClaimRow, FollowerRow
from monitor.tables_telling import TellingRow
from monitor.vault import key_id_of

# what was sent since is sent a second time rather than not at all; claims that ended are deleted as a whole
_NOT_EMPTIED = frozenset({OutboxRow, TellingRow, ClaimRow})
_GONE = (FindingRow, TargetRow)  # deleted with what they belong to


@dataclass(frozen=True, slots=True)
class Ended:
    """Ids are those of both databases: what was backed up is the beginning of what is replaced."""

    keys: Sequence[SealingKeyRow]
    emptied: dict[str, set[int]]  # by a sealed column's place
    nameless: set[int]  # items
    left: dict[Any, set[int]]  # by table of _GONE: rows that are there still
    piles: set[int]
    claims: set[tuple[int, datetime]]  # that are there still, with the time when they were made
    forgotten: set[int]  # followers
    holds: Sequence[HoldRow]


def read_from(replaced: Path, store: Store) -> Ended | None:
    """None where `replaced` cannot be read, is of another shape, or is not the database that `store` is a backup of."""
    url = URL.create("sqlite", database=replaced.absolute().as_uri(), query={"mode": "ro", "uri": "true"})
    engine = create_engine(url)
    try:
        return _read(engine, store)
    except DBAPIError:  # damaged: that is why somebody restores
        return None
    finally:
        engine.dispose()


def _read(engine: Engine, store: Store) -> Ended | None:
    with store.read() as session, Session(engine, expire_on_commit=False) as before:
        if not _is_its_own(session, before, store):
            return None
    with Session(engine, expire_on_commit=False) as session:
        holds = session.exec(select(HoldRow).where(standing(store.school)).order_by(col(HoldRow.id))).all()
        of_holds = {key_id_of(hold.sealed) for hold in holds}
        return Ended(
            keys=[
                key
                for key in _of(session, SealingKeyRow, store)
                if key.purpose in keys.SEALING and (key.destroyed_at or key.key_id in of_holds)
            ],
            emptied={
                column.place: _ids(session, column.table, store, func.length(column.there) == 0)
                for column in COLUMNS
                if column.table not in _NOT_EMPTIED
            },
            nameless=_ids(session, ItemRow, store, col(ItemRow.author_id).is_(None)),
            left={table: _ids(session, table, store) for table in _GONE},
            piles=_ids(session, PileRow, store, col(PileRow.digest) == b""),
            claims={(row.id or 0, row.created_at) for row in _of(session, ClaimRow, store)},
            forgotten=_ids(session, FollowerRow, store, col(FollowerRow.handle).is_(None)),
            holds=holds,
        )


def _is_its_own(session: Session, before: Session, store: Store) -> bool:
    """Whether the newest audit entry of the backup stands in what is replaced too. A service that was begun anew, or is
    another school's, has another."""
    newest = select(AuditRow).where(AuditRow.school_id == store.school).order_by(col(AuditRow.seq).desc())
    last = session.exec(newest.limit(1)).first()
    if last is not None:
        same = (AuditRow.school_id == store.school, AuditRow.seq == last.seq)
        return before.exec(select(AuditRow.hash).where(*same)).first() == last.hash
    mark = select(BackupSeriesRow.mark).where(BackupSeriesRow.school_id == store.school)
    ours = session.exec(mark).first()
    return ours is not None and before.exec(mark).first() == ours


def take_over(store: Store, ended: Ended, now: datetime) -> None:
    """End it here too, in one transaction. Judges nothing: whatever it was erased for, it was erased."""
    with store.write() as session:
        known = _keys(session, store, ended.keys)
        _content(session, store, ended, now)
        _people(session, store, ended)
        for hold in ended.holds:
            if key_id_of(hold.sealed) not in known:
                hold.sealed = b""  # the hold counts; why it was placed stays with what was put aside
        carry_over(session, store, ended.holds)


def _keys(session: Session, store: Store, theirs: Sequence[SealingKeyRow]) -> set[bytes | None]:
    """Ids of those that are here now."""
    ours = {row.key_id: row for row in _of(session, SealingKeyRow, store)}
    for key in theirs:
        here = ours.get(key.key_id)
        if here is not None and key.destroyed_at is not None:
            here.wrapped, here.destroyed_at = b"", key.destroyed_at
        elif here is None and _opens(store, key):
            session.add(SealingKeyRow(**key.model_dump(exclude={"id"})))
            ours[key.key_id] = key
    session.flush()
    return set(ours)


def _opens(store: Store, key: SealingKeyRow) -> bool:
    try:
        store.vault.unwrap(as_value(key))
    except StoreError:  # destroyed, or of a change of the master key that this one knows nothing of
        return False
    return True


def _content(session: Session, store: Store, ended: Ended, now: datetime) -> None:
    for column in COLUMNS:
        emptied = ended.emptied.get(column.place, set())
        for row in _of(session, column.table, store, func.length(column.there) > 0):
            if row.id in emptied:
                empty(session, store, row, "schoolgate", now)
        session.flush()
    for item in _of(session, ItemRow, store, col(ItemRow.author_id).is_not(None)):
        item.author_id = None if item.id in ended.nameless else item.author_id
    for table, left in ended.left.items():
        for row in _of(session, table, store):
            if row.id not in left:
                session.delete(row)
    for pile in _of(session, PileRow, store):
        pile.digest = b"" if pile.id in ended.piles else pile.digest


def _people(session: Session, store: Store, ended: Ended) -> None:
    for claim in _of(session, ClaimRow, store):
        if (claim.id, claim.created_at) not in ended.claims:
            session.delete(claim)
    for one in _of(session, FollowerRow, store):
        if one.id in ended.forgotten:
            one.handle, one.person, one.role, one.possible = None, None, None, ""


def _of(session: Session, table: Any, store: Store, *which: Any) -> Sequence[Any]:
    return session.exec(select(table).where(table.school_id == store.school, *which)).all()


def _ids(session: Session, table: Any, store: Store, *which: Any) -> set[int]:
    return set(session.exec(select(table.id).where(table.school_id == store.school, *which)))
