"""Once a day a backup, once a week a drill; what fails is an incident, and is tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from monitor.backup import newest, series
from monitor.backup_watch import DRILL, FAILED, Plan, back_up, back_up_when_due, hold_drill, point
from monitor.incidents import open_incidents
from monitor.store import Store
from monitor.tables_backup import BackupRow
from tests.conftest import HandClock
from tests.monitor.backed_up import fill

LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(tmp_path / "backups", time(3, 30), LONDON, 30)


def runs(store: Store, kind: str = "backup") -> list[BackupRow]:
    with store.read() as session:
        return list(session.exec(select(BackupRow).where(BackupRow.kind == kind).order_by(col(BackupRow.id))))


def troubles(store: Store) -> dict[str, str]:
    with store.read() as session:
        return {one.key: one.says for one in open_incidents(session, store.school)}


def spoil(plan: Plan, store: Store) -> bytes:
    """Change one byte of the newest backup; returns what it was."""
    file = newest(plan.folder, series(store))
    assert file is not None
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    return whole


def test_the_first_is_made_at_once_and_tried_at_once(store: Store, plan: Plan, clock: HandClock) -> None:
    fill(store)
    assert back_up_when_due(store, plan, clock) == 2
    assert back_up_when_due(store, plan, clock) == 0
    (made,), (tried,) = runs(store), runs(store, "drill")
    assert made.ok
    assert tried.ok
    assert tried.file == made.file
    assert tried.records == made.records > 6
    assert troubles(store) == {}


def test_one_a_day_at_the_schools_own_time_in_summer_and_winter(
    store: Store, plan: Plan, clock: HandClock
) -> None:
    for day in (27, 28, 29):  # the clocks go forward on the 28th
        clock.now = datetime(2027, 3, day, 3, 29, tzinfo=LONDON).astimezone(UTC)
        back_up_when_due(store, plan, clock)
        before = len(runs(store))
        clock.wait(seconds=59)
        assert back_up_when_due(store, plan, clock) == 0
        clock.wait(seconds=1)
        back_up_when_due(store, plan, clock)
        assert len(runs(store)) == before + 1
        assert runs(store)[-1].at.astimezone(LONDON).time() == time(3, 30)


def test_a_day_that_was_slept_through_is_made_up_for_once(store: Store, plan: Plan, clock: HandClock) -> None:
    back_up_when_due(store, plan, clock)
    clock.wait(days=4)
    back_up_when_due(store, plan, clock)
    back_up_when_due(store, plan, clock)
    assert len(runs(store)) == 2


def test_a_clock_that_was_ahead_does_not_keep_the_next_from_being_made(
    store: Store, plan: Plan, clock: HandClock
) -> None:
    clock.wait(days=30)
    back_up_when_due(store, plan, clock)
    clock.wait(days=-30)
    assert back_up_when_due(store, plan, clock) == 2
    assert [row.ok for row in runs(store)] == [True, True]


def test_two_in_one_second_are_two(store: Store, plan: Plan, clock: HandClock) -> None:
    first, second = back_up(store, plan, clock), back_up(store, plan, clock)
    assert first.ok
    assert second.ok
    assert newest(plan.folder, series(store)) == plan.folder / second.file


def test_a_drill_comes_once_a_week(store: Store, plan: Plan, clock: HandClock) -> None:
    for _ in range(15):
        back_up_when_due(store, plan, clock)
        clock.wait(days=1)
    days = [row.at.day for row in runs(store, "drill")]
    assert days == [20, 27, 4]
    assert len(runs(store)) == 15


def test_what_is_older_than_it_may_be_goes_with_the_next(store: Store, plan: Plan, clock: HandClock) -> None:
    short = replace(plan, keep_days=3)
    for _ in range(8):
        back_up_when_due(store, short, clock)
        clock.wait(days=1)
    kept = sorted(path.name for path in plan.folder.glob("*.backup"))
    assert kept == [f"schoolgate-202611{day}-090000.backup" for day in (24, 25, 26, 27)]


def test_a_backup_that_cannot_be_made_is_told_and_tried_again_every_hour(
    store: Store, plan: Plan, clock: HandClock
) -> None:
    plan.folder.write_text("a file in the folder's place")
    for _ in range(6):
        back_up_when_due(store, plan, clock)
        clock.wait(minutes=20)
    assert [row.ok for row in runs(store)] == [False, False]
    assert str(plan.folder) in troubles(store)[FAILED]
    plan.folder.unlink()
    back_up_when_due(store, plan, clock)
    assert runs(store)[-1].ok
    assert troubles(store) == {}


def test_a_backup_that_cannot_be_restored_is_told_until_one_can(
    store: Store, plan: Plan, clock: HandClock
) -> None:
    back_up_when_due(store, plan, clock)
    clock.wait(days=7, hours=-5)
    back_up_when_due(store, plan, clock)
    spoil(plan, store)
    clock.wait(hours=5)
    back_up_when_due(store, plan, clock)
    assert "was changed or cut off" in troubles(store)[DRILL] or "does not open" in troubles(store)[DRILL]
    back_up_when_due(store, plan, clock)
    assert [row.ok for row in runs(store, "drill")] == [True, False]
    clock.wait(days=1)  # a new backup, and the drill again
    back_up_when_due(store, plan, clock)
    assert [row.ok for row in runs(store, "drill")] == [True, False, True]
    assert troubles(store) == {}


def test_a_drill_sees_evidence_that_does_not_hold(store: Store, plan: Plan, clock: HandClock) -> None:
    fill(store)
    with store.write() as session:
        session.connection().exec_driver_sql("UPDATE audit SET thing = 'case 9' WHERE seq = 2")
    back_up_when_due(store, plan, clock)
    assert "the audit log is changed or cut at entry 2" in troubles(store)[DRILL]


def test_a_drill_leaves_nothing_behind(store: Store, plan: Plan, clock: HandClock, tmp_path: Path) -> None:
    back_up_when_due(store, plan, clock)
    before = {path.name for path in tmp_path.rglob("*")}
    hold_drill(store, plan, clock)
    assert {path.name for path in tmp_path.rglob("*")} == before


def test_doctor_is_told_how_backups_stand(store: Store, plan: Plan, clock: HandClock) -> None:
    assert point(store, LONDON, clock()).says.startswith("none was made yet")
    back_up_when_due(store, plan, clock)
    well = point(store, LONDON, clock())
    assert well.ok
    assert "the last one is of 20 Nov 09:00" in well.says
    assert "restored as a drill on 20 Nov" in well.says
    clock.wait(days=3)
    assert not point(store, LONDON, clock()).ok
    back_up_when_due(store, plan, clock)
    spoil(plan, store)
    hold_drill(store, plan, clock)
    failed = point(store, LONDON, clock())
    assert not failed.ok
    assert "the drill of 23 Nov failed" in failed.says
