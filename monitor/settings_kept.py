"""What is kept and for how long, what may be spent, where state and logs go: [retention], [budget], [storage], [log].

Reads nothing; `monitor.config` loads it.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretBytes, model_validator

from monitor.config_values import Between, Table
from monitor.forecast import DOLLARS_PER_POUND


class Retention(Table):
    harmless: Annotated[timedelta, Between("1d", "3650d")] = Field(
        default=timedelta(days=30), description="an interval", examples=["30d"]
    )
    closed: Annotated[timedelta, Between("1d", "3650d")] = Field(
        default=timedelta(days=365), description="an interval", examples=["365d"]
    )
    evidence: Annotated[timedelta, Between("1d", "3650d")] = Field(
        default=timedelta(days=365), description="an interval", examples=["365d"]
    )
    audit: Annotated[timedelta, Between("30d", "9125d")] = Field(
        default=timedelta(days=2555), description="an interval", examples=["2555d"]
    )

    # cases of one category with their evidence; crude language and advertising are of use to nobody for long
    category: dict[str, Annotated[timedelta, Between("1d", "3650d")]] = Field(
        default={"profanity": timedelta(days=90), "spam": timedelta(days=90)},
        description="a category and an interval",
        examples=[{"threat": "1095d"}],
    )

    @model_validator(mode="after")
    def _audit_outlives(self) -> Self:
        if self.audit < max(self.closed, self.evidence, *self.category.values()):
            raise ValueError(
                "audit: is shorter than what it tells of; write at least retention.closed, .evidence and .category"
            )
        return self


class Budget(Table):
    reads_per_month: dict[str, Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict, description="a network and its number of reads", examples=[{"x": 10_000}]
    )
    optional_stop_percent: int = Field(default=80, ge=1, le=100, description="a percentage", examples=[80])
    dollars_per_pound: float = Field(
        default=float(DOLLARS_PER_POUND), gt=0, le=100, description="a number", examples=[1.33]
    )


class Storage(Table):
    """`state_dir` is absolute once loaded; `master_key` is the 32 bytes themselves."""

    state_dir: Path = Field(default=Path("state"), description="a folder", examples=["/var/lib/schoolgate"])
    database: str = Field(
        default="schoolgate.db", description="a file name in state_dir", examples=["schoolgate.db"]
    )
    master_key: SecretBytes = Field(description="32 bytes as base64 or hex", examples=["…"])

    @model_validator(mode="after")
    def _plain_name(self) -> Self:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", self.database):
            raise ValueError('database: is not a plain file name; write one such as "schoolgate.db"')
        return self

    @property
    def database_path(self) -> Path:
        return self.state_dir / self.database


class Log(Table):
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="a level", examples=["info"]
    )
    format: Literal["auto", "text", "json"] = Field(default="auto", description="a format", examples=["auto"])
