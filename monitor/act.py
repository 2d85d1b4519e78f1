"""Act: a human's decision is carried out through the connector, and what truly happened is written down.

No evidence row, no removal. Doing it again after a crash is harmless: connectors treat "already so" and "gone" as done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel import col, select

from monitor import items
from monitor.crash import point
from monitor.domain import ActionKind, Choice, Done, Item, Means, Outcome
from monitor.drill_mark import NOTHING_DONE, is_drill
from monitor.errors import ConnectorError
from monitor.incidents import open_incident
from monitor.ports import Clock, Connector
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow, EvidenceRow, ItemRow

log = structlog.get_logger(__name__)
LEASE = timedelta(minutes=5)
_TRIES = 8
_RETRY = timedelta(seconds=30)

ACTIONS: Mapping[Choice, ActionKind] = {
    Choice.REMOVE: ActionKind.HIDE,
    Choice.DELETE: ActionKind.DELETE,
    Choice.RESTORE: ActionKind.UNHIDE,
    Choice.REPORT: ActionKind.REPORT,
}
_REMOVALS = frozenset({Choice.REMOVE, Choice.DELETE})


@dataclass(frozen=True, slots=True)
class _Task:
    decision_id: int
    choice: Choice
    item: Item
    account: str
    copied: bool
    attempts: int


def act(store: Store, connectors: Mapping[str, Connector], *, clock: Clock) -> int:
    """Carry out what was decided and is due; `connectors` by account key. Returns how many decisions were tried."""
    tried = 0
    while (task := _lease(store, clock())) is not None:
        tried += 1
        point("act.leased")
        try:
            outcome = _carry_out(task, connectors.get(task.account))
        except ConnectorError as error:
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


def _lease(store: Store, now: datetime) -> _Task | None:
    with store.write() as session:
        row = session.exec(
            select(DecisionRow)
            .where(
                DecisionRow.school_id == store.school,
                col(DecisionRow.done_at).is_(None),
                col(DecisionRow.next_attempt_at) <= now,
                col(DecisionRow.lease_until).is_(None) | (col(DecisionRow.lease_until) <= now),
            )
            .order_by(col(DecisionRow.id))
            .limit(1)
        ).first()
        if row is None:
            return None
        row.lease_until = now + LEASE
        row.attempts += 1
        item = session.get_one(ItemRow, row.item_id)
        copied = session.exec(
            select(EvidenceRow.id).where(
                EvidenceRow.case_id == row.case_id,
                EvidenceRow.item_id == row.item_id,
                EvidenceRow.sealed != b"",
            )
        ).first()
        assert row.id is not None
        return _Task(
            decision_id=row.id,
            choice=Choice(row.choice),
            item=items.from_row(item, store.vault),
            account=item.account,
            copied=copied is not None,
            attempts=row.attempts,
        )


def _carry_out(task: _Task, connector: Connector | None) -> Outcome:
    if is_drill(task.item.external_id):
        return Outcome(Done.REFUSED, NOTHING_DONE)
    if task.choice in _REMOVALS and not task.copied:
        return Outcome(
            Done.REFUSED, "no copy was kept of this version, so it was not removed; tell your administrator"
        )
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
    if not error.permanent and task.attempts < _TRIES:
        wait = (
            timedelta(seconds=error.retry_after) if error.retry_after else _RETRY * 2 ** (task.attempts - 1)
        )
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
        if outcome.done in {Done.HIDDEN, Done.VISIBLE, Done.DELETED, Done.GONE}:
            case.standing, case.standing_at = outcome.done.value, now
        store.audit(
            session,
            at=now,
            actor="schoolgate",
            happened=f"{row.choice} carried out",
            thing=f"case {case.ref}",
            detail=f"{outcome.done.value}{', read back' if outcome.read_back else ''}",
        )
