"""Copies of the database that an upgrade left beside it: what pruning removes would live on in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

COPIES_KEPT = timedelta(days=30)  # as backups: long enough to notice that an upgrade went wrong
BEFORE = "before-"  # <database>.before-<revision>


def copy_before(path: Path, revision: str | None) -> Path:
    """Where the copy goes that is made before an upgrade to `revision`."""
    return path.with_name(f"{path.name}.{BEFORE}{revision}")


def old_copies(path: Path, now: datetime) -> list[Path]:
    """Those that were made too long before `now`."""
    return [
        one
        for one in sorted(path.parent.glob(f"{path.name}.{BEFORE}*"))
        if datetime.fromtimestamp(one.stat().st_mtime, UTC) < now - COPIES_KEPT
    ]
