"""The first start from a checkout, by the real interpreter without packages and a uv that only writes down its orders."""

from __future__ import annotations

import ast
import base64
import hashlib
import http.server
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor import bootstrap, bootstrap_steps

ROOT = Path(__file__).resolve().parents[2]
BARE_PYTHON = bootstrap_steps.base_python()
UV = """#!/bin/sh
echo "$@" >> "$ORDERS"
for last; do :; done
case "$1" in
venv)
  mkdir -p "$last/bin"
  printf '#!/bin/sh\\nshift 2\\necho "ran $*"\\n' > "$last/bin/python"
  chmod +x "$last/bin/python" ;;
sync)
  sleep "${SLOWLY:-0}"
  [ -z "$SAYS" ] || { echo "$SAYS" >&2; exit 1; } ;;
esac
"""


class Copy:
    """A checkout holding only what a first start reads, in a folder with a space in its name."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "school gate"
        (self.root / "monitor").mkdir(parents=True)
        for name in ("__init__", "__main__", "bootstrap", "bootstrap_steps"):
            shutil.copy(ROOT / "monitor" / f"{name}.py", self.root / "monitor")
        shutil.copy(ROOT / "pyproject.toml", self.root)
        (self.root / "uv.lock").write_text("version = 1\n")
        self.tools = folder / "tools"
        self.tools.mkdir()
        (self.tools / "uv").write_text(UV)
        (self.tools / "uv").chmod(0o755)
        self.orders_file = folder / "orders"
        self.venv = self.root / ".venv"

    def environment(self, **env: str) -> dict[str, str]:
        path = f"{self.tools}:/usr/bin:/bin"
        return {"PATH": path, "HOME": "", "ORDERS": str(self.orders_file), "TZ": "America/New_York", **env}

    def start(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        command = [BARE_PYTHON, "-m", "monitor", *words]
        return subprocess.run(
            command,
            cwd=self.root,
            env=self.environment(**env),
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
            stdin=subprocess.DEVNULL,
            umask=0o077,
        )

    def orders(self, first: str) -> list[str]:
        lines = self.orders_file.read_text().splitlines() if self.orders_file.exists() else []
        return [line for line in lines if line.split()[0] == first]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_the_first_start_builds_and_goes_on_with_the_same_words(copy: Copy):
    done = copy.start("demo", "--once", "a b")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ran demo --once a b\n"  # progress is not for the standard output
    assert "installing the packages of uv.lock" in done.stderr
    assert "--frozen" in copy.orders("sync")[0]
    assert "--extra test" in copy.orders("sync")[0]


def test_the_second_start_builds_nothing_and_says_nothing(copy: Copy):
    copy.start("demo")
    done = copy.start("demo")
    assert (done.stdout, done.stderr) == ("ran demo\n", "")
    assert len(copy.orders("sync")) == 1


def test_another_lock_installs_again_in_the_same_place(copy: Copy):
    copy.start("demo")
    (copy.root / "uv.lock").write_text("version = 2\n")
    copy.start("demo")
    assert len(copy.orders("sync")) == 2
    assert len(copy.orders("venv")) == 1
    assert "--inexact" not in copy.orders("sync")[1]


def test_a_venv_left_half_built_is_built_afresh(copy: Copy):
    copy.start("demo")
    (copy.venv / "schoolgate.building").touch()
    (copy.venv / "half a package").touch()
    assert copy.start("demo").stdout == "ran demo\n"
    assert not (copy.venv / "half a package").exists()
    assert len(copy.orders("venv")) == 2


def test_a_killed_build_leaves_the_mark_of_a_half_built_venv(copy: Copy):
    child = subprocess.Popen(
        [BARE_PYTHON, "-m", "monitor"],
        cwd=copy.root,
        env=copy.environment(SLOWLY="1"),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stderr is not None
    next(line for line in child.stderr if "installing the packages" in line)
    child.kill()
    child.wait()
    child.stderr.close()
    assert (copy.venv / "schoolgate.building").exists()
    done = copy.start("demo")
    assert done.stdout == "ran demo\n"
    assert "waiting for it" in done.stderr  # for the orphaned uv, which still writes
    assert len(copy.orders("venv")) == 2


def test_a_checkout_that_was_moved_is_built_afresh(copy: Copy):
    copy.start("demo")
    copy.root = copy.root.rename(copy.root.with_name("moved"))
    assert copy.start("demo").stdout == "ran demo\n"
    assert len(copy.orders("venv")) == 2


def test_an_interpreter_that_vanished_is_replaced(copy: Copy):
    copy.start("demo")
    (copy.venv / "bin" / "python").unlink()
    assert copy.start("demo").stdout == "ran demo\n"


def test_a_venv_that_somebody_made_keeps_what_they_put_there(copy: Copy):
    (copy.venv / "bin").mkdir(parents=True)
    (copy.venv / "theirs").touch()
    python = copy.venv / "bin" / "python"
    python.write_text('#!/bin/sh\nshift 2\necho "ran $*"\n')
    python.chmod(0o755)
    assert copy.start("demo").stdout == "ran demo\n"
    assert (copy.venv / "theirs").exists()
    assert "--inexact" in copy.orders("sync")[0]


def test_inside_a_venv_of_another_version_nothing_is_built_again(copy: Copy):
    subprocess.run([BARE_PYTHON, "-m", "venv", "--without-pip", copy.venv], check=True)
    lock = hashlib.sha256((copy.root / "uv.lock").read_bytes()).hexdigest()
    (copy.venv / "schoolgate.stamp").write_text(f"of-another-python\n{lock}\ntest\n")
    start = [
        copy.venv / "bin" / "python",
        "-c",
        "from monitor import bootstrap; bootstrap.ensure(); print('went on')",
    ]
    done = subprocess.run(
        start, cwd=copy.root, env=copy.environment(), capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("went on\n", "")


def test_two_first_starts_at_once_build_once(copy: Copy):
    results: list[subprocess.CompletedProcess[str]] = []
    starts = [
        threading.Thread(target=lambda: results.append(copy.start("demo", SLOWLY="0.4"))) for _ in range(3)
    ]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert [result.stdout for result in results] == ["ran demo\n"] * 3
    assert len(copy.orders("sync")) == 1


def test_the_lint_tools_are_installed_when_asked_for_and_then_kept(copy: Copy):
    copy.start("demo")
    copy.start("test", SCHOOLGATE_EXTRAS="test dev")
    assert "--extra dev --extra test" in copy.orders("sync")[1]
    copy.start("demo")
    assert len(copy.orders("sync")) == 2
    (copy.root / "uv.lock").write_text("version = 2\n")
    copy.start("demo")
    assert "--extra dev" in copy.orders("sync")[2]


def test_the_browser_s_packages_are_installed_when_asked_for(copy: Copy):
    copy.start("test", SCHOOLGATE_EXTRAS="test browser")
    assert "--extra browser --extra test" in copy.orders("sync")[0]


def test_an_unknown_extra_is_named(copy: Copy):
    done = copy.start("demo", SCHOOLGATE_EXTRAS="dev docs")
    assert done.returncode == 1
    assert "SCHOOLGATE_EXTRAS names docs; write some of: test dev imap browser" in done.stderr


@pytest.mark.parametrize("variable", ["NOTIFY_SOCKET", "INVOCATION_ID"])
def test_a_service_never_builds(copy: Copy, variable: str):
    done = copy.start("run", **{variable: "/run/x"})
    assert done.returncode == 78
    assert "a service must not fetch" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not copy.venv.exists()


def test_a_service_goes_on_in_a_venv_that_is_there(copy: Copy):
    copy.start("demo")
    assert copy.start("run", NOTIFY_SOCKET="/run/x").stdout == "ran run\n"


def test_a_service_is_known_by_its_journal():
    stream = os.fstat(2)
    assert bootstrap.under_systemd({"JOURNAL_STREAM": f"{stream.st_dev}:{stream.st_ino}"})
    assert not bootstrap.under_systemd(
        {"JOURNAL_STREAM": "8:1"}
    )  # inherited by a terminal in a desktop session


@pytest.mark.parametrize("absent", ["pyproject.toml", "uv.lock"])
def test_an_installed_package_never_builds(copy: Copy, absent: str):
    (copy.root / absent).unlink()
    done = subprocess.run(
        [BARE_PYTHON, "-c", "from monitor import bootstrap; bootstrap.ensure(); print('went on')"],
        cwd=copy.root,
        env=copy.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "went on\n"
    assert not copy.venv.exists()


def test_a_project_of_somebody_else_beside_the_package_is_left_alone(copy: Copy):
    (copy.root / "pyproject.toml").write_text('[project]\nname = "intranet"\n')
    done = copy.start("demo")
    assert not copy.venv.exists()
    assert "setting up" not in done.stderr


def test_foreign_settings_do_not_lead_the_build_astray(copy: Copy):
    (copy.tools / "uv").write_text(UV.replace("sync)", 'sync)\n  env > "$ORDERS.env"'))
    copy.start("demo", PYTHONPATH="/elsewhere", VIRTUAL_ENV="/elsewhere", UV_PROJECT_ENVIRONMENT="/elsewhere",
               UV_PYTHON="3.9", UV_LOCKED="1", UV_HTTP_TIMEOUT="7")  # fmt: skip
    seen = Path(f"{copy.orders_file}.env").read_text()
    assert "/elsewhere" not in seen
    assert "UV_PYTHON=" not in seen
    assert "UV_LOCKED" not in seen
    assert "UV_HTTP_TIMEOUT=7" in seen
    assert f"UV_PROJECT_ENVIRONMENT={copy.venv}" in seen
    assert "UV_NO_CACHE=1" in seen  # HOME is empty: nowhere to keep a cache


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("error: dns error: failed to lookup address information", "the package index cannot be reached"),
        ("error: invalid peer certificate: UnknownIssuer", "set PIP_CERT to its certificate file"),
    ],
)
def test_a_failed_download_is_one_sentence_with_its_cure(copy: Copy, said: str, told: str):
    done = copy.start("demo", SAYS=said)
    assert done.returncode == 1
    assert told in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_venv_that_cannot_be_made_is_one_sentence(copy: Copy):
    copy.venv.write_text("a file stands in its place")
    done = copy.start("demo")
    assert done.returncode == 1
    assert f"{copy.venv} cannot be built" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_first_file_can_be_read_by_an_old_python():
    ast.parse((ROOT / "monitor" / "__main__.py").read_text(), feature_version=(3, 6))
    ast.parse((ROOT / "monitor" / "__init__.py").read_text(), feature_version=(3, 6))


class Index(http.server.BaseHTTPRequestHandler):
    """A package index on loopback: JSON under /json, HTML under /html."""

    wheel = b"not really pip"
    seen: list[str | None]

    def do_GET(self) -> None:
        type(self).seen.append(self.headers["Authorization"])
        name = bootstrap_steps.PIP_WHEEL
        answers = {
            "/html/pip/": f'<a href="../../files/{name}#sha256=00">{name}</a>'.encode(),
            "/json/pip/": f'{{"files": [{{"filename": "{name}", "url": "../../files/{name}"}}]}}'.encode(),
            "/old/pip/": b'<a href="../../files/pip-1.0.whl">pip-1.0.whl</a>',
            f"/files/{name}": self.wheel,
        }
        body = answers.get(self.path)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Say nothing."""


