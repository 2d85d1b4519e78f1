"""A digest's row about paid reads, in words. Pure."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from alerts.digest_parts import Row
from alerts.views_digest import SpendRow
from alerts.words import LocalTime, day, network_words


def paid(row: SpendRow, now: datetime, time: LocalTime) -> Row:
    """What one network's reads come to; a warning where the budget will stop them, a louder one where it has."""
    so_far = f"{network_words(row.network)[0]}: {row.reads:,} paid reads this month{_cost(row.pounds)}"
    if row.expected is None:
        pace = "; too early to say what the month comes to"
    else:
        pace = f"; at this pace the month ends at about {row.expected:,} reads{_cost(row.expected_pounds)}"
    sign, more = _budget(row, now, time)
    return Row(sign, so_far + pace, more)


def _cost(pounds: Decimal | None) -> str:
    """Reads are counted each time they come; a network that charges once a day takes less."""
    return f", £{pounds:,.2f} at most" if pounds else ""


def _budget(row: SpendRow, now: datetime, time: LocalTime) -> tuple[str, str]:
    if row.budget is None:
        return "✔", "no budget is set"
    of = f"the budget is {row.budget:,} reads a month"
    if row.all_stops and row.all_stops <= now:
        return (
            "✖",
            f"{of}: it is used up, and nothing is read until next month, not even comments and mentions",
        )
    if row.optional_stops and row.optional_stops <= now:
        end = f"; those stop too about {day(time.date(row.all_stops))}" if row.all_stops else ""
        return (
            "✖",
            f"{of}: followers and own posts are not read until next month, comments and mentions are{end}",
        )
    if row.optional_stops:
        when = f"about {day(time.date(row.optional_stops))} followers and own posts stop being read"
        return "○", f"{of}: {when}, unless it is raised; comments and mentions stop last"
    return "✔", of
