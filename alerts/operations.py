"""Operations: each open incident is mailed once, those that one cure mends together, to whoever can mend it. Never content; ids, causes and cures only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from alerts.desk import Desk
from alerts.views import OperationsView, Trouble
from alerts.watched_again import fault, faults, mail_operations, says, tell_watched_again
from monitor.domain import Role
from monitor.incidents import open_incidents
from monitor.ports import Clock
from monitor.store import Store
from monitor.tables import IncidentRow

# An account that nobody watches is a safeguarding gap: the e-safety coordinator hears of it too (requirement A7).
_TROUBLES: dict[str, tuple[Trouble, tuple[Role, ...]]] = {
    "stream": (Trouble.NOT_WATCHED, (Role.IT, Role.ESAFETY)),
    "offline": (Trouble.NOT_WATCHED, (Role.IT, Role.ESAFETY)),
    "quarantine": (Trouble.OTHER, (Role.IT, Role.ESAFETY)),
    "expires": (Trouble.EXPIRING, (Role.IT,)),
    "budget": (Trouble.CREDIT, (Role.IT,)),
    "relist": (Trouble.CREDIT, (Role.IT,)),
    "followers": (Trouble.OTHER, (Role.IT,)),
    "mail": (Trouble.MAIL, (Role.IT,)),
    "outbox": (Trouble.MAIL, (Role.IT, Role.ESAFETY)),
    "digest": (Trouble.DIGEST, (Role.IT,)),
    "storage": (Trouble.STORAGE, (Role.IT,)),
    "full": (Trouble.STORAGE, (Role.IT, Role.ESAFETY)),
    "python": (Trouble.OTHER, (Role.IT,)),
    "check": (Trouble.NOT_WATCHED, (Role.IT, Role.ESAFETY)),
    "audit": (Trouble.OTHER, (Role.IT, Role.DSL)),
    "step": (Trouble.OTHER, (Role.IT, Role.ESAFETY)),
    "decision": (Trouble.OTHER, (Role.IT, Role.ESAFETY)),
    "notify": (Trouble.OTHER, (Role.IT, Role.ESAFETY)),
    "inbox": (Trouble.OTHER, (Role.IT,)),
    "claim": (Trouble.CLAIM, (Role.DSL,)),
}

_OF_ACCOUNT = frozenset(
    {"stream", "check", "expires", "relist", "followers"}
)  # their keys go on with the account's


def tell_incidents(store: Store, desk: Desk, *, clock: Clock) -> int:
    """Put a mail about each incident that nobody was told of into the outbox; returns how many incidents."""
    now = clock()
    with store.write() as session:
        incidents = session.exec(
            select(IncidentRow)
            .where(
                IncidentRow.school_id == store.school,
                col(IncidentRow.composed_at).is_(None),
                col(IncidentRow.closed_at).is_(None),
            )
            .order_by(col(IncidentRow.id))
        ).all()
        told = {fault(one) for one in open_incidents(session, store.school) if one.composed_at}
        for group in faults(incidents):
            if fault(group[0]) not in told:
                _tell(session, store, desk, group, clock)
        for incident in incidents:
            incident.composed_at = now
        tell_watched_again(session, store, desk, now)
    return len(incidents)


def _tell(session: Session, store: Store, desk: Desk, group: Sequence[IncidentRow], clock: Clock) -> None:
    now, incident = clock(), group[0]
    area, _, rest = incident.key.partition(":")
    trouble, roles = _TROUBLES.get(area, (Trouble.OTHER, (Role.IT,)))
    account = rest.partition(":")[0] if area in _OF_ACCOUNT else ""
    view = OperationsView(
        trouble=trouble,
        since=incident.opened_at,
        says=says(group, desk.accounts),
        cure=tuple(filter(None, incident.cure.splitlines())),
        network=desk.networks.get(account, ""),
        account=desk.accounts.get(account, ""),
    )
    mail_operations(session, store, desk, view, roles, ("incident", str(incident.id)), now)
