"""What pruning removed is in no file any more: the pieces of bench/traces.py, in short."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary
from sqlmodel import SQLModel

from bench.planted import PLACES, School
from bench.traces import churned, round_of, sealed_in
from monitor.retention import prune, would_prune
from monitor.retention_files import BEFORE
from monitor.store import Store
from monitor.tables import ItemRow
from tests.conftest import HandClock
from tests.monitor.aging import KEEP, read, rows_of


def test_every_place_that_holds_words_is_emptied_and_leaves_no_trace(tmp_path: Path) -> None:
    found = round_of(tmp_path, seed=2, people=7)
    assert found.values > 40
    assert (found.left, found.clear, found.kept, found.broken) == (0, 0, [], 0)


def test_words_are_planted_wherever_there_is_place_for_them(tmp_path: Path) -> None:
    places = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary) and column.name in {"sealed", "said"}
    }
    school = School(tmp_path, random.Random(2))
    school.plant(8)
    assert set(sealed_in(school.store).values()) == set(PLACES) == places
    school.close()


@pytest.mark.slow
def test_secure_deletion_alone_leaves_pieces_and_a_file_written_anew_none(tmp_path: Path) -> None:
    """SQLite's secure_delete does not reach what its own rearranging of pages left behind."""
    for name in ("without", "with"):
        (tmp_path / name).mkdir()
    gone, left = churned(tmp_path / "without", seed=3, compacted=False)
    assert gone > 1000
    assert left > 0
    assert churned(tmp_path / "with", seed=3) == (gone, 0)


def test_pruning_writes_the_file_anew(store: Store, clock: HandClock) -> None:
    read(store, clock, *(f"Lovely {'x' * 4000}{number}" for number in range(20)))
    clock.wait(days=31)
    prune(store, KEEP, clock())
    with store.read() as session:
        assert session.connection().exec_driver_sql("PRAGMA freelist_count").scalar() == 0


def test_who_wrote_something_harmless_is_nobody_once_it_is_pruned(store: Store, clock: HandClock) -> None:
    read(store, clock, "Lovely")
    with store.write() as session:
        session.get_one(ItemRow, 1).author_id = "u1"
    clock.wait(days=31)
    prune(store, KEEP, clock())
    assert [row.author_id for row in rows_of(store, ItemRow)] == [None]


def test_the_copy_before_an_upgrade_goes_after_a_month(store: Store, clock: HandClock) -> None:
    copy = store.path.with_name(f"{store.path.name}.{BEFORE}0018")
    copy.write_bytes(b"as it was")
    os.utime(copy, (clock().timestamp(), clock().timestamp()))
    clock.wait(days=30)
    assert prune(store, KEEP, clock()).upgrade_copies == 0
    assert copy.exists()
    clock.wait(days=1)
    assert would_prune(store, KEEP, clock()).upgrade_copies == 1
    assert prune(store, KEEP, clock()).upgrade_copies == 1
    assert not copy.exists()
    assert store.path.exists()
