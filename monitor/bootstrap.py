"""Builds `.venv` beside a source checkout from uv.lock, once, and goes on inside it.

Standard library only. Must do nothing for an installed package or under systemd, must leave the standard output to
the command, and must survive being killed or started twice at the same moment.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import json
import os
import shutil
import site
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from monitor import bootstrap_steps as steps

EXTRAS_VARIABLE = (
    "SCHOOLGATE_EXTRAS"  # such as "test dev"; asks for .venv with these, whatever else is installed
)
EXTRAS = frozenset({"test", "dev", "imap", "browser"})
EX_CONFIG = 78  # sysexits.h; systemd/schoolgate.service does not restart on it


@dataclass(frozen=True, slots=True)
class Checkout:
    """A source checkout: `pyproject.toml` and `uv.lock` beside the package."""

    root: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def stamp(self) -> Path:
        """Written last: its absence in a .venv of ours means half-built."""
        return self.venv / "schoolgate.stamp"

    @property
    def building(self) -> Path:
        return self.venv / "schoolgate.building"

    def marks(self) -> tuple[str, str]:
        """(what needs a new .venv when it changes, what needs only other packages): interpreter and place; uv.lock."""
        place = f"{sys.version_info[0]}.{sys.version_info[1]} {self.root}"
        lock = (self.root / "uv.lock").read_bytes()
        return hashlib.sha256(place.encode()).hexdigest(), hashlib.sha256(lock).hexdigest()

    def stamped(self) -> tuple[str, str, frozenset[str]] | None:
        """What the finished .venv was built from; None where there is none."""
        try:
            place, lock, *extras = self.stamp.read_text().split()
        except (OSError, ValueError):
            return None
        return place, lock, frozenset(extras)

    @property
    def inside(self) -> bool:
        """Whether this interpreter is the one of .venv."""
        return Path(sys.prefix).resolve() == self.venv.resolve()

    def fits(self, extras: frozenset[str]) -> bool:
        found = self.stamped()
        place, lock = self.marks()
        return (
            found is not None
            and (found[0] == place or self.inside)  # .venv may be of another version than what first built it
            and found[1] == lock
            and extras <= found[2]
            and not self.building.exists()
            and os.access(self.python, os.X_OK)
        )


def ensure() -> None:
    """Return if this interpreter can run Schoolgate; otherwise build `.venv` where needed and replace this process.

    Exits with one sentence where that is impossible.
    """
    checkout = _checkout(Path(__file__).resolve().parent.parent)
    if checkout is None:
        return
    asked = os.environ.get(EXTRAS_VARIABLE, "")
    extras = frozenset({"test", *asked.split()})
    if unknown := extras - EXTRAS:
        _stop(f"{EXTRAS_VARIABLE} names {', '.join(sorted(unknown))}; write some of: test dev imap browser")
    if not checkout.fits(extras):
        if not asked and _somebody_elses(checkout):
            return
        if not asked and under_systemd(os.environ):
            _stop(
                f"its packages are not installed, and a service must not fetch them; run "
                f"`cd {checkout.root} && python3 -m monitor --version` once by hand, or install the wheel",
                EX_CONFIG,
            )
        build(checkout, extras)
    elif checkout.inside:
        return
    os.execve(checkout.python, [str(checkout.python), "-m", "monitor", *sys.argv[1:]], _clean(os.environ))  # noqa: S606


def build(checkout: Checkout, extras: frozenset[str]) -> None:
    """Make `.venv` fit, or exit with one sentence. Another start that builds it at this moment is waited for."""
    try:
        with _alone(checkout.root) as lock:
            if checkout.fits(extras):
                return
            found = checkout.stamped()
            ours = found is not None or checkout.building.exists() or not checkout.venv.exists()
            place, packages = checkout.marks()
            if found and checkout.inside:
                place = found[0]
            keeps = not checkout.building.exists() and (found is None or found[0] == place)
            if not keeps or not os.access(checkout.python, os.X_OK):
                shutil.rmtree(checkout.venv, ignore_errors=True)
            extras |= found[2] & EXTRAS if found else frozenset()
            checkout.venv.mkdir(exist_ok=True)
            checkout.building.touch()
            checkout.stamp.unlink(missing_ok=True)
            builder = steps.Builder(checkout.root, checkout.venv, lock, _clean(os.environ))
            builder.install(sorted(extras), exact=ours)
            half = checkout.stamp.with_suffix(".half")
            half.write_text("\n".join((place, packages, *sorted(extras))) + "\n")
            checkout.building.unlink()
            half.replace(checkout.stamp)
    except steps.StepError as problem:
        _stop(str(problem))
    except OSError as problem:
        _stop(
            f"{checkout.venv} cannot be built ({problem.strerror}); "
            f"make {checkout.root} writable and see that its disk has 300 MB free"
        )
    except KeyboardInterrupt:
        _stop("stopped; the next start builds .venv afresh", 130)


def under_systemd(env: Mapping[str, str]) -> bool:
    """Whether a service manager started this (systemd.exec(5)). A terminal inside a desktop session, which inherits
    $INVOCATION_ID and $JOURNAL_STREAM, is a person's."""
    if env.get("NOTIFY_SOCKET") or env.get("SYSTEMD_EXEC_PID") == str(os.getpid()):
        return True
    if any(f"{of.st_dev}:{of.st_ino}" == env.get("JOURNAL_STREAM") for of in _open_streams()):
        return True
    return bool(env.get("INVOCATION_ID")) and not any(os.isatty(number) for number in range(3))


def _open_streams() -> Iterator[os.stat_result]:
    for number in (1, 2):
        try:
            yield os.fstat(number)
        except OSError:  # closed by whoever started this
            continue


def _checkout(root: Path) -> Checkout | None:
    try:
        ours = 'name = "schoolgate"' in (root / "pyproject.toml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return Checkout(root) if ours and (root / "uv.lock").is_file() else None


def _somebody_elses(checkout: Checkout) -> bool:
    """Whether a person installed this checkout into this interpreter's environment: theirs to keep up to date."""
    if checkout.inside:
        return checkout.stamped() is None and not checkout.building.exists()
    for found in importlib.metadata.distributions(name="schoolgate", path=site.getsitepackages()):
        origin = found.read_text("direct_url.json")  # PEP 610
        if origin and json.loads(origin).get("url") == checkout.root.as_uri():
            return True
    return False


@contextmanager
def _alone(folder: Path) -> Iterator[int]:
    """The only builder in this folder. The lock is on the folder itself, so that no file is left behind, and children
    inherit it: a builder that is killed leaves it held until its children have ended."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            steps.tell("another start is building .venv; waiting for it")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _clean(env: Mapping[str, str]) -> dict[str, str]:
    """The environment without what would point the new interpreter at somebody else's packages."""
    astray = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX", "__PYVENV_LAUNCHER__"}
    return {name: value for name, value in env.items() if name not in astray}


def _stop(sentence: str, code: int = 1) -> None:
    steps.tell(sentence)
    raise SystemExit(code)
