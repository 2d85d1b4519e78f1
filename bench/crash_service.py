"""`python -m bench.crash_service CONFIG`: the real service, started as often as it is asked to and killed when its time is up.

Everything is loaded once and each life is a fork of that: the start of Python (4 s of processor) is no part of what is
proven, and a thousand of them would be an hour. A life opens the configuration, the database and the page's socket as
`schoolgate run` does, and runs the same `Daemon`; only its ticks are short, and its clock runs ahead of the world's.

One line of JSON on standard input is one life (`Life`), one line on standard output says how it ended. The process that
is killed has not been waited for, so its number can be nobody else's.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import select
import signal
import socket
import sys
import tempfile
import time
import traceback
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor import daemon, logs, schema
from monitor.app import App
from monitor.commands.opened import settings_of, store_of
from monitor.store import Store
from monitor.vault import Vault

LONGEST_START, LOOK = 20.0, 0.02  # seconds until the page answers, and between two looks
WARM = datetime(2026, 11, 20, 9, tzinfo=UTC)
TICKS = {"POLL_TICK": 0.4, "WORK_TICK": 0.4, "DELIVER_TICK": 0.3, "SLOW_TICK": 1.0}


@dataclass(frozen=True, slots=True)
class Paced:
    """A clock that runs `pace` times as fast as the machine's, from `began` at its `since` (seconds of `time.time`)."""

    began: datetime
    since: float
    pace: float

    def __call__(self) -> datetime:
        return self.began + timedelta(seconds=(time.time() - self.since) * self.pace)


@dataclass(frozen=True, slots=True)
class Life:
    """One life of the service: its clock, how many seconds until it is ended (`up`: from when its page answers, else from
    its first), by which signal, and at which named point of monitor/crash.py it ends itself before that (empty: none)."""

    began: str
    since: float
    pace: float
    seconds: float
    ends: int = signal.SIGKILL
    at: str = ""
    up: bool = True

    def as_line(self) -> str:
        return json.dumps(asdict(self))


def main(config: Path) -> None:
    warm_up(config)
    gc.freeze()
    for name, seconds in TICKS.items():
        setattr(daemon, name, seconds)
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(lived(config, Life(**json.loads(line)))), flush=True)


def warm_up(config: Path) -> None:
    """One turn at a database that is thrown away, so that what Python loads, compiles and remembers is there for every life."""
    settings = settings_of(config)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "warm.db"
        schema.upgrade(path)
        store = Store(path, Vault(settings.storage.master_key.get_secret_value()), school=settings.school.id)
        app = App(settings, store, clock=lambda: WARM)
        app.web()
        for watch in app.watches:
            app.poll(watch)
        app.work()
        app.act()
        app.slow()
        store.close()


def lived(config: Path, life: Life) -> int:
    """One life; how it ended, as a shell would say it: 137 whether it was killed or ended itself."""
    born = os.fork()
    if not born:
        live(config, life)
    ended = os.pidfd_open(born)
    try:
        if life.up:
            _wait_for_the_page(config, ended)
        if not select.select([ended], [], [], life.seconds)[0]:
            os.kill(born, life.ends)
    finally:
        os.close(ended)
    return os.waitstatus_to_exitcode(os.waitpid(born, 0)[1])


def _wait_for_the_page(config: Path, ended: int) -> None:
    """Until it answers or the life has ended; at most LONGEST_START seconds."""
    page = settings_of(config).page
    for _ in range(int(LONGEST_START / LOOK)):
        with socket.socket() as line:
            if not line.connect_ex((page.host, page.port)) or select.select([ended], [], [], LOOK)[0]:
                return


def live(config: Path, life: Life) -> None:
    """What the child does; it does not return."""
    code = 1
    try:
        os.environ["SCHOOLGATE_CRASH_AT"] = life.at
        serve(config, Paced(datetime.fromisoformat(life.began), life.since, life.pace))
        code = 0
    except Exception:  # noqa: BLE001 - whatever it is, it is shown, and this life ends with 1
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def serve(config: Path, clock: Paced) -> None:
    """As `schoolgate run` does (monitor/commands/service.py), with another clock."""
    settings = settings_of(config)
    logs.configure(settings.log.level, settings.log.format)
    with daemon.only_one(settings.storage.state_dir), store_of(settings) as store:
        app = App(settings, store, clock=clock)
        listening = daemon.bind(settings.page.host, settings.page.port)

        async def run() -> None:
            if await daemon.Daemon(app, listening).run():
                os._exit(0)

        asyncio.run(run())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
