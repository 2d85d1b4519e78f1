"""The act stage and the later looks as a process that may be killed at a named point: `act_driver.py CONFIG TIME`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from monitor import logs
from monitor.app import App
from monitor.commands.opened import settings_of, store_of


def main(config: Path, at: datetime) -> None:
    logs.configure("error", "json")
    settings = settings_of(config)
    with store_of(settings) as store:
        App(settings, store, clock=lambda: at).act()


if __name__ == "__main__":
    main(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
