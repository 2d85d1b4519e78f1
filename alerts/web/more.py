"""The pages that are looked at now and then, in one list; and what the configuration says, in words. Decides nothing."""

from __future__ import annotations

from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts.web.context import PageContext, Viewer
from alerts.web.coverage import TROUBLES
from alerts.web.entry import context_of, frame, gone, looking
from alerts.web.render import render
from alerts.web.tuned_pages import DRILLERS, TESTERS
from monitor.domain import Role
from monitor.holds import HOLDERS
from monitor.incidents import open_incidents

_ALL = frozenset(Role)
SERVICE = (*TROUBLES, "storage:", "python:", "audit")  # what is wrong with the service, about nobody
CHECKERS = _ALL - {Role.OFFICE}  # who may see how the service is set up


class Entry(NamedTuple):
    address: str
    name: str
    says: str
    roles: frozenset[Role]


ENTRIES = (
    Entry("/coverage", "Coverage", "What was watched on each of the last 14 days, and what was not.", _ALL),
    Entry("/digests", "Digests", "Every digest and report as it was mailed to you.", _ALL - {Role.IT}),
    Entry("/audit", "Audit", "What was done, when and in which role; and whether the record is whole.", _ALL),
    Entry(
        "/settings-check", "Settings check", "Who is told of what, when, and how long it is kept.", CHECKERS
    ),
    Entry("/tester", "Tester", "Whether some words would be found, and why; nothing is kept.", TESTERS),
    Entry(
        "/rules", "Changes on trial", "Changes of rules that were proposed, and what they would do.", TESTERS
    ),
    Entry("/holds", "Holds", "What is kept whatever its age, since when, and why.", HOLDERS),
    Entry("/drill", "Drill", "Practise with an invented case, and see how long everybody took.", DRILLERS),
)


def shown(request: Request) -> Response:
    """GET /more"""
    page, _, _ = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return RedirectResponse("/", 303)
    return render("more.html", title="More", entries=_entries(page, viewer), **frame(page, viewer))


def configured(request: Request) -> Response:
    """GET /settings-check"""
    page, _, now = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return RedirectResponse("/", 303)
    if page.configured is None or not viewer.roles & CHECKERS:
        return gone(page, viewer)
    mends = Role.IT in viewer.roles
    with page.store.read() as session:
        troubles = [
            one
            for one in open_incidents(session, page.store.school)
            if one.key.startswith(SERVICE) or (mends and not one.key.startswith("claim:"))
        ]
    return render(
        "settings_check.html",
        title="Settings check",
        sections=page.configured(viewer.roles, now.astimezone(page.timezone).date()),
        troubles=troubles,
        mends=mends,
        **frame(page, viewer),
    )


def _entries(page: PageContext, viewer: Viewer) -> list[Entry]:
    given = {
        "/settings-check": page.configured is not None,
        "/tester": page.tester is not None,
        "/rules": page.judge is not None,
        "/drill": page.drill_hours is not None,
    }
    return [one for one in ENTRIES if viewer.roles & one.roles and given.get(one.address, True)]
