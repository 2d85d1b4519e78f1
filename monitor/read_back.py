"""Reading back what a person says they did on the network about a follower: the network's word ticks a step or un-ticks it.

Two sources: whom the account blocks, asked when followers are read and something hangs on it; and the followers
themselves, who have left or stand in a list again. Nobody's word is enough, and a failed question changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from monitor import follower_rows, spend
from monitor.domain import ActionKind, People, VerificationState
from monitor.errors import ConnectorError
from monitor.follower_rows import Standing
from monitor.following import FollowerChoice, Shown
from monitor.incidents import close_incident, open_incident
from monitor.poll import Watch
from monitor.ports import Blocking, Clock
from monitor.store import Store

log = structlog.get_logger(__name__)
AGAIN = timedelta(days=7)  # a block that was shown is looked at again: it may have been lifted


def read_blocked(store: Store, watch: Watch, *, clock: Clock) -> int:
    """Ask whom the account blocks, if a step hangs on it and the network tells; returns how many steps it spoke of.

    Never raises ConnectorError: what stays closed to us is told of, the rest is asked again with the next poll.
    """
    if not isinstance(watch.connector, Blocking) or not _is_asked(store, watch, clock()):
        return 0
    key = f"read back:{watch.key}"
    try:
        blocked = watch.connector.blocked()
    except ConnectorError as error:
        log.info("whom the account blocks was not read", account=watch.key)
        if error.permanent:
            with store.write() as session:
                open_incident(
                    store,
                    session,
                    key,
                    says=f"{watch.key}: whether followers were blocked cannot be read back from the network",
                    cure=str(error),
                    now=clock(),
                )
        return 0
    with store.write() as session:
        close_incident(store, session, key, now=clock())
        spend.add(session, store, watch.network, blocked.reads, clock())
        return _shown(store, session, watch.key, blocked, clock())


def note_departures(store: Store, now: datetime) -> int:
    """Tick the steps of followers who have left, and un-tick those of whoever came back; returns how many."""
    with store.read() as session:
        news = [step.id for step, _, _ in _departed(store, session)]
    if not news:
        return 0
    with store.write() as session:
        for step, follower, _ in _departed(store, session):
            gone = follower.state == VerificationState.LEFT
            follower_rows.show(store, session, step, Shown.GONE if gone else Shown.FOLLOWS, now)
    return len(news)


def _departed(store: Store, session: Session) -> list[Standing]:
    """The steps of whoever has left or come back since it was last written down."""
    return [
        (step, follower, made)
        for step, follower, made in follower_rows.steps(store, session)
        if made.choice == FollowerChoice.REJECT
        and (
            step.shown not in {Shown.GONE, Shown.BLOCKED}
            if follower.state == VerificationState.LEFT
            else step.shown == Shown.GONE
        )
    ]


def _is_asked(store: Store, watch: Watch, now: datetime) -> bool:
    """Whether somebody says that they blocked a follower of this account, or it is time to look at a block again."""
    with store.read() as session:
        open_steps = [one for one in follower_rows.steps(store, session, watch.key) if _hangs_on_it(one, now)]
        return bool(open_steps) and spend.may_read(
            session, store, watch.network, watch.budget, watch.optional_share, now
        )


def _hangs_on_it(one: Standing, now: datetime) -> bool:
    step = one[0]
    if step.shown == Shown.BLOCKED:
        return step.shown_at is None or now - step.shown_at >= AGAIN
    return step.action == ActionKind.BLOCK and step.said_at is not None and step.shown == Shown.NOTHING


def _shown(store: Store, session: Session, account: str, blocked: People, now: datetime) -> int:
    """Whoever is in the list is blocked; whoever is missing is not, where the list is whole."""
    spoken_of = 0
    ids = {one.external_id for one in blocked.people}
    for step, follower, made in follower_rows.steps(store, session, account):
        if made.choice != FollowerChoice.REJECT:
            continue
        if follower.external_id in ids:
            follower_rows.show(store, session, step, Shown.BLOCKED, now)
        elif blocked.complete and (
            step.shown == Shown.BLOCKED
            or (step.action == ActionKind.BLOCK and step.said_at is not None and step.shown == Shown.NOTHING)
        ):
            follower_rows.show(store, session, step, Shown.NOT_BLOCKED, now)
        else:
            continue
        spoken_of += 1
    return spoken_of
