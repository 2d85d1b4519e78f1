"""The audit log as it may be shown to whoever looks: ids and fixed words, newest first, and whether its chain holds.

An entry is shown when its kind is known here and is this viewer's; of a case and of its mails, only where the viewer
may see the case. Whatever is unknown stays unshown, and no entry has a number, so that nothing tells of what is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, String, cast, false, literal, or_
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts.follower_words import FOLLOWER_ROLES
from alerts.web.context import PageContext, Viewer, seen_as
from alerts.web.entry import context_of, frame, looking
from alerts.web.render import render
from alerts.words import LocalTime, role_words
from monitor.domain import Reason, Role
from monitor.holds import HOLDERS
from monitor.tables import AuditRow, CaseRow, EvidenceRow, OutboxRow
from monitor.tables_evidence import GivenRow
from monitor.tables_tuning import ProposalRow
from monitor.troubles import KINDS

SHOWN = 50  # entries a page
_ALL = frozenset(Role)
# What an entry is about, by its first words, and who may read it. Of incidents see _incidents, of mails _mails.
ABOUT: dict[str, frozenset[Role]] = {
    "digest ": _ALL,
    "report ": _ALL,
    "retention": _ALL,
    "account ": _ALL,
    "follower ": FOLLOWER_ROLES,
    "followed ": FOLLOWER_ROLES,
    "claim ": FOLLOWER_ROLES,
    "claim page": FOLLOWER_ROLES,
    "import ": FOLLOWER_ROLES | {Role.IT},
    "audit entry ": _ALL,
    "database ": _ALL,
    "DRILL ": _ALL,
    "quarantine ": _ALL,
    "key ": _ALL,
    "day ": _ALL,
    "month ": _ALL,
    "hold ": HOLDERS | {Role.IT},
    "rights request": HOLDERS | {Role.IT},
}
# shown by a rule of their own
OF_THEIR_OWN = ("case ", "message ", "copy ", "given ", "proposal ", "page", "device ", "sign-in ")
_OF_CASES: tuple[tuple[str, Any], ...] = (
    ("message ", OutboxRow),
    ("copy ", EvidenceRow),
    ("given ", GivenRow),
    ("proposal ", ProposalRow),
)
_OPERATIONAL = (Reason.DIGEST, Reason.OPERATIONS, Reason.TEST, Reason.HOLD)
_INCIDENTS = (
    *(kind for kind, one in KINDS.items() if not one.of_case),
    "register",
    "tick",
    "stage",
)  # the last three: of earlier versions


@dataclass(frozen=True, slots=True)
class Line:
    at: str
    who: str
    what: str
    about: str
    case: str  # the reference to link to, or empty
    short: str  # the first figures of the entry's hash, as a digest shows them


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for, as far as it makes sense."""

    case: str
    day: date | None
    page: int

    def at(self, page: int) -> str:
        wanted = {"case": self.case, "day": self.day.isoformat() if self.day else "", "page": page}
        return f"/audit?{urlencode({name: value for name, value in wanted.items() if value})}"


def shown(request: Request) -> Response:
    """GET /audit?case=&day=&page="""
    page, _, _ = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return RedirectResponse("/", 303)
    asked = _asked(request)
    with page.store.read() as session:
        rows = session.exec(
            select(AuditRow)
            .where(*_wanted(session, page, viewer, asked))
            .order_by(col(AuditRow.seq).desc())
            .offset((asked.page - 1) * SHOWN)
            .limit(SHOWN + 1)
        ).all()
        head = session.exec(
            select(AuditRow.hash)
            .where(AuditRow.school_id == page.store.school)
            .order_by(col(AuditRow.seq).desc())
            .limit(1)
        ).first()
    return render(
        "audit.html",
        title="Audit",
        lines=[_line(page, row) for row in rows[:SHOWN]],
        head=head or "",
        holds=page.chain_broken_at is None or page.chain_broken_at() is None,
        checked=page.chain_broken_at is not None,
        case=asked.case,
        day=asked.day.isoformat() if asked.day else "",
        newer=asked.at(asked.page - 1) if asked.page > 1 else "",
        older=asked.at(asked.page + 1) if len(rows) > SHOWN else "",
        filtered=bool(asked.case or asked.day),
        cases=viewer.roles != {Role.IT},
        **frame(page, viewer),
    )


