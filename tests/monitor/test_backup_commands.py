"""`db backup`, `db restore` and `db drill` as somebody types them, on the school's own configuration."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from monitor.app import utc_now
from monitor.cli import app
from monitor.daemon import only_one
from monitor.tables_sign_in import DeviceRow
from tests.school import School, school


@pytest.fixture(scope="module")
def module_school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with school(tmp_path_factory.mktemp("backups"), utc_now, more='[detection]\nmodel = "off"\n') as built:
        yield built


def at(built: School, *arguments: object) -> Result:
    return CliRunner().invoke(
        app, [*map(str, arguments), "--config", str(built.config)], env={"COLUMNS": "300"}
    )


def test_a_school_goes_there_and_back(module_school: School, tmp_path: Path) -> None:
    built = module_school
    assert at(built, "db", "upgrade").exit_code == 0
    database = built.folder / "state" / "schoolgate.db"

    made = at(built, "db", "backup", "--json")
    assert made.exit_code == 0, made.output
    file = Path(json.loads(made.stdout)["file"])
    assert file.parent == built.folder / "state" / "backups"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    named = at(built, "db", "backup", tmp_path / "copy.backup")
    assert str(tmp_path / "copy.backup") in named.stdout
    again = at(built, "db", "backup", tmp_path / "copy.backup")
    assert again.exit_code == 1
    assert "exists already" in again.stderr

    drill = at(built, "db", "drill")
    assert drill.exit_code == 0, drill.output
    assert "can be restored" in drill.stdout

    refused = at(built, "db", "restore", file)
    assert refused.exit_code == 1
    assert "add --replace" in refused.stderr
    with only_one(database.parent):
        running = at(built, "db", "restore", file, "--replace")
    assert running.exit_code == 1
    assert "another Schoolgate is running" in running.stderr

    restored = at(built, "db", "restore", file, "--replace")
    assert restored.exit_code == 0, restored.output
    assert "Restored the backup of " in restored.stdout
    assert "What stood there is kept as " in restored.stdout
    assert len(list(database.parent.glob("schoolgate.db.replaced-*"))) == 1

    elsewhere = at(built, "db", "restore", file, "--to", tmp_path / "new.db", "--json")
    assert elsewhere.exit_code == 0, elsewhere.output
    assert json.loads(elsewhere.stdout)["problems"] == []
    assert (tmp_path / "new.db").exists()


def test_a_backup_that_cannot_be_restored_is_exit_code_1(module_school: School) -> None:
    built = module_school
    made = at(built, "db", "backup", "--json")
    file = Path(json.loads(made.stdout)["file"])
    file.write_bytes(file.read_bytes()[:-5])
    drill = at(built, "db", "drill", "--json")
    assert drill.exit_code == 1
    assert json.loads(drill.stdout)["ok"] is False
    restored = at(built, "db", "restore", file, "--to", built.folder / "never.db")
    assert restored.exit_code == 1
    assert "changed or cut off" in restored.stderr
    assert not (built.folder / "never.db").exists()


def test_who_was_signed_in_then_is_not_after_a_restore(module_school: School) -> None:
    built, now = module_school, utc_now()
    with built.store() as store, store.write() as session:
        values = {
            "school_id": store.school,
            "recipient": "nobody",
            "role": "office",
            "label": "Safari on iPhone",
        }
        times = {"created_at": now, "used_at": now, "expires_at": now + timedelta(days=9)}
        session.add(DeviceRow(**values, **times, token="invented"))
    made = at(built, "db", "backup", "--json")
    file = json.loads(made.stdout)["file"]
    assert len(json.loads(at(built, "sign-ins", "list", "--json").stdout)["sign_ins"]) == 1
    assert at(built, "db", "restore", file, "--replace").exit_code == 0
    assert json.loads(at(built, "sign-ins", "list", "--json").stdout) == {"sign_ins": []}


def test_an_old_key_must_be_a_key(module_school: School, tmp_path: Path) -> None:
    (tmp_path / "odd.key").write_text("not a key")
    for name in ("odd.key", "nowhere.key"):
        result = at(
            module_school,
            "db",
            "restore",
            tmp_path / "any",
            "--to",
            tmp_path / "n.db",
            "--key-file",
            tmp_path / name,
        )
        assert result.exit_code == 1
        assert "does not hold 32 bytes" in result.stderr
