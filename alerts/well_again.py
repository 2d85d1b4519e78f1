"""A trouble that is over: told to whom it was told that it began. What is about reading an account is told in
alerts/watched_again.py, with what was read late. Never content."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from alerts.desk import Desk
from alerts.loudness import STREAM, What, is_well, note
from alerts.views import OperationsView
from alerts.watched_again import ended_since_told, mail_operations
from monitor.incidents import open_incidents
from monitor.store import Store
from monitor.tables import IncidentRow
from monitor.troubles import area, kind_of

View = Callable[[Sequence[IncidentRow], Desk], OperationsView]


def tell_well_again(session: Session, store: Store, desk: Desk, view: View, now: datetime) -> None:
    """One mail for each trouble that was told of and is over, once. `composed_at` after `closed_at`: it is told."""
    here = {one.key for one in open_incidents(session, store.school)}
    for key, ended in _ended(session, store, now).items():
        if key in here or not is_well(session, store, ended, now):
            continue
        last = ended[-1]
        about = ("incident", str(last.id), What.OVER)
        was = view(ended[-1:], desk)
        over = replace(
            was,
            says=f"this is over: “{was.says.rstrip('.')}”",
            cure=(),
            since=ended[0].opened_at,
            until=last.closed_at,
        )
        mail_operations(session, store, desk, over, kind_of(key).told, about, now)
        note(session, store, ended[-1:], What.OVER, now)
        for one in ended:
            one.composed_at = now


def _ended(session: Session, store: Store, now: datetime) -> dict[str, list[IncidentRow]]:
    found: dict[str, list[IncidentRow]] = {}
    for row in ended_since_told(session, store, now):
        if kind_of(row.key).ends and area(row.key) != STREAM:
            found.setdefault(row.key, []).append(row)
    return found
