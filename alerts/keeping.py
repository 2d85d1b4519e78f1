"""Digests as they were mailed: kept sealed, for each role that got one, in the transaction that mails them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from monitor import keys
from monitor.domain import Role
from monitor.store import Store
from monitor.tables_watching import KeptDigestRow

SEALED = "kept_digest.sealed"


class Listed(NamedTuple):
    """One digest in the list."""

    id: int
    kind: str  # "daily", "weekly", "termly"
    day: date
    role: Role
    created_at: datetime


class Kept(NamedTuple):
    """One digest as it was mailed. `values` are those of its template, without the link."""

    id: int
    kind: str  # "daily", "weekly", "termly"
    day: date
    role: Role
    created_at: datetime
    values: dict[str, Any]


def keep(
    store: Store,
    session: Session,
    *,
    kind: str,
    day: date,
    role: Role,
    values: Mapping[str, Any],
    now: datetime,
) -> None:
    """Keep what a digest shows; once a kind, day and role."""
    session.add(
        KeptDigestRow(
            school_id=store.school,
            kind=kind,
            day=day,
            role=role.value,
            sealed=keys.for_month(session, store, now).seal_json(
                {name: value for name, value in values.items() if name != "link"}, SEALED
            ),
            created_at=now,
        )
    )


def listed(session: Session, store: Store, roles: frozenset[Role]) -> list[Listed]:
    """Each digest that one of these roles was mailed, the newest first."""
    rows = session.exec(
        select(KeptDigestRow)
        .options(defer(col(KeptDigestRow.sealed)))  # type: ignore[arg-type]
        .where(
            KeptDigestRow.school_id == store.school,
            col(KeptDigestRow.role).in_([role.value for role in roles]),
        )
        .order_by(col(KeptDigestRow.created_at).desc(), col(KeptDigestRow.id).desc())
    )
    return [Listed(row.id or 0, row.kind, row.day, Role(row.role), row.created_at) for row in rows]


def one(session: Session, store: Store, number: int, roles: frozenset[Role]) -> Kept | None:
    """The digest of this id; None when it is not there, or was mailed to none of these roles."""
    row = session.get(KeptDigestRow, number)
    if row is None or row.school_id != store.school or row.role not in {role.value for role in roles}:
        return None
    values: dict[str, Any] = store.vault.unseal_json(row.sealed, SEALED)
    return Kept(number, row.kind, row.day, Role(row.role), row.created_at, values)
