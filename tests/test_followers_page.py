"""The office's ten minutes: the real application, an X and a mail server on loopback, the page over HTTP."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from monitor import schema
from monitor.app import App
from monitor.domain import Role
from monitor.register import import_register
from monitor.register_csv import read_register
from monitor.tables import CaseRow
from tests.conftest import HandClock
from tests.school import address, school
from tests.test_claiming import Running, served

RECORDS = b"Contact ID,Contact Forename,Contact Surname,Email,X handle\n1,Casey,Markerson,casey@family.example,@caseym\n"


class Office(Running):
    """Somebody in the office, signed in with the code of a mail."""

    def sign_in(self) -> None:
        self.post("/code", address=address(Role.OFFICE))
        self.turn()
        body = self.built.mailbox.to(address(Role.OFFICE))[-1].body("plain")
        assert body is not None
        code = re.search(r"\b\d{4} ?\d{4}\b", body)
        assert code
        self.post("/sign-in", code=code[0].replace(" ", ""))

    def get(self, path: str) -> BeautifulSoup:
        answer = self.browser.get(self.built.page + path, timeout=10)
        assert answer.status_code == 200, path
        return BeautifulSoup(answer.text, "html.parser")

    def post(self, path: str, **form: str) -> BeautifulSoup:
        answer = self.browser.post(self.built.page + path, form, timeout=10)
        assert answer.status_code == 200, (path, answer.text)
        return BeautifulSoup(answer.text, "html.parser")

    def decide(self, do: str, handle: str, **typed: str) -> BeautifulSoup:
        page = self.get("/followers")
        label = next(one for one in page.find_all("label") if f"@{handle}" in one.text)
        page = self.get(f"/followers/choose?do={do}&f={label['for'].removeprefix('f')}")
        return self.post("/followers/decide", **filled(page.main.form), **typed)

    def says(self, action: str) -> None:
        """Press "I have done it" for this action."""
        forms = self.get("/followers").find_all("form", action="/followers/done")
        self.post("/followers/done", **next(filled(one) for one in forms if filled(one)["action"] == action))

    def truth(self) -> str:
        section = self.get("/followers").find(id="to-do").parent
        return " ".join(section.li.text.split())


def filled(form) -> dict[str, str]:
    return {one["name"]: one.get("value", "") for one in form.find_all("input", type=["hidden", "date"])}


@pytest.fixture
def office(tmp_path: Path, clock: HandClock) -> Iterator[Office]:
    with school(tmp_path, clock, more='\n[detection]\nmodel = "off"\n') as built:
        schema.upgrade(built.settings().storage.database_path)
        with built.store() as store:
            import_register(store, read_register(RECORDS).people, clock())
            trust = ssl.create_default_context(cafile=str(tmp_path / "mailbox.pem"))
            app = App(built.settings(), store, clock=clock, tls=trust)
            with served(app, built):
                yield Office(built, app)


def test_the_office_decides_and_the_network_ticks_what_was_done_by_hand(office: Office) -> None:
    people = {
        name: office.built.x.add_person(name, "Anybody") for name in ("readingbus", "bot_8472", "caseym")
    }
    for person in people.values():
        office.built.x.follow(person)
    office.turn()
    office.sign_in()
    assert office.get("/").h1.text == "Followers"  # what the office comes for

    office.decide("organisation", "readingbus", reason="the bus company")
    office.decide("reject", "bot_8472", reason="nobody knows it")
    office.turn()
    assert {name: office.states()[person] for name, person in people.items()} == {
        "readingbus": "organisation",
        "bot_8472": "rejected",
        "caseym": "claimed",
    }
    assert "Not done yet: X leaves this to a person." in office.truth()

    office.says("block")
    assert "The school office said so" in office.truth()
    office.turn()
    assert "X showed it among the followers" in office.truth()

    office.built.x.unfollow(people["bot_8472"])
    office.says("remove_follower")
    office.turn()
    assert "X shows it: no longer among the followers" in office.truth()
    assert office.states()[people["bot_8472"]] == "left"

    office.built.x.follow(people["bot_8472"])
    office.turn()
    assert "X showed it among the followers" in office.truth()
    office.built.x.block(people["bot_8472"])
    office.says("block")
    office.turn()
    assert "X shows it: blocked" in office.truth()
    assert office.app.chain_broken_at() is None


def test_an_invitation_leads_a_family_to_the_claim_page(office: Office) -> None:
    office.built.x.follow(office.built.x.add_person("caseym", "Casey Markerson"))
    office.turn()
    office.sign_in()
    page = office.get("/followers")
    name = page.find("input", type="checkbox")["value"]
    form = filled(office.get(f"/followers/choose?do=invite&f={name}").main.form)
    office.post("/followers/decide", **form, **{f"address-{name}": "casey@family.example"})
    office.turn()
    link = office.link("casey@family.example")
    assert "Tell the school which account is yours" in office.browser.get(link, timeout=10).text


@pytest.mark.parametrize("watched_before", [True, False])
def test_the_office_never_reads_a_handle_that_is_abuse_or_an_allegation(
    office: Office, watched_before: bool
) -> None:
    if watched_before:
        office.turn()
    office.built.x.follow(office.built.x.add_person("MrsQuayle_paedo", "Anybody"))
    office.built.x.follow(office.built.x.add_person("useless_idiots", "Anybody"))
    office.built.x.follow(
        office.built.x.add_person("readingbus", "Anybody", bio="useless idiots, all of you")
    )
    office.turn()
    office.sign_in()
    page = office.get("/followers").text
    assert "@readingbus" in page
    seen = page + "".join(mail.body("plain") or "" for mail in office.built.mailbox.to(address(Role.OFFICE)))
    for abuse in ("MrsQuayle_", "paedo", "useless", "idiots", "staff_allegation"):
        assert abuse not in seen
    with office.app.store.read() as session:
        cases = {row.category: row for row in session.exec(select(CaseRow))}
    assert set(cases) == ({"staff_allegation", "insult"} if watched_before else set())
    if watched_before:
        assert "headteacher" in cases["staff_allegation"].bypassed


def test_whom_the_school_follows_without_a_list_is_shown(office: Office) -> None:
    office.built.x.follow(office.built.x.user_id, of=office.built.x.add_person("pub_quiz", "Anybody"))
    office.app.check()
    office.turn()
    office.sign_in()
    page = office.get("/followers")
    assert "It is not on the list of organisations." in page.text
    assert page.find("a", href="https://x.com/pub_quiz")
