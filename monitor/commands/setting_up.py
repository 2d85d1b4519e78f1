"""`init` and `test`: what comes before the service runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from importlib import util
from pathlib import Path

from monitor.errors import MonitorError

_ROOT = Path(__file__).parents[2]


def test(arguments: Sequence[str]) -> int:
    """pytest's own exit code; 5 (no test was run) stays a failure."""
    if not (_ROOT / "tests").is_dir():
        raise MonitorError("the tests are not part of an installed package; clone the source to run them")
    if util.find_spec("pytest") is None:
        raise MonitorError("pytest is not installed here; run `uv sync --frozen --extra test` and try again")
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=_ROOT, check=False).returncode  # noqa: S603 - our own interpreter
