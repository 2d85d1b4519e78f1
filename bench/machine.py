"""What a measurement was made on: one line."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def machine() -> str:
    """Host, processor, cores and Python, as the system names them."""
    return f"{platform.node()}: {_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
