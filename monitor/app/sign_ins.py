"""Open sign-ins and remembered devices, for the commands that show and end them. A part of the composition root."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts import devices, sessions
from alerts.devices import Ended
from monitor.store import Store


@dataclass(frozen=True, slots=True)
class OpenSignIn:
    """`id`: sign-in-N or device-N. `label`: fixed words. Never whose address it is."""

    id: str
    role: str
    label: str
    since: datetime
    used: datetime
    ends: datetime


def open_sign_ins(store: Store, now: datetime) -> list[OpenSignIn]:
    """Remembered devices first, then sign-ins; the newest first in each."""
    with store.read() as session:
        kept = devices.open_ones(store, session, now)
        rows = sessions.open_ones(store, session, now)
    return [
        OpenSignIn(
            f"{kind}-{row.id}", row.role, label, row.created_at, row.used_at or row.created_at, row.expires_at
        )
        for kind, some in (("device", kept), ("sign-in", rows))
        for row in some
        for label in [row.label or "A browser on a device"]
    ]


def end_sign_ins(store: Store, ids: Sequence[str], now: datetime) -> int:
    """End them, with an audit entry each; returns how many there were. A device takes its sign-ins with it."""
    with store.write() as session:
        kept = [row for row in devices.open_ones(store, session, now) if f"device-{row.id}" in ids]
        rows = [row for row in sessions.open_ones(store, session, now) if f"sign-in-{row.id}" in ids]
        for row in kept:
            devices.end(store, session, row, Ended.ADMINISTRATOR, now=now)
        sessions.end(session, rows, now=now)
        for name in [*(f"device {row.id}" for row in kept), *(f"sign-in {row.id}" for row in rows)]:
            store.audit(session, at=now, actor="administrator", happened="sign-in ended", thing=name)
    return len(kept) + len(rows)
