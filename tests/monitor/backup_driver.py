"""Backups and restores for tests that kill them: a process that forks one for each line it is given.

A line is JSON: {"make": target} or {"restore": file}, each with "database", and "at": the label of a crash point, or the
number of the change of a name before which it dies. Answered with the exit code.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
KILLED = 137
_NAMES = frozenset({"os.link", "os.remove", "os.rename"})


@contextlib.contextmanager
def driver() -> Iterator[Callable[..., int]]:
    """A function that runs one line to its end, or its death, and returns the exit code."""
    with subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        into, out = process.stdin, process.stdout

        def run(**line: object) -> int:
            into.write(json.dumps(line, default=str) + "\n")
            into.flush()
            return int(out.readline())

        yield run
        into.close()


def _dies_before(number: int) -> None:
    calls = 0

    def count(event: str, _arguments: Any) -> None:
        nonlocal calls
        calls += event in _NAMES
        if calls == number:
            os._exit(KILLED)

    sys.addaudithook(count)


def _run(line: dict[str, Any]) -> None:
    from datetime import UTC, datetime

    from monitor.backup import make
    from monitor.backup_restore import restore
    from monitor.store import Store
    from monitor.vault import Vault

    database, vault, now = Path(line["database"]), Vault(bytes(range(32))), datetime.now(UTC)
    if isinstance(line["at"], str):
        os.environ["SCHOOLGATE_CRASH_AT"] = line["at"]
    else:
        _dies_before(line["at"])
    if "make" in line:
        make(Store(database, vault, school="school"), Path(line["make"]), now)
    else:
        # in its own shape: the names are what it is about here, and migrations take their time
        restore(
            Path(line["restore"]), database, [vault], school="school", now=now, replace=True, as_it_was=True
        )


def main() -> None:
    import alembic.command  # noqa: F401 - once, before the forks

    import monitor.backup_restore  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _run(json.loads(line))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
