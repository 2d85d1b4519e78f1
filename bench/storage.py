"""`python -m bench.storage [--full]`: the file system's calls fail, one after another, in the program's own work.

The n-th sync, write, truncation, opening goes wrong, or finds no room; the database may not grow. bench/storage_faults.py
says what must hold each time. `--full` is every n until a clean run; else a sample of them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import count, takewhile
from multiprocessing import get_context
from pathlib import Path

from bench.attack import Attack, command
from bench.power import fast_folder
from bench.storage_faults import KINDS, Failed, Work

ROOM = "room"  # pages that the database may not have
# every so many in a quick run
SAMPLE = {"sync": 20, "write": 90, "truncate": 1, "open": 3, "full": 90, ROOM: 3}
PROMISES = {
    "sync": "a failed sync is never tried again by the same process, and nothing acknowledged is lost",
    "write": "after a failed write the process ends, and the next one finishes the work",
    "truncate": "after a failed truncation the process ends, and the next one finishes the work",
    "open": "a file that cannot be opened fails one piece of work, which is done later",
    "full": "a full disk undoes what was begun, and it is done when there is room",
}


def measure(full: bool) -> Iterator[Attack]:
    """A row for each kind of call, and for a database that may not grow. The work is shared out over the cores."""
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        shares = list(pool.map(_share, range(cores), [cores] * cores, [full] * cores))
    for kind in KINDS:
        runs = [run for share in shares for run in share[kind]]
        yield _row(PROMISES[kind], f"the n-th {_NAMES[kind]} fails, {_EVERY[full]}", runs)
    runs = [run for share in shares for run in share[ROOM]]
    yield _row(PROMISES["full"], "PRAGMA max_page_count, one page more each time", runs)


_NAMES = {
    "sync": "sync",
    "write": "write",
    "truncate": "truncation",
    "open": "opening",
    "full": "write for want of room",
}
_EVERY = {True: "every n until a clean run", False: "a sample of n until a clean run"}


def _share(number: int, of: int, full: bool) -> dict[str, list[Failed]]:
    """In a process of its own, of each kind one n in `of`, until a run in which nothing failed."""
    runs: dict[str, list[Failed]] = {}
    with fast_folder() as name:
        usual = Work(Path(name))
        for kind in (*KINDS, ROOM):
            step = 1 if full else SAMPLE[kind]
            each = count(number * step, of * step)
            runs[kind] = list(takewhile(_was_reached, (_failing(usual, kind, nth) for nth in each)))
    return runs


def _failing(usual: Work, kind: str, nth: int) -> Failed:
    return usual.without_room(nth) if kind == ROOM else usual.failing(kind, nth + 1)


def _was_reached(run: Failed) -> bool:
    return run.reached


def _row(promise: str, how: str, runs: list[Failed]) -> Attack:
    wrong = sorted({what for run in runs for what in run.broken})
    return Attack(promise, how, len(runs), sum(bool(run.broken) for run in runs), "; ".join(wrong))


if __name__ == "__main__":
    sys.exit(command(lambda full: list(measure(full)), __doc__.split(":")[0]))
