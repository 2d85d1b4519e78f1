"""`python -m bench.fuzz`: hostile input, made from numbers. Quick in half a minute; `--full` ten million cases.

`--state FILE` goes on where the last run with this file ended, `--seconds N` stops after so long; so ten million may be
run in pieces. `--target NAME --case NUMBER` makes one case again and lets its error through.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

import structlog

from bench.attack import Attack, held, table
from bench.fuzz.all_targets import TARGETS
from bench.fuzz.chances import numbered
from bench.fuzz.growth import growth
from bench.fuzz.target import Failure, run
from bench.machine import machine

QUICK, FULL = 40_000, 10_000_000  # cases in all
PIECE = 250  # parts of the work, so that cores and pauses share it
SHOWN = 20  # failures that are told of


def main() -> int:
    parser = argparse.ArgumentParser(description="hostile input at every way in")
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} cases; else {QUICK:,}")
    parser.add_argument("--json", action="store_true", help="one JSON array of rows instead of a table")
    parser.add_argument("--cases", type=int, metavar="N", help="about so many cases in all")
    parser.add_argument(
        "--seconds", type=float, metavar="N", help="stop after so long, whatever is done by then"
    )
    parser.add_argument("--state", type=Path, metavar="FILE", help="go on from this file, and write it")
    parser.add_argument(
        "--target", action="append", choices=sorted(TARGETS), help="only this; may be repeated"
    )
    parser.add_argument(
        "--case", type=int, metavar="NUMBER", help="only this case of the target, with its error"
    )
    asked = parser.parse_args()
    quiet()
    if asked.case is not None:
        for name in asked.target or ():
            TARGETS[name].case(numbered(name, asked.case))
        return 0
    cases = asked.cases or (FULL if asked.full else QUICK)
    rows = [*fuzzed(cases, asked.target or list(TARGETS), state=asked.state, seconds=asked.seconds)]
    if not asked.target:
        rows += growth(full=asked.full)
    print(json.dumps([asdict(row) for row in rows]) if asked.json else f"{machine()}\n\n{table(rows)}")
    return int(not held(rows))


def fuzzed(
    cases: int, names: Sequence[str], *, state: Path | None = None, seconds: float | None = None
) -> Iterator[Attack]:
    """About `cases` cases of these targets by their shares, on all cores; a row a target, and what failed to stderr.

    `state`: a file with how many cases of each target are done; they are not done again, and count."""
    done = _read(state)
    ends = None if seconds is None else time.monotonic() + seconds
    failures: list[Failure] = []
    with ProcessPoolExecutor(os.cpu_count(), initializer=quiet) as workers:
        asked = {
            workers.submit(_piece, name, start, stop, ends): (name, start, stop)
            for name, start, stop in _pieces(cases, names, done)
        }
        finished: dict[str, set[tuple[int, int]]] = {name: set() for name in names}
        for one in as_completed(asked):
            name, start, _ = asked[one]
            count, found = one.result()
            failures += found
            if count:
                finished[name].add((start, start + count))
            if state is not None:
                _write(
                    state,
                    {name: _through(done.get(name, 0), finished[name]) for name in names}
                    | {k: v for k, v in done.items() if k not in names},
                )
    for failure in failures[:SHOWN]:
        print(f"{failure.target} --case {failure.number}: {failure.says}", file=sys.stderr)
    for name in names:
        target = TARGETS[name]
        times = done.get(name, 0) + sum(stop - start for start, stop in finished[name])
        yield Attack(target.promise, target.how, times, sum(one.target == name for one in failures), name)


def _pieces(cases: int, names: Sequence[str], done: Mapping[str, int]) -> Iterator[tuple[str, int, int]]:
    """(target, first case, past its last) of everything to do: a little of each target in turn."""
    shares = sum(TARGETS[name].share for name in names)
    wanted = {name: max(1, round(cases * TARGETS[name].share / shares)) for name in names}
    parts = max(1, min(PIECE, cases // 1_000))
    for part in range(parts):
        for name in names:
            first, last = done.get(name, 0), wanted[name]
            start, stop = (first + (last - first) * at // parts for at in (part, part + 1))
            if stop > start:
                yield name, start, stop


def _piece(name: str, start: int, stop: int, ends: float | None) -> tuple[int, list[Failure]]:
    """How many cases were tried before `ends`, by the machine's monotonic clock, and those that failed."""
    left = None if ends is None else ends - time.monotonic()
    tried = list(run(TARGETS[name], range(start, stop), left))
    return len(tried), [one for one in tried if one is not None]


def _through(done: int, finished: set[tuple[int, int]]) -> int:
    """Up to which case everything is done."""
    for start, stop in sorted(finished):
        if start > done:
            break
        done = max(done, stop)
    return done


def _read(state: Path | None) -> dict[str, int]:
    if state is None or not state.exists():
        return {}
    return {
        name: int(count)
        for name, count in json.loads(state.read_text(encoding="utf-8")).items()
        if name in TARGETS
    }


def _write(state: Path, done: Mapping[str, int]) -> None:
    part = state.with_suffix(".part")
    part.write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")
    part.replace(state)


def quiet() -> None:
    """What the service and its libraries log of each broken thing is not what is looked for here."""
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


if __name__ == "__main__":
    sys.exit(main())
