"""The monthly drill: asks for one when its day has come, once a month, and gives way to whatever is in its way."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import select

from monitor.drills import Refusal, Wish, ask
from monitor.hours import Hours
from monitor.ports import Clock
from monitor.settings_drill import Drill
from monitor.store import Store
from monitor.tables_drill import DrillRow

SCHEDULE = "schedule"


def scheduled(store: Store, drill: Drill, accounts: Sequence[str], hours: Hours, *, clock: Clock) -> int:
    """Ask for this month's drill when it is due; returns how many were asked for.

    What refuses it (a real critical case, another drill) is waited out until the day is over; then the month has none.
    The categories take turns by the month.
    """
    if drill.monthly is None or not accounts:
        return 0
    now = clock()
    local = now.astimezone(hours.zone)
    at = drill.monthly.moment(local.date(), hours.zone)
    if now < at or local.date() != at.astimezone(hours.zone).date():
        return 0
    with store.read() as session:
        there = session.exec(
            select(DrillRow.id).where(
                DrillRow.school_id == store.school, DrillRow.asked_by == SCHEDULE, DrillRow.asked_at >= at
            )
        ).first()
    if there is not None:
        return 0
    category = drill.categories[(local.year * 12 + local.month) % len(drill.categories)]
    wish = Wish(category, drill.account or accounts[0], SCHEDULE)
    return int(not isinstance(ask(store, wish, accounts, hours, now), Refusal))
