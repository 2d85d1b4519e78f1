"""A drill goes the whole way: the command, the real application, networks and a mail server on loopback, the page."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from bs4 import BeautifulSoup
from sqlmodel import select

from monitor import schema
from monitor.app import App
from monitor.daemon import bind, page_server
from monitor.domain import Role
from monitor.drill_mark import NOTHING_DONE
from monitor.sandbox.mailbox import Mail
from monitor.tables import AuditRow, CaseRow, DecisionRow
from tests.conftest import HandClock
from tests.school import School, address, school

TEN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday


class Drilling:
    def __init__(self, built: School, app: App, clock: HandClock) -> None:
        self.built, self.app, self.clock = built, app, clock

    def turn(self, **passed: float) -> None:
        self.clock.wait(**passed)
        self.app.work()
        self.app.act()
        self.app.slow()
        asyncio.run(self.app.deliver())

    def subjects(self, role: Role) -> list[str]:
        return [str(mail.message["Subject"]) for mail in self.alerts(role)]

    def alerts(self, role: Role) -> list[Mail]:
        """Mails to a role, oldest first, without its digests."""
        mails = self.built.mailbox.to(address(role))
        return [one for one in mails if "digest" not in str(one.message["Subject"]).lower()]

    def signed_in(self, role: Role) -> requests.Session:
        """By the link of the newest mail, and the code that is mailed then."""
        body = self.built.mailbox.to(address(role))[-1].body("plain")
        (link,) = re.findall(r"http\S+", str(body))
        browser = requests.Session()
        browser.trust_env = False
        browser.get(link, timeout=10)
        browser.post(f"{link}/code", timeout=10)
        asyncio.run(self.app.deliver())
        said = self.built.mailbox.to(address(role))[-1].body("plain")
        (code,) = re.findall(r"\d{4} \d{4}", str(said))
        token = link.rsplit("/", 1)[1]
        browser.post(f"{self.built.page}/sign-in", {"code": code, "link": token}, timeout=10)
        return browser


@pytest.fixture
def drilling(tmp_path: Path) -> Iterator[Drilling]:
    clock = HandClock(TEN)
    with school(tmp_path, clock, more='\n[detection]\nmodel = "off"\n') as built:
        settings = built.settings()
        settings.storage.state_dir.mkdir(mode=0o700, exist_ok=True)
        schema.upgrade(settings.storage.database_path)
        with built.store() as store:
            trust = ssl.create_default_context(cadata=built.mailbox.certificate)
            app = App(settings, store, clock=clock, tls=trust)
            listening = bind(settings.page.host, settings.page.port)
            server = page_server(app.web())
            thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
            thread.start()
            try:
                yield Drilling(built, app, clock)
            finally:
                server.should_exit = True
                thread.join()


def ask(drilling: Drilling, category: str = "threat") -> None:
    from monitor.drills import DrillRow, Wish
    from monitor.drills import ask as asked

    wish = Wish(category, "facebook-page", "command line")
    keys = tuple(watch.key for watch in drilling.app.watches)
    assert isinstance(asked(drilling.app.store, wish, keys, drilling.app.hours, drilling.clock()), DrillRow)


def row(drilling: Drilling, table: type) -> list:
    with drilling.app.store.read() as session:
        return list(session.exec(select(table)))


def pressed(browser: requests.Session, url: str, choice: str) -> None:
    soup = BeautifulSoup(browser.get(url, timeout=10).text, "html.parser")
    for form in soup.find_all("form"):
        fields = {one["name"]: one.get("value", "") for one in form.find_all("input")}
        if fields.get("choice") == choice:
            browser.post(f"{url}/decide", fields, timeout=10)
            return
    raise AssertionError(f"{choice} is not offered")


def test_a_drill_goes_the_whole_way_and_touches_no_network(drilling: Drilling) -> None:
    before = len(drilling.built.graph_faults.requests)
    ask(drilling)
    drilling.turn()
    for role in (Role.HEADTEACHER, Role.DSL):
        (subject,) = drilling.subjects(role)
        assert subject.startswith("DRILL · NEW · ACT NOW · SK-0001")
        (mail,) = drilling.alerts(role)
        for kind in ("plain", "html"):
            assert "THIS IS A DRILL" in " ".join(str(mail.body(kind)).split())
        assert "stab" not in str(mail.body("plain"))
    drilling.turn(minutes=16)  # nobody answered
    drilling.turn(minutes=1)
    (deputy,) = drilling.subjects(Role.DEPUTY)
    assert deputy.startswith("DRILL · ")
    assert all(one.startswith("DRILL · ") for one in drilling.subjects(Role.HEADTEACHER))
    browser = drilling.signed_in(Role.HEADTEACHER)
    url = f"{drilling.built.page}/case/SK-0001"
    page = browser.get(url, timeout=10).text
    assert "DRILL: nobody wrote this" in page
    drilling.turn(minutes=1)
    pressed(browser, url, "remove")
    drilling.turn(minutes=1)
    (decision,) = row(drilling, DecisionRow)
    assert (decision.done, decision.detail) == ("refused", NOTHING_DONE)
    assert NOTHING_DONE in browser.get(url, timeout=10).text
    assert len(drilling.built.graph_faults.requests) == before
    with drilling.app.store.write() as session:
        case = session.exec(select(CaseRow)).one()
        case.state, case.closed_at, case.closed_by = "closed", drilling.clock(), "headteacher"
        case.outcome = "not a problem"
    drilling.turn(minutes=1)
    report = json.loads(drilling.built.run("drill", "report", "--json").stdout)["drills"][0]
    assert (report["how"], report["case"]) == ("answered", "SK-0001")
    people = {one["role"]: one for one in report["times"]["people"]}
    head = people["headteacher"]
    assert head["told"] <= head["accepted"] <= head["opened"] <= head["decided"]
    assert people["deputy"]["escalated"]
    drilling.clock.now = TEN.replace(day=24, hour=8, minute=1)
    drilling.turn()
    digest = drilling.built.mailbox.to(address(Role.ESAFETY))[-1]
    said = " ".join(str(digest.body("plain")).split())
    assert "DRILL · SK-0001 · possible threat" in said
    assert "false alarm" not in said  # it is in no figure
    assert "0 comments, mentions and posts read" in said
    assert "DRILL" not in str(drilling.built.mailbox.to(address(Role.OFFICE))[-1].body("plain"))
    assert {one.thing for one in row(drilling, AuditRow) if "drill" in one.event} == {"DRILL 1"}


def test_a_drill_in_a_group_is_marked_in_its_line_and_never_speaks_for_the_real_ones(
    drilling: Drilling,
) -> None:
    for watch in drilling.app.watches:
        drilling.app.poll(watch, at_once=True)  # what stands there already
    drilling.turn()
    for number in range(2):
        drilling.built.says_on_facebook("You are a useless bunch of idiots", f"Sam {number}")
    for watch in drilling.app.watches:
        drilling.app.poll(watch, at_once=True)
    ask(drilling, "insult")
    drilling.turn()
    drilling.turn(hours=1)
    mail = drilling.alerts(Role.HEADTEACHER)[-1]
    said = str(mail.body("plain"))
    assert not str(mail.message["Subject"]).startswith("DRILL")
    assert len([line for line in said.split("\n") if "DRILL · SK-" in line]) == 1
    assert "THIS IS A DRILL" not in said


def test_the_command_says_why_there_is_none(drilling: Drilling) -> None:
    run = drilling.built.run
    wrong = run("drill", "--category", "spam")
    assert wrong.returncode == 1
    assert "There is no drill of this category" in wrong.stderr
    assert run("drill", "--category", "threat", "--account", "nowhere").returncode == 1
    assert run("drill").returncode == 2
    asked = run("drill", "--category", "threat", "--at-night")
    assert asked.returncode == 0, asked.stderr
    again = run("drill", "--category", "threat", "--at-night")
    assert again.returncode == 1
    assert "A drill is going on already" in again.stderr
    report = run("drill", "report").stdout
    assert "asked for" in report
    assert "command line" in report


def test_proposals_are_listed_without_a_word_of_a_comment(drilling: Drilling) -> None:
    from monitor.detectors.changes import Change, Kind
    from monitor.tuning import propose

    assert "No change of a rule" in drilling.built.run("rules", "proposals").stdout
    ask(drilling)
    drilling.turn()
    with drilling.app.store.write() as session:
        case = session.exec(select(CaseRow)).one()
        for change in (
            Change("insult.you_are", Kind.SHADOW),
            Change("threat.hard", Kind.PHRASE, ("planted", "words")),
        ):
            propose(
                session,
                drilling.app.store,
                case,
                change,
                category="insult",
                phrase="planted words",
                comment="planted comment",
                role=Role.DSL,
                now=drilling.clock(),
            )
    said = drilling.built.run("rules", "proposals").stdout
    assert '[detection]\nshadow = ["insult.you_are"]' in said
    assert "threat.hard, phrase, on trial" in said
    assert "planted" not in said
    listed = json.loads(drilling.built.run("rules", "proposals", "--json").stdout)["proposals"]
    assert [one["rule"] for one in listed] == ["insult.you_are", "threat.hard"]
