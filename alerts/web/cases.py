"""The list, one case, its sealed copies, and the POST that decides. Every GET reads through a connection that cannot
write; a decision is one transaction (alerts/deciding.py)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts.deciding import LONGEST_REASON, LONGEST_REFERENCE, Asked, Result, decide
from alerts.offers import DISMISSALS, OUTCOMES
from alerts.situation import copies_of
from alerts.web import phrases
from alerts.web.aid import Aid, aid_of, told_at
from alerts.web.context import PageContext, Viewer, case_for
from alerts.web.entry import context_of, frame, gone, looking, refused, signed_out
from alerts.web.evidence import record_of
from alerts.web.filters import filters_shown, wanted
from alerts.web.guards import form_token, token_holds
from alerts.web.holding import hold_values
from alerts.web.listing import found, listing
from alerts.web.reading import CaseView, view
from alerts.web.render import render
from alerts.web.timeline import decided_since
from alerts.web.tuned import case_values
from alerts.words import CATEGORIES, OFFICE_SEES, LocalTime
from monitor.domain import Choice, Role
from monitor.evidence import EVIDENCE

_STATUS = {Result.STALE: 409, Result.NOT_OFFERED: 409, Result.NEEDS_REASON: 422, Result.NEEDS_TIME: 422}


def listed(request: Request) -> Response:
    """GET /cases: the list, or the case whose reference was typed."""
    page, _, now = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return RedirectResponse("/", 303)
    written = request.query_params.get("ref", "").strip()
    asked, says = wanted(request.query_params, CATEGORIES, page.accounts)
    with page.store.read() as session:
        ref = found(page, session, viewer, written) if written else None
        if ref is not None:
            return RedirectResponse(f"/case/{ref}", 303)
        shown = listing(page, session, viewer, asked, now)
    if written:
        says = (
            "There is no case of that reference for you; a reference reads like SM-0142, and 142 is enough."
        )
    return render(
        "cases.html",
        status=200 if not says else 404 if written else 400,
        title="Cases",
        list=shown,
        asked=asked,
        says=says,
        families={
            name: row.name
            for name, row in CATEGORIES.items()
            if name in OFFICE_SEES or not viewer.roles <= {Role.OFFICE, Role.IT}
        },
        accounts=page.accounts,
        **filters_shown(),
        **frame(page, viewer),
    )


def case(request: Request) -> Response:
    """GET /case/{ref}"""
    return _shown(request, "case.html")


def confirm_delete(request: Request) -> Response:
    """GET /case/{ref}/delete: deleting is asked twice, and this page deletes nothing."""
    return _shown(request, "delete.html", Choice.DELETE)


def copy(request: Request) -> Response:
    """GET /case/{ref}/copy/{number}: one sealed copy, byte for byte as its SHA-256 was taken, as a download."""
    page, _, _ = context_of(request)
    viewer, ref, number = looking(request), request.path_params["ref"], request.path_params["number"]
    if viewer is None:
        return RedirectResponse("/", 303)
    with page.store.read() as session:
        mine = case_for(page, session, viewer, ref)
        if mine is None:
            return gone(page, viewer)
        row, _ = mine
        copies = copies_of(page, session, row)
        if not 1 <= number <= len(copies) or not copies[number - 1].sealed:  # never made, or no longer kept
            return gone(page, viewer)
        body = page.store.vault.unseal(copies[number - 1].sealed, EVIDENCE)
    return Response(
        body,
        media_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{row.ref}-copy-{number}.json"'},
    )


def decided(request: Request, form: Mapping[str, str]) -> Response:
    """POST /case/{ref}/decide"""
    page, _, now = context_of(request)
    viewer, ref = looking(request), request.path_params["ref"]
    if viewer is None:
        return signed_out(page)
    asked = _asked(form, page, now)
    if asked is None or not token_holds(
        page.store.vault, viewer, form.get("token", ""), "decide", ref, asked.seq, asked.item_id
    ):
        return refused(page, viewer)
    if asked.choice is Choice.DELETE and form.get("sure") != "yes":
        return RedirectResponse(f"/case/{ref}/delete", 303)
    with page.store.write() as session:
        mine = case_for(page, session, viewer, ref)
        if mine is None:
            return gone(page, viewer)
        row, role = mine
        result = decide(page, session, row, role, asked, now)
        time = LocalTime(page.timezone.key)
        stale = result is Result.STALE
        meanwhile = decided_since(page, session, row, asked.seq, time) if stale else []
    if result in {Result.STORED, Result.SAME}:
        return RedirectResponse(f"/case/{ref}", 303)
    return render(
        "undecided.html",
        status=_STATUS[result],
        title="Nothing was done",
        result=result.value,
        ref=row.ref,
        meanwhile=meanwhile,
        **frame(page, viewer),
    )


def _asked(form: Mapping[str, str], page: PageContext, now: datetime) -> Asked | None:
    """The form as values; None when it is not one of ours."""
    why = form.get("why", "")[:40]
    try:
        choice = Choice(form["choice"])
        door = page.doors.door(why) if choice is Choice.TOLD else None
        at = told_at(form.get("at", ""), page, now) if door else None
        return Asked(
            choice=choice,
            seq=int(form["seq"]),
            item_id=int(form["item"]),
            why=why,
            reason=form.get("reason", "").strip()[:LONGEST_REASON],
            reference=form.get("reference", "").strip()[:LONGEST_REFERENCE],
            to=door.name if door else "",
            at=at.isoformat() if at else "",
        )
    except (KeyError, ValueError):
        return None


def _shown(request: Request, template: str, only: Choice | None = None) -> Response:
    page, _, now = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return RedirectResponse("/", 303)
    with page.store.read() as session:
        mine = case_for(page, session, viewer, request.path_params["ref"])
        if mine is None:
            return gone(page, viewer)
        row, _ = mine
        part = request.query_params.get("part", "")
        number = int(part) if re.fullmatch(r"[1-9][0-9]{0,4}", part, re.ASCII) else 0
        seen = view(page, session, viewer, row, now, part=number)
        aid = aid_of(page, session, row, now)
        more = {
            **case_values(page, session, viewer, row, now),
            **hold_values(page, session, viewer, row, now),
            "record": record_of(page, session, viewer, row, now),
        }
    if only is not None and only not in seen.offers:
        return RedirectResponse(f"/case/{row.ref}", 303)
    return render(template, **_values(page, viewer, seen, aid), **more)


def _values(page: PageContext, viewer: Viewer, seen: CaseView, aid: Aid) -> dict[str, Any]:
    token = form_token(page.store.vault, viewer, "decide", seen.line.ref, seen.seq, seen.item_id)
    return frame(page, viewer) | {
        "title": f"{seen.line.ref}: {seen.line.title}",
        "case": seen,
        "token": token,
        "tie_token": form_token(page.store.vault, viewer, "tie", seen.line.ref),
        "buttons": {choice.value: words for choice, words in phrases.BUTTONS.items()},
        "dismissals": DISMISSALS,
        "outcomes": OUTCOMES,
        "longest": LONGEST_REASON,
        "longest_reference": LONGEST_REFERENCE,
        "aid": aid,
    }
