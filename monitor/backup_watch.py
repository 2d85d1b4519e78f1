"""Once a day a backup, once a week one that is restored to see that it can be. What fails reaches a person by mail.

Decides nothing about what is in a backup (monitor/backup.py) or how one is read (monitor/backup_restore.py).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import col, delete

from monitor import backup
from monitor.backup_restore import unpacked
from monitor.backup_rows import last
from monitor.checked import HealthPoint
from monitor.errors import MonitorError, StoreError
from monitor.evidence_check import check
from monitor.incidents import close_incident, open_incident
from monitor.key_ends import empty_erased
from monitor.ports import Clock
from monitor.store import Store
from monitor.tables_backup import BackupRow

FAILED, DRILL = "backup:failed", "backup:drill"  # incidents
AGAIN = timedelta(hours=1)  # after one that failed
DRILL_EVERY = timedelta(days=7)
LATE = timedelta(days=2)  # without a backup: doctor says so
ROWS_KEPT = timedelta(days=400)
_TROUBLE = (MonitorError, OSError, sqlite3.Error)


@dataclass(frozen=True, slots=True)
class Plan:
    """Where backups go, at what time of the school's day, and for how many days they are kept."""

    folder: Path
    at: time
    zone: ZoneInfo
    keep_days: int


def back_up_when_due(store: Store, plan: Plan, clock: Clock) -> int:
    """The backup, if today's was not made; then the drill, if this week's was not held. Returns how many were done."""
    done = 0
    if _is_due(store, plan, clock()):
        back_up(store, plan, clock)
        done += 1
    if _drill_is_due(store, clock()) and backup.newest(plan.folder, backup.series(store)):
        hold_drill(store, plan, clock)
        done += 1
    return done


def back_up(store: Store, plan: Plan, clock: Clock) -> BackupRow:
    """Make one now, delete what is older than may be, and note how it went; an incident where it failed."""
    now = clock()
    row = BackupRow(
        school_id=store.school, kind="backup", at=now, ok=False, file=backup.free_name(plan.folder, now)
    )
    try:
        made = backup.make(store, plan.folder / row.file, now)
        row.ok, row.size, row.records = True, made.size, made.records
        old = now - timedelta(days=plan.keep_days)
        backup.prune(store.path.parent, store.path.name, plan.folder, backup.series(store), old)
    except _TROUBLE as error:
        row.ok, row.says = False, _why(error)
    _note(store, row, FAILED, "the backup of the database failed", _cure_of_backup(plan.folder), clock())
    return row


def hold_drill(store: Store, plan: Plan, clock: Clock) -> BackupRow:
    """Restore the newest backup beside the database, look at everything in it, and throw it away."""
    now = clock()
    file = backup.newest(plan.folder, backup.series(store))
    row = BackupRow(school_id=store.school, kind="drill", at=now, ok=False, file=file.name if file else "")
    try:
        if file is None:
            raise StoreError(f"there is no backup in {plan.folder}; make one with `schoolgate db backup`")
        row.size = file.stat().st_size
        row.records = _tried(store, file, now)
        row.ok = True
    except _TROUBLE as error:
        row.says = _why(error)
    cure = "Make a new backup with `schoolgate db backup` and try it with `schoolgate db drill`; keep the files as they are."
    _note(store, row, DRILL, "a backup could not be restored when that was tried", cure, clock())
    return row


def point(store: Store, zone: ZoneInfo, now: datetime) -> HealthPoint:
    """How backups stand, for `doctor`."""
    with store.read() as session:
        made = last(session, store.school, "backup", ok=True, now=now)
        tried = last(session, store.school, "drill", now=now)
        ever = last(session, store.school, "backup", now=now)
    if ever is None:
        return HealthPoint("backup", True, "none was made yet; the service makes the first when it starts")
    if made is None or now - made.at > LATE:
        since = f"since {made.at.astimezone(zone):%d %b %Y %H:%M}" if made else "yet"
        return HealthPoint(
            "backup", False, f"no backup was made {since}; see [backup], or `schoolgate db backup`"
        )
    says = f"the last one is of {made.at.astimezone(zone):%d %b %H:%M}, {made.size / 2**20:.1f} MiB"
    if tried is None:
        return HealthPoint("backup", True, f"{says}; none was restored as a drill yet")
    day = f"{tried.at.astimezone(zone):%d %b}"
    held = f"one was restored as a drill on {day}" if tried.ok else f"the drill of {day} failed: {tried.says}"
    return HealthPoint("backup", tried.ok, f"{says}; {held}")


def _is_due(store: Store, plan: Plan, now: datetime) -> bool:
    since = _moment(plan, now)
    with store.read() as session:
        made = last(session, store.school, "backup", ok=True, now=now)
        tried = last(session, store.school, "backup", now=now)
    if made is not None and made.at >= since:
        return False
    return tried is None or tried.ok or now - tried.at >= AGAIN


def _moment(plan: Plan, now: datetime) -> datetime:
    """When the backup that should be there by now was due."""
    today: date = now.astimezone(plan.zone).date()
    at = datetime.combine(today, plan.at, plan.zone)
    return at if at <= now else datetime.combine(today - timedelta(days=1), plan.at, plan.zone)


def _drill_is_due(store: Store, now: datetime) -> bool:
    with store.read() as session:
        held = last(session, store.school, "drill", ok=True, now=now)
        tried = last(session, store.school, "drill", now=now)
    if held is not None and now - held.at < DRILL_EVERY:
        return False
    return tried is None or tried.ok or now - tried.at >= timedelta(days=1)


def _tried(store: Store, file: Path, now: datetime) -> int:
    """Rows of the restored copy; StoreError with what does not hold in it. What was erased since it was made is no fault."""
    with backup.workplace(store.path.parent) as work:
        fresh = work / "drill.db"
        facts = unpacked(file, [store.vault.key(backup.PURPOSE)], fresh)
        restored = Store(fresh, store.vault, school=store.school)
        try:
            empty_erased(restored, now)
            problems = check(restored).problems
        finally:
            restored.close()
    if problems:
        raise StoreError(f"what was restored does not hold: {problems[0]}")
    return sum((facts["counts"] | facts["apart"]).values())


def _note(store: Store, row: BackupRow, key: str, says: str, cure: str, now: datetime) -> None:
    with store.write() as session:
        if row.ok:
            close_incident(store, session, key, now=now)
        else:
            open_incident(store, session, key, says=f"{says}: {row.says}", cure=cure, now=now)
        session.add(row)
        old = (col(BackupRow.school_id) == store.school) & (col(BackupRow.at) < row.at - ROWS_KEPT)
        session.exec(delete(BackupRow).where(old))


def _cure_of_backup(folder: Path) -> str:
    return (
        f"Look whether {folder} is there, may be written to and has room. It is tried again every hour;"
        " `schoolgate db backup` tries it now."
    )


def _why(error: Exception) -> str:
    """One sentence, without its full stop."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'the disk'}: {error.strerror}"
    return str(error) or type(error).__name__
