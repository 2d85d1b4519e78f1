"""When many comments against one target are one case: the table [pile_on].

Reads nothing and connects to nothing; `monitor.config` loads it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from monitor.config_values import Between, Table


class PileOns(Table):
    authors: int = Field(default=5, ge=2, le=1000, description="a number of people", examples=[5])
    comments: int = Field(default=10, ge=2, le=10_000, description="a number of comments", examples=[10])
    window: Annotated[timedelta, Between("10m", "7d")] = Field(
        default=timedelta(hours=6), description="an interval", examples=["6h"]
    )
    again: Annotated[timedelta, Between("1h", "365d")] = Field(
        default=timedelta(days=30), description="an interval", examples=["30d"]
    )
