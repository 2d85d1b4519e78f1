"""The archive of digests: each as it was mailed, for the role it was mailed to; days without one are named."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts import keeping
from alerts.pdf import pdf
from alerts.web.context import PageContext
from alerts.web.entry import context_of, frame, gone, looking
from alerts.web.render import render
from alerts.words import LocalTime, day, role_words
from monitor.hours import Hours, next_digest
from monitor.tables import DigestRow

KINDS = {"daily": "Digest", "weekly": "The week", "termly": "Report to governors"}
LISTED = 400
_MISSED = 30  # days without a digest that are named


class Line(NamedTuple):
    address: str
    name: str
    meta: str


def listed(request: Request) -> Response:
    """GET /digests"""
    page, _, now = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return RedirectResponse("/", 303)
    local = LocalTime(page.timezone.key)
    with page.store.read() as session:
        kept = keeping.listed(session, page.store, viewer.roles)
        missing = _missing(session, page, now)
    lines = [
        Line(
            f"/digests/{number}",
            f"{KINDS[kind]}, {day(when)} {when.year}",
            f"to {role_words(role, page.jurisdiction)} · {local.full(at)}",
        )
        for number, kind, when, role, at in kept[:LISTED]
    ]
    return render("digests.html", title="Digests", lines=lines, missing=missing, **frame(page, viewer))


def shown(request: Request) -> Response:
    """GET /digests/{number}: one digest; a term's report also as the PDF that was mailed (?pdf)."""
    page, _, _ = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return RedirectResponse("/", 303)
    with page.store.read() as session:
        kept = keeping.one(session, page.store, request.path_params["number"], viewer.roles)
    if kept is None:
        return gone(page, viewer)
    if kept.kind == "termly" and "pdf" in request.query_params:
        return Response(
            pdf("termly", kept.values, made_at=kept.created_at),
            media_type="application/pdf",
            headers={"Content-Disposition": f'attachment; filename="report-{kept.day.isoformat()}.pdf"'},
        )
    return render(
        "digest.html",
        title=f"{KINDS[kept.kind]}, {day(kept.day)} {kept.day.year}",
        digest=kept.values,
        sent=LocalTime(page.timezone.key).full(kept.created_at),
        pdf=f"/digests/{kept.id}?pdf" if kept.kind == "termly" else "",
        **frame(page, viewer),
    )


def _missing(session: Session, page: PageContext, now: datetime) -> list[str]:
    """The days that should have had a digest and had none, the newest first: the next one told of them."""
    if page.hours is None:
        return []
    made = session.exec(
        select(DigestRow).where(DigestRow.school_id == page.store.school).order_by(col(DigestRow.local_date))
    ).all()
    if not made:
        return []
    there = {row.local_date for row in made}
    missed = [one for one in _planned(page.hours, made[0].local_date, now) if one not in there]
    return [f"{day(one)} {one.year}" for one in reversed(missed[-_MISSED:])]


def _planned(hours: Hours, first: date, now: datetime) -> list[date]:
    """The days from `first` on that have had their digest's hour by now."""
    planned = []
    at = next_digest(datetime.combine(first, time(), hours.zone), hours)
    while at <= now:
        planned.append(at.astimezone(hours.zone).date())
        at = next_digest(at + timedelta(seconds=1), hours)
    return planned
