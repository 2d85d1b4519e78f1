"""When the week's and the term's reports are due. Pure: `now` is passed in. The daily digest's clock is monitor/hours.py's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from monitor.config_values import WEEKDAYS
from monitor.hours import Hours, digest_due, waking
from monitor.settings import Settings
from monitor.terms import Term, ended_last, ends_next, terms_of

TOO_LATE = timedelta(days=60)  # after this nobody waits for a term's report any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`weekday`: Monday is 0; None: no weekly report. `at`: local time of both reports. `terms`: empty for the usual ones."""

    head_always: bool = False  # the daily digest on quiet days too
    weekday: int | None = 4
    at: time = time(15)
    termly: bool = True
    terms: tuple[Term, ...] = ()


def schedule_of(settings: Settings) -> Schedule:
    """As [reports] has it."""
    reports = settings.reports
    return Schedule(
        head_always=reports.head_daily == "always",
        weekday=WEEKDAYS.index(reports.weekly_day) if reports.weekly == "on" else None,
        at=reports.weekly_at,
        termly=reports.termly == "on",
        terms=terms_of((term.first, term.last) for term in settings.calendar.terms),
    )


def weekly_due(now: datetime, schedule: Schedule, hours: Hours) -> date | None:
    """The day whose weekly report should exist by now; None before the hour. What a machine that was off missed is due
    on the next day with a digest, from its hour on."""
    if schedule.weekday is None:
        return None
    local = now.astimezone(hours.zone)
    back = (local.weekday() - schedule.weekday) % 7
    if back == 0 and local.time() < schedule.at:
        back = 7
    day = local.date() - timedelta(days=back)
    return day if back == 0 or digest_due(now, hours) else None


def next_weekly(now: datetime, schedule: Schedule, hours: Hours) -> datetime | None:
    """When the next weekly report is to be expected after `now` (UTC)."""
    if schedule.weekday is None:
        return None
    local = now.astimezone(hours.zone)
    ahead = (schedule.weekday - local.weekday()) % 7
    if ahead == 0 and local.time() >= schedule.at:
        ahead = 7
    day = local.date() + timedelta(days=ahead)
    return datetime.combine(day, schedule.at, hours.zone).astimezone(UTC)


def termly_due(now: datetime, schedule: Schedule, hours: Hours) -> Term | None:
    """The term whose report should exist by now: from its last day's hour on, when people are awake."""
    term = ended_last(now, schedule.at, hours.zone, schedule.terms) if schedule.termly else None
    if term is None or now - datetime.combine(term.last, schedule.at, hours.zone) > TOO_LATE:
        return None
    return term if waking(now, hours) == now else None


def next_termly(now: datetime, schedule: Schedule, hours: Hours) -> datetime | None:
    """When the next term's report is to be expected (UTC); None when no further term is known."""
    last = ends_next(now, schedule.at, hours.zone, schedule.terms)
    return None if last is None else datetime.combine(last, schedule.at, hours.zone).astimezone(UTC)
