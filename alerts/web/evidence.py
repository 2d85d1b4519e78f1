"""Evidence on the case page: the export as a download, what people give, and what the record says of both.

Nothing that was given is ever shown by a page of ours: it goes out as it came, as a download.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from alerts import safe
from alerts.export.bundle import bundle, exported
from alerts.export.history import categories_of, given_of, who
from alerts.export.sheets import NEVER_LOOK
from alerts.web.context import PageContext, Viewer, case_for
from alerts.web.entry import context_of, frame, gone, looking, refused, signed_out
from alerts.web.guards import came_from_here, form_token, in_utf8, posts, token_holds
from alerts.web.render import render
from alerts.words import LocalTime
from monitor.evidence import is_withheld
from monitor.given import (
    FILE,
    LONGEST,
    MOST_BYTES,
    MOST_IN_A_CASE,
    Kind,
    Provenance,
    keep_given,
    kind_of,
    may_be_given,
    provenance_of,
)
from monitor.tables import CaseRow
from monitor.tables_evidence import GivenRow

RELATIONS: Mapping[str, str] = {
    "parent": "A parent or carer",
    "pupil": "A pupil",
    "staff": "A member of staff",
    "governor": "A governor",
    "public": "Another person",
}
_FORM = 64 * 1024  # bytes beside the file
_REFUSED = {
    "none": "No file came with the form. Choose one and send it again.",
    "kind": "Only pictures (PNG, JPEG), PDF and plain text are taken in, judged by what is in the file, not by its name.",
    "relation": "Say who gave it.",
    "date": "Say on which day it was received: today or earlier.",
    "many": f"This case holds {MOST_IN_A_CASE} files already. Put several pages into one PDF.",
    "category": f"No file is taken in for a case like this. {NEVER_LOOK}",
}


class Given(NamedTuple):
    number: int
    kind: str
    size: str
    who: str
    received: str
    entered: str
    sha256: str
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Record:
    """`warning`: what must not be done with pictures; empty where nothing of the kind was found."""

    given: list[Given]
    warning: str
    may_give: bool
    relations: Mapping[str, str]
    today: str
    longest: int
    most: str
    export_token: str
    given_token: str


def record_of(page: PageContext, session: Session, viewer: Viewer, case: CaseRow, now: datetime) -> Record:
    """What the record of a case says beside decisions and copies; for a viewer who may see it."""
    rows = given_of(page, session, case)
    found = categories_of(page, session, case)
    return Record(
        given=[_given(page, row, number, now) for number, row in enumerate(rows, 1)],
        warning=NEVER_LOOK if is_withheld(found, has_media=True) else "",
        may_give=all(map(may_be_given, found)),
        relations=RELATIONS,
        today=now.astimezone(page.timezone).date().isoformat(),
        longest=LONGEST,
        most=_size(MOST_BYTES),
        export_token=form_token(page.store.vault, viewer, "export", case.ref),
        given_token=form_token(page.store.vault, viewer, "give", case.ref, len(rows)),
    )


def export(request: Request, form: Mapping[str, str]) -> Response:
    """POST /case/{ref}/export: the ZIP as a download, on record before its first byte goes out."""
    page, _, now = context_of(request)
    viewer, ref = looking(request), request.path_params["ref"]
    if viewer is None:
        return signed_out(page)
    if not token_holds(page.store.vault, viewer, form.get("token", ""), "export", ref):
        return refused(page, viewer)
    with page.store.read() as session:
        mine = case_for(page, session, viewer, ref)
        if mine is None:
            return gone(page, viewer)
        row, role = mine
        one = bundle(page, session, row, role, now)
    with page.store.write() as session:
        exported(page, session, row, one, role, now, how="from the page")
    return _download(one.body, one.name, "application/zip")


def handed_back(request: Request) -> Response:
    """GET /case/{ref}/given/{number}: what somebody gave, byte for byte as it came."""
    page, _, _ = context_of(request)
    viewer, ref, number = looking(request), request.path_params["ref"], request.path_params["number"]
    if viewer is None:
        return RedirectResponse("/", 303)
    with page.store.read() as session:
        mine = case_for(page, session, viewer, ref)
        if mine is None:
            return gone(page, viewer)
        row, _ = mine
        rows = given_of(page, session, row)
        if not 1 <= number <= len(rows) or not rows[number - 1].sealed:
            return gone(page, viewer)
        body, kind = page.store.vault.unseal(rows[number - 1].sealed, FILE), rows[number - 1].kind
    return _download(body, f"{row.ref}-given-{number}.{kind}", "application/octet-stream")


class _InMemory(MultiPartParser):
    """Nothing that was given touches the disk in clear."""

    spool_max_size = MOST_BYTES + _FORM


async def give(request: Request) -> Response:
    """POST /case/{ref}/given: one file with who gave it. Read only for whoever is signed in and may see the case."""
    page, _, _ = context_of(request)
    if not came_from_here(page, request):
        raise HTTPException(403)
    viewer = await run_in_threadpool(looking, request)
    if viewer is None:
        return signed_out(page)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise HTTPException(400)
    if not in_utf8(request):
        raise HTTPException(415)
    try:
        parser = _InMemory(request.headers, request.stream(), max_files=1, max_fields=10, max_part_size=_FORM)
        data = await parser.parse()
    except MultiPartException as error:
        raise HTTPException(400) from error
    try:
        sent = data.get("file")
        body = b"" if sent is None or isinstance(sent, str) else await sent.read()
        form = {name: value for name, value in data.items() if isinstance(value, str)}
    finally:
        await data.close()
    return await run_in_threadpool(_taken, request, viewer, form, body)


def _taken(request: Request, viewer: Viewer, form: Mapping[str, str], body: bytes) -> Response:
    page, _, now = context_of(request)
    ref = request.path_params["ref"]
    with page.store.write() as session:
        mine = case_for(page, session, viewer, ref)
        if mine is None:
            return gone(page, viewer)
        case, role = mine
        there = len(given_of(page, session, case))
        if not token_holds(page.store.vault, viewer, form.get("token", ""), "give", ref, there):
            return refused(page, viewer)
        kind, received = kind_of(body), _received(page, form.get("received", ""), now)
        wrong = _wrong(page, session, case, form, body, kind, received, there)
        if wrong or kind is None or received is None:
            return render(
                "given_refused.html",
                status=422,
                title="It was not taken in",
                says=_REFUSED[wrong or "kind"],
                ref=ref,
                **frame(page, viewer),
            )
        said = Provenance(
            RELATIONS[form["relation"]],
            safe.clean(form.get("name", ""), LONGEST),
            safe.clean(form.get("note", ""), LONGEST * 5, lines=True),
        )
        keep_given(session, page.store, case, body, kind, said, received_at=received, by=role, now=now)
    return RedirectResponse(f"/case/{ref}#h-given", 303)


def _wrong(
    page: PageContext,
    session: Session,
    case: CaseRow,
    form: Mapping[str, str],
    body: bytes,
    kind: Kind | None,
    received: datetime | None,
    there: int,
) -> str:
    found = categories_of(page, session, case)
    checks = (
        ("category", not all(map(may_be_given, found))),
        ("many", there >= MOST_IN_A_CASE),
        ("none", not body),
        ("kind", kind is None),
        ("relation", form.get("relation") not in RELATIONS),
        ("date", received is None),
    )
    return next((name for name, is_so in checks if is_so), "")


def _received(page: PageContext, given: str, now: datetime) -> datetime | None:
    """The day it was received, as noon in the school's zone, or now where that is earlier; None: no day, or to come."""
    try:
        day = date.fromisoformat(given)
    except ValueError:
        return None
    today = now.astimezone(page.timezone).date()
    if not today - timedelta(days=3650) <= day <= today:
        return None
    return min(now, datetime.combine(day, time(12), page.timezone))