@pytest.fixture
def index() -> Iterator[str]:
    Index.seen = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def builder(tmp_path: Path, index_url: str) -> bootstrap_steps.Builder:
    return bootstrap_steps.Builder(tmp_path, tmp_path, 0, {"PIP_INDEX_URL": index_url})


@pytest.mark.parametrize("form", ["html", "json"])
def test_pip_is_fetched_from_either_form_of_index(
    tmp_path: Path, index: str, form: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bootstrap_steps, "PIP_SHA256", hashlib.sha256(Index.wheel).hexdigest())
    wheel = builder(tmp_path, f"http://school:s3cret@{index}/{form}/")._pip_wheel()
    assert wheel.read_bytes() == Index.wheel
    assert Index.seen[0] == f"Basic {base64.b64encode(b'school:s3cret').decode()}"


@pytest.mark.parametrize(
    ("form", "told"), [("html", "is not the file it should be"), ("old", "does not offer")]
)
def test_a_wrong_pip_is_refused_without_telling_the_password(
    tmp_path: Path, index: str, form: str, told: str
):
    with pytest.raises(bootstrap_steps.StepError) as refused:
        builder(tmp_path, f"http://school:s3cret@{index}/{form}")._pip_wheel()
    assert told in str(refused.value)
    assert "s3cret" not in str(refused.value)
    assert not list(tmp_path.iterdir())
