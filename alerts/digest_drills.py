"""What a digest tells of drills: a line of their own, and in none of its figures. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from alerts.views_digest import DrillLine
from monitor.drill_times import after, times_of
from monitor.drills import How
from monitor.store import Store
from monitor.tables_drill import DrillRow

HOW: Mapping[How, str] = {
    How.ANSWERED: "Answered: its case was closed by a person",
    How.TAKEN: "Somebody was on it, and nobody closed its case",
    How.NOBODY: "Nobody answered",
    How.NOT_FOUND: "Schoolgate did not find it: no case was opened",
    How.LAPSED: "It did not begin: the service was not running, or waking hours were over",
}


def drill_lines(session: Session, store: Store, since: datetime) -> tuple[DrillLine, ...]:
    """The drills that ended since then."""
    rows = session.exec(
        select(DrillRow)
        .where(DrillRow.school_id == store.school, col(DrillRow.ended_at) > since)
        .order_by(col(DrillRow.id))
    ).all()
    lines = []
    for row in rows:
        times = times_of(session, row)
        taken = after(times.seen, times.acknowledged) if times and times.acknowledged else ""
        lines.append(DrillLine(row.ref, row.category, HOW[How(row.how)], taken))
    return tuple(lines)
