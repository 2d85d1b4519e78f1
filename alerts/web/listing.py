"""The list of cases: those that a viewer may see and asked for, a page at a time, with counts. Reads only, in as many
statements for ten thousand cases as for one; no word of a comment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy import case as case_when
from sqlmodel import Session, col, select

from alerts import words
from alerts.web import phrases
from alerts.web.context import PageContext, Viewer
from alerts.web.filters import OLDER, Wanted, reference
from alerts.web.sight import for_people, sight
from monitor.domain import CaseState, Done, Severity
from monitor.drill_mark import is_drill
from monitor.tables import CaseRow, ItemRow
from monitor.tables_cases import PileRow

DRILL = "DRILL: "
PER_PAGE = 40
_HEADINGS: Mapping[str, str] = {
    CaseState.OPEN.value: "Waiting for you",
    CaseState.ACKNOWLEDGED.value: "Somebody is on it",
    CaseState.CLOSED.value: "Closed",
}
_RANK = {CaseState.OPEN.value: 0, CaseState.ACKNOWLEDGED.value: 1, CaseState.CLOSED.value: 2}


@dataclass(frozen=True, slots=True)
class Line:
    """One case in the list: no word of the comment. `pile`: how many comments it gathers, 0 for one alone."""

    ref: str
    title: str
    call: str
    tone: str
    network: str
    age: str
    state: str
    standing: str
    waits: bool
    pile: int = 0
    who: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    count: int
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Listing:
    """`counts`: cases by state, of those that were asked for in whatever state."""

    sections: Sequence[Section]
    counts: Mapping[str, int]
    total: int
    page: int
    pages: int


def listing(page: PageContext, session: Session, viewer: Viewer, asked: Wanted, now: datetime) -> Listing:
    """Waiting first, worst first, oldest first; the closed ones newest first. A page past the end is the last."""
    seen = for_people(sight(page, session, viewer))
    which = _which(asked, viewer, now)
    counts = dict(
        session.exec(
            select(CaseRow.state, func.count()).where(seen, which).group_by(col(CaseRow.state))
        ).all()
    )
    total = counts.get(asked.state.value, 0) if asked.state else sum(counts.values())
    pages = max(1, -(-total // PER_PAGE))
    at = min(asked.page, pages)
    if asked.state is not None:
        which = and_(which, col(CaseRow.state) == asked.state.value)
    start = (at - 1) * PER_PAGE
    if asked.by == "thread":
        sections = _by_thread(page, session, seen & which, start, now)
    else:
        rows = session.exec(
            select(CaseRow).where(seen, which).order_by(*_order()).offset(start).limit(PER_PAGE)
        ).all()
        piles = _piles(session, rows)
        sections = [
            Section(_HEADINGS[state], counts.get(state, 0), [line(page, row, now, piles) for row in some])
            for state, some in groupby(rows, key=lambda row: row.state)
        ]
    return Listing(sections, counts, total, at, pages)


def found(page: PageContext, session: Session, viewer: Viewer, written: str) -> str | None:
    """The whole reference of a case that this viewer may see, from what they typed of it."""
    meant = reference(written)
    if meant is None:
        return None
    ref = session.exec(
        select(CaseRow.ref).where(sight(page, session, viewer), CaseRow.number == meant[1])
    ).first()
    return ref if ref is not None and ref.startswith(f"{meant[0]}-" if meant[0] else "") else None


def line(page: PageContext, case: CaseRow, now: datetime, piles: Mapping[int, int] | None = None) -> Line:
    severity = Severity(case.severity)
    who = ""
    if case.state == CaseState.ACKNOWLEDGED and case.acknowledged_by:
        who = phrases.role_name(case.acknowledged_by, page.jurisdiction)
    return Line(
        ref=case.ref,
        title=f"{DRILL if is_drill(case.external_id) else ''}{page.title(case.category)}",
        call=words.CALL[severity],
        tone=severity.word,
        network=words.network_words(case.network)[0],
        age=phrases.ago(case.opened_at, now),
        state=phrases.STATES[CaseState(case.state)],
        standing=phrases.CAME_OF_IT[Done(case.standing)] if case.standing != Done.VISIBLE else "Still public",
        waits=case.state == CaseState.OPEN,
        pile=(piles or {}).get(case.id or 0, 0),
        who=who,
    )


def _which(asked: Wanted, viewer: Viewer, now: datetime) -> ColumnElement[bool]:
    """Everything that was asked for but the state, which is counted by."""
    parts: list[ColumnElement[bool]] = [col(CaseRow.id).is_not(None)]
    if asked.severity is not None:
        parts.append(col(CaseRow.severity) == asked.severity.value)
    if asked.about:
        parts.append(
            or_(col(CaseRow.category) == asked.about, col(CaseRow.category).startswith(f"{asked.about}."))
        )
    if asked.account:
        parts.append(col(CaseRow.account) == asked.account)
    if asked.older:
        parts.append(col(CaseRow.opened_at) < now - OLDER[asked.older][1])
    roles = sorted(role.value for role in viewer.roles)
    if asked.whose == "me":
        told = ("," + col(CaseRow.roles)) + ","
        parts += [
            col(CaseRow.state) == CaseState.OPEN.value,
            or_(*(told.contains(f",{role},") for role in roles)),
        ]
    elif asked.whose == "mine":
        parts += [
            col(CaseRow.state) == CaseState.ACKNOWLEDGED.value,
            col(CaseRow.acknowledged_by).in_(roles),
        ]
    return and_(*parts)


def _order() -> tuple[Any, ...]:
    closed = col(CaseRow.state) == CaseState.CLOSED.value
    return (
        case_when(_RANK, value=col(CaseRow.state)),
        case_when((closed, 0), else_=col(CaseRow.severity)).desc(),
        case_when((closed, col(CaseRow.closed_at))).desc(),
        col(CaseRow.opened_at),
        col(CaseRow.id),
    )


def _by_thread(
    page: PageContext, session: Session, which: ColumnElement[bool], start: int, now: datetime
) -> list[Section]:
    """What stands under one post or conversation together, the newest of them first."""
    thread = func.coalesce(ItemRow.thread_id, ItemRow.parent_id, ItemRow.external_id)
    same: dict[str, Any] = {"partition_by": (col(CaseRow.account), thread)}
    rows = session.exec(
        select(CaseRow, thread, func.count().over(**same))
        .join(ItemRow, col(ItemRow.id) == CaseRow.item_id)
        .where(which)
        .order_by(func.max(CaseRow.id).over(**same).desc(), col(CaseRow.account), thread, *_order())
        .offset(start)
        .limit(PER_PAGE)
    ).all()
    piles = _piles(session, [case for case, _, _ in rows])
    sections = []
    for _, group in groupby(rows, key=lambda row: (row[0].account, row[1])):
        some = list(group)
        network = words.network_words(some[0][0].network)[0]
        sections.append(
            Section(
                f"Under one post on {network}" if some[0][2] > 1 else f"By itself on {network}",
                some[0][2],
                [line(page, case, now, piles) for case, _, _ in some],
            )
        )
    return sections


def _piles(session: Session, rows: Sequence[CaseRow]) -> dict[int, int]:
    ids = [row.id for row in rows]
    return dict(
        session.exec(select(PileRow.case_id, PileRow.items).where(col(PileRow.case_id).in_(ids))).all()
    )
