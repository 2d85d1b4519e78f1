"""An account that is read again: told to whom it was told that it was not, with what was read late. Never content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from alerts.compose import compose_operations
from alerts.coverage_words import KINDS
from alerts.desk import Desk
from alerts.loudness import STREAM, What, is_well, note
from alerts.outbox import enqueue
from alerts.views import OperationsView, Trouble
from alerts.words import listed
from monitor import coverage
from monitor.domain import Reason, Role
from monitor.drills import real_item
from monitor.incidents import open_incidents
from monitor.store import Store
from monitor.tables import IncidentRow, ItemRow

WATCHERS = (Role.IT, Role.ESAFETY)
_NEWS = timedelta(days=1)  # an older end is none


def fault(incident: IncidentRow) -> tuple[str, ...]:
    """The same for what one cure mends: a token that ended stops every kind that is read of its account."""
    area, _, rest = incident.key.partition(":")
    return (area, rest.partition(":")[0], incident.cure) if area == STREAM else (incident.key,)


def faults(incidents: Iterable[IncidentRow]) -> list[list[IncidentRow]]:
    """Those together that one cure mends, in their order."""
    alike: dict[tuple[str, ...], list[IncidentRow]] = {}
    for incident in incidents:
        alike.setdefault(fault(incident), []).append(incident)
    return list(alike.values())


def says(incidents: Sequence[IncidentRow], names: Mapping[str, str]) -> str:
    """One sentence about what one cure mends; `names`: of the accounts, by key."""
    if len(incidents) == 1:
        return incidents[0].says
    _, account, *_ = incidents[0].key.split(":")
    kinds = [one.key.rpartition(":")[2] for one in incidents]
    what = listed(tuple(KINDS.get(kind, kind) for kind in kinds))
    return f"{names.get(account, account)}: {what} are not being read"


def tell_watched_again(session: Session, store: Store, desk: Desk, now: datetime) -> None:
    """One mail for each account of which everything is read again, once. `composed_at` after `closed_at`: it is told."""
    broken = {one.key.split(":")[1] for one in open_incidents(session, store.school) if _of_stream(one)}
    of_account: dict[str, list[IncidentRow]] = {}
    for one in ended_since_told(session, store, now):
        if _of_stream(one):
            of_account.setdefault(one.key.split(":")[1], []).append(one)
    for account, incidents in of_account.items():
        if account in broken or not is_well(session, store, incidents, now):
            continue
        _tell(session, store, desk, account, incidents, now)
        for one in incidents:
            one.composed_at = now
        note(session, store, incidents, What.OVER, now)


def ended_since_told(session: Session, store: Store, now: datetime) -> Sequence[IncidentRow]:
    """What was told of and is over, of which nobody was told that it is; the oldest first."""
    return session.exec(
        select(IncidentRow)
        .where(
            IncidentRow.school_id == store.school,
            col(IncidentRow.closed_at) > now - _NEWS,
            col(IncidentRow.composed_at) < col(IncidentRow.closed_at),
        )
        .order_by(col(IncidentRow.id))
    ).all()


def mail_operations(
    session: Session,
    store: Store,
    desk: Desk,
    view: OperationsView,
    roles: Iterable[Role],
    about: tuple[str, ...],
    now: datetime,
) -> None:
    """The mail to each of these roles; who holds two gets one. `about` names what it tells of, for good."""
    told = set()
    for role in roles:
        reader = desk.reader(role, desk.today(now))
        if reader.address in told:
            continue
        told.add(reader.address)
        stamp = desk.stamp(reader, store.school, *about, now=now)
        enqueue(
            store,
            session,
            now=now,
            dedup_key=":".join((*about, reader.role)),
            role=reader.role,
            recipient=reader.address,
            reason=Reason.OPERATIONS,
            message_id=stamp.message_id,
            message=compose_operations(view, stamp),
        )


def _of_stream(incident: IncidentRow) -> bool:
    return incident.key.startswith(f"{STREAM}:")


def _tell(
    session: Session,
    store: Store,
    desk: Desk,
    account: str,
    incidents: Sequence[IncidentRow],
    now: datetime,
) -> None:
    opened = min(one.opened_at for one in incidents)
    closed = max(one.closed_at for one in incidents if one.closed_at)
    gaps = coverage.gaps(session, store, opened, now)
    since = min((gap.since for gap in gaps if gap.account == account), default=opened)
    name = desk.accounts.get(account, account)
    view = OperationsView(
        trouble=Trouble.NOT_WATCHED,
        since=since,
        until=closed,
        says=f"{name} is watched again",
        late=_read_late(session, store, account, opened, closed),
        network=desk.networks.get(account, ""),
        account=name,
    )
    about = ("incident", str(incidents[-1].id), "over")
    mail_operations(session, store, desk, view, WATCHERS, about, now)


def _read_late(session: Session, store: Store, account: str, opened: datetime, closed: datetime) -> int:
    """What was said before the account was read again and seen only then."""
    return session.exec(
        select(func.count())
        .select_from(ItemRow)
        .where(
            ItemRow.school_id == store.school,
            ItemRow.account == account,
            col(ItemRow.kind).in_(coverage.SAID),
            real_item(),
            ItemRow.seen_at > opened,
            func.coalesce(ItemRow.posted_at, ItemRow.seen_at) <= closed,
        )
    ).one()
