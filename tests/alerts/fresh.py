"""A fresh database for each test, migrated once a run."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.schema import upgrade
from monitor.store import Store
from monitor.vault import Vault


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        upgrade(path)
        return path.read_bytes()


def fresh_store(folder: Path, school: str = "st-marys") -> Store:
    path = folder / "state.db"
    if not path.exists():
        path.write_bytes(_migrated())
    return Store(path, Vault(b"k" * 32), school=school)
