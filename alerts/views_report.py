"""What a week's or a term's report is given to show: figures only, no case but by its reference. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from alerts.views_digest import WaitingCase


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """One account: its planned readings and the times in which it was not watched (None: it still is not)."""

    name: str
    network: str
    made: int
    missed: int
    gaps: tuple[tuple[datetime, datetime | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresView:
    """The days from `first` to `last`, both included. `found` and `noted` count cases, and what needed nothing, by
    category family; `to_tell` holds the times from seen to told, `to_answer` from told to acknowledged, one a case."""

    first: date
    last: date
    accounts: tuple[AccountFigures, ...] = ()
    read: int = 0
    found: tuple[tuple[str, int], ...] = ()
    noted: tuple[tuple[str, int], ...] = ()
    decided: int = 0
    false_alarms: int = 0
    to_tell: tuple[timedelta, ...] = ()
    to_answer: tuple[timedelta, ...] = ()
    waiting: tuple[WaitingCase, ...] = ()
    not_delivered: int = 0
    new_followers: int = 0
    followers: tuple[tuple[str, int], ...] = ()
    reads: int = 0  # paid ones, in the calendar months that the days touch
    pounds: Decimal = Decimal(0)
    chain_head: str = ""
