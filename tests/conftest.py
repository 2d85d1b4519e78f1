"""What tests share: a clock that is moved by hand, a key, an open database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor import schema
from monitor.store import Store
from monitor.vault import Vault

# files that take longest, in seconds of one core: they are begun first, so that none is left running alone at the end
LONGEST = (
    "term/test_term.py",
    "test_crash.py",
    "monitor/test_daemon.py",
    "test_drilling.py",
    "test_whole_day.py",
    "test_crash_undo.py",
    "test_bench_cost.py",
    "month/test_month.py",
    "test_answering_service.py",
    "test_bench_crash.py",
    "test_claiming.py",
    "monitor/test_cli.py",
)
MORNING = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # a Friday in term


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    rank = {here / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


class HandClock:
    """A clock that somebody moves."""

    def __init__(self, now: datetime = MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **how_long: float) -> None:
        self.now += timedelta(**how_long)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def vault() -> Vault:
    return Vault(bytes(range(32)))


@pytest.fixture(scope="session")
def _empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("schema") / "empty.db"
    schema.upgrade(path)
    return path


@pytest.fixture
def store(tmp_path: Path, vault: Vault, _empty_database: Path) -> Iterator[Store]:
    path = tmp_path / "schoolgate.db"
    schema.copy(_empty_database, path)
    opened = Store(path, vault, school="school")
    yield opened
    opened.close()
