"""The school's clock: when a mail of some severity may go, and when the digest is due. Pure: `now` is passed in.

Deferral delays the telling, never the looking. Local times are wall times of the school's time zone, so a digest at
08:00 stays at 08:00 when the clocks change. Without a calendar (`days` is None) every day is like another, but for
the digest's own days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.domain import Severity
from monitor.school_days import SchoolDays

_FARTHEST = 400  # days looked ahead for one that is open: more than a year of holidays is a mistake
_LONGEST_SILENCE = timedelta(days=3)  # an unanswered high case goes to somebody else by then, holiday or not


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
    remind_high_after: timedelta = timedelta(hours=2)
    remind_high_every: timedelta = timedelta(days=1)
    escalate_high_after: timedelta | None = None  # None: the next school day, at the same hour
    days: SchoolDays | None = None
    high_on_closed_days: bool = True  # False: high waits for a school day too
    digest_on_closed_days: bool = False

    def may_go(self, severity: Severity, day: date) -> bool:
        """Whether a mail of this severity may go on this local day, hours apart."""
        if self.days is None or severity is Severity.CRITICAL:
            return True
        return self.days.open(day) or (severity is Severity.HIGH and self.high_on_closed_days)

    def digest_on(self, day: date) -> bool:
        """Whether this local day has a digest."""
        if day.weekday() not in self.digest_days:
            return False
        return self.days is None or self.digest_on_closed_days or not self.days.holiday(day)


def _at(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, zone).astimezone(UTC)


def waking(now: datetime, hours: Hours, severity: Severity = Severity.CRITICAL) -> datetime:
    """`now` when people are awake on a day on which mails of `severity` may go, else the next moment of that kind (UTC)."""
    local = now.astimezone(hours.zone)
    day = local.date()
    if hours.may_go(severity, day):
        if hours.waking_from <= local.time() < hours.waking_to:
            return now
        if local.time() < hours.waking_from:
            return _at(day, hours.waking_from, hours.zone)
    for _ in range(_FARTHEST):
        day += timedelta(days=1)
        if hours.may_go(severity, day):
            return _at(day, hours.waking_from, hours.zone)
    return now  # a calendar without a school day in it must not silence anything


def tell_at(
    severity: Severity, now: datetime, hours: Hours, *, last_medium: datetime | None = None
) -> datetime | None:
    """When to mail about a case of this severity: at once when critical; in waking hours when high; on a school day, in
    waking hours and at most once in `medium_every` when medium; None when it waits for the digest.
    """
    if severity is Severity.CRITICAL:
        return now
    if severity is Severity.HIGH:
        return waking(now, hours, severity)
    if severity is Severity.MEDIUM:
        earliest = now if last_medium is None else max(now, last_medium + hours.medium_every)
        return waking(earliest, hours, severity)
    return None


def may_tell(severity: Severity, now: datetime, hours: Hours) -> bool:
    """Whether a mail of this severity may reach somebody at this moment. What was due while the machine slept, or
    while the mail server was away, is asked again when it can go."""
    return tell_at(severity, now, hours) in {now, None}


def escalate_at(severity: Severity, told_at: datetime, step: int, hours: Hours) -> datetime:
    """When a case that nobody answered since `told_at` goes to the `step`-th (from 1) who stands behind: critical after
    `escalate_after` each; high a school day later each (at most three days), at the hour it was told, or after
    `escalate_high_after`, in its hours."""
    if severity is Severity.CRITICAL:
        return told_at + step * hours.escalate_after
    if hours.escalate_high_after is not None:
        return waking(told_at + step * hours.escalate_high_after, hours, Severity.HIGH)
    at = told_at
    for _ in range(step):
        at = min(_next_school_day(at, hours), at + _LONGEST_SILENCE)
    return waking(at, hours, Severity.HIGH)


def _next_school_day(at: datetime, hours: Hours) -> datetime:
    local = at.astimezone(hours.zone)
    days = hours.days or SchoolDays()
    day = local.date()
    for _ in range(_FARTHEST):
        day += timedelta(days=1)
        if days.open(day):
            break
    return _at(day, local.time(), hours.zone)


def digest_due(now: datetime, hours: Hours) -> date | None:
    """The local date whose digest should exist by now; None before its hour and on days without one.

    A machine that was off at the hour finds it due when it starts, later the same day.
    """
    local = now.astimezone(hours.zone)
    if not hours.digest_on(local.date()) or local.time() < hours.digest_at:
        return None
    return local.date()


def next_digest(now: datetime, hours: Hours) -> datetime:
    """When the next digest is to be expected after `now` (UTC), holidays passed over. Raises ValueError when never."""
    day = now.astimezone(hours.zone).date()
    for _ in range(_FARTHEST):
        at = _at(day, hours.digest_at, hours.zone)
        if at > now and hours.digest_on(day):
            return at
        day += timedelta(days=1)
    raise ValueError("digest_days must name at least one day on which the school is open")
