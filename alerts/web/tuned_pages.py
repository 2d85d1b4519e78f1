"""Who may try phrases and ask for drills, and finds their pages in the page's head."""

from __future__ import annotations

from alerts.web.context import PageContext, Viewer
from monitor.domain import Role

TESTERS = frozenset({Role.HEADTEACHER, Role.DEPUTY, Role.DSL, Role.ESAFETY})
DRILLERS = frozenset({Role.HEADTEACHER, Role.DSL, Role.IT})


def may_test(page: PageContext, viewer: Viewer) -> bool:
    return page.tester is not None and bool(viewer.roles & TESTERS)


def may_drill(page: PageContext, viewer: Viewer) -> bool:
    return page.drill_hours is not None and bool(viewer.roles & DRILLERS)
