"""`python -m bench.cost [--days N] [--only SCHOOL]` from the root: what a month of reading X costs, in pounds.

A month is replayed against the sandbox over loopback HTTP (bench/cost_month.py), and what the sandbox served is priced.
With deduplication: a resource is charged once a day (UTC), as X promises softly. Without: each time it is returned.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from decimal import Decimal

from bench.cost_month import School, Served, naive, ours
from bench.machine import machine
from connectors.x_prices import UNIT, Price
from monitor.forecast import DOLLARS_PER_POUND

MONTH = 30  # days
CLASSES = {  # endpoint of the sandbox → price class, and what it is called here
    "followers": Price.FOLLOWER,
    "mentions": Price.POST,
    "posts": Price.POST,
    "search": Price.FOUND,
    "users": Price.PROFILE,
}
# new and leaving followers grow with the account: 3 in 1,000 a day, 1 in 1,000 a week
SCHOOLS = {
    "first school": (School(1_000), School(1_000, leaving=1)),
    "large account": (School(10_000, new=30), School(10_000, new=30, leaving=10)),
}
TARGETS = {"first school": (Decimal("1.00"), Decimal("6.00"))}  # £ a month: with deduplication, without


def pounds(counts: Mapping[str, float], *, owned: bool = True) -> Decimal:
    """What these resources cost, `owned` where the account owns the app that reads."""
    units = sum(
        Decimal(str(number)) * CLASSES[name].units(1, owned=owned)
        for name, number in counts.items()
        if number
    )
    return units * UNIT / DOLLARS_PER_POUND


def main(arguments: list[str] | None = None) -> int:
    asked = argparse.ArgumentParser(prog="python -m bench.cost", description=__doc__.splitlines()[0])
    asked.add_argument(
        "--days", type=int, default=MONTH, help="days to replay; less than 30 are scaled up to a month"
    )
    asked.add_argument("--only", choices=sorted(SCHOOLS), help="one of the two schools")
    said = asked.parse_args(arguments)
    began = time.monotonic()
    print(machine())
    print(
        f"X: {UNIT} dollars an owned read (docs.x.com/x-api/getting-started/pricing), {DOLLARS_PER_POUND} dollars a pound"
    )
    reached = True
    for name in [said.only] if said.only else SCHOOLS:
        reached &= _school(name, said.days)
    print(f"\n{time.monotonic() - began:.0f} s")
    return 0 if reached else 1


def _school(name: str, days: int) -> bool:
    """Print one school's month; whether its target is reached where nobody leaves."""
    quiet, leaving = SCHOOLS[name]
    scale = MONTH / days
    print(
        f"\n{name.upper()}: {quiet.followers:,} followers, {quiet.new} new ones, {quiet.posts} posts and"
        f" {quiet.comments} comments a day; resources returned, and £ a month of {MONTH} days"
    )
    columns = (*CLASSES, "with dedup", "without", "app not owned")
    print(f"{'':<34}" + "".join(f"{column:>14}" for column in columns))
    _line("naive, everything each time", naive(quiet, MONTH))
    first, month = ours(quiet, days)
    calm = month.times(scale, scale)
    _line("ours, nobody leaves", calm)
    _, month = ours(leaving, days)
    _line(f"ours, {leaving.leaving} leave(s) each week", month.times(scale, scale))
    _line("ours, the first reading, once", first)
    along = Decimal(str(calm.along)) * Price.PROFILE.units(1, owned=True) * UNIT / DOLLARS_PER_POUND
    print(
        f"Not counted: {calm.along:,.0f} authors sent along with posts. X does not say whether it charges them; at worst"
        f" £{along:,.2f} more."
    )
    if name not in TARGETS:
        return True
    return all(
        _target(what, cost, most)
        for what, cost, most in zip(
            ("with dedup", "without"), (pounds(calm.charged), pounds(calm.served)), TARGETS[name], strict=True
        )
    )


def _target(what: str, cost: Decimal, most: Decimal) -> bool:
    print(
        f"TARGET, nobody leaves, {what}: £{cost:,.2f} of at most £{most}: {'reached' if cost <= most else 'NOT reached'}"
    )
    return cost <= most


def _line(name: str, month: Served) -> None:
    numbers = "".join(f"{month.served.get(endpoint, 0):>14,.0f}" for endpoint in CLASSES)
    costs = (pounds(month.charged), pounds(month.served), pounds(month.charged, owned=False))
    print(f"{name:<34}{numbers}" + "".join(f"{f'£{cost:,.2f}':>14}" for cost in costs))


if __name__ == "__main__":
    sys.exit(main())
