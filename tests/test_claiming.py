"""A family claims its account: the real application, an X and a mail server on loopback, the page over HTTP."""

from __future__ import annotations

import asyncio
import html
import re
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from sqlmodel import select

from monitor import schema
from monitor.app import App, utc_now
from monitor.daemon import bind, page_server
from monitor.domain import Role
from monitor.register import import_register
from monitor.register_csv import read_register
from monitor.sandbox.faults import Faults
from monitor.sandbox.serve import Serving
from monitor.sandbox.signin_state import SignInState
from monitor.sandbox.signin_x import x_signin_app
from monitor.tables import SpendRow
from monitor.tables_people import FollowerRow, LetterRow
from tests.alerts.imap_server import Mailroom, serving
from tests.alerts.letters import found, letter
from tests.conftest import HandClock
from tests.school import School, address, claims_mail, school

RECORDS = (
    b"Contact ID,Contact Forename,Contact Surname,Email,Restricted\n"
    b"1,Casey,Markerson,casey@family.example,\n"
    b"2,Robin,Markersdottir,robin@family.example,Yes\n"
)


class Running:
    """The application and a family's browser."""

    def __init__(self, built: School, app: App) -> None:
        self.built, self.app = built, app
        self.browser = requests.Session()
        self.browser.trust_env = False

    def turn(self) -> None:
        """One turn of everything."""
        for watch in self.app.watches:
            self.app.poll(watch, at_once=True)
        self.app.read_letters()
        self.app.work()
        self.app.slow()
        asyncio.run(self.app.deliver())

    def claim(self, handle: str, email: str) -> requests.Response:
        form = {"network": "x", "handle": handle, "address": email, "consent": "yes"}
        return self.browser.post(f"{self.built.page}/claim", form, timeout=10)

    def link(self, email: str) -> str:
        """The one link of the newest mail to a family."""
        body = self.built.mailbox.to(email)[-1].body("plain")
        assert body is not None
        (link,) = re.findall(r"http\S+", body)
        return str(link)

    def reads(self) -> int:
        """What X has billed this month."""
        with self.app.store.read() as session:
            return session.exec(select(SpendRow.reads).where(SpendRow.network == "x")).one()

    def states(self) -> dict[str, str]:
        with self.app.store.read() as session:
            return {row.external_id: row.state for row in session.exec(select(FollowerRow))}


@contextmanager
def served(app: App, built: School) -> Iterator[None]:
    listening = bind("127.0.0.1", built.page_port)
    server = page_server(app.web())
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def running_school(tmp_path: Path, clock: HandClock, more: str = "") -> Iterator[Running]:
    with school(tmp_path, clock, more='\n[detection]\nmodel = "off"\n' + more) as built:
        schema.upgrade(built.settings().storage.database_path)
        with built.store() as store:
            import_register(store, read_register(RECORDS).people, clock())
            trust = ssl.create_default_context(cafile=str(tmp_path / "mailbox.pem"))
            app = App(built.settings(), store, clock=clock, tls=trust)
            with served(app, built):
                yield Running(built, app)


@pytest.fixture
def running(tmp_path: Path, clock: HandClock) -> Iterator[Running]:
    with running_school(tmp_path, clock) as one:
        yield one


def test_a_parent_is_verified_and_a_stranger_with_the_same_words_is_not(running: Running) -> None:
    people = {
        name: running.built.x.add_person(name, "Casey Markerson") for name in ("caseym", "casey_m", "rob")
    }
    for person in people.values():
        running.built.x.follow(person)
    running.turn()
    assert set(running.states().values()) == {"unverified"}

    answers = [
        running.claim("@CaseyM", "casey@family.example"),
        running.claim("@casey_m", "stranger@family.example"),
        running.claim("@rob", "robin@family.example"),
    ]
    assert len({(one.status_code, one.url, one.text) for one in answers}) == 1
    running.turn()
    written = [mail.message["To"] for mail in running.built.mailbox.all()]
    assert sorted(to for to in written if to.endswith("family.example")) == ["casey@family.example"]
    assert [to for to in written if to == address(Role.DSL)]

    link = running.link("casey@family.example")
    assert "caseym" in running.browser.get(link, timeout=10).text
    assert running.states()[people["caseym"]] == "claimed"
    assert "Thank you" in running.browser.post(link, {"mine": "yes"}, timeout=10).text
    running.turn()
    states = running.states()
    assert {name: states[person] for name, person in people.items()} == {
        "caseym": "verified",
        "casey_m": "unverified",
        "rob": "unverified",
    }


def test_a_network_whose_followers_nobody_can_read_is_not_offered(running: Running) -> None:
    form = running.browser.get(f"{running.built.page}/claim", timeout=10).text
    assert 'value="x"' in form
    assert "acebook" not in form


