"""Holds on the page: what is held, and the POST that holds a case or lets it go. Only who may see a case sees its hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from alerts import safe
from alerts.web.context import PageContext, Viewer, case_by_ref, role_among, seen_as
from alerts.web.entry import context_of, frame, gone, looking, refused, signed_out
from alerts.web.guards import form_token, posts, token_holds
from alerts.web.render import render
from alerts.words import LocalTime, role_words
from monitor import holds
from monitor.domain import Role
from monitor.drill_mark import is_drill
from monitor.holds import HOLDERS, LONGEST, Kind
from monitor.tables import CaseRow
from monitor.tables_holds import HoldRow


class Held(NamedTuple):
    number: int
    ref: str
    title: str
    kind: str
    since: str
    asked: str
    why: str


def hold_values(
    page: PageContext, session: Session, viewer: Viewer, case: CaseRow, now: datetime
) -> dict[str, Any]:
    """What the partial case/hold.html shows to a viewer who may see the case."""
    standing = holds.holds_of(session, page.store.school, case.id)
    may = role_among(viewer, HOLDERS) is not None and not is_drill(case.external_id)
    return {
        "holds": [_held(page, one, case, now) for one in standing],
        "may_hold": may,
        "hold_token": form_token(page.store.vault, viewer, "hold", case.ref, _count(standing)) if may else "",
        "hold_longest": LONGEST,
    }


def shown(request: Request) -> Response:
    """GET /holds"""
    page, _, now = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return RedirectResponse("/", 303)
    if not viewer.roles & HOLDERS:
        return gone(page, viewer)
    rows = []
    with page.store.read() as session:
        for one in holds.all_holds(session, page.store.school):
            case = session.get(CaseRow, one.case_id) if one.case_id is not None else None
            if case is None or seen_as(page, viewer, case) is not None:
                rows.append(_held(page, one, case, now))
    return render("holds.html", title="Holds", held=rows, **frame(page, viewer))


def held(request: Request, form: Mapping[str, str]) -> Response:
    """POST /case/{ref}/hold: `do` is place or lift."""
    page, _, now = context_of(request)
    viewer, ref = looking(request), request.path_params["ref"]
    if viewer is None:
        return signed_out(page)
    role = role_among(viewer, HOLDERS)
    with page.store.write() as session:
        case = case_by_ref(page, session, ref)
        if case is None or role is None or seen_as(page, viewer, case) is None:
            return gone(page, viewer)
        standing = holds.holds_of(session, page.store.school, case.id)
        given, do = form.get("token", ""), form.get("do")
        if do not in {"place", "lift"} or not token_holds(
            page.store.vault, viewer, given, "hold", ref, _count(standing)
        ):
            return refused(page, viewer)
        why = form.get("why", "").strip()[:LONGEST]
        if do == "place" and not why:
            return render(
                "undecided.html",
                status=422,
                title="Nothing was done",
                result="needs_reason",
                ref=ref,
                meanwhile=[],
                **frame(page, viewer),
            )
        if do == "place":
            holds.place(session, page.store, case, why=why, by=role.value, now=now)
        else:
            for one in standing:
                holds.lift(session, page.store, one, by=role.value, now=now)
    return RedirectResponse(f"/case/{ref}", 303)


ROUTES = (
    Route("/holds", shown),
    Route("/case/{ref}/hold", posts(held), methods=["POST"]),
)


def _count(standing: Sequence[HoldRow]) -> str:
    """Makes a form good for the holds that were on the page."""
    return ",".join(str(one.id) for one in standing)


def _held(page: PageContext, one: HoldRow, case: CaseRow | None, now: datetime) -> Held:
    time = LocalTime(page.timezone.key)
    by = role_words(Role(one.placed_by), page.jurisdiction) if one.placed_by in set(Role) else one.placed_by
    return Held(
        number=one.id or 0,
        ref=case.ref if case else "",
        title=page.title(case.category) if case else "Everything of one account",
        kind={
            Kind.LEGAL: "Kept for an inquiry or a claim",
            Kind.RESTRICTION: "Kept because the person concerned asked for it (Article 18)",
        }[Kind(one.kind)],
        since=f"{time.near(one.placed_at, now)} by {by}",
        asked=time.near(one.asked_at, now) if one.asked_at else "",
        why=safe.shown(holds.reason_of(page.store, one), LONGEST, lines=True),
    )
