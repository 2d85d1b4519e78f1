"""Whom the school's own accounts follow, as rows. Reads only; monitor/following_audit.py writes them."""

from __future__ import annotations

from sqlmodel import Session, col, select

from monitor.store import Store
from monitor.tables_people import FollowedRow

SEALED = "followed.sealed"


def rows(
    session: Session, store: Store, account: str | None = None, *, wrong: bool = False
) -> list[FollowedRow]:
    """What was read last, of one account or all; `wrong`: only what the school should not follow."""
    query = select(FollowedRow).where(FollowedRow.school_id == store.school).order_by(col(FollowedRow.id))
    if account is not None:
        query = query.where(FollowedRow.account == account)
    if wrong:
        query = query.where(col(FollowedRow.allowed).is_(False))
    return list(session.exec(query))


def handle_of(store: Store, row: FollowedRow) -> str:
    """The handle without @; empty when the network gave none."""
    return str(store.vault.unseal_json(row.sealed, SEALED)["handle"]).removeprefix("@")
