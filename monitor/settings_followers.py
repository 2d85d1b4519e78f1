"""Who may follow without being on the records, and how long others may wait: the table [followers].

Reads nothing and connects to nothing; `monitor.config` loads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from monitor.config_values import Between, Line, Table


class Organisation(Table):
    """One entry of the list: why the school knows it, and who agreed to it when, if that is written down."""

    reason: Line = Field(description="why the school knows it", examples=["the parish church"])
    approved_by: Line | None = Field(default=None, description="who agreed", examples=["the headteacher"])
    approved_on: date | None = Field(default=None, description="a date", examples=[date(2026, 9, 1)])
    review_on: date | None = Field(default=None, description="a date", examples=[date(2027, 9, 1)])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.approved_on and self.review_on and self.review_on <= self.approved_on:
            raise ValueError(
                "review_on: is not after approved_on; write the day on which it is looked at again"
            )
        return self


def _reason_alone(value: Any) -> Any:
    return {"reason": value} if isinstance(value, str) else value


class Followers(Table):
    organisations: dict[Line, Annotated[Organisation, BeforeValidator(_reason_alone)]] = Field(
        default_factory=dict,
        description="a handle and why the school knows it",
        examples=[{"StMarysChurch": "the parish church"}],
    )
    overdue_after: Annotated[timedelta, Between("1d", "365d")] = Field(
        default=timedelta(days=14), description="an interval", examples=["14d"]
    )
    letter_valid: Annotated[timedelta, Between("7d", "365d")] = Field(
        default=timedelta(weeks=8), description="an interval", examples=["56d"]
    )
    compare_names: Literal["claimed", "all", "off"] = Field(
        default="claimed", description='"claimed", "all" or "off"', examples=["claimed"]
    )

    @property
    def reasons(self) -> Mapping[str, str]:
        """Handle → why the school knows it."""
        return {handle: one.reason for handle, one in self.organisations.items()}
