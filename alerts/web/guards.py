"""What every request passes: the host, the size, the headers, the origin of a POST, the cookies, the form tokens.

Nothing here knows a case.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from traceback import extract_tb

import structlog
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alerts import sessions
from alerts.web.context import PageContext, Viewer
from alerts.web.render import render
from monitor.vault import Vault, token_hash

log = structlog.get_logger(__name__)
BODY_LIMIT = 64 * 1024  # bytes
_FIELDS = 20
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_HSTS = "max-age=31536000"
SEEN = "seen_cookie"  # in request.state: a whole Set-Cookie value


class Shield:
    """Outermost: security headers on every answer, and a small page with a reference when something of ours broke."""

    def __init__(self, app: ASGIApp, page: PageContext) -> None:
        self.app = app
        self.headers = HEADERS | ({"Strict-Transport-Security": _HSTS} if page.over_https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False
        said: dict[str, str] = scope.setdefault("state", {})  # request.state: what `looking` leaves there

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers[name] = value
                if cookie := said.get(SEEN):
                    headers.append("Set-Cookie", cookie)
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception as error:
            reference = secrets.token_hex(4)
            frames = extract_tb(error.__traceback__)[-3:]
            # not the message: it may hold what a person wrote
            log.error(  # noqa: TRY400
                "page failed",
                reference=reference,
                error=type(error).__name__,
                at=[f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames],
            )
            if started:
                raise
            answer = render("error.html", status=500, title="Something went wrong", reference=reference)
            await answer(scope, receive, send_with_headers)


def came_from_here(page: PageContext, request: Request) -> bool:
    """Whether a POST may have come from our own page: what the browser says in Sec-Fetch-Site and Origin.

    Under `Referrer-Policy: no-referrer` browsers send `Origin: null` (Fetch standard, 3.2), so null proves nothing;
    browsers without Sec-Fetch-Site are held by SameSite=Lax and the form token alone.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("origin")
    return origin in {None, "null"} or (origin or "").lower() == page.origin


class Cookies:
    """`sign_in` for the reviewer's browser, `seen` for when it last asked for something, `device` for one that is
    remembered, `challenge` for the one that waits for a code, `elsewhere` for a reviewer's that signs in at the school's
    own accounts, `proof` for a family's that signs in at a network.

    SameSite is Lax and not Strict: a link in webmail comes from another site, and under Strict neither the sign-in nor
    the remembered device would be there when it opens. A POST from another site carries none of them.

    Over https all carry the __Host- prefix, which needs Secure. Over plain http on loopback (the demo) some browsers
    and every test client refuse such cookies, so the plain names are used there and only there.
    """

    def __init__(self, page: PageContext) -> None:
        prefix = "__Host-" if page.over_https else ""
        self.secure = page.over_https
        self.sign_in = f"{prefix}schoolgate"
        self.challenge = f"{prefix}schoolgate-code"
        self.proof = f"{prefix}schoolgate-proof"
        self.seen = f"{prefix}schoolgate-seen"
        self.device = f"{prefix}schoolgate-device"
        self.elsewhere = f"{prefix}schoolgate-elsewhere"

    def put(self, response: Response, name: str, value: str, lasts: timedelta) -> None:
        response.set_cookie(
            name,
            value,
            max_age=int(lasts.total_seconds()),
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def drop(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", secure=self.secure, httponly=True, samesite="lax")


def form_token(vault: Vault, viewer: Viewer, *purpose: object) -> str:
    """A token for one form: it holds for this sign-in and this purpose (such as one case at one count of decisions)
    and for nothing else, so it is spent with the decision that it made."""
    message = "\0".join([viewer.signed_in.key, *(str(part) for part in purpose)])
    return hmac.new(vault.key("page form"), message.encode(), "sha256").hexdigest()


def token_holds(vault: Vault, viewer: Viewer, given: str, *purpose: object) -> bool:
    return hmac.compare_digest(form_token(vault, viewer, *purpose).encode(), given.encode("utf-8", "replace"))


def posts(
    answer: Callable[[Request, Mapping[str, str]], Response],
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that reads its form, refuses what another site sent, and runs `answer` in a thread."""

    async def endpoint(request: Request) -> Response:
        page: PageContext = request.app.state.page
        if not came_from_here(page, request):
            raise HTTPException(403)
        if not in_utf8(request):
            raise HTTPException(415)
        async with request.form(max_files=0, max_fields=_FIELDS, max_part_size=BODY_LIMIT) as data:
            form = {name: value for name, value in data.items() if isinstance(value, str)}
        return await run_in_threadpool(_answered, answer, request, form)

    return endpoint


def in_utf8(request: Request) -> bool:
    """Whether a form says that it is in UTF-8, or says nothing, as browsers do. In a coding of the sender's choice it may hold
    half characters that nothing can store, or be no text at all."""
    _, parameters = parse_options_header(request.headers.get("content-type"))
    return parameters.get(b"charset", b"utf-8").lower() in {b"utf-8", b"utf8"}


def _answered(
    answer: Callable[[Request, Mapping[str, str]], Response], request: Request, form: Mapping[str, str]
) -> Response:
    """The answer; when whoever sent the form was signed in, the time is noted with their sign-in."""
    given = answer(request, form)
    if hasattr(request.state, SEEN):
        page: PageContext = request.app.state.page
        token = request.cookies[request.app.state.cookies.sign_in]
        with page.store.write() as session:
            sessions.used(page.store, session, token_hash(token), now=page.sure_now())
    return given
