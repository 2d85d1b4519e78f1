"""The power fails in the middle of the program's own transactions: the short form of `python -m bench.power`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.power import Record, cut, day, fast_folder, just_made, of_the_first_shape, recorded, upgrade
from bench.power_day import empty

CUTS = 200
RELEASE = 3_000


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with fast_folder() as name:
        yield Path(name)


@pytest.fixture(scope="module")
def today(folder: Path) -> Record:
    return recorded(folder / "day", day(8), start=empty)


def test_no_acknowledged_transaction_is_lost_and_nothing_is_corrupted(folder: Path, today: Record) -> None:
    assert len(today.states) > 80, "the day is too short to show anything"
    cuts = cut(today, folder / "cut", CUTS, seed=11)
    assert (cuts.times, cuts.damaged, cuts.lost) == (CUTS, 0, 0)


@pytest.mark.slow
def test_nothing_is_lost_in_thousands_of_cuts_of_a_longer_day(folder: Path) -> None:
    longer = recorded(folder / "longer", day(30), start=empty)
    cuts = cut(longer, folder / "cut", RELEASE, seed=15)
    assert (cuts.times, cuts.damaged, cuts.lost) == (RELEASE, 0, 0)


@pytest.mark.parametrize("start", [of_the_first_shape, just_made])
def test_a_change_of_shape_is_done_or_not_begun(folder: Path, start: object) -> None:
    shapes = recorded(folder / start.__name__, upgrade, start=start)
    assert len(shapes.states) == 2, "before and after, and nothing in between"
    cuts = cut(shapes, folder / "cut", CUTS // 4, seed=12)
    assert (cuts.damaged, cuts.lost) == (0, 0)


def test_without_a_sync_at_every_commit_transactions_are_lost(folder: Path) -> None:
    weaker = recorded(folder / "weaker", day(4), start=empty, weaker=True)
    assert cut(weaker, folder / "cut", CUTS // 8, seed=13).lost


def test_a_disk_that_only_says_that_it_synced_is_found_out(folder: Path, today: Record) -> None:
    cuts = cut(today, folder / "cut", CUTS // 4, seed=14, truthful=False)
    assert cuts.lost
    assert cuts.damaged
