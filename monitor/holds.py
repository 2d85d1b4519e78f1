"""Holds: a case, or everything of one author, that is neither pruned nor erased until somebody lifts the hold.

A legal hold is a reviewer's ("the police asked for it"); a restriction is asked for by the person concerned (Article 18
UK GDPR). Both keep; neither stops judging nor hides from reviewers (Article 18(2): protection of others).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, union
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from monitor import keys
from monitor.domain import Role
from monitor.drill_mark import is_drill
from monitor.store import Store
from monitor.tables import CaseRow, ItemRow
from monitor.tables_holds import HoldRow

SEALED = "hold.sealed"
LONGEST = 1000  # characters of a reason
HOLDERS = frozenset({Role.HEADTEACHER, Role.DSL, Role.CHAIR})  # of the cases that they may see
PLACED, LIFTED, ASKED = "hold placed", "hold lifted", "asked whether the hold is still needed"


class Kind(StrEnum):
    LEGAL = "legal"
    RESTRICTION = "restriction"


def standing(school: str) -> ColumnElement[bool]:
    """Holds that stand now."""
    return and_(col(HoldRow.school_id) == school, col(HoldRow.lifted_at).is_(None))


def holds_of(session: Session, school: str, case_id: int | None) -> list[HoldRow]:
    """Those that were placed on this very case and stand, the oldest first."""
    return list(
        session.exec(
            select(HoldRow)
            .where(standing(school), HoldRow.case_id == case_id, col(HoldRow.case_id).is_not(None))
            .order_by(col(HoldRow.id))
        )
    )


def all_holds(session: Session, school: str) -> list[HoldRow]:
    """Every hold that stands, the oldest first."""
    return list(session.exec(select(HoldRow).where(standing(school)).order_by(col(HoldRow.id))))


def place(
    session: Session,
    store: Store,
    case: CaseRow,
    *,
    why: str,
    by: str,
    now: datetime,
    kind: Kind = Kind.LEGAL,
) -> bool:
    """Hold a case, in the caller's transaction; False when it is held in this way already, or is a drill's."""
    if is_drill(case.external_id) or any(
        one.kind == kind for one in holds_of(session, store.school, case.id)
    ):
        return False
    _place(
        session,
        store,
        HoldRow(case_id=case.id, **_said(session, store, why, by, now, kind, case.id)),
        f"case {case.ref}",
        now,
    )
    return True


def restrict(
    session: Session, store: Store, network: str, author_id: str, *, why: str, by: str, now: datetime
) -> bool:
    """Hold everything of one author, by the network's stable id; False when it is held already."""
    there = select(HoldRow.id).where(
        standing(store.school), HoldRow.network == network, HoldRow.author_id == author_id
    )
    if session.exec(there).first() is not None:
        return False
    said = _said(session, store, why, by, now, Kind.RESTRICTION)
    _place(session, store, HoldRow(network=network, author_id=author_id, **said), "", now)
    return True


def lift(session: Session, store: Store, hold: HoldRow, *, by: str, now: datetime) -> None:
    """End a hold, in the caller's transaction. What it kept goes with the next pruning that is due."""
    if hold.lifted_at is not None:
        return
    hold.lifted_at, hold.lifted_by = now, by
    session.add(hold)
    _note(session, store, hold, LIFTED, by, now)


def carry_over(session: Session, store: Store, theirs: Sequence[HoldRow]) -> None:
    """Place here what stands in the database that this one comes in place of, with its reason where that opens. A hold on
    a case that is not in this one is left out."""
    for hold in theirs:
        if hold.case_id is not None:
            there = any(one.kind == hold.kind for one in holds_of(session, store.school, hold.case_id))
            lost = session.get(CaseRow, hold.case_id) is None
        else:
            its = (HoldRow.network == hold.network, HoldRow.author_id == hold.author_id)
            there = session.exec(select(HoldRow.id).where(standing(store.school), *its)).first() is not None
            lost = False
        if not there and not lost:
            mine = HoldRow(**hold.model_dump(exclude={"id"}))
            session.add(mine)
            session.flush()
            _note(session, store, mine, PLACED, hold.placed_by, hold.placed_at)


