"""The wrapped keys as they lie in the database, for the vault to read. Opens none and writes nothing: monitor/keys.py."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Engine
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from monitor.tables_keys import SealingKeyRow
from monitor.vault import WrappedKey


class StoredKeys:
    """A `monitor.vault.Ring` over one school's rows, read as they are committed."""

    def __init__(self, engine: Engine, school: str) -> None:
        self._engine = engine
        self._school = school

    def by_id(self, key_id: bytes) -> WrappedKey | None:
        with Session(self._engine) as session:
            row = session.exec(
                select(SealingKeyRow).where(
                    SealingKeyRow.school_id == self._school, SealingKeyRow.key_id == key_id
                )
            ).first()
            return as_value(row) if row else None

    def by_name(self, purpose: str, ref: str | None = None) -> WrappedKey | None:
        with Session(self._engine) as session:
            row = living(session, self._school, purpose, ref)
            return as_value(row) if row else None


def living(session: Session, school: str, purpose: str, ref: str | None = None) -> SealingKeyRow | None:
    """The newest key of this purpose (for this `ref`) that is not destroyed."""
    query = living_keys(school, SealingKeyRow.purpose == purpose)
    if ref is not None:
        query = query.where(SealingKeyRow.ref == ref)
    return session.exec(query.order_by(col(SealingKeyRow.id).desc()).limit(1)).first()


def living_keys(school: str, *which: bool | ColumnElement[bool]) -> SelectOfScalar[SealingKeyRow]:
    """The query for every key that is not destroyed (and is one of these)."""
    return select(SealingKeyRow).where(
        SealingKeyRow.school_id == school, col(SealingKeyRow.destroyed_at).is_(None), *which
    )


def as_value(row: SealingKeyRow) -> WrappedKey:
    return WrappedKey(
        row.school_id, row.key_id, row.purpose, row.ref, row.wrapped, row.wrapped_by, row.destroyed_at
    )
