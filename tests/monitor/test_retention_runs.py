"""Pruning as the service and a person run it: killed half-way, with a chain that must hold, once a day, by hand."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from connectors import account_problems
from monitor import config
from monitor.app import App
from monitor.audit import broken_at
from monitor.cli import app as command_line
from monitor.retention import Pruned, chain_goes_on_from, is_due, prune, would_prune
from monitor.store import Store
from monitor.tables import AuditRow, FindingRow, IncidentRow, ItemRow
from monitor.vault import Vault
from tests.conftest import MORNING, HandClock
from tests.monitor.aging import KEEP, read, rows_of, texts
from tests.monitor.test_assess import arrive
from tests.monitor.test_config import FILES, GOOD

ROOT = Path(__file__).resolve().parents[2]
KILLED = """
import sys
from datetime import datetime, timedelta
from pathlib import Path
from monitor.retention import prune
from monitor.retention_rules import Keep
from monitor.store import Store
from monitor.vault import Vault
store = Store(Path(sys.argv[1]), Vault(bytes(range(32))), school="school")
prune(store, Keep(*(timedelta(days=n) for n in (30, 365, 365, 2555))), datetime.fromisoformat(sys.argv[2]))
"""


def killed_at(store: Store, clock: HandClock, batch: int) -> int:
    """Prune in a process that dies right after its n-th transaction, with no clean-up; its exit code."""
    environment = {**os.environ, "SCHOOLGATE_CRASH_AT": f"prune.batch#{batch}"}
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(store.path), clock().isoformat()],
        cwd=ROOT,
        env=environment,
        check=False,
    )
    return done.returncode


def broken(store: Store) -> int | None:
    with store.read() as session:
        rows = session.exec(select(AuditRow).order_by(AuditRow.seq))  # type: ignore[arg-type]
        return broken_at(rows, chain_goes_on_from(session, store))


def write_history(store: Store, clock: HandClock, days: int) -> None:
    """One entry a day."""
    for day in range(days):
        with store.write() as session:
            store.audit(session, at=clock(), actor="dsl", happened="close decided", thing=f"case {day}")
        clock.wait(days=1)


def tamper(store: Store, statement: str) -> None:
    with sqlite3.connect(store.path) as connection:
        connection.execute(statement)
    connection.close()


def test_killed_between_batches_nothing_is_lost_and_the_next_run_goes_on(
    store: Store, clock: HandClock
) -> None:
    write_history(store, clock, 3)
    arrive(store, clock, *(f"[insult medium] {number}" for number in range(410)), baseline=True)
    with store.write() as session:
        for row in session.exec(select(ItemRow)):
            row.assessed_at = clock()
            finding = {
                "category": "insult",
                "severity": 2,
                "detector": "d",
                "reason": "r",
                "start": 0,
                "end": 1,
            }
            session.add(FindingRow(school_id=store.school, item_id=row.id or 0, **finding))
    clock.wait(days=2560)
    read(store, clock, "Young", first=1000)
    would = would_prune(store, KEEP, clock())
    assert would == Pruned(items=410, findings=410, coverage=5, audit_entries=2)
    left = []
    for batch in (2, 3, 3):
        assert killed_at(store, clock, batch) == 137
        assert broken(store) is None
        assert is_due(store, clock())
        kept = sum(bool(row.sealed) for row in rows_of(store, ItemRow))
        left.append((len(rows_of(store, FindingRow)), kept, len(rows_of(store, AuditRow))))
    assert left == [(10, 411, 3), (0, 11, 3), (0, 1, 1)]
    assert prune(store, KEEP, clock()) == would
    detail, _, goes_on = rows_of(store, AuditRow)[-1].detail.partition("; ")
    assert detail == "items 410, findings 410, coverage 5, keys 1, audit_entries 2"
    assert goes_on.startswith("the log goes on from entry 2 ")
    assert texts(store)[-1] == "Young"
    assert not is_due(store, clock())


def test_the_chain_holds_after_its_oldest_entries_are_gone(store: Store, clock: HandClock) -> None:
    write_history(store, clock, 10)
    clock.wait(days=2550)
    assert prune(store, KEEP, clock()) == Pruned(audit_entries=5)
    assert [row.seq for row in rows_of(store, AuditRow)] == [6, 7, 8, 9, 10, 11]
    assert broken(store) is None
    clock.wait(days=2600)
    prune(store, KEEP, clock())
    assert [row.seq for row in rows_of(store, AuditRow)] == [11, 12]
    assert broken(store) is None


def test_an_entry_stays_until_it_is_old_enough(store: Store, clock: HandClock) -> None:
    write_history(store, clock, 2)
    clock.now = MORNING + KEEP.audit
    assert prune(store, KEEP, clock()) == Pruned()
    clock.wait(seconds=1)
    assert prune(store, KEEP, clock()) == Pruned(audit_entries=1)


@pytest.mark.parametrize(
    ("statement", "at"),
    [
        ("UPDATE audit SET thing = 'case 99' WHERE seq = 8", 8),
        ("DELETE FROM audit WHERE seq = 6", 6),
        ("DELETE FROM audit WHERE seq = 9", 9),
        ("UPDATE prune SET audit_hash = 'f' || substr(audit_hash, 2) || 'f'", 6),
        ("UPDATE prune SET audit_seq = 6", 7),
        ("DELETE FROM prune", 1),
    ],
)
def test_a_change_after_pruning_is_still_noticed(
    store: Store, clock: HandClock, statement: str, at: int
) -> None:
    write_history(store, clock, 10)
    clock.wait(days=2550)
    prune(store, KEEP, clock())
    tamper(store, statement)
    assert broken(store) == at


def test_pruning_does_not_bury_what_somebody_changed(store: Store, clock: HandClock) -> None:
    write_history(store, clock, 10)
    clock.wait(days=2550)
    tamper(store, "UPDATE audit SET thing = 'case 99' WHERE seq = 3")
    assert prune(store, KEEP, clock()) == Pruned()
    assert broken(store) == 3
    (incident,) = rows_of(store, IncidentRow)
    assert "entry 3" in incident.says
    clock.wait(days=1)
    prune(store, KEEP, clock())
    assert len(rows_of(store, IncidentRow)) == 1


@pytest.fixture
def school(tmp_path: Path) -> Path:
    """A configuration file, with what its secrets are in beside it."""
    for name in ("token", "password", "key"):
        (tmp_path / name).write_bytes(FILES[name])
        (tmp_path / name).chmod(0o600)
    path = tmp_path / "config.toml"
    path.write_text(GOOD.replace("[storage]", f'[storage]\nstate_dir = "{tmp_path / "state"}"'))
    path.chmod(0o600)
    return path


def test_the_service_prunes_once_a_day(store: Store, clock: HandClock, school: Path) -> None:
    app = App(config.load(school, env={}, account_check=account_problems), store, clock)
    read(store, clock, "Lovely")
    app.slow()
    assert texts(store) == ["Lovely"]
    clock.wait(days=31)
    app.slow()
    assert texts(store) == [""]
    read(store, clock, "Thanks", first=2)
    with store.write() as session:
        row = session.exec(select(ItemRow).where(ItemRow.external_id == "2")).one()
        row.seen_at = clock() - timedelta(days=31)
    clock.wait(hours=23)
    app.slow()
    assert texts(store) == ["", "Thanks"]
    clock.wait(hours=1)
    app.slow()
    assert texts(store) == ["", ""]
    assert app.chain_broken_at() is None


def test_the_chain_of_a_running_service_goes_on_from_what_was_pruned(
    store: Store, clock: HandClock, school: Path
) -> None:
    app = App(config.load(school, env={}, account_check=account_problems), store, clock)
    write_history(store, clock, 10)
    clock.wait(days=2550)
    app.slow()
    assert rows_of(store, AuditRow)[0].seq == 6
    assert app.chain_broken_at() is None
    tamper(store, "UPDATE audit SET thing = 'case 99' WHERE seq = 8")
    assert app.chain_broken_at() == 8


def prune_by_hand(school: Path, *options: str) -> str:
    result = CliRunner().invoke(command_line, ["prune", "--config", str(school), *options])
    assert result.exit_code == 0, result.output
    return result.output


def test_somebody_can_prune_by_hand_and_look_first(clock: HandClock, school: Path) -> None:
    assert "Nothing is older" in prune_by_hand(school)
    path = school.parent / "state" / "schoolgate.db"
    settings = config.load(school, env={}, account_check=account_problems)
    store = Store(path, Vault(settings.storage.master_key.get_secret_value()), school="school")
    clock.now = datetime.now(UTC) - timedelta(days=31)
    read(store, clock, "Lovely")
    try:
        assert "items: 1\nNothing was removed" in prune_by_hand(school, "--dry-run")
        assert texts(store) == ["Lovely"]
        assert json.loads(prune_by_hand(school, "--json")) == {
            "removed": {"items": 1, "keys": 1},
            "dry_run": False,
            "finished": True,
        }
        assert texts(store) == [""]
    finally:
        store.close()
