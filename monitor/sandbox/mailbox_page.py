"""A small page to read the captured mails, on a phone too. GET only, on loopback.

What a mail holds is somebody else's text: it is escaped, its HTML is shown in a frame that runs nothing and loads nothing,
and its headers never reach ours. The page must not change anything and must not fetch anything.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from monitor.sandbox.mailbox import Mail, Mailbox

# Only our own links are made clickable: the sandbox's pages live on loopback.
LINK = re.compile(r"https?://(?:127\.0\.0\.1|localhost)(?::\d{1,5})?/[^\s<>\"']*")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
SHOWN_HEADERS = ("From", "To", "Date", "Message-ID", "In-Reply-To", "References", "X-Schoolgate-Reason")

# The frame inherits these. Styles may be inline, as they are in mails; nothing may run or be loaded.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
# A link in a mail opens a new tab; the frame itself goes nowhere.
FRAME_START = (
    "<!doctype html><meta charset=utf-8><meta http-equiv=Content-Security-Policy content=\"default-src 'none';"
    " style-src 'unsafe-inline'\"><base target=_blank>"
)


class Row(NamedTuple):
    """One line of the list."""

    number: int
    time: str
    to: str
    subject: str


def mailbox_app(mailbox: Mailbox, *, timezone: str = "Europe/London") -> Starlette:
    """The application: `/` lists (`?to=` filters by recipient), `/mail/{number}` shows one, `/mail/{number}/raw` its source."""
    zone = ZoneInfo(timezone)
    pages = Environment(
        loader=PackageLoader("monitor.sandbox", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def page(template: str, status: int = 200, **values: object) -> HTMLResponse:
        return HTMLResponse(pages.get_template(template).render(values), status, HEADERS)

    def found(request: Request) -> Mail | None:
        return mailbox.number(int(request.path_params["number"]))

    def listed(request: Request) -> Response:
        to = request.query_params.get("to", "")
        mails = mailbox.to(to) if to else mailbox.all()
        names = sorted({name.lower() for mail in mailbox.all() for name in mail.recipients})
        rows = [_row(mail, zone) for mail in reversed(mails)]
        return page("mailbox_list.html", rows=rows, names=names, to=to)

    def shown(request: Request) -> Response:
        mail = found(request)
        if mail is None:
            return page("mailbox_missing.html", 404)
        html = mail.body("html")
        return page(
            "mailbox_mail.html",
            mail=_row(mail, zone),
            headers=[(name, clean(str(mail.message[name]))) for name in SHOWN_HEADERS if mail.message[name]],
            tls=mail.tls,
            pieces=pieces(mail.body("plain") or ""),
            frame=None if html is None else FRAME_START + html,
        )

    def raw(request: Request) -> Response:
        mail = found(request)
        if mail is None:
            return page("mailbox_missing.html", 404)
        return PlainTextResponse(mail.raw.decode("utf-8", "backslashreplace"), headers=HEADERS)

    def missing(_request: Request, _error: Exception) -> Response:
        return page("mailbox_missing.html", 404)

    return Starlette(
        routes=[
            Route("/", listed, methods=["GET"]),
            Route("/mail/{number:int}", shown, methods=["GET"]),
            Route("/mail/{number:int}/raw", raw, methods=["GET"]),
        ],
        # another site's page cannot read the mails by giving 127.0.0.1 a name of its own (DNS rebinding)
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
        exception_handlers={404: missing},
    )


def clean(text: str) -> str:
    """Without characters that are not seen but change what is: control and bidi characters become U+FFFD."""
    return CONTROL.sub("\ufffd", text)


def pieces(text: str) -> list[tuple[str, bool]]:
    """`text` cut into (piece, is a link to one of our own pages)."""
    text = clean(text)
    cut: list[tuple[str, bool]] = []
    end = 0
    for match in LINK.finditer(text):
        link = match.group().rstrip(".,;:!?)")
        cut += [(text[end : match.start()], False), (link, True)]
        end = match.start() + len(link)
    return [*cut, (text[end:], False)]


def _row(mail: Mail, zone: ZoneInfo) -> Row:
    subject = clean(str(mail.message["Subject"] or "")) or "(no subject)"
    return Row(mail.number, _time(mail.at, zone), ", ".join(map(clean, mail.recipients)), subject)


def _time(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%a %d %b %H:%M:%S")
