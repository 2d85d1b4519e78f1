"""What was read and paid for this month, as rows, and whether optional reads still fit the budget."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from monitor.store import Store
from monitor.tables import SpendRow


def month(now: datetime) -> str:
    """The month that metered reads count towards, such as "2026-11" (networks bill by UTC)."""
    return f"{now:%Y-%m}"


def add(session: Session, store: Store, network: str, reads: int, now: datetime) -> None:
    """Count `reads` (see `Page.reads`) towards this month."""
    if not reads:
        return
    row = _row(session, store, network, now)
    if row is None:
        row = SpendRow(school_id=store.school, network=network, month=month(now))
        session.add(row)
    row.reads += reads


def may_read(
    session: Session, store: Store, network: str, budget: int | None, optional_share: float, now: datetime
) -> bool:
    """Whether a read that can wait still fits the month's budget (None: not metered)."""
    row = _row(session, store, network, now)
    return budget is None or (row.reads if row else 0) < optional_share * budget


def _row(session: Session, store: Store, network: str, now: datetime) -> SpendRow | None:
    return session.exec(
        select(SpendRow).where(
            SpendRow.school_id == store.school, SpendRow.network == network, SpendRow.month == month(now)
        )
    ).first()
