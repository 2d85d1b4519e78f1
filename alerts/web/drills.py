"""Drills on the page: how the last ones went, the POST that asks for one, and the banner on a drill's case. Roles and times
only: whoever may not open a case learns nothing of one here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts import words
from alerts.digest_drills import HOW
from alerts.web.context import PageContext, Viewer, role_among
from alerts.web.entry import context_of, frame, gone, looking, refused, signed_out
from alerts.web.guards import form_token, token_holds
from alerts.web.render import render
from alerts.web.tuned_pages import DRILLERS, may_drill
from monitor.domain import Role
from monitor.drill_mark import TEXTS, is_drill
from monitor.drill_times import after, recent, times_of
from monitor.drills import LASTS, How, Refusal, State, Wish, ask
from monitor.tables import CaseRow
from monitor.tables_drill import DrillRow


class Row(NamedTuple):
    who: str
    told: str
    accepted: str
    opened: str
    decided: str


class Shown(NamedTuple):
    title: str
    asked: str
    says: str
    ref: str
    rows: Sequence[Row]
    acknowledged: str


def shown(request: Request) -> Response:
    """GET /drill"""
    page, _, now = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return RedirectResponse("/", 303)
    if not may_drill(page, viewer):
        return gone(page, viewer)
    return _page(page, viewer, now)


def asked(request: Request, form: Mapping[str, str]) -> Response:
    """POST /drill: note the wish; the running service does it."""
    page, _, now = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return signed_out(page)
    role = role_among(viewer, DRILLERS)
    if page.drill_hours is None or role is None:
        return gone(page, viewer)
    if not token_holds(page.store.vault, viewer, form.get("token", ""), "drill", _count(page)):
        return refused(page, viewer)
    wish = Wish(form.get("category", ""), form.get("account", ""), role.value)
    done = ask(page.store, wish, page.drill_accounts, page.drill_hours, now)
    if isinstance(done, Refusal):
        return _page(page, viewer, now, problem=done.value, status=409)
    return RedirectResponse("/drill", 303)


def drill_of(page: PageContext, session: Session, case: CaseRow, now: datetime) -> Shown | None:
    """What the page of a drill's case says of it; None for every other case."""
    if not is_drill(case.external_id):
        return None
    row = session.exec(
        select(DrillRow).where(DrillRow.school_id == page.store.school, DrillRow.item_id == case.item_id)
    ).first()
    if row is None:
        return Shown("Drill", "", "", case.ref, (), "")
    return _shown(page, session, row, now)


def _count(page: PageContext) -> int:
    """Makes a form good for one drill."""
    with page.store.read() as session:
        newest = recent(session, page.store, 1)
    return newest[0].id or 0 if newest else 0


def _page(
    page: PageContext, viewer: Viewer, now: datetime, *, problem: str = "", status: int = 200
) -> Response:
    with page.store.read() as session:
        rows = [_shown(page, session, row, now) for row in recent(session, page.store)]
    return render(
        "drill.html",
        status=status,
        title="Drill",
        token=form_token(page.store.vault, viewer, "drill", _count(page)),
        categories={name: page.title(name) for name in TEXTS},
        accounts={key: page.accounts.get(key, key) for key in page.drill_accounts},
        drills=rows,
        lasts=int(LASTS.total_seconds() // 3600),
        problem=problem,
        **frame(page, viewer),
    )


def _shown(page: PageContext, session: Session, row: DrillRow, now: datetime) -> Shown:
    time = words.LocalTime(page.timezone.key)
    times = times_of(session, row)
    by = (
        words.role_words(Role(row.asked_by), page.jurisdiction) if row.asked_by in set(Role) else row.asked_by
    )
    says = {
        State.ASKED: "It begins within a minute, if the service is running.",
        State.RUNNING: "It is going on.",
    }.get(State(row.state), "")
    if row.how:
        says = f"{HOW[How(row.how)]}."
    people = times.people if times else ()
    return Shown(
        title=page.title(row.category),
        asked=f"{time.near(row.asked_at, now)} by {by}",
        says=says,
        ref=row.ref,
        rows=[
            Row(
                who=words.role_words(Role(one.role), page.jurisdiction)
                + (" (nobody had answered)" if one.escalated else ""),
                told=after(times.seen, one.told) if times else "",
                accepted=after(times.seen, one.accepted) if times else "",
                opened=after(times.seen, one.opened) if times else "",
                decided=after(times.seen, one.decided) if times else "",
            )
            for one in people
        ],
        acknowledged=f"Acknowledged after {after(times.seen, times.acknowledged)} by "
        f"{words.role_words(Role(times.acknowledged_by), page.jurisdiction)}."
        if times and times.acknowledged and times.acknowledged_by in set(Role)
        else "",
    )
