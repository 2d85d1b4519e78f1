"""The steps of building `.venv`: find or fetch uv, then install exactly what uv.lock names.

Standard library only. Speaks on the standard error only. Every failure is one sentence, a StepError.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path

UV = "uv==0.13.8"
PIP_WHEEL = "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
PYPI = "https://pypi.org/simple"
SYSTEM_CERTIFICATES = {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}  # the same, before and since uv 0.11
TIMEOUT_S = 30
STILL_EVERY_S = 15
# What of uv's own environment concerns the way to the index; the rest could point it at another project or Python.
UV_KEPT = re.compile(
    r"UV_(DEFAULT_INDEX|INDEX|EXTRA_INDEX|HTTP|NATIVE_TLS|SYSTEM_CERTS|INSECURE_HOST|CACHE_DIR|NO_CACHE|KEYRING|CONCURRENT|LINK_MODE|OFFLINE|REQUEST)"
)
PIP_ASTRAY = frozenset(
    {"PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_ROOT", "PIP_PYTHON", "PIP_DRY_RUN", "PIP_REQUIRE_HASHES"}
)
UNREACHABLE = re.compile(
    r"dns error|resolve|name resolution|unreachable|connect(ion)? (error|refused|reset)|timed out|could not be reached"
    r"|NewConnectionError|client error \(Connect\)|No address|offline",
    re.IGNORECASE,
)
UNTRUSTED = re.compile(
    r"CERTIFICATE_VERIFY_FAILED|UnknownIssuer|invalid peer certificate|certificate verify", re.IGNORECASE
)


class StepError(Exception):
    pass


def tell(sentence: str) -> None:
    print(f"schoolgate: {sentence}", file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Builder:
    """One build. `lock` is an open descriptor that children inherit."""

    root: Path
    venv: Path
    lock: int
    env: Mapping[str, str]

    def install(self, extras: Sequence[str], *, exact: bool) -> None:
        """Everything that uv.lock names for these extras. `exact` also removes what it does not name."""
        started = time.monotonic()
        tell(f"setting up {self.venv} (once; about a minute, needs the internet)")
        by_path = self._uv_on_path()
        if by_path is None or not self._installed_by(by_path, extras, exact=exact):
            problem = self._sync(self._pinned_uv(), extras, exact=exact)
            if problem is not None:
                raise StepError(explained(problem))
        tell(f"ready after {time.monotonic() - started:.0f} s")

    def _uv_on_path(self) -> str | None:
        found = shutil.which("uv")
        # a pyenv shim is on the path even where no uv stands behind it
        return found if found and self._run("looking for uv", [found, "--version"]) is None else None

    def _installed_by(self, uv: str, extras: Sequence[str], *, exact: bool) -> bool:
        problem = None
        if not (self.venv / "bin" / "python").exists():
            make = [uv, "venv", "--quiet", "--allow-existing", "--python", base_python(), str(self.venv)]
            problem = self._run("making .venv", make)
        problem = problem or self._sync(uv, extras, exact=exact)
        if problem is not None and (UNREACHABLE.search(problem) or UNTRUSTED.search(problem)):
            raise StepError(explained(problem))
        return problem is None  # an old uv may not read this uv.lock: the pinned one is asked next

    def _sync(self, uv: str, extras: Sequence[str], *, exact: bool) -> str | None:
        # the interpreter that .venv has: with another one uv would throw away what somebody made
        python = str(self.venv / "bin" / "python")
        command = [uv, "sync", "--frozen", "--project", str(self.root), "--python", python]
        command += [word for extra in extras for word in ("--extra", extra)] + (
            [] if exact else ["--inexact"]
        )
        step = "installing the packages of uv.lock"
        problem = self._run(step, command)
        if problem is not None and UNTRUSTED.search(problem):
            # uv trusts its own list of certificates; a school's inspecting proxy is known to the system's only
            problem = self._run(f"{step} with the system's certificates", command, SYSTEM_CERTIFICATES)
        if problem is not None and UNREACHABLE.search(problem) and (mirror := self._mirror()):
            problem = self._from_mirror(uv, mirror, [word for extra in extras for word in ("--extra", extra)])
        return problem

    def _mirror(self) -> str | None:
        names = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
        return next((self.env[name] for name in names if self.env.get(name)), None)

    def _from_mirror(self, uv: str, mirror: str, extras: Sequence[str]) -> str | None:
        """The same files, by the same hashes, from the index this machine is set up for: uv.lock names PyPI's own."""
        wanted, python = str(self.venv / "requirements.txt"), str(self.venv / "bin" / "python")
        export = [uv, "export", "--frozen", "--quiet", "--no-emit-project", "--output-file", wanted, *extras]
        install = [uv, "pip", "install", "--python", python, "--no-deps"]
        index = SYSTEM_CERTIFICATES | {"UV_DEFAULT_INDEX": mirror}
        return (
            self._run("reading uv.lock", export)
            or self._run(
                "installing from this machine's own index",
                [*install, "--require-hashes", "-r", wanted],
                index,
            )
            or self._run("installing schoolgate", [*install, "--editable", str(self.root)], index)
        )

    def _pinned_uv(self) -> str:
        python = str(self.venv / "bin" / "python")
        if self._run("making .venv", [base_python(), "-m", "venv", str(self.venv)]) is None:
            pip = [python, "-m", "pip"]
        else:  # Debian without python3-venv: the module is there, its pip is not
            problem = self._run(
                "making .venv without pip", [base_python(), "-m", "venv", "--without-pip", str(self.venv)]
            )
            if problem is not None:
                raise StepError(
                    f"this Python cannot make a virtual environment ({last_line(problem)}); run `apt install python3-venv`"
                )
            pip = [python, str(self._pip_wheel() / "pip")]
        problem = self._run(
            f"fetching {UV}", [*pip, "install", "--quiet", "--no-input", "--disable-pip-version-check", UV]
        )
        if problem is not None:
            raise StepError(explained(problem))
        return str(self.venv / "bin" / "uv")

    def _pip_wheel(self) -> Path:
        """The wheel of pip, which Python can run as it is; checked against the hash written here."""
        tell(f"fetching {PIP_WHEEL}")
        wheel = self.venv / PIP_WHEEL
        index = (self.env.get("PIP_INDEX_URL") or PYPI).rstrip("/")
        try:
            listing, at = fetch(f"{index}/pip/", self.env)
            content, _ = fetch(wheel_address(listing.decode("utf-8", "replace"), at), self.env)
        except (OSError, ValueError) as problem:
            raise StepError(explained(str(problem) or type(problem).__name__)) from None
        if hashlib.sha256(content).hexdigest() != PIP_SHA256:
            raise StepError(
                f"{PIP_WHEEL} from {without_password(index)} is not the file it should be; try again, or run `apt install python3-venv`"
            )
        wheel.write_bytes(content)
        return wheel

    def _run(self, step: str, command: Sequence[str], extra: Mapping[str, str] | None = None) -> str | None:
        """Run one command with a progress line. None if it went well, else what it wrote."""
        started = time.monotonic()
        with tempfile.TemporaryFile() as output:
            try:
                child = subprocess.Popen(  # noqa: S603
                    command,
                    cwd=self.root,
                    env=child_environment(self.env, self.venv) | dict(extra or {}),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    pass_fds=(self.lock,),
                )
            except OSError as problem:
                return str(problem)
            try:
                watch(child, step, started)
            except BaseException:
                child.terminate()
                child.wait()
                raise
            output.seek(0)
            words = output.read().decode("utf-8", "replace")
        return None if child.returncode == 0 else words or f"{command[0]} ended with {child.returncode}"


