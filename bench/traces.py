"""`python -m bench.traces`: what pruning removed, looked for in every file that the database leaves behind.

Each round makes a school on disk (bench/planted.py: every place that holds words, in a seeded order and size), prunes it
at two ages, and looks for what is gone: the sealed bytes themselves, 16 at a time, in the database, its write-ahead log,
its shared memory, its journal, and a backup made afterwards. No word that was planted may stand anywhere in clear, before
or after.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import LargeBinary, select
from sqlmodel import SQLModel

from bench.attack import Attack, command
from bench.planted import BEGAN, MARKER, PLACES, School, digest_row
from monitor.retention import chain_broken_at, prune
from monitor.retention_rules import Keep
from monitor.store import Store
from monitor.tables_watching import KeptDigestRow

PIECE = 16  # bytes that are looked for at once
KEEP = Keep(*(timedelta(days=number) for number in (30, 365, 365, 2555)))
_AGES = (timedelta(days=200), timedelta(days=3000))


@dataclass(frozen=True, slots=True)
class Found:
    """`values`: sealed values that pruning removed; `left`: pieces of them still in a file; `clear`: files in which a
    planted word stood in clear; `kept`: places with words left at the last age; `broken`: chains that do not hold."""

    values: int
    left: int
    clear: int
    kept: Sequence[str]
    broken: int


def sealed_in(store: Store) -> dict[bytes, str]:
    """Every sealed value that a row holds now, with its table and column. Keyed hashes are 32 bytes and none."""
    held: dict[bytes, str] = {}
    with store.read() as session:
        for table in SQLModel.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, LargeBinary) and column.name in {"sealed", "said"}:
                    rows = session.connection().execute(select(column)).scalars()
                    held |= {bytes(value): f"{table.name}.{column.name}" for value in rows if value}
    return held


def round_of(folder: Path, seed: int, people: int) -> Found:
    """One school, planted, aged and pruned twice."""
    chance = random.Random(seed)
    school = School(folder, chance)
    clear = values = left = broken = 0
    try:
        school.plant(people)
        clear += _in_clear(folder)
        for age in _AGES:
            before = sealed_in(school.store)
            prune(school.store, KEEP, BEGAN + age)
            backup = folder / f"{age.days}.backup"
            school.store.backup(backup)
            gone = before.keys() - sealed_in(school.store).keys()
            values += len(gone)
            left += _pieces(folder, gone)
            clear += _in_clear(folder)
            broken += chain_broken_at(school.store) is not None
            backup.unlink()  # the next age's traces are looked for in a backup of their own
        return Found(values, left, clear, sorted(set(sealed_in(school.store).values())), broken)
    finally:
        school.close()


def churned(folder: Path, seed: int, *, compacted: bool = True) -> tuple[int, int]:
    """(values that are gone, pieces of them still there) after values of all sizes came, changed and went in a seeded
    order. Without `compacted`, secure deletion and an emptied log alone: that leaves pieces, which is why there is more."""
    chance = random.Random(seed)
    school = School(folder, chance)
    store, held, gone = school.store, dict[int, bytes](), set[bytes]()
    try:
        for turn in range(120):
            with store.write() as session:
                for number in range(chance.randint(3, 15)):
                    row = digest_row(store.school, turn * 20 + number, _some(chance))
                    session.add(row)
                    session.flush()
                    held[row.id or 0] = row.sealed
                for one in chance.sample(sorted(held), min(len(held), chance.randint(0, 24))):
                    gone.add(held.pop(one))
                    row = session.get_one(KeptDigestRow, one)
                    if chance.random() < 0.5:
                        session.delete(row)
                    else:
                        row.sealed = b""
        done = store.compact() if compacted else store.checkpoint()
        assert done, "nobody else reads it"
        return len(gone), _pieces(folder, gone)
    finally:
        school.close()


def _some(chance: random.Random) -> bytes:
    return chance.randbytes(chance.choice((30, 40, 200, 500, 600, 1500, 2500, 3000)))


def _pieces(folder: Path, values: set[bytes]) -> int:
    wanted = {value[at : at + PIECE] for value in values for at in range(0, len(value) - PIECE + 1, PIECE)}
    found: set[bytes] = set()
    for file in folder.iterdir():
        there = file.read_bytes()
        found |= wanted & {there[at : at + PIECE] for at in range(len(there) - PIECE + 1)}
    return len(found)


def _in_clear(folder: Path) -> int:
    return sum(MARKER.encode() in file.read_bytes() for file in folder.iterdir())


def measure(full: bool) -> Sequence[Attack]:
    rounds, people = (40, 60) if full else (2, 25)
    found = []
    for seed in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            found.append(round_of(Path(folder), seed, people))
    values = sum(one.values for one in found)
    changed = []
    for seed in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            changed.append(churned(Path(folder), seed))
    return [
        Attack(
            "what is pruned leaves no trace",
            "looking for it in the database, its log and a backup",
            values,
            sum(one.left for one in found),
            f"{rounds} schools, {len(PLACES)} places that hold words",
        ),
        Attack(
            "what is overwritten leaves no trace",
            "changing and deleting values of 30 to 3,000 bytes in any order",
            sum(gone for gone, _ in changed),
            sum(left for _, left in changed),
        ),
        Attack(
            "no word stands in clear",
            "looking for planted words in every file, before and after pruning",
            rounds * (1 + len(_AGES)),
            sum(one.clear for one in found),
        ),
        Attack(
            "nothing outlives its time",
            "pruning after eight years",
            rounds * len(PLACES),
            sum(len(one.kept) for one in found),
        ),
        Attack(
            "the audit chain holds after pruning",
            "checking it from the first entry that is kept",
            rounds * len(_AGES),
            sum(one.broken for one in found),
        ),
    ]


if __name__ == "__main__":
    sys.exit(command(measure, "what pruning removed is looked for in every file"))
