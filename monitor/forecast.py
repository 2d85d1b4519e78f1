"""What the month's paid reads come to if they go on as they have. Pure: figures in, figures out."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

DAY = timedelta(days=1)  # sooner there is no pace to speak of
PENNY = Decimal("0.01")
DOLLARS_PER_POUND = Decimal(
    "1.33"
)  # assumed in November 2026; [budget] dollars_per_pound has the school's own


@dataclass(frozen=True, slots=True)
class Spending:
    """One network's paid reads in the month of `now` (UTC, as networks bill). `whole`: of `reads`, those of first and
    whole listings, which do not come every day. `since`: the first read of the month; None: there was none."""

    reads: int
    whole: int = 0
    since: datetime | None = None


def expected(spending: Spending, now: datetime) -> int | None:
    """Reads at the end of the month at this pace; None while less than a day has been watched.

    The pace is that of the daily reads alone: a list that was read whole counts once, as it was, and another one to
    come is not foreseen.
    """
    if spending.since is None or now - spending.since < DAY:
        return None
    daily = spending.reads - spending.whole
    left = month_end(now) - now
    return spending.reads + round(daily * (left / (now - spending.since)))


def spent_by(spending: Spending, limit: int, now: datetime) -> datetime | None:
    """When `limit` reads are reached at this pace, if that is within the month; `now` when they are already."""
    if spending.reads >= limit:
        return now
    if spending.since is None or now - spending.since < DAY or spending.reads == spending.whole:
        return None
    pace = (spending.reads - spending.whole) / (now - spending.since).total_seconds()
    seconds = (limit - spending.reads) / pace
    if seconds >= (month_end(now) - now).total_seconds():
        return None
    return now + timedelta(seconds=seconds)


def pounds(reads: int, dollars_a_read: Decimal, dollars_per_pound: Decimal) -> Decimal:
    """What that many reads cost, in pounds and whole pence."""
    return (reads * dollars_a_read / dollars_per_pound).quantize(PENNY, ROUND_HALF_UP)


def month_end(now: datetime) -> datetime:
    """The first moment of the next month, in the zone of `now`."""
    days = monthrange(now.year, now.month)[1]
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + days * DAY
