"""Where backups go, when, and how long they are kept: [backup].

Reads nothing; `monitor.config` loads it.
"""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from monitor.config_values import Table, digest_time


class Backup(Table):
    """`dir` is absolute once loaded; None: the folder `backups` in storage.state_dir."""

    daily: Literal["on", "off"] = Field(default="on", description='"on" or "off"', examples=["on"])
    at: Annotated[time, BeforeValidator(digest_time)] = Field(
        default=time(3, 30), description="a time of day", examples=["03:30"]
    )
    dir: Path | None = Field(default=None, description="a folder", examples=["/var/lib/schoolgate/backups"])
    # no longer: what retention removed would stay in them
    keep_days: int = Field(default=30, ge=1, le=30, description="a number of days", examples=[30])

    def folder(self, state_dir: Path) -> Path:
        return self.dir or state_dir / "backups"
