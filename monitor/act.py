"""Act: a human's decision is carried out through the connector, and what truly happened is written down.

No evidence row, no removal; no whole evidence of the newest version, no deletion. What was taken back in time is never
sent. Doing it again after a crash is harmless: connectors treat "already so" and "gone" as done.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select, update

from monitor import items, rechecks
from monitor.crash import point
from monitor.domain import ActionKind, Choice, Done, Item, Means, Outcome
from monitor.drill_mark import NOTHING_DONE, is_drill
from monitor.errors import ConnectorError
from monitor.incidents import open_incident
from monitor.ports import Clock, Connector
from monitor.retrying import LONGEST, UNDO_FOR, pause
from monitor.set_back import ahead
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow, ItemRow
from monitor.whole_copies import is_copied, is_whole

log = structlog.get_logger(__name__)
LEASE = timedelta(minutes=5)

ACTIONS: Mapping[Choice, ActionKind] = {
    Choice.REMOVE: ActionKind.HIDE,
    Choice.DELETE: ActionKind.DELETE,
    Choice.RESTORE: ActionKind.UNHIDE,
    Choice.UNDO: ActionKind.UNHIDE,
    Choice.REPORT: ActionKind.REPORT,
}
_REMOVALS = frozenset({Choice.REMOVE, Choice.DELETE})
_STANDS = frozenset({Done.HIDDEN, Done.VISIBLE, Done.DELETED, Done.GONE})
_NO_COPY = "no copy was kept of this version, so it was not removed; tell your administrator"
_DAMAGED = "what is stored of it is damaged and does not open, so nothing was done; tell your administrator"
_NOT_WHOLE = (
    "the sealed copy of its newest version is missing or does not open unchanged, so it was not deleted; "
    "look at the case again, and tell your administrator if it stays so"
)


@dataclass(frozen=True, slots=True)
class _Task:
    decision_id: int
    choice: Choice
    item: Item | None  # None: it does not open
    account: str
    refusal: str  # why our own rule forbids it; empty: it does not
    attempts: int


def act(store: Store, connectors: Mapping[str, Connector], *, clock: Clock) -> int:
    """Carry out what was decided and is due; `connectors` by account key. Returns how many decisions were tried.

    A network that does not answer is left alone for the rest of the turn, so that it delays the others by one try only.
    """
    tried, tired = 0, set[str]()
    while (task := _lease(store, clock(), tired)) is not None:
        tried += 1
        point("act.leased")
        try:
            outcome = _carry_out(task, connectors.get(task.account))
        except ConnectorError as error:
            if not error.permanent:
                tired.add(task.account)
            _again_or_failed(store, task, error, clock())
            continue
        except Exception as error:  # a bug of ours: say so on the page, never leave the head waiting
            log.exception("act failed", decision=task.decision_id)
            _again_or_failed(
                store, task, ConnectorError(f"an unexpected {type(error).__name__}", permanent=True), clock()
            )
            continue
        point("act.answered")
        _finish(store, task, outcome, clock())
        point("act.stored")
    return tried


def _lease(store: Store, now: datetime, tired: Collection[str]) -> _Task | None:
    """The next decision that is due, but for those of `tired` accounts. What was taken back since, and nobody is carrying
    out, ends here instead of going out, in this same transaction; and nothing overtakes an earlier decision on the same
    case."""
    with store.write() as session:
        _bring_near(session, store, now)
        _end_what_was_taken_back(session, store, now)
        earlier = aliased(DecisionRow)
        row = session.exec(
            select(DecisionRow)
            .where(
                DecisionRow.school_id == store.school,
                col(DecisionRow.done_at).is_(None),
                col(DecisionRow.next_attempt_at) <= now,
                _is_free(now),
                col(DecisionRow.item_id).not_in(select(ItemRow.id).where(col(ItemRow.account).in_(tired))),
                ~select(earlier.id)
                .where(
                    col(earlier.case_id) == col(DecisionRow.case_id),
                    col(earlier.seq) < col(DecisionRow.seq),
                    col(earlier.done_at).is_(None),
                )
                .exists(),
            )
            .order_by(col(DecisionRow.id))
            .limit(1)
        ).first()
        if row is None:
            return None
        row.lease_until = now + LEASE
        row.attempts += 1
        item = session.get_one(ItemRow, row.item_id)
        assert row.id is not None
        return _Task(
            decision_id=row.id,
            choice=Choice(row.choice),
            item=items.opened(item, store.vault),
            account=item.account,
            refusal=_refusal(session, store, row, item),
            attempts=row.attempts,
        )


def _is_free(now: datetime) -> ColumnElement[bool]:
    until = DecisionRow.lease_until
    return col(until).is_(None) | (col(until) <= now) | ahead(until, now + LEASE)


def _bring_near(session: Session, store: Store, now: datetime) -> None:
    """The clock was put back: what was decided before waits as long as it would have, and not until that time comes
    again. What can be taken back still can, for as long."""
    new, deletes = col(DecisionRow.attempts) == 0, col(DecisionRow.choice) == Choice.DELETE.value
    for which, wait in (
        (new & ~deletes, timedelta()),
        (new & deletes, UNDO_FOR),
        (~new, LONGEST),
    ):
        session.exec(
            update(DecisionRow)
            .where(
                col(DecisionRow.school_id) == store.school,
                col(DecisionRow.done_at).is_(None),
                which,
                ahead(DecisionRow.next_attempt_at, now + wait),
            )
            .values(next_attempt_at=now + wait)
        )


def _end_what_was_taken_back(session: Session, store: Store, now: datetime) -> None:
    undo = aliased(DecisionRow)
    taken_back = session.exec(
        select(DecisionRow).where(
            DecisionRow.school_id == store.school,
            col(DecisionRow.done_at).is_(None),
            col(DecisionRow.choice).in_([choice.value for choice in _REMOVALS]),
            _is_free(now),
            select(undo.id)
            .where(
                col(undo.case_id) == col(DecisionRow.case_id),
                col(undo.seq) > col(DecisionRow.seq),
                col(undo.choice) == Choice.UNDO.value,
                col(undo.done_at).is_(None),
            )
            .exists(),
        )
    ).all()
    for row in taken_back:
        row.done_at, row.done, row.lease_until = now, Done.UNDONE.value, None
        row.detail = "Taken back before it was carried out."


def _refusal(session: Session, store: Store, row: DecisionRow, item: ItemRow) -> str:
    """Why our own rule forbids what was decided: copy comes before remove (invariant 3)."""
    assert item.id is not None
    if row.choice == Choice.DELETE:
        return "" if is_whole(session, store, row.case_id, item) else _NOT_WHOLE
    if row.choice == Choice.REMOVE and not is_copied(session, row.case_id, item.id):
        return _NO_COPY
    return ""


def _carry_out(task: _Task, connector: Connector | None) -> Outcome:
    if task.item is None:
        raise ConnectorError(_DAMAGED, permanent=True)
    if is_drill(task.item.external_id):
        return Outcome(Done.REFUSED, NOTHING_DONE)
    if task.refusal:
        return Outcome(Done.REFUSED, task.refusal)
    action = ACTIONS[task.choice]
    if connector is None:
        return Outcome(Done.FAILED, f"the account {task.account} is no longer in the configuration")
    capability = connector.actions[action]
    if action in task.item.refused:
        return Outcome(Done.REFUSED, "the network does not allow this for this item")
    if capability.means is not Means.BY_API:
        return Outcome(
            Done.ASKED if capability.means is Means.GUIDED else Done.REFUSED,
            capability.note or "this network has no way to do it from here",
        )
    return connector.act(action, task.item)


def _again_or_failed(store: Store, task: _Task, error: ConnectorError, now: datetime) -> None:
    wait = pause(error, task.attempts)
    if wait is not None:
        with store.write() as session:
            row = session.get_one(DecisionRow, task.decision_id)
            row.lease_until = None
            row.next_attempt_at = now + wait
            row.detail = "The network did not answer; trying again."
        return
    _finish(store, task, Outcome(Done.FAILED, str(error)), now)
    with store.write() as session:
        open_incident(
            store,
            session,
            f"decision:{task.decision_id}",
            says=f"{task.account}: what a reviewer decided could not be carried out",
            cure=str(error),
            now=now,
        )


def _finish(store: Store, task: _Task, outcome: Outcome, now: datetime) -> None:
    with store.write() as session:
        row = session.get_one(DecisionRow, task.decision_id)
        if row.done_at is not None:
            return
        row.done_at = now
        row.done = outcome.done.value
        row.detail = outcome.detail
        row.read_back = outcome.read_back
        row.lease_until = None
        case = session.get_one(CaseRow, row.case_id)
        if outcome.done in _STANDS:
            case.standing, case.standing_at = outcome.done.value, now
            if task.choice in _REMOVALS:
                rechecks.schedule(session, store, row, now)
            else:
                rechecks.no_longer_needed(session, store, row.case_id, now)
        store.audit(
            session,
            at=now,
            actor="schoolgate",
            happened=f"{row.choice} carried out",
            thing=f"case {case.ref}",
            detail=f"{outcome.done.value}{', read back' if outcome.read_back else ''}",
        )
