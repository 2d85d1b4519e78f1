"""The remembered phone or computer: one button, and its owner is signed in. Looking at the button signs nobody in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts import devices, links, sessions
from alerts.device_news import DeviceNews
from alerts.devices import Ended, Known
from alerts.sessions import SignedIn
from alerts.web.context import PageContext
from alerts.web.entry import context_of
from alerts.web.guards import Cookies
from monitor.domain import Role
from monitor.tables_sign_in import DeviceRow

log = structlog.get_logger(__name__)


def device_of(page: PageContext, session: Session, token: str | None) -> Known | None:
    """The device that this browser is remembered as, if its person still holds the role. Changes nothing. An old copy of a
    cookie looks like the device until the button is pressed."""
    found = devices.known(page.store, session, token, now=page.sure_now())
    if found is None or not page.remembered or not page.holds(found.recipient, found.role):
        return None
    return found


def open_remembered(request: Request, form: Mapping[str, str]) -> Response:
    """POST /open: sign the device's owner in, and on to the mail's link if there is one.

    Needs no form token: the cookie is SameSite=Lax, so that no other site's form carries it, and being signed in does
    nothing by itself.
    """
    page, cookies, _ = context_of(request)
    now, token = page.sure_now(), request.cookies.get(cookies.device, "")
    with page.store.write() as session:
        link = links.find(page.store, session, form.get("link", ""), now=now)
        where = f"/c/{form['link']}" if link else "/"
        found = device_of(page, session, token)
        used = None
        if found is not None and found.copied:
            _copied(page, session, found, now)
        elif found is not None:
            former_ends(page, session, request, now)
            used = devices.use(page.store, session, token, now=now, valid=page.valid_session)
            noted(page, session, found.role, "signed in on a remembered device", f"device {found.id}")
    if used is None or found is None:
        answer: Response = RedirectResponse(where, 303)
        cookies.drop(answer, cookies.device)
        return answer
    return let_in(page, cookies, used.sign_in, (used.token, found.expires_at - now), where)


def _copied(page: PageContext, session: Session, found: Known, now: datetime) -> None:
    """Two hold the cookie, and nobody can tell which is the owner: so it is nobody's."""
    row = session.get_one(DeviceRow, found.id)
    devices.end(page.store, session, row, Ended.COPIED, now=now)
    noted(page, session, found.role, "remembered device ended: an old copy was used", f"device {row.id}")
    log.warning("an old copy of a remembered device was used", device=row.id, role=found.role.value)
    _tell(
        page, session, found.role, found.recipient, DeviceNews(found.id, row.label, now, row.expires_at, True)
    )


def remembered(
    page: PageContext, session: Session, signed_in: SignedIn, label: str, now: datetime
) -> tuple[str | None, timedelta] | None:
    """Remember the browser that has just signed in with a proof, and tell its owner by mail. The cookie's value, and for
    how long; None where the school remembers none."""
    if not page.remembered:
        return None
    token = devices.remember(
        page.store,
        session,
        role=signed_in.role,
        recipient=signed_in.recipient,
        label=label,
        now=now,
        valid=page.remembered,
    )
    found = devices.known(page.store, session, token, now=now)
    assert found is not None
    sessions.on_device(page.store, session, signed_in, found.id)
    noted(page, session, signed_in.role, "device remembered", f"device {found.id}")
    _tell(page, session, found.role, found.recipient, DeviceNews(found.id, label, now, found.expires_at))
    return token, page.remembered


def _tell(page: PageContext, session: Session, role: Role, recipient: str, news: DeviceNews) -> None:
    found = page.reviewer(recipient, role)
    if found is not None and page.tell_device is not None:
        page.tell_device(session, *found, news, page.clock())


def let_in(
    page: PageContext,
    cookies: Cookies,
    sign_in: str,
    device: tuple[str | None, timedelta] | None,
    where: str,
) -> Response:
    """The answer that makes a browser somebody's. `device`: a new cookie's value, if there is one, and how long it lasts."""
    answer = RedirectResponse(where, 303)
    cookies.put(answer, cookies.sign_in, sign_in, page.valid_session)
    if device is not None and device[0] is not None:
        cookies.put(answer, cookies.device, device[0], device[1])
    return answer


def former_ends(page: PageContext, session: Session, request: Request, now: datetime) -> None:
    """What this browser was signed in as ends when it signs in anew (ASVS 5.0 7.2.4): nobody would see to it any more."""
    token = request.cookies.get(request.app.state.cookies.sign_in)
    former = sessions.who(page.store, session, token, now=now)
    if former is not None:
        sessions.sign_out(page.store, session, former, now=now)


def noted(page: PageContext, session: Session, role: Role, happened: str, thing: str = "page") -> None:
    page.store.audit(session, at=page.clock(), actor=role.value, happened=happened, thing=thing)
