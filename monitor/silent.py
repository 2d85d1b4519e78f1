"""Silence is loud: an account that is not read for three intervals reaches a person; that nothing is reached, once for all.

When no network answers at all, it is this machine that is offline: one incident, not one an account.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from monitor.domain import ItemKind
from monitor.incidents import close_incident, open_incident
from monitor.poll import Watch, incident, is_endless, is_silent, stream_of
from monitor.store import Store
from monitor.tables import IncidentRow, StreamRow

OFFLINE = "offline"
Watched = Sequence[tuple[Watch, StreamRow]]


def mark_silent(store: Store, watches: Iterable[Watch], now: datetime) -> None:
    """Open an incident for each stream without a success for three intervals, whatever the reason, or one for all of them
    when no network of several can be reached. When the first is reached again, the others are asked at once."""
    with store.write() as session:
        watched = [
            (watch, row)
            for watch in watches
            for kind in watch.intervals
            if (row := stream_of(session, store, watch.key, kind)) is not None and row.blocked_at is None
        ]
        if _is_offline(watched):
            _tell_offline(session, store, watched, now)
            return
        if close_incident(store, session, OFFLINE, now=now):
            for _, row in watched:
                if row.unreachable_at is not None:
                    row.next_due = now
        back_at = _back_at(session, store)
        for watch, row in watched:
            asked_since = row.last_attempt_at is not None and (
                back_at is None or row.last_attempt_at > back_at
            )
            if row.unreachable_at is None or asked_since:
                _tell(session, store, watch, row, now)


def _is_offline(watched: Watched) -> bool:
    """Whether several accounts are watched and nothing that was last asked of any of them was answered."""
    accounts = {watch.key for watch, _ in watched}
    return len(accounts) > 1 and all(row.unreachable_at is not None for _, row in watched)


def _tell_offline(session: Session, store: Store, watched: Watched, now: datetime) -> None:
    if not any(is_silent(row, watch.intervals[kind_of(row)], now) for watch, row in watched):
        return
    since = max(row.unreachable_at for _, row in watched if row.unreachable_at)
    accounts = len({watch.key for watch, _ in watched})
    open_incident(
        store,
        session,
        OFFLINE,
        says=f"no network can be reached since {since.astimezone(watched[0][0].zone):%d %b %H:%M}: this computer seems to be offline, and none of"
        f" the {accounts} accounts is watched",
        cure="Check this computer's network, its DNS, the proxy and the firewall.\nWhat is said meanwhile is read when"
        " it is back, as far as the networks still show it.",
        now=now,
    )


def _back_at(session: Session, store: Store) -> datetime | None:
    """When this machine was last found to be no longer offline."""
    return session.exec(
        select(IncidentRow.closed_at)
        .where(
            IncidentRow.school_id == store.school,
            IncidentRow.key == OFFLINE,
            col(IncidentRow.closed_at).is_not(None),
        )
        .order_by(col(IncidentRow.id).desc())
        .limit(1)
    ).first()


def kind_of(row: StreamRow) -> ItemKind:
    """What the stream is of."""
    return ItemKind(row.kind)


def _tell(session: Session, store: Store, watch: Watch, row: StreamRow, now: datetime) -> None:
    kind = kind_of(row)
    interval, what = watch.intervals[kind], kind.value.replace("_", " ")
    if is_silent(row, interval, now):
        since = row.last_success_at
        when = (
            f"since {since.astimezone(watch.zone):%d %b %H:%M}"
            if since
            else "yet: the network never answered"
        )
        says = f"{watch.key}: no {what} was read {when}"
    elif is_endless(row, interval, now) and row.whole_at is not None:
        says = f"{watch.key}: the list of {what}s has had no end since {row.whole_at.astimezone(watch.zone):%d %b %H:%M}, so some may be missed"
    else:
        return
    open_incident(
        store,
        session,
        incident(watch, kind),
        says=says,
        cure=row.last_error or "Look at `schoolgate doctor`.",
        now=now,
    )
