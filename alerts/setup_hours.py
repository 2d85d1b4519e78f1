"""From the configuration to the school's clock and calendar. Reads no database."""

from __future__ import annotations

from datetime import timedelta

from monitor.config import Settings
from monitor.hours import Hours
from monitor.school_days import SchoolDays


def hours_of(settings: Settings) -> Hours:
    hours, calendar = settings.hours, settings.calendar
    after = hours.escalate_high_after
    return Hours(
        zone=settings.school.zone,
        waking_from=hours.waking.start,
        waking_to=hours.waking.end,
        digest_at=hours.digest_at,
        digest_days=hours.digest_weekdays,
        medium_every=hours.medium_every,
        escalate_after=hours.escalate_after,
        remind_every=hours.remind_every,
        remind_high_after=hours.remind_high_after,
        remind_high_every=hours.remind_high_every,
        escalate_high_after=after if isinstance(after, timedelta) else None,
        days=school_days_of(settings),
        high_on_closed_days=calendar.high_on_closed_days == "deliver",
        digest_on_closed_days=calendar.digest_on_closed_days,
    )


def office_days_of(settings: Settings) -> SchoolDays:
    """The days on which a local authority's office works: it keeps bank holidays and no term."""
    return SchoolDays(nation=settings.school.jurisdiction)


def school_days_of(settings: Settings) -> SchoolDays | None:
    """The school's calendar; None where the configuration has none."""
    calendar = settings.calendar
    if not calendar.given:
        return None
    return SchoolDays(
        terms=tuple((term.first, term.last) for term in calendar.terms),
        closed=frozenset((*calendar.inset_days, *calendar.closed_days)),
        nation=settings.school.jurisdiction if calendar.bank_holidays else None,
    )
