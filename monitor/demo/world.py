"""The demo's world on this machine: two networks with their sign-ins, a mailbox, a configuration, a school. Loopback only.

It puts the real app on the sandbox's servers; nothing in the app knows that it is a demo.
"""

from __future__ import annotations

import contextlib
import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from monitor import schema
from monitor.app import App, account_problems
from monitor.config import Settings, load
from monitor.demo import sign_ins
from monitor.ports import Clock
from monitor.register import import_register, read_file
from monitor.sandbox.day import load_script
from monitor.sandbox.faults import Faults
from monitor.sandbox.graph_api import graph_app
from monitor.sandbox.graph_state import GraphState
from monitor.sandbox.mailbox import Mailbox
from monitor.sandbox.mailbox_page import mailbox_app
from monitor.sandbox.script import Script
from monitor.sandbox.serve import Serving
from monitor.sandbox.signin_state import SignInState
from monitor.sandbox.x_api import x_app
from monitor.sandbox.x_state import XState
from monitor.store import Store
from monitor.vault import Vault

X_KEY, FACEBOOK_KEY = "x-main", "facebook-page"
_TOKENS = {"x": "sandbox-x-user-token", "facebook": "sandbox-page-token"}


class DayClock:
    """A clock that somebody moves. It never goes back."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def __call__(self) -> datetime:
        return self._now

    def move_to(self, at: datetime) -> None:
        self._now = max(self._now, at)

    def wait(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class World:
    """Everything that stands while the demo runs."""

    script: Script
    clock: Clock
    x: XState
    graph: GraphState
    x_faults: Faults
    graph_faults: Faults
    mailbox: Mailbox
    mailbox_url: str
    sign_ins: Mapping[str, SignInState]  # by network
    settings: Settings
    app: App


@contextlib.contextmanager
def world(folder: Path, clock: Clock, *, page_port: int, script: Script | None = None) -> Iterator[World]:
    """Build it in `folder`, which may be a temporary one; everything stops when the block ends.

    A database that is already in `folder` is gone on with, as after a crash.
    """
    script = script or load_script()
    account = script.accounts["x"]
    x = XState(
        handle=account.handle, name=account.name, token=_TOKENS["x"], clock=clock, user_id=account.external_id
    )
    page = script.accounts["facebook"]
    graph = GraphState(
        page_id=page.external_id,
        page_name=page.name,
        token=_TOKENS["facebook"],
        clock=clock,
        followers=412,
    )
    x_faults, graph_faults = Faults(), Faults()
    with contextlib.ExitStack() as stack:
        x_serving = stack.enter_context(Serving(x_app(x, x_faults)))
        graph_serving = stack.enter_context(Serving(graph_app(graph, graph_faults)))
        mailbox = stack.enter_context(Mailbox(clock=clock))
        mailbox_serving = stack.enter_context(Serving(mailbox_app(mailbox)))
        signing_in = sign_ins.states(f"http://127.0.0.1:{page_port}", clock)
        sites = {
            name: stack.enter_context(Serving(sign_ins.APPS[name](state, Faults())))
            for name, state in signing_in.items()
        }
        claims = sign_ins.tables(folder, signing_in, {name: site.url for name, site in sites.items()})
        settings = _settings(
            folder,
            script,
            x_url=x_serving.url,
            graph_url=graph_serving.url,
            mailbox=mailbox,
            page_port=page_port,
            claims=claims,
        )
        schema.upgrade(settings.storage.database_path)
        store = Store(
            settings.storage.database_path,
            Vault(settings.storage.master_key.get_secret_value()),
            school=settings.school.id,
        )
        stack.callback(store.close)
        app = App(settings, store, clock=clock, tls=ssl.create_default_context(cadata=mailbox.certificate))
        import_register(store, read_file(script.register_csv).people, clock())
        yield World(
            script=script,
            clock=clock,
            x=x,
            graph=graph,
            x_faults=x_faults,
            graph_faults=graph_faults,
            mailbox=mailbox,
            mailbox_url=mailbox_serving.url,
            sign_ins=signing_in,
            settings=settings,
            app=app,
        )


def _settings(
    folder: Path,
    script: Script,
    *,
    x_url: str,
    graph_url: str,
    mailbox: Mailbox,
    page_port: int,
    claims: str,
) -> Settings:
    """Through a real configuration file, so that the demo's school is configured like any other."""
    school = script.school
    secrets = {
        "master.key": (folder / "master.key"),
        "x.token": folder / "x.token",
        "facebook.token": folder / "facebook.token",
    }
    values = {"x.token": _TOKENS["x"], "facebook.token": _TOKENS["facebook"]}
    for name, path in secrets.items():
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(values.get(name) or _new_key())
    quoted = json.dumps  # a TOML basic string takes what JSON writes
    roles = "\n".join(
        f"[roles.{role}]\nname = {quoted(staff.name)}\nemail = {quoted(staff.address)}"
        for role, staff in school.roles.items()
    )
    organisations = "\n".join(
        f"{quoted(person.handle)} = {quoted(person.name)}"
        for person in script.people.values()
        if person.organisation and person.handle
    )
    (folder / "config.toml").write_text(
        f"""
[school]
name = {quoted(school.name)}
case_prefix = "SA"
timezone = {quoted(school.timezone)}

[[account]]
key = "{X_KEY}"
network = "x"
handle = {quoted(script.accounts["x"].handle)}
name = {quoted(script.accounts["x"].name)}
user_id = {quoted(script.accounts["x"].external_id)}
base_url = {quoted(x_url)}
token_file = "x.token"

[[account]]
key = "{FACEBOOK_KEY}"
network = "facebook"
handle = {quoted(script.accounts["facebook"].handle)}
name = {quoted(script.accounts["facebook"].name)}
page_id = {quoted(script.accounts["facebook"].external_id)}
base_url = {quoted(graph_url)}
token_file = "facebook.token"

{roles}

[mail]
host = {quoted(mailbox.host)}
port = {mailbox.port}
security = "starttls"
auth = "none"
sender = "schoolgate@{school.domain}"
sender_name = "Schoolgate"
allowed_recipient_domains = [{quoted(school.domain)}]

[page]
listen = "127.0.0.1:{page_port}"
public_url = "http://127.0.0.1:{page_port}"

[detection]
school_phones = [{quoted(school.phone)}]
school_domains = [{quoted(school.domain)}]

[followers.organisations]
{organisations}

{claims}

[storage]
state_dir = "state"
master_key_file = "master.key"

[log]
level = "warning"
"""
    )
    return load(folder / "config.toml", env={}, account_check=account_problems)


def _new_key() -> str:
    import secrets

    return secrets.token_hex(32)
