"""A clean Debian 12 to install into: made by debootstrap, entered by chroot, and the wheels to take along.

Needs root, `debootstrap`, `unshare` (util-linux), uv and pip, and Debian's and PyPI's mirrors; the root itself needs none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = "python3,python3-venv,python3-seccomp,systemd,ca-certificates"
NEEDED = ("debootstrap", "unshare", "chroot", "uv", "git")
_ENTER = """set -e
mount --bind "$R" "$R"
mount -t proc -o "$PROC" proc "$R/proc"
mount -t tmpfs tmpfs "$R/tmp"
if [ -n "$READ_ONLY" ]; then mount --bind "$R/srv" "$R/srv"; mount -o remount,bind,ro "$R"; fi
exec chroot "$R" /usr/bin/env -i "$@"
"""


class InstallError(Exception):
    """What this machine lacks, or what a command said."""


@dataclass(frozen=True, slots=True)
class Debian:
    """The root. Every command runs with mounts and processes of its own, and this machine's network."""

    path: Path

    def run(
        self, *command: str, env: Mapping[str, str] | None = None, confined: bool = False, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        with self.started(*command, env=env, confined=confined) as process:
            out, err = process.communicate(timeout=600)
        done = subprocess.CompletedProcess(command, process.returncode, out, err)
        if check and done.returncode:
            raise InstallError(
                f"`{' '.join(command)}` ended with {done.returncode}: {(err or out).strip()[-600:]}"
            )
        return done

    def started(
        self, *command: str, env: Mapping[str, str] | None = None, confined: bool = False
    ) -> subprocess.Popen[str]:
        """A command in the root; `confined` as the unit's service, where only /srv and /tmp can be written to."""
        clean = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8", "HOME": "/tmp"}
        given = [f"{key}={value}" for key, value in {**clean, **(env or {})}.items()]
        inside = ["python3", "/srv/confined.py", "/etc/systemd/system/schoolgate.service"] if confined else []
        return subprocess.Popen(
            [
                *[
                    "unshare",
                    "--mount",
                    "--pid",
                    "--fork",
                    "--kill-child",
                    "--propagation",
                    "private",
                    "sh",
                    "-c",
                ],
                _ENTER,
                "sh",
                *given,
                *inside,
                *command,
            ],
            env={
                **os.environ,
                "R": str(self.path),
                "PROC": "subset=pid,hidepid=invisible" if confined else "hidepid=off",
                "READ_ONLY": "yes" if confined else "",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def missing() -> list[str]:
    """What this machine lacks for all this."""
    lacks = [name for name in NEEDED if shutil.which(name) is None]
    return lacks + (["root"] if os.geteuid() else [])


def debian(path: Path, mirror: str, ready: Path | None) -> Debian:
    """A clean root at `path`: a copy of `ready`, or made anew."""
    if ready is not None:
        _said("cp", "-a", "--reflink=auto", f"{ready}/.", str(path))
    else:
        _said("debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(path), mirror)
    return Debian(path)


def tree_of(commit: str, folder: Path) -> Path:
    """The source as it was then."""
    folder.mkdir()
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", folder], input=packed, check=True)
    return folder


def last_with_an_older_database() -> str:
    """The newest commit of the main line whose database has an older shape than today's, on the way to it: what stood on
    a branch before it was joined may call another shape by the same name."""
    where = "monitor/migrations/versions"
    today = _migrations("HEAD", where)
    commits = _said("git", "-C", str(ROOT), "rev-list", "--first-parent", "HEAD", "--", where).split()
    for commit in [f"{one}^" for one in commits]:
        then = _migrations(commit, where)
        if then < today and max(then) < max(today - then):
            return _said("git", "-C", str(ROOT), "rev-parse", commit).strip()
    raise InstallError("no commit has an older database; name one with --older")


def _migrations(commit: str, where: str) -> set[tuple[str, str]]:
    """(file, hash of what is in it)"""
    listed = _said("git", "-C", str(ROOT), "ls-tree", commit, f"{where}/").splitlines()
    rows = [line.split() for line in listed]
    return {(Path(name).name, blob) for _, _, blob, name in rows if name.endswith(".py")}


def built(tree: Path, into: Path) -> Path:
    """docs/install.md, step 1: the wheel, and every version that it needs with its hash. Returns the wheel."""
    into.mkdir()
    _said("uv", "build", "--wheel", "-q", "-o", str(into), cwd=tree)
    _said(
        "uv",
        "export",
        "-q",
        "--frozen",
        "--no-dev",
        "--no-emit-project",
        "-o",
        str(into / "requirements.txt"),
        cwd=tree,
    )
    return next(into.glob("schoolgate-*.whl"))


def fetched(requirements: Sequence[Path], into: Path) -> None:
    """Every wheel that is named, held to its hash, for Debian 12's Python."""
    for one in requirements:
        _said(
            *[
                "python3",
                "-m",
                "pip",
                "download",
                "-q",
                "--no-deps",
                "--require-hashes",
                "--only-binary=:all:",
                "--python-version",
                "3.11",
            ],
            *("-d", str(into), "-r", str(one)),
        )


def _said(*command: str, cwd: Path = ROOT) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InstallError(
            f"`{' '.join(command[:4])} …` ended with {done.returncode}: {done.stderr.strip()[-600:]}"
        )
    return done.stdout