def _asked(request: Request) -> _Asked:
    wanted = request.query_params
    try:
        day = date.fromisoformat(wanted.get("day", ""))
    except ValueError:
        day = None
    number = wanted.get("page", "")
    case = "".join(
        char for char in wanted.get("case", "").upper() if char.isascii() and (char.isalnum() or char == "-")
    )
    return _Asked(
        case[:20],
        day,
        min(int(number), 100_000) if number.isascii() and number.isdigit() and int(number) else 1,
    )


def _wanted(session: Session, page: PageContext, viewer: Viewer, asked: _Asked) -> list[ColumnElement[bool]]:
    seen = {
        row.id: row.ref
        for row in session.exec(select(CaseRow).where(CaseRow.school_id == page.store.school))
        if seen_as(page, viewer, row) is not None
    }
    wanted: list[ColumnElement[bool]] = [col(AuditRow.school_id) == page.store.school]
    if asked.case:
        ids = [number for number, ref in seen.items() if ref == asked.case]
        wanted.append(or_(_cases([asked.case] if ids else []), *_of_cases(page, ids)))
    else:
        wanted.append(
            or_(
                _cases(list(seen.values())),
                *_of_cases(page, list(seen)),
                _operational_mails(viewer),
                _incidents(viewer),
                *(
                    col(AuditRow.thing).startswith(about)
                    for about, roles in ABOUT.items()
                    if viewer.roles & roles
                ),
                _signing_in(viewer),
            )
        )
    if asked.day is not None:
        start = datetime.combine(asked.day, time(), page.timezone).astimezone(UTC)
        end = datetime.combine(asked.day + timedelta(days=1), time(), page.timezone).astimezone(UTC)
        wanted += [col(AuditRow.at) >= start, col(AuditRow.at) < end]
    return wanted


def _cases(refs: list[str]) -> ColumnElement[bool]:
    return col(AuditRow.thing).in_([f"case {ref}" for ref in refs]) if refs else false()


def _of_cases(page: PageContext, cases: list[int | None]) -> list[ColumnElement[bool]]:
    """What belongs to these cases: mails, copies, what was given, changes of rules. What belongs to several, or was
    pruned, is nobody's."""
    return [
        col(AuditRow.thing).in_(
            select(literal(about) + cast(table.id, String)).where(
                table.school_id == page.store.school, col(table.case_id).in_(cases)
            )
        )
        for about, table in _OF_CASES
        if cases
    ]


def _operational_mails(viewer: Viewer) -> ColumnElement[bool]:
    """Mails that are about no case: digests, reports, what is to be mended. Of sign-in codes, one's own."""
    own = col(AuditRow.detail).in_([f"to {role.value}" for role in viewer.roles])
    return col(AuditRow.thing).startswith("message ") & or_(
        col(AuditRow.event).in_([f"mail accepted ({reason.value})" for reason in _OPERATIONAL]),
        (col(AuditRow.event) == f"mail accepted ({Reason.SIGN_IN_CODE.value})") & own,
    )


def _incidents(viewer: Viewer) -> ColumnElement[bool]:
    known: list[ColumnElement[bool]] = [
        (col(AuditRow.thing) == key) | col(AuditRow.thing).startswith(f"{key}:") for key in _INCIDENTS
    ]
    if viewer.roles & FOLLOWER_ROLES:
        known.append(col(AuditRow.thing).startswith("claim:"))
    return col(AuditRow.event).startswith("incident ") & or_(*known)


def _signing_in(viewer: Viewer) -> ColumnElement[bool]:
    """One's own; the technician's, everybody's."""
    coming_in = or_(
        col(AuditRow.thing) == "page",
        col(AuditRow.thing).startswith("device "),
        col(AuditRow.thing).startswith("sign-in "),
    )
    if Role.IT in viewer.roles:
        return coming_in
    return coming_in & col(AuditRow.actor).in_([role.value for role in viewer.roles])


def _line(page: PageContext, row: AuditRow) -> Line:
    case = row.thing.removeprefix("case ") if row.thing.startswith("case ") else ""
    who = role_words(Role(row.actor), page.jurisdiction) if row.actor in set(Role) else row.actor
    words = row.event.replace("_", " ").replace("register.", "register ").replace("letters.", "letters ")
    detail = f" ({row.detail.replace('_', ' ')})" if row.detail else ""
    return Line(
        LocalTime(page.timezone.key).full(row.at),
        who[:1].upper() + who[1:],
        words[:1].upper() + words[1:] + detail,
        "" if case or row.thing == "page" else row.thing.replace("_", " "),
        case,
        row.hash[:12],
    )
