"""Once a day: whether all evidence still holds. What does not is an incident that reaches a person by mail."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.evidence_check import Report, check
from monitor.heads import last_said, note_head
from monitor.incidents import close_incident, open_incident
from monitor.store import Store

EVERY = timedelta(days=1)
INCIDENT = "evidence"
_TOLD = 3  # problems named in the incident; the command names them all


def is_due(store: Store, now: datetime) -> bool:
    """Whether the last check was a day ago, or there was none."""
    with store.read() as session:
        last = last_said(session, store, "check")
    return last is None or not last.at <= now < last.at + EVERY


def watch_evidence(store: Store, now: datetime) -> Report:
    """Check, tell, and keep the head that the next check compares with."""
    report = check(store)
    with store.write() as session:
        if report.holds:
            close_incident(store, session, INCIDENT, now=now)
        else:
            more = len(report.problems) - _TOLD
            told = "; ".join(report.problems[:_TOLD]) + (f"; and {more} more" if more > 0 else "")
            open_incident(
                store,
                session,
                INCIDENT,
                says=f"evidence does not hold: {told}",
                cure="Keep the database file and its backups as they are, tell the safeguarding lead, and look with "
                "`schoolgate evidence verify`.",
                now=now,
            )
        note_head(session, store, "check", now)
    return report
