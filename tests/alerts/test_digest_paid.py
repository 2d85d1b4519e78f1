"""What the digest says of paid reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from alerts.desk import Budgets, Desk
from alerts.digest import digest
from monitor import spend
from monitor.domain import Role
from monitor.store import Store
from tests.alerts.telling import desk, outbox, text_of
from tests.conftest import MORNING, HandClock

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)


def paying(budget: int | None = None, price: str = "0.001") -> Desk:
    reads = {} if budget is None else {"facebook": budget}
    return replace(desk(), budget=Budgets(prices={"facebook": Decimal(price)}, reads=reads))


def read(store: Store, reads: int, whole: int = 0) -> None:
    with store.write() as session:
        spend.add(session, store, "facebook", reads - whole, BEGAN)
        spend.add(session, store, "facebook", whole, BEGAN + timedelta(hours=1), whole=True)


def section(store: Store, clock: HandClock, at: Desk) -> str:
    digest(store, at, clock=clock)
    mail = next(mail for row, mail in outbox(store) if row.role == Role.OFFICE and row.reason == "digest")
    text = "\n".join(text_of(mail).splitlines())
    _, found, rest = text.partition("PAID READS\n")
    return " ".join(rest.partition("\n\n")[0].split()) if found else ""


def test_so_far_and_at_this_pace(store: Store, clock: HandClock) -> None:
    clock.now = BEGAN + timedelta(days=9, hours=9)  # a Tuesday
    read(store, 1375, whole=1000)
    assert section(store, clock, paying()) == (
        "✔ Facebook: 1,375 paid reads this month, £1.03 at most; at this pace the month ends at about 2,200 reads, "
        "£1.65 at most no budget is set"
    )


def test_on_the_first_day_there_is_no_pace(store: Store, clock: HandClock) -> None:
    clock.now = BEGAN + timedelta(days=1, hours=9)
    with store.write() as session:
        spend.add(session, store, "facebook", 30, clock() - timedelta(hours=3))
    assert "30 paid reads this month, £0.02 at most; too early to say what the month comes to" in section(
        store, clock, paying()
    )


@pytest.mark.parametrize(
    ("budget", "says"),
    [
        (1000, "✔ Facebook: 300 paid reads this month"),
        (1000, "the budget is 1,000 reads a month"),
        (500, "○ Facebook"),
        (
            500,
            "about Thu 26 Nov followers and own posts stop being read, unless it is raised; comments and mentions stop last",
        ),
        (370, "✖ Facebook"),
        (
            370,
            "followers and own posts are not read until next month, comments and mentions are; those stop too about Tue 24 Nov",
        ),
        (300, "it is used up, and nothing is read until next month, not even comments and mentions"),
    ],
)
def test_a_budget_that_will_not_do_is_told_before_it_is_spent(
    store: Store, clock: HandClock, budget: int, says: str
) -> None:
    assert clock() == MORNING  # 20 November: 15 reads a day
    read(store, 300)
    assert says in section(store, clock, paying(budget))


def test_a_free_network_without_a_budget_has_no_such_line(store: Store, clock: HandClock) -> None:
    read(store, 300)
    assert section(store, clock, paying(price="0")) == ""
    assert section(store, clock, desk()) == ""


def test_a_free_network_with_a_budget_says_no_pounds(store: Store, clock: HandClock) -> None:
    read(store, 300)
    assert "£" not in section(store, clock, paying(1000, price="0"))
