"""How much room is left where the database is, and when nothing more is read from the networks for want of it.

What is in the database already is judged, told and mailed all the same: the last of the room is for that.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from monitor.incidents import close_incident, open_incident
from monitor.store import Store

INCIDENT, NEARLY = "full:disk", "storage:disk"
_MIB = 2**20
ENOUGH = 200 * _MIB
LOW = 2 * ENOUGH  # told of while a mail can still be written
SHARE = 20  # on a small disk a twentieth of it is enough


class Room(NamedTuple):
    """Bytes."""

    free: int
    total: int

    @property
    def needed(self) -> int:
        """What must be free for reading to go on."""
        return min(ENOUGH, self.total // SHARE)

    @property
    def is_short(self) -> bool:
        return self.free < self.needed

    @property
    def is_low(self) -> bool:
        return self.free < LOW


def room_at(folder: Path) -> Room:
    usage = shutil.disk_usage(folder)
    return Room(usage.free, usage.total)


def note_room(store: Store, room: Room, now: datetime) -> None:
    """A disk that is nearly full is told of while a mail can still be written; that nothing is read, until it is again."""
    left = f"{room.free // _MIB} MiB are free where the database is"
    with store.write() as session:
        if room.is_low:
            open_incident(
                store,
                session,
                NEARLY,
                says=f"only {left}",
                cure="Make room on that disk: when little more is used, no account is read any longer.",
                now=now,
            )
        else:
            close_incident(store, session, NEARLY, now=now)
        if room.is_short:
            open_incident(
                store,
                session,
                INCIDENT,
                says=f"no account is read: only {left}",
                cure=f"Make room on that disk: {room.needed // _MIB} MiB must be free, and reading goes on by itself.\n"
                "Mail about what was read before still goes out.",
                now=now,
            )
        else:
            close_incident(store, session, INCIDENT, now=now)
