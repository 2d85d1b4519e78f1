"""`python -m bench.faults --quick` (minutes) or `--full`: every promise of Schoolgate under attack, in one table.

Each measurement is a command of its own (`python -m bench.<name> [--full]`) and runs in a process of its own, as many at
once as there are cores (four at most), for at most its time. One that ends badly or gives no rows is a violation, never a row that is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench.attack import Attack, by_promise, held, table
from bench.machine import machine

ROOT = Path(__file__).parents[1]
MEASURED = (  # module names under bench/, in the order of the table
    "crash",
    "power",
    "storage",
    "nth",
    "clocks",
    "fuzz",
    "watching",
    "traces",
    "keys",
    "restore",
)
AT_ONCE = 4
LONGEST = {False: 240, True: 3 * 3600}  # seconds for one of them


def main() -> int:
    parser = argparse.ArgumentParser(description="every promise under attack, in one table")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--quick", action="store_true", help="five minutes at most (the default)")
    length.add_argument("--full", action="store_true", help="as often as a release asks for: an hour or more")
    parser.add_argument(
        "--only", choices=MEASURED, action="append", help="only this measurement; may be repeated"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows to this file")
    parser.add_argument(
        "--saved",
        type=Path,
        metavar="FILE",
        nargs="+",
        help="measure nothing: one table, a row a promise, of these runs",
    )
    asked = parser.parse_args()
    if asked.saved:
        rows = [Attack(**row) for file in asked.saved for row in json.loads(file.read_text(encoding="utf-8"))]
        print(table(by_promise(rows)))
        return int(not held(rows))
    began = time.monotonic()
    with ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1)) as pool:
        parts = pool.map(partial(measured, full=asked.full), asked.only or MEASURED)
        rows = [row for part in parts for row in part]
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, {(time.monotonic() - began) / 60:.1f} minutes\n")
    print(table(rows))
    if asked.json:
        asked.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
    return int(not held(rows))


def measured(name: str, *, full: bool) -> list[Attack]:
    """The rows of one measurement, which runs as a process of its own."""
    print(f"{name} …", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", f"bench.{name}", "--json", *(["--full"] if full else [])]
    try:
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False, timeout=LONGEST[full]
        )
        rows = [Attack(**row) for row in json.loads(done.stdout)]
    except subprocess.TimeoutExpired:
        return [Attack(f"bench.{name} ends", f"running it for {LONGEST[full]} s", 1, 1)]
    except (ValueError, TypeError):
        return [Attack(f"bench.{name} gives its rows", f"running it (it ended with {done.returncode})", 1, 1)]
    return rows


if __name__ == "__main__":
    sys.exit(main())
