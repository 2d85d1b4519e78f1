"""The change of the master key, killed; and its end, which loses nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from monitor.crash import KEY_POINTS
from monitor.errors import StoreError
from monitor.evidence_check import check
from monitor.key_rotation import Resealing, begin, end, is_pending, reseal
from monitor.store import Store
from monitor.tables import ItemRow
from monitor.tables_keys import SealingKeyRow
from monitor.vault import Vault
from tests.conftest import HandClock
from tests.monitor.aging import rows_of
from tests.monitor.test_assess import arrive
from tests.monitor.test_key_rotation import (
    NEW,
    OLD,
    as_an_older_version_did,
    everything,
    fill,
    opened,
    versions,
)

ROOT = Path(__file__).resolve().parents[2]
ROTATE = """
import sys
from datetime import datetime
from pathlib import Path
from monitor.key_rotation import begin, end, reseal
from monitor.store import Store
from monitor.vault import Vault
path, now = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
old = Store(path, Vault(bytes(range(32))), school="school")
begin(old, Vault(b"n" * 32), now)
old.close()
new = Store(path, Vault(b"n" * 32), school="school")
sum(reseal(new, 3))
end(new, now)
"""


@pytest.mark.parametrize("point", [*KEY_POINTS, pytest.param("keys.resealed#3", marks=pytest.mark.slow)])
def test_killed_at_any_point_nothing_is_lost_and_the_next_run_goes_on(
    store: Store, clock: HandClock, point: str
) -> None:
    fill(store, clock)
    arrive(store, clock, *(f"Lovely {number}" for number in range(3)), first=100)
    as_an_older_version_did(store)
    before = everything(store)
    store.checkpoint()
    turn = [sys.executable, "-c", ROTATE, str(store.path), clock().isoformat()]
    died = subprocess.run(turn, cwd=ROOT, env={**os.environ, "SCHOOLGATE_CRASH_AT": point}, check=False)
    assert died.returncode == 137
    with opened(store, NEW) as new:
        assert everything(new) == before
    if point != "keys.ended":
        with opened(store, OLD) as old:
            assert everything(old) == before
        begin(store, Vault(NEW), clock())
    with opened(store, NEW) as new:
        sum(reseal(new))
        assert end(new, clock()) is (point != "keys.ended")
        assert everything(new) == before
        assert check(new).problems == []
        assert versions(new) == {b"\x02"}


def test_the_service_seals_a_batch_a_turn_and_then_ends_the_change(store: Store, clock: HandClock) -> None:
    arrive(store, clock, *(f"Lovely {number}" for number in range(5)))
    number = as_an_older_version_did(store)
    begin(store, Vault(NEW), clock())
    with opened(store, NEW) as new:
        resealing = Resealing(new, clock, batch=3)
        turns = [resealing.turn() for _ in range(4)]
        assert turns == [3, number - 3, 0, 0]
        with new.read() as session:
            assert not is_pending(session, new)


def test_a_damaged_value_holds_up_nothing_and_stays_as_it_is(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "Lovely photos", "Well done")
    as_an_older_version_did(store)
    with store.write() as session:
        session.get_one(ItemRow, 1).sealed = b"\x01damaged"
    assert sum(reseal(store)) == 1
    assert [row.sealed[:1] for row in rows_of(store, ItemRow)] == [b"\x01", b"\x02"]


def test_it_does_not_end_while_something_would_be_lost_with_the_old_key(
    store: Store, clock: HandClock
) -> None:
    fill(store, clock)
    as_an_older_version_did(store)
    begin(store, Vault(NEW), clock())
    with opened(store, NEW) as new:
        with pytest.raises(StoreError, match="not everything is sealed anew"):
            end(new, clock())
        sum(reseal(new))
        assert end(new, clock())


def test_it_ends_though_something_was_damaged_before(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "Lovely photos", "Well done")
    as_an_older_version_did(store)
    with store.write() as session:
        session.get_one(ItemRow, 1).sealed = b"\x01damaged"
    begin(store, Vault(NEW), clock())
    with opened(store, NEW) as new:
        assert sum(reseal(new)) == 1
        assert end(new, clock())


def _gone(store: Store) -> None:
    with store.write() as session:
        for row in session.exec(select(SealingKeyRow).where(SealingKeyRow.purpose == "last")):
            session.delete(row)


def _damaged(store: Store) -> None:
    with store.write() as session:
        for row in session.exec(select(SealingKeyRow).where(SealingKeyRow.purpose == "last")):
            row.wrapped = bytes(60)


@pytest.mark.parametrize("harm", [_gone, _damaged])
def test_it_does_not_end_while_the_way_to_what_is_old_is_not_whole(
    store: Store, clock: HandClock, harm: Callable[[Store], None]
) -> None:
    begin(store, Vault(NEW), clock())
    harm(store)
    with opened(store, NEW) as new, pytest.raises(StoreError, match=r"keys are missing|does not open"):
        end(new, clock())
