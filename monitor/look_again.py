"""Look again: what was removed or reported is asked for once more on its network, and the case says what is true then.

A look costs a read. It never acts: when something is back, or its author edited it, the case is open again and people
are told. Killed anywhere, the next run asks again: reading twice changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, select, update

from monitor import items, keys, rechecks, spend
from monitor.cases import Opening, reopen
from monitor.crash import point
from monitor.domain import Done, Item
from monitor.errors import ConnectorError
from monitor.ingest import is_same, latest
from monitor.poll import TURN, Watch
from monitor.ports import Clock, Looking, Seen
from monitor.rechecks import AFTER, Found
from monitor.retrying import TRIES, pause
from monitor.set_back import ahead
from monitor.store import Store
from monitor.tables import CaseRow, ItemRow
from monitor.tables_rechecks import RecheckRow

log = structlog.get_logger(__name__)
LEASE = timedelta(minutes=5)
LATER = timedelta(hours=1)  # for what only a person or the next month can mend
_SPENT = "This month's paid reads are used; it is looked at when there are reads again."
_AWAY = frozenset({Done.DELETED, Done.GONE})


@dataclass(frozen=True, slots=True)
class _Task:
    case_id: int
    account: str
    item: Item | None  # None: its content is no longer kept
    asked_at: datetime
    attempts: int


def look_again(
    store: Store, watches: Iterable[Watch], opening: Callable[[], Opening], *, clock: Clock
) -> int:
    """Look at every case that a look is due for; returns how many were asked about. Never raises ConnectorError."""
    by_account = {watch.key: watch for watch in watches}
    looked, ends = 0, time.monotonic() + TURN
    while time.monotonic() < ends and (task := _lease(store, by_account, clock())) is not None:
        looked += 1
        watch = by_account.get(task.account)
        if task.item is None or watch is None or not isinstance(watch.connector, Looking):
            _unread(store, task, "There is nobody to ask about it any more.", clock())
            continue
        try:
            seen = watch.connector.look(task.item)
        except ConnectorError as error:
            _again(store, task, error, clock())
            continue
        except Exception as error:  # a bug of ours must not stop the other looks, nor ask again at every tick
            log.exception("looking again failed", case=task.case_id)
            _again(store, task, ConnectorError(f"an unexpected {type(error).__name__}"), clock())
            continue
        point("look.answered")
        _finish(store, task, watch.network, seen, opening(), clock())
        point("look.stored")
    return looked


def _lease(store: Store, watches: Mapping[str, Watch], now: datetime) -> _Task | None:
    """The next case that is due, its looks put off for a while so that a run that dies is followed by another."""
    with store.write() as session:
        _bring_near(session, store, now)
        for first in _due(session, store, now):
            case = session.get_one(CaseRow, first.case_id)
            watch = watches.get(case.account)
            affordable = watch is None or spend.may_read(
                session, store, watch.network, watch.budget, 1.0, now
            )
            rows = _due(session, store, now, case.id)
            for row in rows:
                row.next_attempt_at = now + (LEASE if affordable else LATER)
                row.attempts += int(affordable)
                row.detail = "" if affordable else _SPENT
            if not affordable:
                continue
            newest = session.get_one(ItemRow, case.item_id)
            kept = newest.pruned_at is None and bool(newest.sealed)
            return _Task(
                case_id=case.id or 0,
                account=case.account,
                item=items.opened(newest, store.vault) if kept else None,
                asked_at=now,
                attempts=max(row.attempts for row in rows),
            )
    return None


def _due(session: Session, store: Store, now: datetime, case_id: int | None = None) -> list[RecheckRow]:
    """All that is due, or that of one case: one look answers all of them."""
    query = select(RecheckRow).where(
        RecheckRow.school_id == store.school,
        col(RecheckRow.done_at).is_(None),
        col(RecheckRow.next_attempt_at) <= now,
    )
    if case_id is not None:
        query = query.where(RecheckRow.case_id == case_id)
    return list(session.exec(query.order_by(col(RecheckRow.due_at), col(RecheckRow.id))))


def _bring_near(session: Session, store: Store, now: datetime) -> None:
    """The clock was put back: no look is farther away than its hours, or the longest wait between two."""
    for hours in AFTER:
        wait = timedelta(hours=hours)
        session.exec(
            update(RecheckRow)
            .where(
                col(RecheckRow.school_id) == store.school,
                col(RecheckRow.done_at).is_(None),
                col(RecheckRow.hours) == hours,
                ahead(RecheckRow.next_attempt_at, now + wait),
            )
            .values(due_at=now + wait, next_attempt_at=now + wait)
        )


def _leased(session: Session, store: Store, task: _Task) -> list[RecheckRow]:
    return list(
        session.exec(
            select(RecheckRow).where(
                RecheckRow.school_id == store.school,
                RecheckRow.case_id == task.case_id,
                col(RecheckRow.done_at).is_(None),
                RecheckRow.next_attempt_at == task.asked_at + LEASE,
            )
        )
    )


def _finish(store: Store, task: _Task, network: str, seen: Seen, opening: Opening, now: datetime) -> None:
    with store.write() as session:
        spend.add(session, store, network, seen.reads, now)
        rows = _leased(session, store, task)
        case = session.get_one(CaseRow, task.case_id)
        if case.standing_at is not None and case.standing_at > task.asked_at:
            return  # something was done meanwhile: the answer is older than that, and is asked for again
        was = Done(case.standing)
        came = rechecks.found(was, seen.standing)
        edited = _kept_edit(session, store, network, seen, case, now)
        _stands(case, came, was, now)
        public = came in {Found.PUBLIC, Found.BACK}
        late = public and rechecks.is_overdue(session, store, task.case_id, now)
        for row in rows:
            row.done_at, row.found, row.edited, row.detail = now, came.value, edited, seen.says
            row.nudge = late and row.hours == AFTER[-1]
            store.audit(
                session,
                at=now,
                actor="schoolgate",
                happened="looked again",
                thing=f"case {case.ref}",
                detail=f"after {row.hours} h: {came.value}{', edited' if edited else ''}",
            )
        if rows and (edited or came is Found.BACK):
            because = "its author edited it" if edited else "it is back"
            reopen(session, store, case, opening, because=because, now=now)


def _kept_edit(
    session: Session, store: Store, network: str, seen: Seen, case: CaseRow, now: datetime
) -> bool:
    """Whether the text is another one than the newest that is stored; then it is stored, to be copied and judged."""
    if seen.item is None:
        return False
    newest = latest(session, store, seen.item)
    if newest is None or is_same(store, newest, seen.item):
        return False
    hidden = seen.standing is Done.HIDDEN or (seen.standing is None and case.standing == Done.HIDDEN)
    session.add(
        items.to_row(
            replace(seen.item, hidden=hidden),
            keys.for_case(session, store, case.id, now),
            school=store.school,
            network=network,
            version=newest.version + 1,
            now=now,
            baseline=False,
        )
    )
    return True


def _stands(case: CaseRow, came: Found, was: Done, now: datetime) -> None:
    """What the network says is what is true. That it is gone is no news of what we deleted; what a person was asked to do
    by hand is not done while it is public."""
    if came is Found.GONE:
        case.standing, case.standing_at = (was if was in _AWAY else Done.GONE).value, now
    elif came is Found.HIDDEN:
        case.standing, case.standing_at = Done.HIDDEN.value, now
    elif came is Found.BACK:
        case.standing, case.standing_at = Done.VISIBLE.value, now


def _again(store: Store, task: _Task, error: ConnectorError, now: datetime) -> None:
    if task.attempts >= TRIES:
        _unread(store, task, str(error), now)
        return
    with store.write() as session:
        for row in _leased(session, store, task):
            row.next_attempt_at = now + (pause(error, task.attempts) or LATER)
            row.detail = "The network did not answer; it is asked again."


def _unread(store: Store, task: _Task, says: str, now: datetime) -> None:
    with store.write() as session:
        for row in _leased(session, store, task):
            row.done_at, row.found, row.detail = now, Found.UNREAD.value, says
