"""`report termly`: the governors' report by hand."""

from __future__ import annotations

import os
from pathlib import Path

from monitor.commands.opened import app_of, out
from monitor.errors import MonitorError


def termly(config: Path | None, target: Path) -> None:
    """Write the report on the term so far. A file that is there already is not written over."""
    if target.exists():
        raise MonitorError(f"{target} is there already; name another file, or move it away first")
    if not target.parent.is_dir():
        raise MonitorError(f"{target.parent} is not a folder; make it first, or name another")
    with app_of(config) as app:
        made = app.governors_report()
    descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(made)
    out.print(f"Wrote {target}. It holds figures only.", markup=False, highlight=False)
