"""`quarantine list`, `replay`, `drop`: what is set aside, for whoever keeps the service running. Shows no content."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from monitor.commands.opened import out, say, settings_of, store_of
from monitor.errors import MonitorError

if TYPE_CHECKING:
    from monitor.store import Store

ALL = "all"


def listed(config: Path | None, *, as_json: bool) -> None:
    """As a table in the school's own time, or as JSON in UTC."""
    from monitor.app import things_set_aside

    settings = settings_of(config)
    with store_of(settings) as store:
        found = things_set_aside(store)
    if as_json:
        rows = [
            {
                "id": one.id,
                "stage": one.stage,
                "thing": one.thing,
                "tries": one.tries,
                "why": one.why or None,
                "since": one.since.isoformat(),
                "asked_again": one.asked,
            }
            for one in found
        ]
        out.print_json(json.dumps({"quarantine": rows}))
        return
    if not found:
        out.print("Nothing is set aside.")
        return
    table = Table()
    for column in ("id", "stage", "what", "tries", "why", "since", "to be tried again"):
        table.add_column(column, no_wrap=column in {"id", "what", "why"})
    for one in found:
        since = f"{one.since.astimezone(settings.school.zone):%Y-%m-%d %H:%M}"
        why = one.why or "the process ended"
        row = (str(one.id), one.stage, one.thing, str(one.tries), why, since, "yes" if one.asked else "")
        table.add_row(*map(Text, row))
    out.print(table)


def replay(config: Path | None, ids: Sequence[str]) -> int:
    """1 when one of the ids is not there; the others are tried again all the same."""
    from monitor.app import try_again

    return _each(config, ids, try_again, "To be tried again by the service: {}.")


def drop(config: Path | None, ids: Sequence[str]) -> int:
    """1 when one of the ids is not there; the others are left all the same."""
    from monitor.app import leave_aside

    return _each(config, ids, leave_aside, "Left as they are: {}.")


def _each(
    config: Path | None,
    ids: Sequence[str],
    work: Callable[[Store, Collection[int], datetime], int],
    says: str,
) -> int:
    from monitor.app import things_set_aside, utc_now

    settings = settings_of(config)
    with store_of(settings) as store:
        there = {str(one.id): one.id for one in things_set_aside(store)}
        if not there:
            raise MonitorError("nothing is set aside: `schoolgate quarantine list` shows what is")
        wanted = list(there) if ALL in ids else list(dict.fromkeys(ids))
        done = work(store, [there[one] for one in wanted if one in there], utc_now())
    missing = [one for one in wanted if one not in there]
    for one in missing:
        say(f"{one}: nothing with this id is set aside; `schoolgate quarantine list` shows what is")
    out.print(says.format(done), highlight=False)
    return 1 if missing else 0
