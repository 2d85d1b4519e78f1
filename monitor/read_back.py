"""Reading back what a person says they did on the network about a follower: the network's word ticks a step or un-ticks it.

Three sources. The network is asked how those very followers stand with the account, when followers are next read and once
more a week later. Where it did not tell, it is asked whom the account blocks. And the followers themselves leave, or
stand in a list again. Nobody's word is enough, and a failed question changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, select

from monitor import follower_rows, spend
from monitor.domain import ActionKind, Means, People, VerificationState
from monitor.errors import ConnectorError
from monitor.follower_rows import Standing
from monitor.following import FollowerChoice, Shown
from monitor.incidents import close_incident, open_incident
from monitor.leavers import come_back, leave
from monitor.poll import Watch
from monitor.ports import Blocking, Clock, Relating, Relations
from monitor.store import Store
from monitor.tables_people import FollowerRow, FollowerStepRow

log = structlog.get_logger(__name__)
AGAIN = timedelta(days=7)  # what was shown is looked at again: a block may have been lifted
AT_ONCE = 100  # people in one question, a known follower included
Asked = Mapping[int, tuple[str, datetime | None]]  # step → whom it is about, and when it was said to be done


def read_relations(store: Store, watch: Watch, *, clock: Clock) -> int:
    """Ask how the followers whom somebody says they removed or blocked stand with the account, if the network tells; returns
    how many steps it spoke of.

    Never raises ConnectorError: it is asked again with the next poll. What it answered without telling anything is left
    to the other sources.
    """
    if not isinstance(watch.connector, Relating):
        return 0
    asked, known = _to_ask(store, watch, clock())
    if not asked:
        return 0
    try:
        found = watch.connector.relations([*(name for name, _ in asked.values()), *known])
    except ConnectorError:
        log.info("how followers stand with the account was not read", account=watch.key)
        return 0
    with store.write() as session:
        spend.add(session, store, watch.network, found.reads, clock())
        return _told(store, session, watch.key, asked, found, clock())


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


def _to_ask(store: Store, watch: Watch, now: datetime) -> tuple[Asked, list[str]]:
    """The steps whose followers are asked about, and one who is known to follow, for the network tells nothing of a stranger.
    Empty where nothing hangs on it, or the month's budget does not allow it."""
    with store.read() as session:
        hanging = [
            (step, follower)
            for step, follower, made in follower_rows.steps(store, session, watch.key)
            if made.choice == FollowerChoice.REJECT and _awaits(step, now)
        ][: AT_ONCE - 1]
        if not hanging or not spend.may_read(
            session, store, watch.network, watch.budget, watch.optional_share, now
        ):
            return {}, []
        gone = (VerificationState.LEFT.value, VerificationState.REJECTED.value)
        newest = session.exec(
            select(FollowerRow.external_id)
            .where(
                FollowerRow.school_id == store.school,
                FollowerRow.account == watch.key,
                col(FollowerRow.state).not_in(gone),
            )
            .order_by(col(FollowerRow.id).desc())
            .limit(1)
        ).first()
        asked = {step.id: (follower.external_id, step.said_at) for step, follower in hanging if step.id}
        return asked, [newest] if newest else []


def _awaits(step: FollowerStepRow, now: datetime) -> bool:
    """Whether the network has not been asked since somebody said that it is done; or a week later, whether it is still so.
    Not more often: whoever follows again stands at the top of the list, where it costs nothing to see."""
    if step.means != Means.GUIDED or step.said_at is None:
        return False
    if step.shown == Shown.NOTHING:
        return step.asked_at is None
    again = step.said_at + AGAIN
    return step.shown == Shown.GONE and again <= now and (step.asked_at is None or step.asked_at < again)


def _told(store: Store, session: Session, account: str, asked: Asked, found: Relations, now: datetime) -> int:
    """What the network says of each by name: it ticks or un-ticks the step, and the follower has left or is back."""
    spoken_of, left = 0, []
    for step, follower, _ in follower_rows.steps(store, session, account):
        if asked.get(step.id or 0) != (follower.external_id, step.said_at):
            continue  # said anew meanwhile: the answer is older than that
        step.asked_at = now
        session.add(step)
        gone = follower.state == VerificationState.LEFT
        if follower.external_id in found.follow:
            follower_rows.show(store, session, step, Shown.FOLLOWS, now)
            if gone:
                come_back(session, follower)
        elif follower.external_id in found.blocked | found.neither:
            blocked = follower.external_id in found.blocked
            follower_rows.show(store, session, step, Shown.BLOCKED if blocked else Shown.GONE, now)
            left += [] if gone else [follower]
        else:
            continue
        spoken_of += 1
    leave(session, store, account, left, now)
    return spoken_of


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
