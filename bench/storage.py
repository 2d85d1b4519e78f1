"""`python -m bench.storage [--full]`: the file system's calls fail, one after another, in the program's own work.

The n-th sync, write, truncation, opening goes wrong, or finds no room; the database may not grow. bench/storage_faults.py
says what must hold each time. `--full` is every n until a clean run; else a sample of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from bench.attack import Attack, command
from bench.power import fast_folder
from bench.storage_faults import KINDS, Failed, Work

SAMPLE = {"sync": 20, "write": 90, "truncate": 1, "open": 3, "full": 90}  # every so many in a quick run
PROMISES = {
    "sync": "a failed sync is never tried again by the same process, and nothing acknowledged is lost",
    "write": "after a failed write the process ends, and the next one finishes the work",
    "truncate": "after a failed truncation the process ends, and the next one finishes the work",
    "open": "a file that cannot be opened fails one piece of work, which is done later",
    "full": "a full disk undoes what was begun, and it is done when there is room",
}


def measure(full: bool) -> Iterator[Attack]:
    with fast_folder() as name:
        usual = Work(Path(name))
        for kind in KINDS:
            step = 1 if full else SAMPLE[kind]
            runs = _until_clean(lambda nth, kind=kind: usual.failing(kind, nth), 1, step)
            yield _row(PROMISES[kind], f"the n-th {_NAMES[kind]} fails, {_EVERY[full]}", runs)
        runs = _until_clean(usual.without_room, 0, 1 if full else 3)
        yield _row(PROMISES["full"], "PRAGMA max_page_count, one page more each time", runs)


_NAMES = {
    "sync": "sync",
    "write": "write",
    "truncate": "truncation",
    "open": "opening",
    "full": "write for want of room",
}
_EVERY = {True: "every n until a clean run", False: "a sample of n until a clean run"}


def _until_clean(failing: Callable[[int], Failed], first: int, step: int) -> list[Failed]:
    runs: list[Failed] = []
    for nth in count(first, step):
        run = failing(nth)
        if not run.reached:
            break
        runs.append(run)
    return runs


def _row(promise: str, how: str, runs: list[Failed]) -> Attack:
    wrong = sorted({what for run in runs for what in run.broken})
    return Attack(promise, how, len(runs), sum(bool(run.broken) for run in runs), "; ".join(wrong))


if __name__ == "__main__":
    sys.exit(command(lambda full: list(measure(full)), __doc__.split(":")[0]))
