"""What a digest is told of backups: nothing while all is well, but for the week in which one was tried. Reads only."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from alerts.views_digest import BackupLine
from monitor.backup_rows import last
from monitor.store import Store


def backup_line(session: Session, store: Store, since: datetime, now: datetime) -> BackupLine | None:
    """How backups stand; None where there is nothing to tell."""
    tried = last(session, store.school, "backup", now=now)
    made = last(session, store.school, "backup", ok=True, now=now)
    drill = last(session, store.school, "drill", now=now)
    failed = tried is not None and not tried.ok
    if not failed and (drill is None or (drill.ok and drill.at <= since)):
        return None
    return BackupLine(
        failing=failed,
        made_at=made.at if made else None,
        drill_at=drill.at if drill else None,
        drill_ok=drill is None or drill.ok,
        records=drill.records if drill else 0,
        since=since,
    )
