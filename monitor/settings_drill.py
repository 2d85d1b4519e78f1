"""When drills come by themselves, and of what: the table [drill]. Off unless `monthly` is written.

Reads nothing and connects to nothing; `monitor.config` loads it.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from monitor.config_values import Line, Slug, Table, parse_clock
from monitor.drill_mark import TEXTS

_WHICH = ("first", "second", "third", "fourth", "last")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHLY = re.compile(rf"({'|'.join(_WHICH)})-({'|'.join(_DAYS)}) (\S+)")


@dataclass(frozen=True, slots=True)
class Monthly:
    """One moment a month, in the school's own time."""

    which: str
    weekday: int  # Monday is 0
    at: time

    def __str__(self) -> str:
        return f"{self.which}-{_DAYS[self.weekday]} {self.at:%H:%M}"

    def moment(self, month: date, zone: ZoneInfo) -> datetime:
        """When it is in the month that `month` lies in (UTC)."""
        last = calendar.monthrange(month.year, month.month)[1]
        days = [
            day for day in range(1, last + 1) if date(month.year, month.month, day).weekday() == self.weekday
        ]
        day = days[-1] if self.which == "last" else days[_WHICH.index(self.which)]
        return datetime.combine(date(month.year, month.month, day), self.at, zone).astimezone(UTC)


def parse_monthly(value: Any) -> Monthly | None:
    if value is None or isinstance(value, Monthly):
        return value
    found = _MONTHLY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('is not a day of the month with its time; write one such as "first-monday 10:00"')
    return Monthly(found[1], _DAYS.index(found[2]), parse_clock(found[3]))


def _category(value: str) -> str:
    if value not in TEXTS:
        raise ValueError(f"is no category with a drill; write one of {', '.join(TEXTS)}")
    return value


class Drill(Table):
    """`account`: the key of the account that drills pretend to come from; the first that is watched when it is left out."""

    monthly: Annotated[Monthly | None, BeforeValidator(parse_monthly)] = Field(
        default=None, description="a day and a time", examples=["first-monday 10:00"]
    )
    categories: tuple[Annotated[Line, AfterValidator(_category)], ...] = Field(
        default=("threat", "child_at_risk"),
        min_length=1,
        description="a list of categories",
        examples=[["threat", "bullying"]],
    )
    account: Slug | None = Field(default=None, description="an account's key", examples=["x-main"])
