"""Trying, learning and drilling on the page: their addresses, who finds them in the page's head, and what a case's page shows
of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session
from starlette.routing import Route

from alerts.web import changes, drills, learning, tester
from alerts.web.context import PageContext, Viewer
from alerts.web.guards import posts
from monitor.tables import CaseRow

ROUTES = (
    Route("/tester", tester.shown),
    Route("/tester", posts(tester.tried), methods=["POST"]),
    Route("/case/{ref}/learn", posts(learning.proposed), methods=["POST"]),
    Route("/rules", changes.shown),
    Route("/rules/{number:int}", posts(changes.decided), methods=["POST"]),
    Route("/drill", drills.shown),
    Route("/drill", posts(drills.asked), methods=["POST"]),
)


def case_values(
    page: PageContext, session: Session, viewer: Viewer, case: CaseRow, now: datetime
) -> dict[str, Any]:
    """What the partials case/learn.html and case/drill.html show to a viewer who may see the case."""
    return {
        "learn": learning.learning_of(page, session, viewer, case),
        "drill": drills.drill_of(page, session, case, now),
    }
