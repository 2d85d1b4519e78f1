"""Requests of people outside under the UK GDPR: export, erasure, restriction. A part of the composition root."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from alerts.export.person import Answer, answer
from monitor import holds
from monitor.errors import MonitorError
from monitor.subject import Asked, Kept, find
from monitor.subject_clock import answer_by
from monitor.subject_erase import Step, erase, plan

if TYPE_CHECKING:
    from monitor.app.school import App

NOBODY = (
    "nothing is kept about whoever that is: look at what was typed, and ask for another account or address"
)


def export_person(app: App, asked: Asked, received: date) -> tuple[Answer, Kept, date]:
    """The ZIP, whose it is, and by when it must be answered; on record. MonitorError when nothing is kept."""
    due = answer_by(received, app.settings.school.jurisdiction)
    now = app.clock()
    with app.store.read() as session:
        kept = _found(find(session, app.store, asked))
        made = answer(app.page(), session, kept, received=received, due=due, now=now)
    with app.store.write() as session:
        app.store.audit(
            session,
            at=now,
            actor="it",
            happened="exported on request",
            thing="rights request",
            detail=f"{len(kept.items)} items, {len(kept.cases)} cases, {made.review} places to look at, due {due}",
        )
    return made, kept, due


def would_erase(app: App, asked: Asked) -> list[Step]:
    """What an erasure would do now; changes nothing."""
    with app.store.read() as session:
        return list(plan(session, app.store, _found(find(session, app.store, asked))))


def erase_person(app: App, asked: Asked) -> tuple[list[Step], bool]:
    """See monitor/subject_erase.py. MonitorError when nothing is kept."""
    would_erase(app, asked)
    steps, clean = erase(app.store, asked, by="it", now=app.clock())
    return list(steps), clean


def restrict_person(app: App, asked: Asked, why: str) -> int:
    """Hold everything of each account that is found (Article 18); how many were not held before."""
    with app.store.write() as session:
        kept = _found(find(session, app.store, asked))
        return sum(
            holds.restrict(session, app.store, network, author, why=why, by="it", now=app.clock())
            for network, author in sorted(kept.accounts)
        )


def _found(kept: Kept) -> Kept:
    if not kept.anything:
        raise MonitorError(NOBODY)
    return kept
