"""`sign-ins list`, `sign-ins revoke`: open sign-ins and remembered devices, for whoever keeps the service running.

Shows ids, roles and times; never whose address it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from monitor.commands.opened import out, say, settings_of, store_of
from monitor.domain import Role
from monitor.errors import MonitorError

if TYPE_CHECKING:
    from monitor.app import OpenSignIn


def listed(config: Path | None, *, as_json: bool) -> None:
    from monitor.app import open_sign_ins, utc_now

    settings = settings_of(config)
    with store_of(settings) as store:
        found = open_sign_ins(store, utc_now())
    if as_json:
        out.print_json(json.dumps({"sign_ins": [_plain(one) for one in found]}))
        return
    if not found:
        out.print("Nobody is signed in, and no device is remembered.")
        return
    table = Table()
    for column in ("id", "role", "what", "since", "last used", "ends"):
        table.add_column(column, no_wrap=column in {"id", "role", "what"})
    zone = settings.school.zone
    for one in found:
        times = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (one.since, one.used, one.ends))
        table.add_row(one.id, one.role, one.label, *times)
    out.print(table)


def revoke(config: Path | None, ids: Sequence[str], role: Role | None, *, every: bool) -> int:
    """1 when one of the ids is not there; the others are ended all the same."""
    from monitor.app import end_sign_ins, open_sign_ins, utc_now

    settings = settings_of(config)
    with store_of(settings) as store:
        now = utc_now()
        found = [one.id for one in open_sign_ins(store, now) if every or one.id in ids or one.role == role]
        ended = end_sign_ins(store, found, now)
    missing = sorted(set(ids) - set(found))
    for one in missing:
        say(f"{one}: no open sign-in or remembered device has this id; `schoolgate sign-ins list` shows them")
    if not ended and not missing:
        raise MonitorError("there is nothing to end: `schoolgate sign-ins list` shows what is open")
    out.print(f"Ended: {ended}.", highlight=False)
    return 1 if missing else 0


def _plain(one: OpenSignIn) -> dict[str, str]:
    return {
        "id": one.id,
        "role": one.role,
        "what": one.label,
        "since": one.since.isoformat(),
        "last_used": one.used.isoformat(),
        "ends": one.ends.isoformat(),
    }
