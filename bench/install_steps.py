"""The steps of docs/install.md as `bench.install` takes them, each with what must hold after it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.attack import Attack
from bench.confined_probe import PROBE
from bench.install_root import Debian, InstallError
from tests.school import INSULT, PRAISE, THREAT, School

VENV = "/opt/schoolgate/venv"
SCHOOLGATE = f"{VENV}/bin/schoolgate"
SERVICE = 61_184  # as bench/confined.py
HOME = "/srv/school"
CONFIG = f"{HOME}/config.toml"
ENV = {"SSL_CERT_FILE": f"{HOME}/mailbox.pem"}


@dataclass
class Trial:
    """One school in one root, and what was found."""

    root: Debian
    school: School
    older: Path  # folders of a wheel and its requirements
    newer: Path
    rows: list[Attack] = field(default_factory=list)

    @property
    def database(self) -> Path:
        return self.school.folder / "state" / "schoolgate.db"

    def step(self, promise: str, how: str, tried: Callable[[], list[str]]) -> None:
        """`tried` returns a sentence for each thing that does not hold."""
        print(f"{promise} …", file=sys.stderr, flush=True)
        began = time.monotonic()
        try:
            wrong = tried()
        except (InstallError, OSError, ValueError, sqlite3.Error, subprocess.TimeoutExpired) as error:
            wrong = [str(error)]
        for one in wrong:
            print(f"  VIOLATED: {one}", file=sys.stderr, flush=True)
        self.rows.append(Attack(promise, how, 1, int(bool(wrong)), f"{time.monotonic() - began:.0f} s"))

    def command(
        self, *words: str, confined: bool = False, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        return self.root.run(SCHOOLGATE, *words, "--config", CONFIG, env=ENV, confined=confined, check=check)

    def install(self, folder: Path) -> None:
        """docs/install.md, steps 2 and 9, with the wheels that were brought along."""
        into = folder.name
        self.root.run("python3", "-m", "venv", VENV)
        pip = (f"{VENV}/bin/pip", "install", "-q", "--no-index", "--find-links", "/wheels")
        self.root.run(*pip, "--require-hashes", "-r", f"/dist/{into}/requirements.txt")
        wheel = next(folder.glob("*.whl")).name
        self.root.run(*pip, "--no-deps", f"/dist/{into}/{wheel}")


def take_all(trial: Trial, commit: str) -> None:
    """Every step in its order, as rows of the trial."""
    with_data = f"the state of {commit[:10]} with its data in the database"
    trial.step("A clean Debian 12 takes the wheel", "pip with hashes, no index", lambda: _installs(trial))
    trial.step("The invented day goes well there", "schoolgate demo --once", lambda: _demo(trial))
    trial.step(
        "The unit is closed to 1.1", "Debian's systemd-analyze security --offline", lambda: _closed(trial)
    )
    trial.step(
        "The unit's restrictions bite", "system calls, W+X memory, families, set-id", lambda: _bites(trial)
    )
    trial.step(
        "The day goes well under them",
        "demo --once, seccomp and MDWE, root read-only",
        lambda: _demo(trial, confined=True),
    )
    trial.step("An older version runs there", with_data, lambda: _older_runs(trial))
    trial.step(
        "An upgrade keeps every row", "new wheel, db upgrade, poll, evidence verify", lambda: _upgrades(trial)
    )
    trial.step(
        "The service runs under the unit's restrictions", "run, /healthz, SIGTERM", lambda: _serves(trial)
    )
    trial.step(
        "A rollback brings the older version back",
        "db restore --for-rollback, old wheel",
        lambda: _rolls_back(trial),
    )


def _installs(trial: Trial) -> list[str]:
    trial.install(trial.newer)
    said = trial.root.run(SCHOOLGATE, "--version").stdout
    python = trial.root.run(
        f"{VENV}/bin/python", "-c", "import sys; print(sys.prefix, sys.version_info[:2])"
    ).stdout
    return [] if said.startswith("schoolgate ") and python.strip() == f"{VENV} (3, 11)" else [said + python]


def _demo(trial: Trial, *, confined: bool = False) -> list[str]:
    done = trial.root.run(SCHOOLGATE, "demo", "--once", "--json", confined=confined, check=False)
    if done.returncode:
        return [f"it ended with {done.returncode}: {(done.stdout + done.stderr)[-600:]}"]
    return []


def _closed(trial: Trial) -> list[str]:
    said = trial.root.run(
        "systemd-analyze", "security", "--offline=yes", "--no-pager", "/etc/systemd/system/schoolgate.service"
    )
    level = re.search(r"exposure level for schoolgate\.service: ([\d.]+)", said.stdout)
    return [] if level and float(level[1]) <= 1.1 else [level[0] if level else said.stderr]


def _bites(trial: Trial) -> list[str]:
    """Each thing that the probe tries works for root without the unit's restrictions, and is refused with them."""
    free = json.loads(trial.root.run("python3", "-c", PROBE).stdout)
    tried = json.loads(trial.root.run("python3", "-c", PROBE, confined=True).stdout)
    wrong = [f"{name} is refused anyway: it proves nothing" for name, refused in free.items() if refused]
    return wrong + [f"{name} was not refused" for name, refused in tried.items() if not refused]


