"""Drills: a marked, invented case goes the whole way, and the time that each person took is written down.

A drill begins as a row of somebody's wish; the running service makes the item, and every stage after that treats it as it
treats any other: judged, opened, told, decided. It reaches no network: the act stage and every connector refuse it. It
wakes nobody at night: it begins in waking hours only, and ends with them, unless somebody said otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, delete, func, select

from monitor import items, keys
from monitor.domain import Author, CaseState, Item, ItemKind, Severity
from monitor.drill_mark import PREFIX, TEXTS
from monitor.drill_times import record_of
from monitor.hours import Hours, waking
from monitor.store import Store
from monitor.tables import CaseRow, ItemRow, OutboxRow
from monitor.tables_drill import DrillRow

AUTHOR = "DRILL: nobody wrote this"
LASTS = timedelta(hours=4)  # unanswered, a drill ends then
NEEDED = timedelta(hours=1)  # of waking hours that must be left when one begins
WAITS = timedelta(minutes=30)  # a wish that the service could not fulfil by then is dropped
IN_A_DAY = 3  # drills: an alarm that often is none tires people of alarms


class State(StrEnum):
    ASKED = "asked"
    RUNNING = "running"
    ENDED = "ended"


class How(StrEnum):
    """How a drill ended."""

    ANSWERED = "answered"  # somebody closed its case
    TAKEN = "taken"  # somebody was on it; nobody closed its case
    NOBODY = "nobody"
    NOT_FOUND = "not_found"  # the judge found nothing in it: no case was opened
    LAPSED = "lapsed"  # the service did not get to it in time


class Refusal(StrEnum):
    """Why no drill begins: a sentence with the cure."""

    CATEGORY = f"There is no drill of this category; choose one of: {', '.join(TEXTS)}."
    ACCOUNT = (
        "There is no such account in the configuration, or it is paused; name the key of one that is watched."
    )
    NIGHT = (
        "A drill mails people at once, and this is not within waking hours with an hour of them left; try again in "
        "waking hours, or on the command line add --at-night if everybody knows of it."
    )
    RUNNING = "A drill is going on already; close its case first."
    OFTEN = (
        f"There were {IN_A_DAY} drills within a day; more would tire people of alarms. Try again tomorrow."
    )
    REAL = "A critical case waits for an answer; a drill now would bury it. Try again when somebody is on it."


@dataclass(frozen=True, slots=True)
class Wish:
    category: str
    account: str
    asked_by: str  # a role, "command line" or "schedule"
    at_night: bool = False


def ask(store: Store, wish: Wish, accounts: Sequence[str], hours: Hours, now: datetime) -> DrillRow | Refusal:
    """Note that somebody wants a drill; the running service does it. `accounts`: the keys of those that are watched."""
    with store.write() as session:
        refused = _refusal(session, store, wish, accounts, hours, now)
        if refused is not None:
            return refused
        row = DrillRow(
            school_id=store.school,
            category=wish.category,
            account=wish.account,
            asked_at=now,
            asked_by=wish.asked_by,
            at_night=wish.at_night,
        )
        session.add(row)
        session.flush()
        _audit(session, store, row, "drill asked for", now, actor=wish.asked_by)
    return row


def _refusal(
    session: Session, store: Store, wish: Wish, accounts: Sequence[str], hours: Hours, now: datetime
) -> Refusal | None:
    mine = DrillRow.school_id == store.school
    if wish.category not in TEXTS:
        return Refusal.CATEGORY
    if wish.account not in accounts:
        return Refusal.ACCOUNT
    if not wish.at_night and not is_day(now, hours):
        return Refusal.NIGHT
    if session.exec(select(DrillRow.id).where(mine, DrillRow.state != State.ENDED.value)).first() is not None:
        return Refusal.RUNNING
    lately = (
        select(func.count()).select_from(DrillRow).where(mine, DrillRow.asked_at > now - timedelta(days=1))
    )
    if session.exec(lately).one() >= IN_A_DAY:
        return Refusal.OFTEN
    critical = select(CaseRow.id).where(
        CaseRow.school_id == store.school,
        CaseRow.state == CaseState.OPEN.value,
        CaseRow.severity == Severity.CRITICAL.value,
    )
    return Refusal.REAL if session.exec(critical).first() is not None else None


def is_day(now: datetime, hours: Hours) -> bool:
    """Whether people are awake, and still will be for as long as a drill needs."""
    return waking(now, hours) == now and waking(now + NEEDED, hours) == now + NEEDED


def move(store: Store, networks: Mapping[str, str], hours: Hours, now: datetime) -> int:
    """Begin what was asked for and end what is over; `networks`: of each watched account. Returns how many moved."""
    with store.read() as session:
        rows = session.exec(
            select(DrillRow).where(DrillRow.school_id == store.school, DrillRow.state != State.ENDED.value)
        ).all()
    moved = 0
    for one in rows:
        with store.write() as session:
            row = session.get_one(DrillRow, one.id)
            if row.state == State.ASKED:
                moved += _begin(session, store, row, networks, hours, now)
            else:
                moved += _end_if_over(session, store, row, hours, now)
    return moved


def _begin(
    session: Session,
    store: Store,
    row: DrillRow,
    networks: Mapping[str, str],
    hours: Hours,
    now: datetime,
) -> int:
    late = now > row.asked_at + WAITS or not (row.at_night or is_day(now, hours))
    if late or row.account not in networks:
        return _end(session, store, row, How.LAPSED, now)
    item = Item(
        account=row.account,
        kind=ItemKind.COMMENT,
        external_id=f"{PREFIX}{row.id}",
        text=TEXTS[row.category],
        author=Author(name=AUTHOR),  # no id: it is nobody's first, and nobody's next
        posted_at=now,
        raw={"drill": True},
    )
    made = items.to_row(
        item,
        keys.for_day(session, store, now),
        school=store.school,
        network=networks[row.account],
        version=1,
        now=now,
        baseline=False,
    )
    session.add(made)
    session.flush()
    row.item_id, row.began_at, row.state = made.id, now, State.RUNNING.value
    _audit(session, store, row, "drill begun", now)
    return 1


def _end_if_over(session: Session, store: Store, row: DrillRow, hours: Hours, now: datetime) -> int:
    item = session.get_one(ItemRow, row.item_id)
    case = session.exec(
        select(CaseRow).where(CaseRow.school_id == store.school, CaseRow.item_id == item.id)
    ).first()
    if case is None:
        return _end(session, store, row, How.NOT_FOUND, now) if item.assessed_at is not None else 0
    if row.case_id is None:
        row.case_id, row.ref = case.id, case.ref
        _audit(session, store, row, "drill opened its case", now)
    if case.state == CaseState.CLOSED:
        return _end(session, store, row, How.ANSWERED, now, case)
    began = row.began_at or row.asked_at
    night = not row.at_night and waking(now, hours) != now
    if now < began + LASTS and not night:
        return 0
    how = How.TAKEN if case.acknowledged_at is not None else How.NOBODY
    case.state, case.closed_at, case.closed_by = CaseState.CLOSED.value, now, "schoolgate"
    case.outcome = "drill"
    session.add(case)
    return _end(session, store, row, how, now, case)


def _end(
    session: Session, store: Store, row: DrillRow, how: How, now: datetime, case: CaseRow | None = None
) -> int:
    """Ended, with the times written down and no mail of it left that could still go out, at night or tomorrow."""
    if case is not None:
        row.record = json.dumps(record_of(session, case))
        session.exec(
            delete(OutboxRow).where(
                col(OutboxRow.case_id) == case.id,
                col(OutboxRow.sent_at).is_(None),
                col(OutboxRow.failed_at).is_(None),
                col(OutboxRow.lease_until).is_(None) | (col(OutboxRow.lease_until) <= now),
            )
        )
    row.state, row.how, row.ended_at = State.ENDED.value, how.value, now
    _audit(session, store, row, "drill ended", now, detail=how.value)
    return 1


def _audit(
    session: Session,
    store: Store,
    row: DrillRow,
    happened: str,
    now: datetime,
    *,
    actor: str = "schoolgate",
    detail: str = "",
) -> None:
    said = ", ".join(filter(None, (row.category, row.ref, detail)))
    store.audit(session, at=now, actor=actor, happened=happened, thing=f"DRILL {row.id}", detail=said)


def real_case() -> Any:
    """The condition that a case is no drill: for every figure, count and list that is not about drills."""
    return ~col(CaseRow.external_id).startswith(PREFIX)


def real_item() -> Any:
    """The same of an item."""
    return ~col(ItemRow.external_id).startswith(PREFIX)
