"""`python -m bench.day` from the root: the demo's school day, once through, and what it needed. Exits as the demo does."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

from bench.machine import machine


def main() -> int:
    print(machine())
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "demo", "--once"], cwd=Path(__file__).parents[1], check=False
    )
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{time.monotonic() - began:.1f} s in all, {used.ru_utime + used.ru_stime:.1f} s of processor, "
        f"{used.ru_maxrss / 1024:.0f} MiB at most"
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