def _older_runs(trial: Trial) -> list[str]:
    trial.root.run("rm", "-rf", VENV)
    trial.install(trial.older)
    trial.school.says_on_x(THREAT, "wild_words")
    trial.school.says_on_facebook(INSULT)
    trial.command("db", "upgrade")
    _is_the_services(trial)
    trial.command("poll", "--once")
    for text in (THREAT + " again", PRAISE):
        trial.school.says_on_facebook(text, "Second Writer")
    trial.command("poll", "--once")
    counts = _counts(trial.database)
    return [
        f"no row in {name}"
        for name in ("item", "cases", "evidence", "outbox", "audit")
        if not counts.get(name)
    ]


def _upgrades(trial: Trial) -> list[str]:
    before = _rows(trial.database)
    trial.root.run("mv", VENV, f"{VENV}-old")
    trial.install(trial.newer)
    trial.command("check-config")
    trial.command("db", "upgrade")
    after = _rows(trial.database)
    wrong = [
        f"rows of {name} are gone" for name, ids in before.items() if not ids <= after.get(name, frozenset())
    ]
    trial.command("evidence", "verify")
    trial.school.says_on_x(INSULT, "after_upgrade")
    cases = len(after["cases"])
    trial.command("poll", "--once")
    if len(_rows(trial.database)["cases"]) <= cases:
        wrong.append("nothing new was found after the upgrade")
    trial.command("db", "backup")
    trial.command("db", "drill")
    kept = list((trial.database.parent / "backups").glob("schoolgate-before-*.backup"))
    if len(kept) != 1:
        wrong.append(f"{len(kept)} backups from before the upgrade")
    strange = [path.name for path in trial.database.parent.rglob("*") if path.stat().st_uid != SERVICE]
    return wrong + [f"{name} does not belong to the service" for name in strange]


def _serves(trial: Trial) -> list[str]:
    trial.school.says_on_x(THREAT, "while_it_runs")
    with trial.root.started(SCHOOLGATE, "run", "--config", CONFIG, env=ENV, confined=True) as process:
        try:
            said = _healthy(f"http://127.0.0.1:{trial.school.page_port}/healthz", process)
        finally:
            for child in _children(process.pid):
                os.kill(child, signal.SIGTERM)
            out, err = process.communicate(timeout=90)
    wrong = [] if said else [f"it was never well: {(out + err)[-600:]}"]
    if process.returncode:
        wrong.append(f"it ended with {process.returncode}: {err[-400:]}")
    return wrong


def _rolls_back(trial: Trial) -> list[str]:
    (backup,) = (trial.database.parent / "backups").glob("schoolgate-before-*.backup")
    inside = f"{HOME}/state/backups/{backup.name}"
    trial.root.run("mv", VENV, f"{VENV}-new")
    trial.root.run("mv", f"{VENV}-old", VENV)
    refused = trial.command("poll", "--once", check=False)
    wrong = (
        []
        if refused.returncode == 1 and "newer" in refused.stderr
        else ["the older one took the newer database"]
    )
    trial.root.run("mv", VENV, f"{VENV}-old")
    trial.root.run("mv", f"{VENV}-new", VENV)
    trial.command("db", "restore", inside, "--replace", "--for-rollback")
    trial.root.run("rm", "-rf", VENV)
    trial.root.run("mv", f"{VENV}-old", VENV)
    trial.command("evidence", "verify")
    trial.command("poll", "--once")
    counts = _counts(trial.database)
    return wrong + [f"no row in {name}" for name in ("item", "cases", "audit") if not counts.get(name)]


def _is_the_services(trial: Trial) -> None:
    """What systemd does for StateDirectory= before the service starts."""
    for path in (trial.school.folder, *trial.school.folder.rglob("*")):
        os.chown(path, SERVICE, SERVICE)


def _rows(database: Path) -> dict[str, frozenset[int]]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        return {
            name: frozenset(one for (one,) in connection.execute(f'SELECT rowid FROM "{name}"'))
            for name in names
        }


def _counts(database: Path) -> dict[str, int]:
    return {name: len(ids) for name, ids in _rows(database).items()}


def _healthy(url: str, process: subprocess.Popen[str]) -> bool:
    for _ in range(120):
        if process.poll() is not None:
            return False
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            return bool(json.load(urllib.request.urlopen(url, timeout=5))["ok"])
        time.sleep(0.5)
    return False


def _children(pid: int) -> Iterator[int]:
    """By their parent's number, the fourth field of proc_pid_stat(5); the second may hold blanks and brackets."""
    for one in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if one.read_text().rpartition(")")[2].split()[1] == str(pid):
                yield int(one.parent.name)
