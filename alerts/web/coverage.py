"""What was watched: every account on each of the last days, when its access ends, what its reads cost. No content."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts.coverage_words import DAYS, accounts
from alerts.digest_paid import paid
from alerts.digest_parts import Row
from alerts.digest_spending import spending_rows
from alerts.watched_again import faults, says
from alerts.web.context import PageContext
from alerts.web.entry import context_of, frame, looking
from alerts.web.render import render
from alerts.words import LocalTime
from monitor.domain import Role
from monitor.incidents import open_incidents

TROUBLES = (
    "stream:",
    "check:",
    "expires:",
    "budget:",
    "relist:",
)  # what is wrong with watching, and nothing else


def shown(request: Request) -> Response:
    """GET /coverage: for everybody who is signed in."""
    page, _, now = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return RedirectResponse("/", 303)
    with page.store.read() as session:
        return render(
            "coverage.html",
            title="Coverage",
            days=DAYS,
            accounts=accounts(session, page.store, page.accounts, page.networks, now, page.timezone),
            troubles=_troubles(session, page, mends=Role.IT in viewer.roles),
            paid=_paid(session, page, now),
            **frame(page, viewer),
        )


def _troubles(session: Session, page: PageContext, *, mends: bool) -> list[Row]:
    """What stops or soon will stop the watching; how it is mended only for who mends it."""
    open_ones = [one for one in open_incidents(session, page.store.school) if one.key.startswith(TROUBLES)]
    return [
        Row(
            "○" if alike[0].key.startswith(("expires:", "relist:")) else "✖",
            says(alike, page.accounts),
            alike[0].cure if mends else "",
        )
        for alike in faults(open_ones)
    ]


def _paid(session: Session, page: PageContext, now: datetime) -> list[Row]:
    time = LocalTime(page.timezone.key)
    rows = spending_rows(session, page.store, page.networks.values(), page.budget, now)
    return [paid(row, now, time) for row in rows]
