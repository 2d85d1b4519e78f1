"""A digest's rows about backups: what a drill showed, and what is wrong until it is mended. Pure."""

from __future__ import annotations

from alerts import safe, words
from alerts.digest_parts import Row
from alerts.views_digest import BackupLine

_TOLD = "The technician was told."


def backed_up(line: BackupLine | None, time: words.LocalTime) -> tuple[Row, ...]:
    if line is None:
        return ()
    rows = []
    if line.failing:
        when = f"The last one is of {time.full(line.made_at)}" if line.made_at else "There is none yet"
        rows.append(Row("✖", "The backup of the database fails", f"{when}. {_TOLD}"))
    if line.drill_at and not line.drill_ok:
        says = f"A backup could not be restored when that was tried on {time.full(line.drill_at)}"
        rows.append(Row("✖", safe.shown(says, 200), _TOLD))
    elif line.drill_at and line.drill_at > line.since:
        says = f"A backup was restored as a drill and holds: {words.counted(line.records, 'record')}"
        rows.append(Row("✔", says))
    return tuple(rows)
