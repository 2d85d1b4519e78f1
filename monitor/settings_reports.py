"""Which reports there are beside the daily digest, and when: the table [reports]. Reads nothing; `monitor.config` loads it."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from monitor import config_values as kind
from monitor.config_values import Table


class Reports(Table):
    """`head_daily`: whether the headteacher gets the daily digest on days without anything of theirs too."""

    head_daily: Literal["when-needed", "always"] = Field(
        default="when-needed", description='"when-needed" or "always"', examples=["always"]
    )
    weekly: Literal["on", "off"] = Field(default="on", description='"on" or "off"', examples=["off"])
    weekly_day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = Field(
        default="fri", description="a day", examples=["fri"]
    )
    weekly_at: Annotated[time, BeforeValidator(kind.digest_time)] = Field(
        default=time(15), description="a time", examples=["15:00"]
    )
    termly: Literal["on", "off"] = Field(default="on", description='"on" or "off"', examples=["off"])
