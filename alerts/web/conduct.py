"""What else the same account did: its other items and cases that the viewer may see, and whether it is a course of
conduct. Counts nothing of a case that is not theirs to see. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, func, select

from alerts import words
from alerts.offers import NOT_A_PROBLEM
from alerts.web import phrases
from alerts.web.context import PageContext, Viewer
from alerts.web.sight import sight
from alerts.words import NEVER_HIDDEN
from monitor.domain import CaseState, ItemKind, Severity
from monitor.tables import CaseRow, ItemRow

_LAW = {
    "england": "Protection from Harassment Act 1997, section 7",
    "scotland": "Protection from Harassment Act 1997, section 8",
    "northern_ireland": "Protection from Harassment (Northern Ireland) Order 1997",
}
_RECENT = 10  # earlier cases shown; the rest is counted


class Event(NamedTuple):
    ref: str
    at: str
    title: str
    came_of_it: str


@dataclass(frozen=True, slots=True)
class Conduct:
    """`says` is one sentence on everything, `course` another where two events or more may be harassment."""

    says: str = ""
    course: str = ""
    events: Sequence[Event] = ()
    more: int = 0


def conduct(
    page: PageContext,
    session: Session,
    viewer: Viewer,
    case: CaseRow,
    row: ItemRow,
    time: words.LocalTime,
) -> Conduct:
    if row.author_id is None:
        return Conduct()
    seen = sight(page, session, viewer)
    same = (
        col(ItemRow.school_id) == page.store.school,
        col(ItemRow.network) == row.network,
        col(ItemRow.author_id) == row.author_id,
        col(ItemRow.kind) != ItemKind.FOLLOWER.value,
        or_(col(ItemRow.account) != row.account, col(ItemRow.external_id) != row.external_id),
    )
    number = _others(session, same, seen)
    rows = session.exec(
        select(CaseRow, ItemRow.posted_at, ItemRow.seen_at)
        .join(ItemRow, col(ItemRow.id) == col(CaseRow.item_id))
        .where(*same, seen, CaseRow.id != case.id)
        .order_by(col(CaseRow.id).desc())
        .limit(_RECENT)
    ).all()
    if not number:
        return Conduct("Nothing else by this account so far.")
    return Conduct(
        f"{words.counted(number, 'other item')} by this account.",
        _course(page, session, case, same, seen, time),
        [
            Event(one.ref, time.full(posted or at), page.title(one.category), _outcome(one))
            for one, posted, at in rows
        ],
        max(0, _cases(session, same, seen) - len(rows)),
    )


def _others(session: Session, same: Sequence[ColumnElement[bool]], seen: ColumnElement[bool]) -> int:
    """Its other items, but for those in a case that the viewer may not see."""
    its = and_(
        col(CaseRow.school_id) == ItemRow.school_id,
        col(CaseRow.account) == ItemRow.account,
        col(CaseRow.kind) == ItemRow.kind,
        col(CaseRow.external_id) == ItemRow.external_id,
    )
    in_a_case = select(CaseRow.id).where(its).correlate(ItemRow).exists()
    in_one_seen = select(CaseRow.id).where(its, seen).correlate(ItemRow).exists()
    return session.exec(
        select(func.count(func.distinct(ItemRow.account + "\0" + ItemRow.external_id))).where(
            *same,
            or_(~in_a_case, in_one_seen),
        )
    ).one()


def _cases(session: Session, same: Sequence[ColumnElement[bool]], seen: ColumnElement[bool]) -> int:
    return session.exec(
        select(func.count())
        .select_from(CaseRow)
        .join(ItemRow, col(ItemRow.id) == col(CaseRow.item_id))
        .where(*same, seen)
    ).one()


def _course(
    page: PageContext,
    session: Session,
    case: CaseRow,
    same: Sequence[ColumnElement[bool]],
    seen: ColumnElement[bool],
    time: words.LocalTime,
) -> str:
    """Events are cases of medium or worse that nobody called no problem; a complaint or the press's question is none.
    Conduct on at least two occasions: Protection from Harassment Act 1997, section 7(3)."""
    if case.severity < Severity.MEDIUM or words.family(case.category) in NEVER_HIDDEN:
        return ""
    at = func.coalesce(ItemRow.posted_at, ItemRow.seen_at)
    thread = func.coalesce(ItemRow.thread_id, ItemRow.parent_id, ItemRow.external_id)
    events, first, posts = session.exec(
        select(func.count(), func.min(at), func.count(func.distinct(ItemRow.account + "\0" + thread)))
        .select_from(CaseRow)
        .join(ItemRow, col(ItemRow.id) == col(CaseRow.item_id))
        .where(
            *same,
            seen,
            CaseRow.severity >= Severity.MEDIUM.value,
            col(CaseRow.category).not_in(sorted(NEVER_HIDDEN)),
            or_(col(CaseRow.outcome).is_(None), col(CaseRow.outcome) != NOT_A_PROBLEM),
        )
    ).one()
    if not events or first is None:
        return ""
    law = _LAW.get(page.jurisdiction, _LAW["england"])
    where = words.counted(posts, "post or conversation", "posts or conversations")
    return (
        f"With this one {events + 1} events, the first {time.full(first)}; the others under {where}. "
        f"Two events or more may be a course of conduct ({law})."
    )


def _outcome(case: CaseRow) -> str:
    state = phrases.STATES[CaseState(case.state)]
    return f"{state}: {case.outcome}" if case.outcome else state
