"""When people are told and how often: the tables [hours], [calendar] and [alerts].

Reads nothing and asks nobody; `monitor.config` loads it.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from monitor import config_values as kind
from monitor.config_values import Between, Table

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
NEXT_SCHOOL_DAY = "next_school_day"
_AN_INTERVAL = Between("15m", "7d")


def _high_escalation(value: Any) -> timedelta | str:
    return NEXT_SCHOOL_DAY if value == NEXT_SCHOOL_DAY else _AN_INTERVAL.bounded(value)


class Hours(Table):
    waking: Annotated[kind.Waking, BeforeValidator(kind.waking)] = Field(
        default=kind.Waking(time(6, 30), time(21)), description="two times", examples=["06:30-21:00"]
    )
    digest_at: Annotated[time, BeforeValidator(kind.digest_time)] = Field(
        default=time(8), description="a time", examples=["08:00"]
    )
    digest_days: Annotated[tuple[Day, ...], BeforeValidator(kind.days)] = Field(
        default=("mon", "tue", "wed", "thu", "fri"),
        min_length=1,
        description="a list of days",
        examples=[["mon", "tue"]],
    )
    medium_every: Annotated[timedelta, Between("5m", "24h")] = Field(
        default=timedelta(hours=1), description="an interval", examples=["1h"]
    )
    escalate_after: Annotated[timedelta, Between("1m", "24h")] = Field(
        default=timedelta(minutes=15), description="an interval", examples=["15m"]
    )
    remind_every: Annotated[timedelta, Between("1m", "24h")] = Field(
        default=timedelta(minutes=15), description="an interval", examples=["15m"]
    )
    remind_high_after: Annotated[timedelta, Between("15m", "7d")] = Field(
        default=timedelta(hours=2), description="an interval", examples=["2h"]
    )
    remind_high_every: Annotated[timedelta, Between("1h", "7d")] = Field(
        default=timedelta(days=1), description="an interval", examples=["24h"]
    )
    escalate_high_after: Annotated[timedelta | str, BeforeValidator(_high_escalation)] = Field(
        default=NEXT_SCHOOL_DAY, description='an interval, or "next_school_day"', examples=[NEXT_SCHOOL_DAY]
    )

    @property
    def digest_weekdays(self) -> frozenset[int]:
        """As datetime.weekday() counts: Monday is 0."""
        return frozenset(kind.WEEKDAYS.index(day) for day in self.digest_days)


class Term(Table):
    """A stretch of lessons, both days included."""

    first: date = Field(alias="from", description="a date", examples=[date(2026, 9, 3)])
    last: date = Field(alias="to", description="a date", examples=[date(2026, 10, 23)])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError("ends before it starts; write the earlier date under from")
        return self


class Calendar(Table):
    """When the school is open. Where nothing is written here, every day is like another, but for hours.digest_days."""

    terms: tuple[Term, ...] = Field(
        default=(),
        description="a list of stretches",
        examples=[[{"from": date(2026, 9, 3), "to": date(2026, 10, 23)}]],
    )
    inset_days: tuple[date, ...] = Field(
        default=(), description="a list of dates", examples=[[date(2026, 9, 2)]]
    )
    closed_days: tuple[date, ...] = Field(
        default=(), description="a list of dates", examples=[[date(2027, 5, 6)]]
    )
    bank_holidays: bool = Field(default=True, description="true or false")
    high_on_closed_days: Literal["deliver", "hold"] = Field(
        default="deliver", description='"deliver" or "hold"', examples=["deliver"]
    )
    digest_on_closed_days: bool = Field(default=False, description="true or false")

    @property
    def given(self) -> bool:
        """Whether the school wrote a calendar at all."""
        return bool(self.model_fields_set)

    @model_validator(mode="after")
    def _apart(self) -> Self:
        rows = sorted(self.terms, key=lambda term: term.first)
        for before, after in pairwise(rows):
            if after.first <= before.last:
                raise ValueError(
                    f"terms: the one from {after.first} starts before the one from {before.first} has ended; "
                    "correct one of the dates"
                )
        return self


class Alerts(Table):
    """How many mails somebody may get, and how their subjects look."""

    mails_per_hour: int = Field(default=10, ge=6, le=60, description="a number", examples=[10])
    closed_mails: bool = Field(default=True, description="true or false")
    subjects: Literal["told_apart", "one_thread"] = Field(
        default="told_apart", description='"told_apart" or "one_thread"', examples=["told_apart"]
    )
