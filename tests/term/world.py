"""Where the term is played: the real application, X with its sign-in, Facebook's, a mail server and the page, on loopback."""

from __future__ import annotations

import asyncio
import io
import logging
import random
import ssl
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import structlog

from monitor import logs, schema
from monitor.app import App
from monitor.register import import_register
from monitor.register_csv import read_register
from monitor.sandbox.faults import Faults
from monitor.sandbox.serve import Serving
from monitor.sandbox.signin_facebook import facebook_signin_app
from monitor.sandbox.signin_state import SignInState
from monitor.sandbox.signin_x import x_signin_app
from tests.alerts.imap_server import Mailroom, serving
from tests.conftest import HandClock
from tests.school import claims_mail, school
from tests.term.cast import whole_term
from tests.term.drive import Term
from tests.test_claiming import served

BEGINS = datetime(2026, 9, 7, 8, 10, tzinfo=UTC)  # a Monday; the clocks change within the term


@contextmanager
def written_log(into: io.StringIO) -> Iterator[None]:
    """What the service writes to its log, at the level that says most."""
    root, before, told = (
        logging.getLogger(),
        (logging.getLogger().handlers[:], logging.getLogger().level),
        sys.stderr,
    )
    levels = {name: logging.getLogger(name).level for name in logging.root.manager.loggerDict}
    sys.stderr = into
    try:
        logs.configure("debug", "json")
        yield
    finally:
        sys.stderr = told
        root.handlers[:], root.level = before
        for name in logging.root.manager.loggerDict:
            logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))
        structlog.reset_defaults()


@contextmanager
def term_in(folder: Path, *, few: bool) -> Iterator[Term]:
    """Everything stands, nobody has followed yet."""
    clock, cast, log = HandClock(BEGINS), whole_term(few=few), io.StringIO()
    members = {
        name: SignInState(f"{name}-app", f"marker-secret-of-{name}", [], clock) for name in ("x", "facebook")
    }
    with ExitStack() as stack:
        sites = {
            "x": stack.enter_context(Serving(x_signin_app(members["x"], Faults()))),
            "facebook": stack.enter_context(Serving(facebook_signin_app(members["facebook"], Faults()))),
        }
        more = '\n[detection]\nmodel = "off"\n[followers.organisations]\nListedChurch = "the parish church"\n'
        more += "[budget]\nreads_per_month = { x = 10000 }\n"
        for name, state in members.items():
            (folder / f"claims.{name}").touch(mode=0o600)
            (folder / f"claims.{name}").write_text(state.client_secret)
            more += (
                f'[claims.{name}]\nclient_id = "{state.client_id}"\nclient_secret_file = "claims.{name}"\n'
                f'base_url = "{sites[name].url}"\n'
            )
        room = stack.enter_context(serving(Mailroom()))
        more += claims_mail(folder, room)
        built = stack.enter_context(school(folder, clock, every="1h", more=more))
        for name, state in members.items():
            state.redirects = [f"{built.page}/claim/with/{name}/back"]
        stack.enter_context(written_log(log))
        schema.upgrade(built.settings().storage.database_path)
        store = stack.enter_context(built.store())
        import_register(store, read_register(cast.export()).people, clock())
        trust = ssl.create_default_context(cafile=str(folder / "mailbox.pem"))
        app = App(built.settings(), store, clock=clock, chance=random.Random(1), tls=trust)
        stack.enter_context(served(app, built))
        mail = stack.enter_context(asyncio.Runner())
        yield Term(built, app, clock, cast, members, room, log, mail)
