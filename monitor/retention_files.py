"""Copies of the database that an upgrade, a restore or a killed backup left beside it: what pruning removes would live on in
them."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

COPIES_KEPT = timedelta(days=30)  # as backups: long enough to notice that an upgrade went wrong
BEFORE = "before-"  # <database>.before-<revision>, of earlier versions
REPLACED = "replaced-"  # <database>.replaced-<time>, of a restore
WORK = ".backup-"  # what a folder of a backup, a drill or a restore begins with while it runs


def old_copies(path: Path, now: datetime) -> list[Path]:
    """Those that were made too long before `now`; folders among them."""
    folder = path.parent
    return [
        one
        for name in (f"{path.name}.{BEFORE}*", f"{path.name}.{REPLACED}*", f"{WORK}*")
        for one in sorted(folder.glob(name))
        if datetime.fromtimestamp(one.stat().st_mtime, UTC) < now - COPIES_KEPT
    ]


def remove(copy: Path) -> None:
    """One of them, whatever it is."""
    if copy.is_dir():
        shutil.rmtree(copy)
    else:
        copy.unlink(missing_ok=True)
