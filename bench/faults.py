"""`python -m bench.faults --quick` (minutes) or `--full`: every promise of Schoolgate under attack, in one table.

Each measurement is a command of its own (`python -m bench.<name> [--full]`) and runs in a process of its own, one after
the other, for at most its time. One that ends badly or gives no rows is a violation, never a row that is missing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench.attack import Attack, held, table
from bench.machine import machine

ROOT = Path(__file__).parents[1]
MEASURED: tuple[str, ...] = (
    "clocks",
    "traces",
    "keys",
    "power",
    "storage",
    "fuzz",
    "nth",
    "restore",
    "crash",
    "watching",
)  # module names under bench/, in the order of the table
LONGEST = {False: 120, True: 3 * 3600}  # seconds for one of them


def main() -> int:
    parser = argparse.ArgumentParser(description="every promise under attack, in one table")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--quick", action="store_true", help="five minutes at most (the default)")
    length.add_argument("--full", action="store_true", help="as often as a release asks for: an hour or more")
    parser.add_argument(
        "--only", choices=MEASURED, action="append", help="only this measurement; may be repeated"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows to this file")
    asked = parser.parse_args()
    began = time.monotonic()
    rows = [row for name in asked.only or MEASURED for row in measured(name, full=asked.full)]
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, {(time.monotonic() - began) / 60:.1f} minutes\n")
    print(table(rows))
    if asked.json:
        asked.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
    return int(not held(rows))


def measured(name: str, *, full: bool) -> Iterator[Attack]:
    """The rows of one measurement, which runs as a process of its own."""
    print(f"{name} …", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", f"bench.{name}", "--json", *(["--full"] if full else [])]
    try:
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False, timeout=LONGEST[full]
        )
        rows = [Attack(**row) for row in json.loads(done.stdout)]
    except subprocess.TimeoutExpired:
        yield Attack(f"bench.{name} ends", f"running it for {LONGEST[full]} s", 1, 1)
    except (ValueError, TypeError):
        yield Attack(f"bench.{name} gives its rows", f"running it (it ended with {done.returncode})", 1, 1)
    else:
        yield from rows


if __name__ == "__main__":
    sys.exit(main())
