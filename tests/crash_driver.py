"""The service for tests/test_crash.py, one turn at a time: a process that may be killed at any named point.

Each line on standard input is a time (ISO 8601); at that time everything has its turn, and "done" is answered. The
page is served meanwhile. The end of the input ends it.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from monitor import logs
from monitor.app import App
from monitor.commands.opened import settings_of, store_of
from monitor.daemon import bind, page_server


class Told:
    """A clock that says what it was told last."""

    now = datetime.min.replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def turn(app: App) -> None:
    """What the running service's ticks do, in their order."""
    for watch in app.watches:
        app.poll(watch)
    app.read_letters()
    app.work()
    app.act()
    app.slow()
    asyncio.run(app.deliver())


def main(config: Path) -> None:
    settings = settings_of(config)
    logs.configure("error", "json")
    clock = Told()
    clock.now = datetime.fromisoformat(sys.stdin.readline().strip())
    with store_of(settings) as store:
        app = App(settings, store, clock=clock)
        server = page_server(app.web())
        listening = bind(settings.page.host, settings.page.port)
        page = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        page.start()
        print("ready", flush=True)
        for line in sys.stdin:
            clock.now = datetime.fromisoformat(line.strip())
            turn(app)
            print("done", flush=True)
        server.should_exit = True
        page.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
