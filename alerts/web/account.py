"""The page "Signed in": where this person is signed in and which devices are remembered, and the POST that ends them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts import devices, sessions
from alerts.devices import Ended
from alerts.web.context import PageContext, Viewer
from alerts.web.entry import context_of, frame, looking, refused, signed_out
from alerts.web.guards import form_token, token_holds
from alerts.web.remembered import device_of, noted
from alerts.web.render import render
from alerts.words import LocalTime
from monitor.tables_people import SignInRow
from monitor.tables_sign_in import DeviceRow

HERE = "/account"
_DONE = {
    "device": "That device is remembered no more, and is signed out.",
    "sign-in": "That browser is signed out.",
    "devices": "No device is remembered any more. Every next sign-in needs a code.",
}


@dataclass(frozen=True, slots=True)
class _Line:
    """One sign-in or device as the page shows it; `here`: this very browser."""

    id: int
    label: str
    since: str
    used: str
    until: str
    here: bool


def shown(request: Request) -> Response:
    """GET /account"""
    page, cookies, _ = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return RedirectResponse("/", 303)
    with page.store.read() as session:
        mine = device_of(page, session, request.cookies.get(cookies.device))
        rows = _sign_ins(page, session, viewer)
        kept = _devices(page, session, viewer)
    return render(
        "account.html",
        title="Signed in",
        notice=_DONE.get(request.query_params.get("done", "")),
        sign_ins=[_line(page, row, here=row.token_hash == viewer.signed_in.key) for row in rows],
        devices=[_line(page, row, here=mine is not None and mine.id == row.id) for row in kept],
        remembered=page.remembered.days,
        token=form_token(page.store.vault, viewer, "account"),
        **frame(page, viewer),
    )


def ended(request: Request, form: Mapping[str, str]) -> Response:
    """POST /account/end: one device, one sign-in, all devices, or everything everywhere (this browser included)."""
    page, cookies, _ = context_of(request)
    viewer, now = looking(request), page.sure_now()
    if viewer is None:
        return signed_out(page)
    what, which = form.get("what", ""), form.get("which", "")
    if not token_holds(page.store.vault, viewer, form.get("token", ""), "account"):
        return refused(page, viewer)
    with page.store.write() as session:
        rows = [row for row in _sign_ins(page, session, viewer) if what == "all" or _is(what, which, row)]
        kept = [
            row
            for row in _devices(page, session, viewer)
            if what in {"all", "devices"} or _is(what, which, row)
        ]
        if kept and what != "all":  # whoever forgets a device goes on where they do it
            sessions.on_device(page.store, session, viewer.signed_in, None)
        for row in kept:
            devices.end(page.store, session, row, Ended.PERSON, now=now)
            noted(page, session, viewer.role, "remembered device ended", f"device {row.id}")
        for one in rows:
            noted(page, session, viewer.role, "signed out", f"sign-in {one.id}")
        sessions.end(session, rows, now=now)
    answer = RedirectResponse("/" if what == "all" else f"{HERE}?done={what if what in _DONE else ''}", 303)
    if what == "all":
        cookies.drop(answer, cookies.sign_in)
        cookies.drop(answer, cookies.device)
    return answer


def _is(what: str, which: str, row: SignInRow | DeviceRow) -> bool:
    kind = "sign-in" if isinstance(row, SignInRow) else "device"
    return what == kind and which == str(row.id)


def _sign_ins(page: PageContext, session: Session, viewer: Viewer) -> list[SignInRow]:
    """Of this person's address, whatever the role."""
    return list(sessions.open_ones(page.store, session, page.sure_now(), viewer.signed_in.recipient))


def _devices(page: PageContext, session: Session, viewer: Viewer) -> list[DeviceRow]:
    return list(devices.open_ones(page.store, session, page.sure_now(), viewer.signed_in.recipient))


def _line(page: PageContext, row: SignInRow | DeviceRow, *, here: bool) -> _Line:
    assert row.id is not None
    time = LocalTime(page.timezone.key)
    return _Line(
        row.id,
        row.label or "A browser on a device",
        time.full(row.created_at),
        time.full(row.used_at or row.created_at),
        time.full(row.expires_at),
        here,
    )
