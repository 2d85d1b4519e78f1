"""Which cases a viewer may see, as a condition that the database can count by: nothing else may be listed or counted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from alerts.web.context import PageContext, Viewer, seen_as
from monitor.tables import CaseRow


def sight(page: PageContext, session: Session, viewer: Viewer) -> ColumnElement[bool]:
    """The cases that `seen_as` lets this viewer see. It looks at category, roles and bypassed alone, of which a school
    has few kinds however many cases it has, so each kind is asked once."""
    kinds = session.exec(
        select(CaseRow.category, CaseRow.roles, CaseRow.bypassed)
        .where(CaseRow.school_id == page.store.school)
        .distinct()
    ).all()
    seen = [kind for kind in kinds if seen_as(page, viewer, _of_kind(*kind)) is not None]
    mine = col(CaseRow.school_id) == page.store.school
    if not seen:
        return mine & false()
    return mine & tuple_(col(CaseRow.category), col(CaseRow.roles), col(CaseRow.bypassed)).in_(seen)


def _of_kind(category: str, roles: str, bypassed: str) -> CaseRow:
    given: dict[str, Any] = {"category": category, "roles": roles, "bypassed": bypassed}
    return CaseRow(**given)


def for_people(seen: ColumnElement[bool]) -> ColumnElement[bool]:
    """Of those, the cases that are handled: a gathered one only where its viewer may not see the one that leads it."""
    member = aliased(CaseRow)
    leads = select(CaseRow.id).where(
        seen, col(CaseRow.id).in_(select(member.joined_to).where(col(member.joined_to).is_not(None)))
    )
    return and_(seen, or_(col(CaseRow.joined_to).is_(None), col(CaseRow.joined_to).not_in(leads)))
