"""What a check of something outside found: a network, a mail server, a mailbox. Pure values, as in `monitor.domain`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class HealthPoint:
    name: str  # token, permissions, version, credit ...
    ok: bool
    says: str
    expires_at: datetime | None = None
    last_read: datetime | None = None  # when it was, where that is worth saying


@dataclass(frozen=True, slots=True)
class Health:
    """What `check()` found: one line a point, each with its cure when it is not well. `reads` as in `Page.reads`."""

    ok: bool
    points: tuple[HealthPoint, ...] = ()
    reads: int = 0