def watch(child: subprocess.Popen[bytes], step: str, started: float) -> None:
    """Wait for the child; on a terminal with a line that counts the seconds, elsewhere with a line now and then."""
    live = sys.stderr.isatty()
    if not live:
        tell(f"{step} ...")
    said = started
    while True:
        try:
            child.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            now = time.monotonic()
            if live:
                print(
                    f"\r\x1b[Kschoolgate: {step} ... {now - started:.0f} s",
                    end="",
                    file=sys.stderr,
                    flush=True,
                )
            elif now - said >= STILL_EVERY_S:
                said = now
                tell(f"{step} ... {now - started:.0f} s")
        else:
            break
    if live:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def base_python() -> str:
    """The interpreter behind this one: a virtual environment is never built upon another."""
    return getattr(sys, "_base_executable", None) or sys.executable


def child_environment(env: Mapping[str, str], venv: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in env.items()
        if name not in PIP_ASTRAY and (not name.startswith("UV_") or UV_KEPT.match(name))
    }
    kept |= {"UV_PROJECT_ENVIRONMENT": str(venv), "UV_PYTHON_DOWNLOADS": "never", "PIP_NO_CACHE_DIR": "1"}
    if env.get("PIP_CERT") and not env.get("SSL_CERT_FILE"):
        kept["SSL_CERT_FILE"] = env["PIP_CERT"]
    home = env.get("HOME")
    if not home or not os.access(home, os.W_OK):
        kept["UV_NO_CACHE"] = "1"
    return kept


def fetch(address: str, env: Mapping[str, str]) -> tuple[bytes, str]:
    """(content, final address). Honours PIP_CERT, the proxy variables, and a name and password in the address."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme not in {"http", "https"}:
        raise ValueError(f"{without_password(address)} is not a web address")
    headers = {"Accept": "application/vnd.pypi.simple.v1+json, text/html;q=0.5, */*;q=0.1"}
    if parts.username is not None:
        pair = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    trust = ssl.create_default_context(cafile=env.get("PIP_CERT") or None)
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trust))
    with opener.open(urllib.request.Request(address, headers=headers), timeout=TIMEOUT_S) as answer:  # noqa: S310
        return answer.read(), answer.url


def wheel_address(listing: str, at: str) -> str:
    """Where an index (PEP 691 JSON or PEP 503 HTML) says PIP_WHEEL is. Raises ValueError."""
    if listing.lstrip().startswith("{"):
        links = [
            file["url"] for file in json.loads(listing).get("files", []) if file.get("filename") == PIP_WHEEL
        ]
    else:
        links = [
            unescape(link) for link in re.findall(r"""href=["']([^"']+)["']""", listing) if PIP_WHEEL in link
        ]
    if not links:
        raise ValueError(f"{without_password(at)} does not offer {PIP_WHEEL}")
    return urllib.parse.urljoin(at, str(links[0]).partition("#")[0])


def without_password(address: str) -> str:
    return re.sub(r"//[^/@]*@", "//", address)


def last_line(words: str) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return without_password(lines[-1])[:300] if lines else "no reason given"


def explained(words: str) -> str:
    """One sentence for what a step wrote before it failed."""
    if UNTRUSTED.search(words):
        return (
            "the package index shows a certificate that this machine does not trust; where the network inspects traffic, "
            "set PIP_CERT to its certificate file and start again"
        )
    if UNREACHABLE.search(words):
        return (
            "the package index cannot be reached; connect this machine to the internet, or set HTTPS_PROXY, and start "
            "again (only the first start needs it)"
        )
    if "No space left" in words:
        return "the disk is full; free 300 MB and start again"
    return f"the packages could not be installed ({last_line(words)}); mend that and start again"
