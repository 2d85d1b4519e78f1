"""The school's clock: when a mail of some severity may go, and when the digest is due. Pure: `now` is passed in.

Deferral delays the telling, never the looking. Local times are wall times of the school's time zone, so a digest at
08:00 stays at 08:00 when the clocks change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.domain import Severity


@dataclass(frozen=True, slots=True)
class Hours:
    zone: ZoneInfo
    waking_from: time
    waking_to: time
    digest_at: time
    digest_days: frozenset[int]  # Monday is 0
    medium_every: timedelta
    escalate_after: timedelta
    remind_every: timedelta


def _at(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, zone).astimezone(UTC)


def waking(now: datetime, hours: Hours) -> datetime:
    """`now` when people are awake, else the next moment they are (UTC)."""
    local = now.astimezone(hours.zone)
    if hours.waking_from <= local.time() < hours.waking_to:
        return now
    day = local.date() if local.time() < hours.waking_from else local.date() + timedelta(days=1)
    return _at(day, hours.waking_from, hours.zone)


def tell_at(
    severity: Severity, now: datetime, hours: Hours, *, last_medium: datetime | None = None
) -> datetime | None:
    """When to mail about a case of this severity: at once when critical, in waking hours when high, at most once in
    `medium_every` when medium; None when it waits for the digest.
    """
    if severity is Severity.CRITICAL:
        return now
    if severity is Severity.HIGH:
        return waking(now, hours)
    if severity is Severity.MEDIUM:
        earliest = now if last_medium is None else max(now, last_medium + hours.medium_every)
        return waking(earliest, hours)
    return None


def digest_due(now: datetime, hours: Hours) -> date | None:
    """The local date whose digest should exist by now; None before its hour and on days without one.

    A machine that was off at the hour finds it due when it starts, later the same day.
    """
    local = now.astimezone(hours.zone)
    if local.weekday() not in hours.digest_days or local.time() < hours.digest_at:
        return None
    return local.date()


def next_digest(now: datetime, hours: Hours) -> datetime:
    """When the next digest is to be expected after `now` (UTC)."""
    day = now.astimezone(hours.zone).date()
    for _ in range(8):
        at = _at(day, hours.digest_at, hours.zone)
        if at > now and day.weekday() in hours.digest_days:
            return at
        day += timedelta(days=1)
    raise ValueError("digest_days must name at least one day")
