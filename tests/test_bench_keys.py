"""The measurement of keys, in short, and that it sees what it is there to see."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import select

from bench.attack import held
from bench.keys import NEW, OLD, _whole, erased, kills, made, opened, read
from monitor.key_rotation import begin
from monitor.tables_keys import SealingKeyRow
from monitor.vault import Vault
from tests.conftest import MORNING


def test_a_short_form_holds(tmp_path: Path) -> None:
    assert held([kills(tmp_path, 2), erased(tmp_path)])


def test_a_change_that_lost_a_key_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "lost.db"
    made(path)
    with opened(path, OLD) as store:
        before = sorted(read(store))
        begin(store, Vault(NEW), MORNING)
    assert _whole(path, before)
    with opened(path, NEW) as store, store.write() as session:
        session.delete(session.exec(select(SealingKeyRow).where(SealingKeyRow.purpose == "case")).first())
    assert not _whole(path, before)
