"""`schoolgate run` as a real process: ready, alive, quick to tell, deaf to no signal, and quiet about what it reads."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from monitor import daemon as running
from monitor.app import App, utc_now
from monitor.daemon import Daemon, bind
from monitor.domain import Role
from monitor.errors import MonitorError
from monitor.sandbox.faults import Faults
from monitor.sandbox.graph_api import graph_app
from monitor.sandbox.graph_state import GraphState
from monitor.sandbox.serve import Serving
from tests.manager import Manager
from tests.school import FACEBOOK_TOKEN, PRAISE, THREAT, School, address, school

SOON = 90.0
ARSON = "I will burn the school down tonight"  # critical, so that it is told at any hour
MARKERS = (
    "stab",
    "burn the school",
    "Lovely",
    "arkerson",
    "arkersdottir",
    "marker_casey",
    "marker-token",
    "Quayle",
    "stmarks.example",
    "Sports day",
)


THIRD = """
[[account]]
key = "pta-page"
network = "facebook"
handle = "StMarksPta"
page_id = "100064000000078"
base_url = "{url}"
token_file = "facebook"
poll_every = "10s"
posts_every = "10s"

[detection]
model = "off"
"""


@dataclass
class Story:
    """What was seen while a service ran, and after it stopped."""

    said: list[str] = field(default_factory=list)
    health: requests.Response | None = None
    told: tuple[str, ...] = ()
    told_after: float = 0.0
    second: subprocess.CompletedProcess[str] | None = None
    stopped_after: float = 0.0
    code: int | None = None
    out: str = ""
    log: str = ""
    last_words: int = 0


@contextlib.contextmanager
def service(built: School, manager: Manager) -> Iterator[subprocess.Popen[str]]:
    process = built.start(
        "run",
        "--config",
        str(built.config),
        env={"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "1000000"},
    )
    try:
        manager.hears("READY=1")
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
        manager.close()


def stop(process: subprocess.Popen[str], how: signal.Signals, story: Story) -> None:
    began = time.monotonic()
    process.send_signal(how)
    story.out, story.log = process.communicate(timeout=60)
    story.stopped_after, story.code = time.monotonic() - began, process.returncode


def ordinary(folder: Path) -> Story:
    """Somebody threatens while the service runs; then a comment that was only just read waits when it is stopped."""
    story = Story()
    with school(folder, utc_now, every="10s", level="debug") as built:
        built.says_on_x(PRAISE)
        manager = Manager(folder)
        with service(built, manager) as process:
            story.second = built.run("run")
            posted = time.monotonic()
            built.says_on_facebook(THREAT)
            heads = built.mailbox.wait(1, to=address(Role.HEADTEACHER), seconds=SOON)
            built.mailbox.wait(1, to=address(Role.DSL), seconds=SOON)
            story.told_after = time.monotonic() - posted
            story.told = heads[0].recipients
            story.health = requests.get(f"{built.page}/healthz", timeout=10)
            manager.hears("WATCHDOG=1", times=2)
            before = len(built.mailbox.to(address(Role.HEADTEACHER)))
            _read_only(built, ARSON)
            stop(process, signal.SIGTERM, story)
            story.last_words = len(built.mailbox.to(address(Role.HEADTEACHER))) - before
            story.said = list(manager.said)
    return story


def _read_only(built: School, text: str) -> None:
    """As if a poll had finished this moment: stored, and nothing more."""
    built.says_on_facebook(text)
    with built.store() as store:
        app = App(built.settings(), store)
        watch = next(watch for watch in app.watches if watch.key == "facebook-page")
        deadline = time.monotonic() + SOON
        # the service may be reading the same stream at this moment, and then its lease is in the way
        while not app.poll(watch, at_once=True) and time.monotonic() < deadline:
            time.sleep(0.05)


def hung(folder: Path) -> Story:
    """X and one Facebook Page take requests and never answer, while somebody threatens on another Page."""
    story = Story()
    other = GraphState(
        page_id="100064000000078", page_name="St Mark's PTA", token=FACEBOOK_TOKEN, clock=utc_now, followers=3
    )
    with (
        Serving(graph_app(other, Faults())) as serving,
        school(folder, utc_now, every="10s", more=THIRD.format(url=serving.url)) as built,
    ):
        built.x_faults.arm("hang", times=None)
        built.graph_faults.arm("hang", times=None)
        other.add_comment(other.add_post("Cake sale today"), other.add_person("Robin Markersdottir"), THREAT)
        manager = Manager(folder)
        with service(built, manager) as process:
            began = time.monotonic()
            story.told = built.mailbox.wait(1, to=address(Role.HEADTEACHER), seconds=SOON)[0].recipients
            story.told_after = time.monotonic() - began
            stop(process, signal.SIGINT, story)
            story.said = list(manager.said)
    return story


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Story]:
    """Both services at once: most of their time is waiting."""
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(ordinary, tmp_path_factory.mktemp("run"))
        other = pool.submit(hung, tmp_path_factory.mktemp("hung"))
        return {"ordinary": first.result(), "hung": other.result()}


def test_a_threat_is_mailed_within_seconds_of_its_being_read(stories: dict[str, Story]) -> None:
    assert stories["ordinary"].told == (address(Role.HEADTEACHER),)
    assert stories["ordinary"].told_after < SOON


def test_the_service_manager_hears_ready_alive_and_stopping(stories: dict[str, Story]) -> None:
    said = stories["ordinary"].said
    assert said.count("WATCHDOG=1") >= 2
    assert said.index("READY=1\nSTATUS=Watching 2 accounts") < said.index("STOPPING=1")


def test_healthz_answers_in_names_and_times_only(stories: dict[str, Story]) -> None:
    answer = stories["ordinary"].health
    assert answer is not None
    says = answer.json()
    assert answer.status_code == (200 if says["ok"] else 503)
    assert says["hung"] == []
    assert [key for key in says["incidents"] if not key.startswith("python:")] == []
    assert {row["account"] for row in says["streams"]} == {"x-main", "facebook-page"}
    assert not [marker for marker in MARKERS if marker in answer.text]


def test_sigterm_ends_it_in_seconds_with_exit_code_0(stories: dict[str, Story]) -> None:
    assert stories["ordinary"].code == 0
    assert stories["ordinary"].stopped_after < 15


def test_what_waits_when_it_is_stopped_is_judged_told_and_sent(stories: dict[str, Story]) -> None:
    assert stories["ordinary"].last_words >= 1


def test_a_second_service_on_the_same_database_is_refused_in_one_sentence(stories: dict[str, Story]) -> None:
    second = stories["ordinary"].second
    assert second is not None
    assert second.returncode == 1
    assert second.stderr.startswith("another Schoolgate is running on ")
    assert second.stderr.count("\n") == 1


def test_its_log_holds_no_text_name_address_or_token(stories: dict[str, Story]) -> None:
    story = stories["ordinary"]
    assert story.out == ""
    lines = [json.loads(line) for line in story.log.splitlines()]
    assert {"started", "mail accepted", "stopped"} <= {line["event"] for line in lines}
    assert [marker for marker in MARKERS if marker in story.log] == []


def test_two_networks_that_hang_delay_neither_a_third_nor_the_mail(stories: dict[str, Story]) -> None:
    assert stories["hung"].told == (address(Role.HEADTEACHER),)
    assert stories["hung"].told_after < SOON


def test_a_network_that_hangs_does_not_hold_up_the_stop(stories: dict[str, Story]) -> None:
    assert stories["hung"].code == 0, stories["hung"].log
    assert stories["hung"].stopped_after < 15
    assert "STOPPING=1" in stories["hung"].said


# what is wrong before it starts


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with school(tmp_path, utc_now) as built, socket.socket() as taken:
        taken.bind(("127.0.0.1", built.page_port))
        taken.listen()
        ended = built.run("run")
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"page.listen: 127.0.0.1:{built.page_port} cannot be used")
    assert ended.stderr.count("\n") == 1


def test_an_address_of_another_machine_is_one_sentence() -> None:
    with pytest.raises(MonitorError, match=r"192\.0\.2\.1:8080 cannot be used"):
        bind("192.0.2.1", 8080)


# the watchdog


@pytest.fixture
def built(tmp_path: Path) -> Iterator[tuple[School, Daemon]]:
    with school(tmp_path, utc_now) as made:
        ended = made.run("db", "upgrade")
        assert ended.returncode == 0, ended.stderr
        with made.store() as store, bind("127.0.0.1", 0) as listening:
            yield made, Daemon(App(made.settings(), store), listening)


async def test_the_watchdog_is_fed_only_while_no_turn_is_over_its_deadline(
    built: tuple[School, Daemon], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, daemon = built
    manager = Manager(tmp_path)
    monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
    await daemon._watchdog()
    assert daemon.alive()
    daemon.lanes["x-main"].since = time.monotonic() - running.HUNG_AFTER - 1
    assert not daemon.alive()
    assert daemon.hung() == ["poll-x-main"]
    await daemon._watchdog()
    daemon.lanes["x-main"].since = time.monotonic() - running.HUNG_AFTER + 60
    assert daemon.alive()
    manager.close()
    assert manager.said == ["WATCHDOG=1"]


async def test_the_watchdog_is_not_fed_while_the_writer_is_blocked(
    built: tuple[School, Daemon], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, daemon = built
    manager = Manager(tmp_path)
    monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
    with daemon.app.store.write():
        asked = asyncio.ensure_future(daemon._watchdog())
        await asyncio.wait({asked}, timeout=0.3)
        assert manager.said == []
    await asked
    manager.hears("WATCHDOG=1")
    manager.close()


def test_a_network_hangs_on_the_health_page_too(built: tuple[School, Daemon]) -> None:
    _, daemon = built
    daemon.lanes["x-main"].since = time.monotonic() - running.HUNG_AFTER - 1
    with Serving(daemon.app.web(alive=daemon.hung)) as page:
        answer = requests.get(f"{page.url}/healthz", timeout=10)
    assert answer.status_code == 503
    assert answer.json()["hung"] == ["poll-x-main"]
