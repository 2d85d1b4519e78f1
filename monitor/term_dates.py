"""Says in time that the school's calendar ends: a list of terms that nobody writes on would be wrong without a sound."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.hours import Hours
from monitor.incidents import close_incident, open_incident
from monitor.store import Store

INCIDENT = "calendar"
AHEAD = timedelta(days=14)  # before the last term that is written down ends


def note_calendar(store: Store, hours: Hours, now: datetime) -> None:
    """Open an incident in the last days of the last term that is written down, and close it when there are more."""
    ends = hours.days.runs_out() if hours.days else None
    with store.write() as session:
        if ends is None or now.astimezone(hours.zone).date() <= ends - AHEAD:
            close_incident(store, session, INCIDENT, now=now)
            return
        open_incident(
            store,
            session,
            INCIDENT,
            says=f"the school calendar ends on {ends:%d %b %Y}",
            cure="Write the next terms on under [calendar] terms in config.toml, and restart Schoolgate.",
            now=now,
        )