def _given(page: PageContext, row: GivenRow, number: int, now: datetime) -> Given:
    said, local = provenance_of(page.store, row), LocalTime(page.timezone.key)
    name = f": {safe.shown(said.name, LONGEST)}" if said and said.name else ""
    return Given(
        number=number,
        kind=row.kind.upper(),
        size=_size(row.size),
        who=f"{said.relation}{name}" if said else "no longer kept",
        received=local.full(row.received_at).partition(",")[0],
        entered=f"{local.near(row.entered_at, now)} by {who(page, row.entered_by)[0].lower()}{who(page, row.entered_by)[1:]}",
        sha256=row.sha256,
        is_kept=bool(row.sealed),
    )


def _size(count: int) -> str:
    return f"{count / 1024 / 1024:.0f} MB" if count >= 1024 * 1024 else f"{max(1, count // 1024)} kB"


def _download(body: bytes, name: str, kind: str) -> Response:
    return Response(body, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


ROUTES = (
    Route("/case/{ref}/export", posts(export), methods=["POST"]),
    Route("/case/{ref}/given/{number:int}", handed_back),
    Route(
        "/case/{ref}/given",
        give,
        methods=["POST"],
        middleware=[Middleware(RequestBodyLimitMiddleware, max_body_size=MOST_BYTES + _FORM)],
    ),
)