def note_asked(session: Session, store: Store, hold: HoldRow, now: datetime) -> None:
    """Somebody is asked now whether it is still needed."""
    hold.asked_at = now
    session.add(hold)
    _note(session, store, hold, ASKED, "schoolgate", now)


def reason_of(store: Store, hold: HoldRow) -> str:
    """Why it was placed; empty when that is no longer kept."""
    said: str = store.vault.unseal_json(hold.sealed, SEALED)["why"] if hold.sealed else ""
    return said


def held_cases(school: str) -> Any:
    """The ids of every case that a hold keeps: itself, its author's, what it gathered as a pile-on, and what leads it.

    Each part begins at the holds, which are few, and not at the cases: pruning asks this for every batch.
    """
    named, member = _named(school), aliased(CaseRow)
    gathered = select(CaseRow.id).where(col(CaseRow.joined_to).in_(named))
    leads = select(member.joined_to).where(col(member.id).in_(named), col(member.joined_to).is_not(None))
    every = union(named, gathered, leads).subquery()
    return select(every.c[0])


def held_author(school: str, network: Any, author_id: Any) -> ColumnElement[bool]:
    """Whether everything of the author in these columns is held."""
    return (
        select(HoldRow.id)
        .where(standing(school), HoldRow.network == network, HoldRow.author_id == author_id)
        .exists()
    )


def oldest_held(session: Session, school: str) -> datetime | None:
    """When the oldest held case was opened: from there on the audit log stays."""
    return session.exec(
        select(func.min(CaseRow.opened_at)).where(col(CaseRow.id).in_(held_cases(school)))
    ).one()


def _named(school: str) -> Any:
    """Cases that a hold names, by themselves or by the author of a version of their item."""
    by_author = (
        select(CaseRow.id)
        .join(
            ItemRow,
            and_(
                col(ItemRow.school_id) == CaseRow.school_id,
                col(ItemRow.account) == CaseRow.account,
                col(ItemRow.kind) == CaseRow.kind,
                col(ItemRow.external_id) == CaseRow.external_id,
            ),
        )
        .join(
            HoldRow,
            # + "" keeps SQLite from the holds' index, so that it looks for the items of a hold and not the other way
            and_(
                col(ItemRow.network) == col(HoldRow.network) + "",
                col(ItemRow.author_id) == col(HoldRow.author_id) + "",
            ),
        )
        .where(standing(school), CaseRow.school_id == school)
    )
    by_case = select(HoldRow.case_id).where(standing(school), col(HoldRow.case_id).is_not(None))
    return select(union(by_case, by_author).subquery().c[0])


def _said(
    session: Session, store: Store, why: str, by: str, now: datetime, kind: Kind, case_id: int | None = None
) -> dict[str, Any]:
    return {
        "school_id": store.school,
        "kind": kind.value,
        "sealed": keys.for_case(session, store, case_id, now).seal_json({"why": why}, SEALED),
        "placed_at": now,
        "placed_by": by,
    }


def _place(session: Session, store: Store, hold: HoldRow, thing: str, now: datetime) -> None:
    session.add(hold)
    session.flush()
    store.audit(
        session,
        at=now,
        actor=hold.placed_by,
        happened=PLACED,
        thing=thing or f"hold {hold.id}",
        detail=hold.kind,
    )


def _note(session: Session, store: Store, hold: HoldRow, happened: str, by: str, now: datetime) -> None:
    case = session.get(CaseRow, hold.case_id) if hold.case_id is not None else None
    thing = f"case {case.ref}" if case is not None else f"hold {hold.id}"
    store.audit(session, at=now, actor=by, happened=happened, thing=thing, detail=hold.kind)
