"""A school for tests of the whole service: two loopback networks, a mailbox, a configuration; `schoolgate` as a process.

The networks and the mailbox live in the test; the service under test is a process of its own, which a test may kill.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from monitor.commands.opened import settings_of
from monitor.config import Settings
from monitor.domain import Role
from monitor.ports import Clock
from monitor.sandbox.faults import Faults
from monitor.sandbox.graph_api import graph_app
from monitor.sandbox.graph_state import GraphState
from monitor.sandbox.mailbox import Mailbox
from monitor.sandbox.serve import Serving
from monitor.sandbox.x_api import x_app
from monitor.sandbox.x_state import XState
from monitor.store import Store
from monitor.vault import Vault
from tests.alerts.imap_server import Mailroom
from tests.alerts.letters import OURS

ROOT = Path(__file__).parents[1]
X_TOKEN, FACEBOOK_TOKEN = "marker-token-of-x", "marker-token-of-facebook"
DOMAIN = "stmarks.example"
THREAT = "I am going to stab the headteacher tomorrow"  # critical
INSULT = "You are a useless bunch of idiots"  # medium
PRAISE = "Lovely photos, well done everyone"
PEOPLE = {
    Role.HEADTEACHER: "Mrs Hilda Quayle",
    Role.DEPUTY: "Mr Piers Umber",
    Role.DSL: "Mrs Salma Vance",
    Role.ESAFETY: "Mr Noel Wragg",
    Role.OFFICE: "Mrs Edna Yelland",
    Role.IT: "Mr Ivor Zeal",
}


def address(role: Role) -> str:
    return f"{role.value}@{DOMAIN}"


@dataclass
class School:
    """The networks and the mailbox in this process, and where the service's files are."""

    folder: Path
    clock: Clock
    x: XState
    graph: GraphState
    mailbox: Mailbox
    page_port: int
    x_faults: Faults
    graph_faults: Faults
    x_post: str = ""
    page_post: str = ""
    writers: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self.page_port}"

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """What the service's process is given: no configuration from outside, trust in the mailbox's certificate."""
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("SCHOOLGATE_", "NOTIFY_", "WATCHDOG_"))
        }
        return (
            kept | {"SSL_CERT_FILE": str(self.folder / "mailbox.pem"), "PYTHONPATH": str(ROOT)} | (more or {})
        )

    def start(self, *command: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "monitor", *command],
            cwd=ROOT,
            env=self.environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """One command to its end, with this school's configuration."""
        process = self.start(*command, "--config", str(self.config))
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def settings(self) -> Settings:
        return settings_of(self.config)

    @contextlib.contextmanager
    def store(self) -> Iterator[Store]:
        settings = self.settings()
        opened = Store(
            settings.storage.database_path,
            Vault(settings.storage.master_key.get_secret_value()),
            school=settings.school.id,
        )
        try:
            yield opened
        finally:
            opened.close()

    def says_on_x(self, text: str, who: str = "marker_casey", name: str = "Casey Markerson") -> str:
        """An answer under the school's post; returns its id."""
        if who not in self.writers:
            self.writers[who] = self.x.add_person(who, name)
        return self.x.add_post(self.writers[who], f"@StMarksExample {text}", in_reply_to=self.x_post)

    def says_on_facebook(self, text: str, who: str = "Robin Markersdottir") -> str:
        """A comment under the Page's post; returns its id."""
        if who not in self.writers:
            self.writers[who] = self.graph.add_person(who)
        return self.graph.add_comment(self.page_post, self.writers[who], text)


@contextlib.contextmanager
def school(
    folder: Path, clock: Clock, *, every: str = "10m", level: str = "info", more: str = ""
) -> Iterator[School]:
    """Built in `folder`; `every` is how often each account is read, `more` is more configuration."""
    x = XState(handle="StMarksExample", name="St Mark's", token=X_TOKEN, clock=clock)
    graph = GraphState(
        page_id="100064000000077", page_name="St Mark's", token=FACEBOOK_TOKEN, clock=clock, followers=40
    )
    x_faults, graph_faults = Faults(), Faults()
    with contextlib.ExitStack() as stack:
        x_serving = stack.enter_context(Serving(x_app(x, x_faults)))
        graph_serving = stack.enter_context(Serving(graph_app(graph, graph_faults)))
        mailbox = stack.enter_context(Mailbox(clock=clock))
        built = School(folder, clock, x, graph, mailbox, free_port(), x_faults, graph_faults)
        built.x_post = x.add_post(x.user_id, "Sports day is on Friday.")
        built.page_post = graph.add_post("Sports day is on Friday.")
        (folder / "mailbox.pem").write_text(mailbox.certificate)
        for name, value in (
            ("master.key", os.urandom(32).hex()),
            ("x", X_TOKEN),
            ("facebook", FACEBOOK_TOKEN),
        ):
            (folder / name).touch(mode=0o600)
            (folder / name).write_text(value)
        built.config.touch(mode=0o600)
        built.config.write_text(
            _configuration(built, x_serving.url, graph_serving.url, every=every, level=level) + more
        )
        yield built


def claims_mail(folder: Path, room: Mailroom) -> str:
    """The table of a school that reads this mailbox; its password is put into `folder`."""
    (folder / "imap").touch(mode=0o600)
    (folder / "imap").write_text(room.password)
    return f"""
[claims.mail]
host = "127.0.0.1"
port = {room.port}
security = "none"
username = "{room.username}"
password_file = "imap"
authserv_id = "{OURS}"
address = "{room.username}"
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _configuration(built: School, x_url: str, graph_url: str, *, every: str, level: str) -> str:
    roles = "\n".join(
        f"[roles.{role.value}]\nname = {json.dumps(name)}\nemail = {json.dumps(address(role))}"
        for role, name in PEOPLE.items()
    )
    often = f'poll_every = "{every}"\nfollowers_every = "{every}"\nposts_every = "{every}"'
    return f"""
[school]
name = "St Mark's Primary School"
case_prefix = "SK"

[[account]]
key = "x-main"
network = "x"
handle = "StMarksExample"
user_id = "{built.x.user_id}"
base_url = "{x_url}"
token_file = "x"
{often}

[[account]]
key = "facebook-page"
network = "facebook"
handle = "StMarksExample"
page_id = "{built.graph.page.id}"
base_url = "{graph_url}"
token_file = "facebook"
{often}

{roles}

[mail]
host = "{built.mailbox.host}"
port = {built.mailbox.port}
auth = "none"
sender = "schoolgate@{DOMAIN}"
allowed_recipient_domains = ["{DOMAIN}"]
timeout = "5s"

[page]
listen = "127.0.0.1:{built.page_port}"
public_url = "http://127.0.0.1:{built.page_port}"

[storage]
state_dir = "state"
master_key_file = "master.key"

[log]
level = "{level}"
format = "json"
"""
