"""When a trouble is told: at once, later, again because its cause changed, or not. Decides only; who is told and how stands
in alerts/operations.py.

A trouble is mailed when it begins, once for each new cause, and when it is over. One that comes and goes is mailed as just
that, and then only when it lasts: a mail every few minutes is soon read by nobody.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, delete, func, select

from monitor.store import Store
from monitor.tables import IncidentRow
from monitor.tables_service import IncidentMailRow

STREAM = "stream"  # the area of an incident about what is not read of an account: stream:account:kind
LATELY = timedelta(days=1)  # what came and went in this time counts
TWICE = 2  # so often it may come and go in that time before it is called unsteady
LASTS = timedelta(hours=1)  # what is unsteady is told of when it was bad, or well, for so long
REST = timedelta(hours=6)  # between two mails about what is unsteady
SETTLED = timedelta(hours=1)  # between two mails about different causes of one trouble
_KEPT = timedelta(days=30)


class What(StrEnum):
    OPENED = "opened"
    CHANGED = "changed"
    UNSTEADY = "unsteady"
    OVER = "over"


def about(key: str) -> str:
    """What stays the same of a trouble while its cause, or the kinds of items it stops, change."""
    area, _, rest = key.partition(":")
    return f"{area}:{rest.partition(':')[0]}" if area == STREAM else key


def sign(cure: str) -> str:
    """The same for two causes that differ in numbers only: "did not finish within 20 s" and "within 60 s"."""
    return hashlib.sha256(re.sub(r"\d+", "#", cure).encode()).hexdigest()[:16]


def begins(session: Session, store: Store, alike: Sequence[IncidentRow], now: datetime) -> What | None:
    """How troubles that nobody was told of are told now; None: not yet."""
    if not is_unsteady(session, store, [one.key for one in alike], now):
        return What.OPENED
    mails = _mails(session, store, alike[0].key)
    if not any(one.what == What.UNSTEADY and one.at > now - LATELY for one in mails):
        return What.UNSTEADY
    lasts = min(one.opened_at for one in alike) <= now - LASTS
    rested = all(one.at <= now - REST for one in mails)
    return What.OPENED if lasts and rested else None


def is_changed(session: Session, store: Store, alike: Sequence[IncidentRow], now: datetime) -> bool:
    """Whether troubles that were told of have a cause by now that was not told of."""
    began = min(one.opened_at for one in alike)
    mails = [one for one in _mails(session, store, alike[0].key) if one.at >= began]
    if not mails:  # told by a version that kept no note of it
        note(session, store, alike, What.OPENED, now)
        return False
    known = {one.sign for one in mails}
    return sign(alike[0].cure) not in known and max(one.at for one in mails) <= now - SETTLED


def is_unsteady(session: Session, store: Store, keys: Iterable[str], now: datetime) -> bool:
    """Whether one of these has come and gone too often of late."""
    return gone(session, store, keys, now) >= TWICE


def gone(session: Session, store: Store, keys: Iterable[str], now: datetime) -> int:
    """How often the most unsteady of these has come and gone of late."""
    numbers = session.exec(
        select(func.count())
        .where(
            IncidentRow.school_id == store.school,
            col(IncidentRow.key).in_(list(keys)),
            col(IncidentRow.closed_at) > now - LATELY,
        )
        .group_by(col(IncidentRow.key))
    ).all()
    return max(numbers, default=0)


def is_well(session: Session, store: Store, ended: Sequence[IncidentRow], now: datetime) -> bool:
    """Whether the end of these may be told: at once; of what was unsteady, when it has been well for a while."""
    keys = [one.key for one in ended]
    if gone(session, store, keys, now) <= TWICE:
        return True
    lately = select(IncidentRow.id).where(  # told of or not: it is not well while it still comes and goes
        IncidentRow.school_id == store.school,
        col(IncidentRow.key).in_(keys),
        col(IncidentRow.closed_at) > now - LASTS,
    )
    return session.exec(lately).first() is None


def note(session: Session, store: Store, alike: Sequence[IncidentRow], what: What, now: datetime) -> None:
    """A mail about these went into the outbox."""
    row = IncidentMailRow(
        school_id=store.school, about=about(alike[0].key), what=what, sign=sign(alike[0].cure), at=now
    )
    session.add(row)
    session.exec(
        delete(IncidentMailRow).where(
            col(IncidentMailRow.school_id) == store.school, col(IncidentMailRow.at) < now - _KEPT
        )
    )


def _mails(session: Session, store: Store, key: str) -> Sequence[IncidentMailRow]:
    return session.exec(
        select(IncidentMailRow).where(
            IncidentMailRow.school_id == store.school, IncidentMailRow.about == about(key)
        )
    ).all()