def test_a_parent_who_writes_is_verified_and_a_forger_is_not(tmp_path: Path, clock: HandClock) -> None:
    with (
        serving(Mailroom()) as room,
        running_school(tmp_path, clock, claims_mail(tmp_path, room)) as running,
    ):
        people = {
            name: running.built.x.add_person(name, "Casey Markerson") for name in ("caseym", "forger", "rob")
        }
        for person in people.values():
            running.built.x.follow(person)
        casey, robin = "casey@family.example", "robin@family.example"
        room.arrive(letter("Hello,\nmy handle on X is @CaseyM.\nCasey", sender=casey))
        room.arrive(
            letter("My X handle is @forger", sender=casey, results=(found(casey, by="mx.evil.example"),))
        )
        room.arrive(letter("My X handle is @rob", sender=robin))
        running.turn()
        written = [mail.message["To"] for mail in running.built.mailbox.all()]
        assert sorted(to for to in written if to.endswith("family.example")) == [casey]
        assert [to for to in written if to == address(Role.DSL)]
        states = running.states()
        assert (states[people["caseym"]], states[people["forger"]]) == ("claimed", "unverified")
        link = running.link(casey)
        assert "caseym" in running.browser.get(link, timeout=10).text
        running.browser.post(link, {"mine": "yes"}, timeout=10)
        running.turn()
        states = running.states()
        assert {name: states[person] for name, person in people.items()} == {
            "caseym": "verified",
            "forger": "unverified",
            "rob": "unverified",
        }
        assert room.username in running.browser.get(f"{running.built.page}/claim", timeout=10).text


def test_the_service_reads_the_mailbox_and_the_doctor_looks_at_it(tmp_path: Path) -> None:
    with serving(Mailroom()) as room:
        more = '\n[detection]\nmodel = "off"\n' + claims_mail(tmp_path, room)
        with school(tmp_path, utc_now, more=more) as built:
            schema.upgrade(built.settings().storage.database_path)
            room.arrive(letter(sender="stranger@family.example"), utc_now())
            service = built.start("run", "--config", str(built.config))
            try:
                until = time.monotonic() + 60
                while "LOGOUT" not in room.said and time.monotonic() < until:
                    time.sleep(0.1)
            finally:
                service.terminate()
                log = "".join(service.communicate(timeout=60))
            assert service.returncode == 0, log
            assert "family.example" not in log
            with built.store() as store, store.read() as session:
                assert [row.outcome for row in session.exec(select(LetterRow))] == ["claimed"]
            says = built.run("doctor").stdout
            assert "lets us read it" in says
            room.password = "changed"
            says = " ".join(built.run("check-config", "--online").stdout.split())
            assert "refused the sign-in" in says


@contextmanager
def x_site_of(there: SignInState, folder: Path) -> Iterator[str]:
    """X's sign-in on loopback; the table of the configuration that leads there."""
    (folder / "claims.x").touch(mode=0o600)
    (folder / "claims.x").write_text(there.client_secret)
    with Serving(x_signin_app(there, Faults())) as site:
        yield f'[claims.x]\nclient_id = "school-app"\nclient_secret_file = "claims.x"\nbase_url = "{site.url}"\n'


def test_a_parent_who_signs_in_at_x_is_verified_and_a_stranger_who_does_is_not(
    tmp_path: Path, clock: HandClock
) -> None:
    there = SignInState("school-app", "marker-client-secret", [], clock)
    with x_site_of(there, tmp_path) as table, running_school(tmp_path, clock, table) as running:
        there.redirects = [f"{running.built.page}/claim/with/x/back"]
        shown = []
        people = {
            "caseym": "casey@family.example",
            "case_y": "stranger@family.example",
            "rob": "robin@family.example",
        }
        numbers = {name: running.built.x.add_person(name, "Casey Markerson") for name in people}
        for name, email in people.items():
            running.built.x.follow(numbers[name])
            there.add(name, email, member_id=numbers[name])
        running.turn()
        before = running.reads()
        for number in numbers.values():
            page = f"{running.built.page}/claim"
            assert 'formaction="/claim/with/x"' in running.browser.get(page, timeout=10).text
            go = running.browser.post(f"{page}/with/x", {"consent": "yes"}, timeout=10).text
            link = html.unescape(re.findall(r'class="button" href="([^"]+)"', go)[0])
            last = running.browser.post(link, {"member": number, "choice": "allow"}, timeout=10)
            shown.append((last.status_code, last.url, last.text))
        assert len(set(shown)) == 1
        assert "Thank you" in shown[0][2]
        assert running.reads() - before == 30  # X bills three profiles
        running.turn()
        states = running.states()
        assert {name: states[number] for name, number in numbers.items()} == {
            "caseym": "verified",
            "case_y": "unverified",
            "rob": "unverified",
        }
        written = [mail.message["To"] for mail in running.built.mailbox.all()]
        assert not [to for to in written if to.endswith("family.example")]
        assert [to for to in written if to == address(Role.DSL)]


def test_a_sign_in_that_the_budget_does_not_bear_is_not_offered(tmp_path: Path, clock: HandClock) -> None:
    there = SignInState("school-app", "marker-client-secret", [], clock)
    with x_site_of(there, tmp_path) as table:
        budget = "[budget]\nreads_per_month = { x = 0 }\n"
        with running_school(tmp_path, clock, table + budget) as running:
            page = running.browser.get(f"{running.built.page}/claim", timeout=10).text
    assert "Signing in with X is not possible until the first of next month." in page
    assert "formaction" not in page
    assert 'action="/claim"' in page
