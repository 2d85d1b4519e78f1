"""`schoolgate keys`: what the administrator sees, changes and prints; never a key on the screen."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import zxingcpp

from alerts.key_paper import square_of
from monitor import schema
from monitor.app import App, utc_now
from monitor.commands.opened import settings_of, store_of
from monitor.key_paper import rows_of
from monitor.store import Store
from monitor.tables import AuditRow, EvidenceRow
from tests.conftest import HandClock
from tests.monitor.aging import close, read
from tests.monitor.aging import rows_of as all_of
from tests.monitor.test_cli import _logging_as_before, schoolgate  # noqa: F401 - a fixture
from tests.monitor.test_config import FILES, GOOD, KEY

PAPER = "\n".join(rows_of(KEY)) + "\n"


@pytest.fixture
def config(tmp_path: Path, _empty_database: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o600)
    path = tmp_path / "config.toml"
    path.write_text(GOOD)
    (tmp_path / "state").mkdir()
    schema.copy(_empty_database, tmp_path / "state" / "schoolgate.db")
    return path


@pytest.fixture
def school(config: Path) -> Iterator[Store]:
    """A case, in the database of that configuration."""
    with store_of(settings_of(config)) as store:
        clock = HandClock(utc_now())
        read(store, clock, "[threat critical] planted", "Lovely photos")
        close(store, clock)
        yield store


def shown(config: Path) -> dict[str, object]:
    told: dict[str, object] = json.loads(schoolgate("keys", "show", "--json", "--config", config).stdout)
    return told


def change(config: Path) -> Path:
    """Rotate, and put the new key where the configuration reads it, as the administrator is told to."""
    new = config.parent / "new.key"
    assert schoolgate("keys", "rotate", "--new-key-file", new, "--config", config).exit_code == 0
    (config.parent / "key").write_bytes(new.read_bytes())
    return new


def test_what_is_in_use_is_shown_and_no_key(config: Path, school: Store) -> None:
    assert shown(config) == {
        "master_key": school.vault.fingerprint[:8],
        "kept": {"case": 1, "day": 1},
        "destroyed": 0,
        "changing": False,
    }
    table = schoolgate("keys", "show", "--config", config)
    assert "keys of a case" in table.stdout
    assert KEY.hex() not in table.output


def test_the_master_key_is_changed_step_by_step_and_the_service_ends_it(config: Path, school: Store) -> None:
    new = config.parent / "new.key"
    told = schoolgate("keys", "rotate", "--new-key-file", new, "--config", config)
    assert told.exit_code == 0
    assert new.read_text().strip() not in told.output
    assert stat.S_IMODE(new.stat().st_mode) == 0o600
    assert "restart the service" in told.stdout
    assert shown(config)["changing"] is True
    with store_of(
        settings_of(config)
    ) as old:  # before the file is put in its place, and while nobody restarts anything
        assert b"planted" in old.vault.unseal(all_of(old, EvidenceRow)[0].sealed, "evidence.sealed")
    (config.parent / "key").write_bytes(new.read_bytes())
    settings = settings_of(config)
    with store_of(settings) as store:
        App(settings, store).slow()
        assert b"planted" in store.vault.unseal(all_of(store, EvidenceRow)[0].sealed, "evidence.sealed")
        said = [row.event for row in all_of(store, AuditRow) if row.event.startswith("change")]
    assert said == ["change of the master key begun", "change of the master key ended"]
    assert shown(config)["changing"] is False


def test_the_former_key_is_refused_once_the_change_has_ended(config: Path, school: Store) -> None:
    change(config)
    settings = settings_of(config)
    with store_of(settings) as store:
        App(settings, store).slow()
    (config.parent / "key").write_bytes(FILES["key"])
    refused = schoolgate("keys", "show", "--config", config)
    assert refused.exit_code == 1
    assert "storage.master_key is not the key that this database is sealed with" in refused.stderr


def test_a_new_key_file_that_others_may_read_is_refused(config: Path) -> None:
    new = config.parent / "new.key"
    new.write_text("ab" * 32)
    new.chmod(0o640)
    refused = schoolgate("keys", "rotate", "--new-key-file", new, "--config", config)
    assert refused.exit_code == 78
    assert f"the file {new} is open to others on this machine; run `chmod 600 {new}`" in refused.stderr
    assert shown(config)["changing"] is False


def test_the_key_in_use_cannot_be_the_new_one(config: Path) -> None:
    refused = schoolgate("keys", "rotate", "--new-key-file", config.parent / "key", "--config", config)
    assert (refused.exit_code, "in use already" in refused.stderr) == (1, True)


def test_a_file_that_holds_no_key_is_refused(config: Path) -> None:
    refused = schoolgate("keys", "rotate", "--new-key-file", config.parent / "password", "--config", config)
    assert (refused.exit_code, "does not hold 32 bytes" in refused.stderr) == (78, True)


def test_the_page_is_for_its_owner_alone_and_is_not_written_over(config: Path) -> None:
    target = config.parent / "key.pdf"
    assert schoolgate("keys", "paper", "--out", target, "--config", config).exit_code == 0
    assert target.read_bytes().startswith(b"%PDF-")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    again = schoolgate("keys", "paper", "--out", target, "--config", config)
    assert (again.exit_code, "is there already" in again.stderr) == (1, True)


def test_the_square_reads_as_the_rows() -> None:
    dark = np.array([[one == "#" for one in line] for line in square_of(KEY)])
    drawn = np.where(np.pad(dark, 4), 0, 255).astype(np.uint8)
    (found,) = zxingcpp.read_barcodes(np.kron(drawn, np.ones((4, 4), dtype=np.uint8)))
    assert found.text.split() == list(rows_of(KEY))


def test_a_page_that_was_typed_is_the_key_or_is_not(config: Path) -> None:
    right = schoolgate("keys", "check-paper", "--config", config, given=PAPER)
    assert (right.exit_code, "is the key in use" in right.stdout) == (0, True)
    other = "\n".join(rows_of(bytes(32)))
    wrong = schoolgate("keys", "check-paper", "--config", config, given=other)
    assert (wrong.exit_code, "another key" in wrong.stderr) == (1, True)


def test_a_page_of_a_key_that_is_still_to_come_is_compared_with_that_file(config: Path) -> None:
    coming = config.parent / "coming.key"
    coming.touch(mode=0o600)
    coming.write_text(bytes(32).hex())
    rows = "\n".join(rows_of(bytes(32)))
    right = schoolgate("keys", "check-paper", "--key-file", coming, "--config", config, given=rows)
    assert (right.exit_code, right.stdout) == (0, f"The page is right: it is the key in {coming}.\n")
    wrong = schoolgate("keys", "check-paper", "--key-file", coming, "--config", config, given=PAPER)
    assert (wrong.exit_code, f"not the key in {coming}" in wrong.stderr) == (1, True)


def test_a_mistyped_row_is_named(config: Path) -> None:
    slipped = schoolgate("keys", "check-paper", "--config", config, given=PAPER.replace("2GAH", "2GAJ"))
    assert (slipped.exit_code, "row 6 does not read as printed" in slipped.stderr) == (1, True)


def test_a_page_becomes_a_key_file_where_nothing_else_is_left(tmp_path: Path) -> None:
    target = tmp_path / "storage.master_key"
    made = schoolgate("keys", "check-paper", "--out", target, given=PAPER.lower())
    assert made.exit_code == 0
    assert bytes.fromhex(target.read_text()) == KEY
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert KEY.hex() not in made.output


def test_the_page_of_a_new_key_is_checked_against_its_file(config: Path) -> None:
    new = config.parent / "new.key"
    new.write_text(KEY[::-1].hex())
    new.chmod(0o600)
    page = config.parent / "new.pdf"
    assert schoolgate("keys", "paper", "--out", page, "--key-file", new, "--config", config).exit_code == 0
    typed = "\n".join(rows_of(KEY[::-1]))
    told = schoolgate("keys", "check-paper", "--key-file", new, "--config", config, given=typed)
    assert told.exit_code == 0


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_master_key_that_others_may_read_is_refused(config: Path, mode: int) -> None:
    (config.parent / "key").chmod(mode)
    refused = schoolgate("keys", "show", "--config", config)
    assert refused.exit_code == 78
    assert f"storage.master_key: the file {config.parent / 'key'} is open to" in refused.stderr


def test_a_credential_is_private_by_its_folder(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config.write_text(GOOD.replace('master_key_file = "key"', ""))
    folder = config.parent / "credentials"
    folder.mkdir()
    (folder / "storage.master_key").write_bytes(FILES["key"])
    (folder / "storage.master_key").chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    assert schoolgate("keys", "show", "--config", config).exit_code == 0
