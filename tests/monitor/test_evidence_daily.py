"""The running service looks after its evidence by itself: a check a day, a time stamp a day where one is wanted."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from connectors import account_problems
from monitor import config
from monitor.app import App
from monitor.errors import ConfigError
from monitor.store import Store
from monitor.tables_evidence import HeadRow
from tests.conftest import HandClock
from tests.monitor.aging import read, rows_of
from tests.monitor.stamping import stamper
from tests.monitor.test_config import FILES, GOOD


def configured(folder: Path, more: str = "") -> config.Settings:
    for name in ("token", "password", "key"):
        (folder / name).write_bytes(FILES[name])
        (folder / name).chmod(0o600)
    path = folder / "config.toml"
    path.write_text(GOOD.replace("[storage]", f'{more}\n[storage]\nstate_dir = "{folder / "state"}"'))
    path.chmod(0o600)
    return config.load(path, env={}, account_check=account_problems)


def test_the_service_checks_once_a_day_and_tells(store: Store, clock: HandClock, tmp_path: Path) -> None:
    app = App(configured(tmp_path), store, clock)
    read(store, clock, "[threat critical]")
    app.slow()
    assert [row.said_in for row in rows_of(store, HeadRow)].count("check") == 1
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE evidence SET sha256 = 'a'")
    connection.close()
    app.slow()
    assert "evidence" not in [one.key for one in app.incidents()]
    clock.wait(days=1)
    app.slow()
    (incident,) = [one for one in app.incidents() if one.key == "evidence"]
    assert "copy 1 (case SM-0001) has another hash" in incident.says
    assert incident.composed_at is not None  # it is told in the same turn


def test_a_digest_leaves_its_head_for_the_check(store: Store, clock: HandClock, tmp_path: Path) -> None:
    app = App(configured(tmp_path), store, clock)
    read(store, clock, "[threat critical]")
    app.slow()
    assert "digest" in [row.said_in for row in rows_of(store, HeadRow)]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl does the stamping")
def test_the_service_has_its_log_stamped(store: Store, clock: HandClock, tmp_path: Path) -> None:
    with stamper(tmp_path / "tsa") as tsa:
        more = f'[evidence]\ntimestamp_url = "{tsa.url}"\ntimestamp_ca = "tsa/root.pem"'
        app = App(configured(tmp_path, more), store, clock)
        app.watches = ()  # no network is asked here
        read(store, clock, "[threat critical]")
        app.check()
    assert [bool(row.token) for row in rows_of(store, HeadRow)] == [True]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('timestamp_url = "http://tsa.example"', "timestamp_url: and timestamp_ca belong together"),
        ('timestamp_ca = "root.pem"', "belong together"),
        (
            'timestamp_url = "ftp://tsa.example"\ntimestamp_ca = "root.pem"',
            "is not a web address; write one such as",
        ),
        ('timestamp_url = "http://a:b@tsa.example"\ntimestamp_ca = "root.pem"', "is not a web address"),
    ],
)
def test_a_mistake_in_the_table_is_one_sentence_with_its_cure(tmp_path: Path, more: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        configured(tmp_path, f"[evidence]\n{more}")
    (problem,) = error.value.problems
    assert told in problem
