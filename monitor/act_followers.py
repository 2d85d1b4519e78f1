"""Act, for followers: what was decided of a follower and the network does by its API is carried out, and told truly.

Doing it again after a crash is harmless: connectors treat "already so" and "gone" as done.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime

import structlog
from sqlmodel import col, select

from monitor import follower_rows, items
from monitor.domain import ActionKind, Done, Item, Outcome
from monitor.errors import ConnectorError
from monitor.incidents import open_incident
from monitor.poll import TURN
from monitor.ports import Clock, Connector
from monitor.retrying import LONGEST, pause
from monitor.set_back import ahead
from monitor.store import Store
from monitor.tables import ItemRow
from monitor.tables_people import FollowerRow, FollowerStepRow

log = structlog.get_logger(__name__)


def act_followers(store: Store, connectors: Mapping[str, Connector], *, clock: Clock) -> int:
    """Carry out every step by API that is due, of decisions that stand; returns how many were tried."""
    tried, ends = 0, time.monotonic() + TURN
    for step_id in _due(store, clock()):
        if time.monotonic() > ends:  # a network that hangs must not hold the others up: the next turn goes on
            break
        task = _task(store, step_id)
        if task is None:  # taken back meanwhile
            continue
        action, item = task
        tried += 1
        connector = connectors.get(item.account)
        try:
            if connector is None:
                _finish(store, step_id, Outcome(Done.FAILED, "the account is no longer configured"), clock())
                continue
            _finish(store, step_id, connector.act(action, item), clock())
        except ConnectorError as error:
            _again_or_failed(store, step_id, error, clock())
        except Exception as error:  # a bug of ours: say so on the page, never leave the office waiting
            log.exception("acting on a follower failed", step=step_id)
            unexpected = ConnectorError(f"an unexpected {type(error).__name__}", permanent=True)
            _again_or_failed(store, step_id, unexpected, clock())
    return tried


def _due(store: Store, now: datetime) -> list[int]:
    with store.read() as session:
        rows = session.exec(
            select(FollowerStepRow.id)
            .where(
                FollowerStepRow.school_id == store.school,
                (col(FollowerStepRow.next_attempt_at) <= now)
                | ahead(FollowerStepRow.next_attempt_at, now + LONGEST)
                | ((col(FollowerStepRow.tried) == 0) & ahead(FollowerStepRow.next_attempt_at, now)),
            )
            .order_by(col(FollowerStepRow.id))
        ).all()
    return [row for row in rows if row is not None]


def _task(store: Store, step_id: int) -> tuple[ActionKind, Item] | None:
    """What to do to whom; None when the decision was taken back, and then nothing is left to try."""
    with store.write() as session:
        step = session.get_one(FollowerStepRow, step_id)
        standing = {one.id for one, _, _ in follower_rows.steps(store, session)}
        if step_id not in standing:
            step.next_attempt_at = None
            return None
        step.tried += 1
        follower = session.get_one(FollowerRow, step.follower_id)
        item = items.from_row(session.get_one(ItemRow, follower.item_id), store.vault)
        return ActionKind(step.action), item


def _again_or_failed(store: Store, step_id: int, error: ConnectorError, now: datetime) -> None:
    with store.write() as session:
        step = session.get_one(FollowerStepRow, step_id)
        wait = pause(error, step.tried)
        if wait is not None:
            step.next_attempt_at = now + wait
            step.detail = "The network did not answer; it is tried again."
            return
    _finish(store, step_id, Outcome(Done.FAILED, str(error)), now)
    with store.write() as session:
        open_incident(
            store,
            session,
            f"follower step:{step_id}",
            says="what was decided of a follower could not be carried out",
            cure=str(error),
            now=now,
        )


def _finish(store: Store, step_id: int, outcome: Outcome, now: datetime) -> None:
    with store.write() as session:
        step = session.get_one(FollowerStepRow, step_id)
        step.next_attempt_at, step.done, step.detail = None, outcome.done.value, outcome.detail
        store.audit(
            session,
            at=now,
            actor="schoolgate",
            happened=f"{step.action.replace('_', ' ')} carried out",
            thing=f"follower {step.follower_id}",
            detail=outcome.done.value,
        )
