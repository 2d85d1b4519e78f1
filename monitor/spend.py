"""What was read and paid for this month, as rows, and what may still be read of it.

The order in which a budget stops reading: whole lists of followers first, then new followers and own posts, comments
and mentions only when nothing is left at all.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from monitor.forecast import Spending
from monitor.store import Store
from monitor.tables import SpendRow


def month(now: datetime) -> str:
    """The month that metered reads count towards, such as "2026-11" (networks bill by UTC)."""
    return f"{now:%Y-%m}"


def add(
    session: Session, store: Store, network: str, reads: int, now: datetime, *, whole: bool = False
) -> None:
    """Count `reads` (see `Page.reads`) towards this month; `whole`: they came of a first or whole listing."""
    if not reads:
        return
    row = _row(session, store, network, now)
    if row is None:
        row = SpendRow(school_id=store.school, network=network, month=month(now), since=now)
        session.add(row)
    row.reads += reads
    row.whole += reads if whole else 0
    row.since = row.since or now


def may_read(
    session: Session, store: Store, network: str, budget: int | None, optional_share: float, now: datetime
) -> bool:
    """Whether a read that can wait still fits the month's budget (None: not metered)."""
    return budget is None or spending(session, store, network, now).reads < optional_share * budget


def spending(session: Session, store: Store, network: str, now: datetime) -> Spending:
    """This month's so far."""
    row = _row(session, store, network, now)
    return Spending(row.reads, row.whole, row.since) if row else Spending(0)


def _row(session: Session, store: Store, network: str, now: datetime) -> SpendRow | None:
    return session.exec(
        select(SpendRow).where(
            SpendRow.school_id == store.school, SpendRow.network == network, SpendRow.month == month(now)
        )
    ).first()
