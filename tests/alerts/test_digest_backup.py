"""What the digest says of backups: a drill once, what fails until it is mended, and else nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.digest_backup import backed_up
from alerts.digest_backup_rows import backup_line
from alerts.words import LocalTime
from monitor.store import Store
from monitor.tables_backup import BackupRow
from tests.conftest import MORNING

YESTERDAY = MORNING - timedelta(days=1)


def told(store: Store, *rows: tuple[str, datetime, bool]) -> list[str]:
    with store.write() as session:
        for kind, at, ok in rows:
            session.add(
                BackupRow(
                    school_id=store.school, kind=kind, at=at, ok=ok, records=1234, says="the disk is full"
                )
            )
    with store.read() as session:
        line = backup_line(session, store, YESTERDAY, MORNING)
    return [
        f"{row.sign} {row.says} {row.more}".strip() for row in backed_up(line, LocalTime("Europe/London"))
    ]


def test_a_backup_that_was_made_is_no_news(store: Store) -> None:
    assert told(store, ("backup", MORNING - timedelta(hours=5), True)) == []


def test_a_drill_is_told_once(store: Store) -> None:
    rows = told(store, ("backup", MORNING, True), ("drill", MORNING - timedelta(hours=5), True))
    assert rows == ["✔ A backup was restored as a drill and holds: 1234 records"]
    with store.read() as session:
        assert backup_line(session, store, MORNING, MORNING + timedelta(days=1)) is None


def test_what_fails_is_told_with_the_last_that_went_well(store: Store) -> None:
    rows = told(store, ("backup", YESTERDAY - timedelta(days=3), True), ("backup", MORNING, False))
    assert rows == [
        "✖ The backup of the database fails The last one is of Mon 16 Nov 2026, 09:00. The technician was told."
    ]


def test_a_school_without_any_backup_hears_so(store: Store) -> None:
    assert told(store, ("backup", MORNING, False)) == [
        "✖ The backup of the database fails There is none yet. The technician was told."
    ]


def test_a_drill_that_failed_is_told_until_one_goes_well(store: Store) -> None:
    (row,) = told(store, ("backup", MORNING, True), ("drill", YESTERDAY - timedelta(days=3), False))
    assert row.startswith("✖ A backup could not be restored when that was tried on ")
    assert told(store, ("drill", YESTERDAY - timedelta(hours=1), True)) == []
