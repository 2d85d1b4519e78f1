"""How long each person took in a drill: told, accepted by the mail server, signed in, decided. Roles and times only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from monitor.domain import Reason
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow, ItemRow, OutboxRow
from monitor.tables_drill import DrillRow
from monitor.tables_people import SignInRow

_ONE_AFTER_ANOTHER = ("told", "accepted", "opened", "decided")


@dataclass(frozen=True, slots=True)
class PersonTimes:
    """One role. `opened`: signed in after being told; None where they had not, or were signed in already. `decided`: their
    first decision on the case. `escalated`: told only because nobody answered."""

    role: str
    told: datetime | None = None
    accepted: datetime | None = None
    opened: datetime | None = None
    decided: datetime | None = None
    escalated: bool = False


@dataclass(frozen=True, slots=True)
class Times:
    seen: datetime | None
    acknowledged: datetime | None
    acknowledged_by: str
    people: tuple[PersonTimes, ...]


def times_of(session: Session, drill: DrillRow) -> Times | None:
    """The times so far, or as written down when it ended; None before it has a case."""
    case = session.get(CaseRow, drill.case_id) if drill.case_id is not None else None
    written = json.loads(drill.record)
    if written:
        return _read(written)
    return _read(record_of(session, case)) if case is not None else None


def record_of(session: Session, case: CaseRow) -> dict[str, Any]:
    """The times of a case as they are kept: ISO times in UTC, by role."""
    item = session.get_one(ItemRow, case.item_id)
    mails = session.exec(
        select(OutboxRow).where(OutboxRow.case_id == case.id).order_by(col(OutboxRow.id))
    ).all()
    decisions = session.exec(
        select(DecisionRow).where(DecisionRow.case_id == case.id).order_by(col(DecisionRow.id))
    ).all()
    roles = dict.fromkeys([*(mail.role for mail in mails), *(one.role for one in decisions)])
    return {
        "seen": _iso(item.seen_at),
        "acknowledged": _iso(case.acknowledged_at),
        "acknowledged_by": case.acknowledged_by or "",
        "people": [
            _person(
                session,
                case,
                role,
                [mail for mail in mails if mail.role == role],
                next((one.created_at for one in decisions if one.role == role), None),
            )
            for role in roles
        ],
    }


def _person(
    session: Session, case: CaseRow, role: str, mails: Sequence[OutboxRow], decided: datetime | None
) -> dict[str, Any]:
    told = mails[0].created_at if mails else None
    accepted = min((mail.sent_at for mail in mails if mail.sent_at is not None), default=None)
    opened = None
    if told is not None:
        opened = session.exec(
            select(SignInRow.created_at)
            .where(
                SignInRow.school_id == case.school_id,
                SignInRow.role == role,
                SignInRow.created_at >= told,
            )
            .order_by(col(SignInRow.created_at))
        ).first()
    return {
        "role": role,
        "told": _iso(told),
        "accepted": _iso(accepted),
        "opened": _iso(opened),
        "decided": _iso(decided),
        "escalated": bool(mails) and mails[0].reason == Reason.ESCALATION.value,
    }


def recent(session: Session, store: Store, most: int = 12) -> Sequence[DrillRow]:
    """The latest drills, newest first."""
    return session.exec(
        select(DrillRow)
        .where(DrillRow.school_id == store.school)
        .order_by(col(DrillRow.id).desc())
        .limit(most)
    ).all()


def after(seen: datetime | None, at: datetime | None) -> str:
    """How long after it was seen, as people say it: "40 s", "6 min", "1 h 5 min"; a dash where it did not happen."""
    if seen is None or at is None:
        return "–"
    passed = max(at - seen, timedelta(0))
    if passed < timedelta(minutes=1):
        return f"{int(passed.total_seconds())} s"
    hours, minutes = divmod(int(passed.total_seconds()) // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _read(written: dict[str, Any]) -> Times:
    return Times(
        seen=_time(written["seen"]),
        acknowledged=_time(written["acknowledged"]),
        acknowledged_by=written["acknowledged_by"],
        people=tuple(
            PersonTimes(
                role=one["role"],
                escalated=one["escalated"],
                **{name: _time(one[name]) for name in _ONE_AFTER_ANOTHER},
            )
            for one in written["people"]
        ),
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _time(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
