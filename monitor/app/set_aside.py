"""What is set aside, for the command that shows it, has it tried again or leaves it. A part of the composition root."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from alerts import outbox_failed
from monitor import assess, quarantine, unreadable
from monitor.quarantine import Stage
from monitor.store import Store
from monitor.tables_quarantine import QuarantineRow


@dataclass(frozen=True, slots=True)
class SetAside:
    """`thing` is a number of ours ("item 17"), `why` an exception's name or empty when the process ended. No content."""

    id: int
    stage: str
    thing: str
    tries: int
    why: str
    since: datetime
    asked: bool  # another try was asked for and has not been made yet


def things_set_aside(store: Store) -> list[SetAside]:
    """The oldest first."""
    with store.read() as session:
        return [
            SetAside(
                row.id or 0, row.stage, row.thing, row.tries, row.why, row.first_at, row.again_at is not None
            )
            for row in quarantine.listed(session, store)
        ]


def try_again(store: Store, ids: Collection[int], now: datetime) -> int:
    """Have these handled once more in the service's next turn; returns how many there were. What is no longer kept, as it
    was pruned meanwhile, is dropped."""

    def again(session: Session, row: QuarantineRow) -> None:
        kept = True  # a message of a mailbox is still there: the mailbox's next turn asks what is to be read again
        if row.stage == Stage.ASSESS:
            kept = assess.replay(session, store, row.thing)
        elif row.stage == Stage.INGEST:
            kept = unreadable.is_kept(session, store, row.thing)
        elif row.stage == Stage.DELIVER:
            kept = outbox_failed.replay(session, store, row.thing, now)
        if kept:
            quarantine.again(session, store, row, now)
        else:
            quarantine.drop(session, store, row, now)

    return _each(store, ids, again)


def leave_aside(store: Store, ids: Collection[int], now: datetime) -> int:
    """Take these off the list and leave them as they are; returns how many there were."""

    def leave(session: Session, row: QuarantineRow) -> None:
        if row.stage == Stage.ASSESS:
            assess.leave(session, store, row.thing, now)
        quarantine.drop(session, store, row, now)

    return _each(store, ids, leave)


def _each(store: Store, ids: Collection[int], work: Callable[[Session, QuarantineRow], None]) -> int:
    with store.write() as session:
        rows = [row for row in quarantine.listed(session, store) if row.id in ids]
        for row in rows:
            work(session, row)
    return len(rows)
