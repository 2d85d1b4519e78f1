"""`python -m bench.install`: docs/install.md for real, in a clean Debian 12: install, confine, upgrade with data, roll back.

Takes some minutes, root and the mirrors (see bench/install_root.py); nothing outside a temporary folder is changed. The
networks, the mail server and the school are those of the tests, on this machine's loopback; everything of Schoolgate runs
in the root, from wheels, with Debian's own Python.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from bench.attack import Attack, held, table
from bench.install_root import (
    ROOT,
    InstallError,
    built,
    debian,
    fetched,
    last_with_an_older_database,
    missing,
    tree_of,
)
from bench.install_steps import HOME, Trial, take_all
from bench.machine import machine
from monitor.app import utc_now
from tests.school import school

MIRROR = "http://deb.debian.org/debian"


def measure(*, mirror: str = MIRROR, ready: Path | None = None, older: str | None = None) -> list[Attack]:
    """Every step as a row. `ready` is a clean root to copy, `older` the commit to upgrade from."""
    lacks = missing()
    if lacks:
        raise InstallError(f"this machine lacks {', '.join(lacks)}; see bench/install_root.py")
    commit = older or last_with_an_older_database()
    with tempfile.TemporaryDirectory(prefix="schoolgate-install-") as folder:
        at = Path(folder) / "debian"
        at.mkdir()
        root = debian(at, mirror, ready)
        dist = at / "dist"
        dist.mkdir()
        newer = dist / "newer"
        before = dist / "older"
        built(ROOT, newer)
        built(tree_of(commit, Path(folder) / "older"), before)
        fetched([newer / "requirements.txt", before / "requirements.txt"], at / "wheels")
        for source, name in (
            (ROOT / "systemd" / "schoolgate.service", "etc/systemd/system"),
            (ROOT / "bench" / "confined.py", "srv"),
        ):
            (at / name / source.name).write_bytes(source.read_bytes())
        home = at / HOME.lstrip("/")
        home.mkdir()
        with school(home, utc_now, more='[detection]\nmodel = "off"\n') as built_school:
            trial = Trial(root, built_school, before, newer)
            take_all(trial, commit)
            return trial.rows


def main() -> int:
    parser = argparse.ArgumentParser(
        description="install, confine, upgrade and roll back in a clean Debian 12"
    )
    parser.add_argument("--mirror", default=MIRROR, help="Debian's")
    parser.add_argument(
        "--root", type=Path, metavar="DIR", help="a clean root to copy, instead of debootstrap"
    )
    parser.add_argument(
        "--older", metavar="COMMIT", help="what is upgraded from (default: the last with an older database)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON array of rows instead of a table")
    asked = parser.parse_args()
    try:
        rows = measure(mirror=asked.mirror, ready=asked.root, older=asked.older)
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps([asdict(row) for row in rows]) if asked.json else f"{machine()}\n\n{table(rows)}")
    return int(not held(rows))


if __name__ == "__main__":
    sys.exit(main())
