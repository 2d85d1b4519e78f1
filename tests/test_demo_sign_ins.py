"""A visitor of the demo signs in at its invented networks: from the claim page there, back, and to what the office sees."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
import requests
from sqlmodel import select

from monitor.demo.day import Day, served, turn_of
from monitor.demo.sign_ins import MEMBERS
from monitor.demo.world import DayClock, world
from monitor.register_csv import read_register
from monitor.sandbox.day import load_script
from monitor.tables_people import ClaimRow, FollowerRow
from tests.school import free_port


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    script = load_script()
    clock = DayClock(script.school.first_poll)
    with world(tmp_path_factory.mktemp("day"), clock, page_port=free_port(), script=script) as built:
        played = Day(built, clock)
        played.stage.play(until=clock())
        turn_of(built)
        yield played


def sign_in(day: Day, network: str, person: str) -> str:
    """Press the button, choose this person, allow; returns the page that the browser ends on."""
    with served(day.world) as page, requests.Session() as browser:
        browser.trust_env = False
        assert f'formaction="/claim/with/{network}"' in browser.get(f"{page}/claim", timeout=10).text
        go = browser.post(f"{page}/claim/with/{network}", {"consent": "yes"}, timeout=10).text
        link = html.unescape(re.findall(r'class="button" href="([^"]+)"', go)[0])
        name = day.world.script.people[person].name
        assert name in html.unescape(browser.get(link, timeout=10).text)
        form = {"member": day.stage.people[person], "choice": "allow"}
        last = browser.post(link, form, timeout=10)
    turn_of(day.world)
    return last.text


def state(day: Day, person: str) -> str:
    with day.world.app.store.read() as session:
        return session.exec(
            select(FollowerRow.state).where(FollowerRow.external_id == day.stage.people[person])
        ).one()


def test_a_parent_of_the_records_becomes_verified(day: Day) -> None:
    assert state(day, "kaz") == "claimed"
    assert "Thank you" in sign_in(day, "x", "kaz")
    assert state(day, "kaz") == "verified"


def test_whoever_is_on_no_record_does_not(day: Day) -> None:
    assert "Thank you" in sign_in(day, "x", "dave")
    assert state(day, "dave") == "unverified"


def test_an_account_without_a_confirmed_address_proves_nothing(day: Day) -> None:
    assert "That did not work" in sign_in(day, "x", "lorna")


def test_a_parent_signs_in_at_facebook(day: Day) -> None:
    assert "Thank you" in sign_in(day, "facebook", "donna")
    with day.world.app.store.read() as session:
        row = session.exec(select(ClaimRow).where(ClaimRow.network == "facebook")).one()
    assert row.standing == "confirmed"


def test_whoever_may_sign_in_is_of_the_script_and_their_addresses_are_as_they_say(day: Day) -> None:
    script = day.world.script
    with script.register_csv.open("rb") as file:
        known = {email for person in read_register(file.read()).people for email in person.emails}
    on_record = {key: email in known for people in MEMBERS.values() for key, email in people.items() if email}
    assert {key for key, found in on_record.items() if not found} == {"dave", "mick"}
    for network, people in MEMBERS.items():
        assert {script.people[key].network for key in people} == {network}
