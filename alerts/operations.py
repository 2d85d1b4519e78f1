"""Operations: each open incident is mailed once, those that one cure mends together, to whoever can mend it; again when
its cause has changed, and when it is over. Never content; ids, causes and cures only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from alerts.desk import Desk
from alerts.loudness import What, begins, gone, is_changed, note, sign
from alerts.views import OperationsView, Trouble
from alerts.watched_again import faults, mail_operations, says, tell_watched_again
from alerts.well_again import tell_well_again
from alerts.words import counted
from monitor.incidents import open_incidents
from monitor.ports import Clock
from monitor.store import Store
from monitor.tables import IncidentRow
from monitor.troubles import area, kind_of

_SUBJECTS: dict[str, Trouble] = {
    "stream": Trouble.NOT_WATCHED,
    "offline": Trouble.NOT_WATCHED,
    "check": Trouble.NOT_WATCHED,
    "expires": Trouble.EXPIRING,
    "budget": Trouble.CREDIT,
    "relist": Trouble.CREDIT,
    "mail": Trouble.MAIL,
    "outbox": Trouble.MAIL,
    "storage": Trouble.STORAGE,
    "full": Trouble.STORAGE,
    "backup": Trouble.BACKUP,
    "clock": Trouble.CLOCK,
    "restart": Trouble.RESTART,
    "restarts": Trouble.RESTART,
    "claim": Trouble.CLAIM,
}
_OF_ACCOUNT = frozenset(
    {"stream", "check", "expires", "relist", "followers", "read back"}
)  # their keys go on with the account's


def tell_incidents(store: Store, desk: Desk, *, clock: Clock) -> int:
    """Put the mails about incidents that are due into the outbox; returns how many incidents were told for the first time."""
    now, told = clock(), 0
    with store.write() as session:
        for alike in faults(open_incidents(session, store.school)):
            new = [one for one in alike if one.composed_at is None]
            if not new:
                if is_changed(session, store, alike, now):
                    _tell(session, store, desk, alike, What.CHANGED, now)
                continue
            if len(new) == len(alike):  # else the mail about the others is about these too
                what = begins(session, store, alike, now)
                if what is None:
                    continue
                _tell(session, store, desk, alike, what, now)
            for one in new:
                one.composed_at = now
            told += len(new)
        tell_watched_again(session, store, desk, now)
        tell_well_again(session, store, desk, view_of, now)
    return told


def view_of(alike: Sequence[IncidentRow], desk: Desk, more: str = "") -> OperationsView:
    """What is shown of incidents that one cure mends. `more`: one sentence of ours."""
    kind = area(alike[0].key)
    account = alike[0].key.split(":")[1] if kind in _OF_ACCOUNT else ""
    return OperationsView(
        trouble=_SUBJECTS.get(kind, Trouble.OTHER),
        since=min(one.opened_at for one in alike),
        says=says(alike, desk.accounts),
        cure=tuple(filter(None, alike[0].cure.splitlines())),
        more=more,
        network=desk.networks.get(account, ""),
        account=desk.accounts.get(account, ""),
    )


def _tell(
    session: Session, store: Store, desk: Desk, alike: Sequence[IncidentRow], what: What, now: datetime
) -> None:
    more = ""
    if what is What.CHANGED:
        more = "You were told of this before; its cause is another one now."
    if what is What.UNSTEADY:
        times = gone(session, store, [one.key for one in alike], now)
        more = (
            f"It came and went {counted(times, 'time', 'times')} within a day and is back. Until it is steady you are "
            "told of it only when it lasts for an hour, and every six hours at most."
        )
    about = ("incident", str(alike[0].id), *((what, sign(alike[0].cure)) if what is What.CHANGED else ()))
    mail_operations(session, store, desk, view_of(alike, desk, more), kind_of(alike[0].key).told, about, now)
    note(session, store, alike, what, now)
