"""What a digest says of paid reads: so far, at this pace at the month's end, and when a budget would stop them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from math import ceil

from sqlmodel import Session

from alerts.desk import Budgets
from alerts.views_digest import SpendRow
from monitor.forecast import expected, pounds, spent_by
from monitor.spend import spending
from monitor.store import Store


def spending_rows(
    session: Session, store: Store, networks: Iterable[str], budgets: Budgets, now: datetime
) -> tuple[SpendRow, ...]:
    """A row for each network that costs something or has a budget, in the order of `networks`."""
    rows = []
    for network in dict.fromkeys(networks):
        price, most = budgets.prices.get(network, Decimal(0)), budgets.reads.get(network)
        if not price and most is None:
            continue
        so_far = spending(session, store, network, now)
        end = expected(so_far, now)
        rows.append(
            SpendRow(
                network=network,
                reads=so_far.reads,
                pounds=pounds(so_far.reads, price, budgets.dollars_per_pound),
                expected=end,
                expected_pounds=None if end is None else pounds(end, price, budgets.dollars_per_pound),
                budget=most,
                optional_stops=None
                if most is None
                else spent_by(so_far, ceil(budgets.optional_share * most), now),
                all_stops=None if most is None else spent_by(so_far, most, now),
            )
        )
    return tuple(rows)
