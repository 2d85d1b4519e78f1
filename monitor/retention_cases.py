"""Which cases and items are due to go, as conditions that the database can judge by. Changes nothing itself.

A category may have a time of its own (`[retention.category]`); the most exact name counts, `identifying.name` before
`identifying`. A case that is held (monitor/holds.py) is never due, nor is anything that belongs to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from monitor.domain import CaseState, VerificationState
from monitor.holds import held_author, held_cases
from monitor.tables import CaseRow, DecisionRow, ItemRow
from monitor.tables_evidence import HeadRow
from monitor.tables_people import FollowerRow


def before(now: datetime, usual: timedelta, own: Mapping[str, timedelta]) -> Any:
    """What lies before this is older than a case's category allows: a condition's right side, beside CaseRow."""
    at = UTCDateTime()
    cut = literal(now - usual, at)
    if not own:
        return cut
    exact = sorted(own, key=len, reverse=True)
    return case(*((_is_of(name), literal(now - own[name], at)) for name in exact), else_=cut)


def closed_cases(school: str, cut: Any) -> Any:
    """Cases closed before then, with nothing left to carry out, that nobody holds."""
    waiting = aliased(DecisionRow)
    return select(CaseRow.id).where(
        CaseRow.school_id == school,
        CaseRow.state == CaseState.CLOSED.value,
        col(CaseRow.closed_at) < cut,
        col(CaseRow.id).not_in(select(waiting.case_id).where(col(waiting.done_at).is_(None))),
        col(CaseRow.id).not_in(held_cases(school)),
    )


def of_a_case(table: Any, *which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a row's case is so."""
    return select(CaseRow.id).where(col(CaseRow.id) == table.case_id, *which).exists()


def in_a_case(school: str, *which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether an item, in whatever version, has a case (that is so)."""
    return (
        select(CaseRow.id)
        .where(
            CaseRow.school_id == school,
            CaseRow.account == ItemRow.account,
            CaseRow.kind == ItemRow.kind,
            CaseRow.external_id == ItemRow.external_id,
            *which,
        )
        .exists()
    )


def harmless(school: str, before: datetime) -> ColumnElement[bool]:
    """Items that were judged and are in no case."""
    return (col(ItemRow.seen_at) < before) & ~in_a_case(school) & no_longer_needed(school)


def no_longer_needed(school: str) -> ColumnElement[bool]:
    """Judged, no current follower, nobody's that is held, and nothing that an open or held case answers or stands under."""
    following = select(FollowerRow.item_id).where(FollowerRow.state != VerificationState.LEFT.value)
    return (
        # + "" keeps SQLite from the index on (school_id, assessed_at): batches go by id, and it would sort all of them
        ((col(ItemRow.school_id) + "") == school)
        & col(ItemRow.assessed_at).is_not(None)
        & col(ItemRow.id).not_in(following)
        & and_(*(col(ItemRow.external_id).not_in(ids) for ids in around(school)))
        & ~held_author(school, ItemRow.network, ItemRow.author_id)
    )


def around(school: str) -> list[Any]:
    """The network's ids of what an open or held case answers, and of what it stands under: two queries."""
    about = aliased(ItemRow)
    needed = or_(col(CaseRow.state) != CaseState.CLOSED.value, col(CaseRow.id).in_(held_cases(school)))
    return [
        select(place)
        .join(CaseRow, col(CaseRow.item_id) == about.id)
        .where(CaseRow.school_id == school, needed, place.is_not(None))
        for place in (col(about.parent_id), col(about.thread_id))
    ]


def spared(school: str, table: Any) -> ColumnElement[bool] | None:
    """What a hold keeps of a table, whatever its age: of a case, of a version of its item, of an author. None: nothing
    of that table can belong to one."""
    kept: list[ColumnElement[bool]] = []
    if hasattr(table, "case_id"):
        kept.append(table.case_id.is_not(None) & table.case_id.in_(held_cases(school)))
    if table is ItemRow:
        kept.append(in_a_case(school, col(CaseRow.id).in_(held_cases(school))))
    elif hasattr(table, "item_id"):
        item = select(ItemRow.id).where(
            ItemRow.id == table.item_id, in_a_case(school, col(CaseRow.id).in_(held_cases(school)))
        )
        kept.append(item.exists())
    if table is HeadRow:  # they prove the audit log, which stays from the oldest held case on
        oldest = select(func.min(CaseRow.opened_at)).where(col(CaseRow.id).in_(held_cases(school)))
        kept.append(func.coalesce(col(HeadRow.at) >= oldest.scalar_subquery(), False))
    if hasattr(table, "network") and hasattr(table, "external_id") and table is not ItemRow:
        kept.append(held_author(school, table.network, table.external_id))
    return or_(*kept) if kept else None


def _is_of(name: str) -> ColumnElement[bool]:
    return or_(col(CaseRow.category) == name, col(CaseRow.category).startswith(f"{name}.", autoescape=True))
