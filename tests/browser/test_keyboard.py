"""Everything that a person does here can be done with the keyboard alone, and without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.domain import Role
from monitor.tables_people import FollowerDecisionRow
from tests.alerts.page_school import PEOPLE
from tests.browser.keys import Keys
from tests.browser.place import Place, placed
from tests.browser.scenes_followers import HANDLES
from tests.conftest import HandClock

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture
def place(chromium: Browser, tmp_path: Path, clock: HandClock) -> Iterator[Place]:
    with placed(chromium, tmp_path, clock, scripts=False) as opened:
        yield opened


@pytest.fixture
def keys(place: Place) -> Keys:
    return Keys(place)


def typed_code(place: Place, keys: Keys) -> None:
    place.page.locator("#code:focus").wait_for()  # the field has the focus by itself
    keys.board.type(place.school.mailed[-1][2])
    with place.page.expect_navigation():
        keys.board.press("Enter")


def test_from_the_mail_s_link_to_a_case_that_is_hidden_and_closed(place: Place, keys: Keys) -> None:
    ref = place.school.case()
    place.go(f"/c/{place.school.link(ref)}")
    keys.press("button", "Send me a code")
    typed_code(place, keys)
    keys.reads("Still public")
    keys.press("summary", "Reveal it all")
    keys.reads("you lot are dead")
    keys.press("button", "Hide it")
    keys.reads("Asked Facebook")
    keys.press("summary", "Close the case")
    keys.to("select", "Outcome")
    keys.board.press("ArrowDown")
    keys.write("What was done, and why", "Spoke to the family.", kind="textarea")
    keys.press("button", "Close the case")
    keys.reads("Spoke to the family")
    assert place.school.row(ref).state == "closed"


def test_the_office_decides_about_followers(place: Place, keys: Keys) -> None:
    for number, handle in enumerate(HANDLES, 1):
        place.families.follow(str(number), handle)
    place.families.judge()
    place.go(f"/c/{place.school.link(None, Role.OFFICE)}")
    keys.press("button", "Send me a code")
    typed_code(place, keys)

    keys.tick("@ReadingBus")
    keys.press("button", "Approve as organisations")
    keys.write("Reason", "The bus company.", kind="textarea")
    keys.press("button", "Approve as organisations")
    keys.reads("They are approved as organisations.")

    keys.tick("@bot_8472")
    keys.press("button", "Turn away")
    keys.write("Reason", "Nobody knows it.", kind="textarea")
    keys.press("button", "Turn away")
    keys.reads("Not done yet: X leaves this to a person.")

    keys.press("summary", "Block it")
    keys.press("button", "I have blocked it")
    keys.reads("The school office said so")

    keys.tick("@bot_8472")
    keys.press("button", "Take the decision back")
    keys.press("button", "Take the decision back")
    keys.reads("The decision is taken back")
    assert [row.choice for row in place.school.rows(FollowerDecisionRow)][:2] == ["organisation", "reject"]
    assert place.families.state("1") == "organisation"


def test_a_family_claims_its_account_from_start_to_end(place: Place, keys: Keys) -> None:
    place.families.follow("77", "GraceOk")
    place.go("/")
    keys.press("a", "For families")
    keys.write("Your account’s name there", "@GraceOk")
    keys.write("Your e-mail address", "grace@mail.example")
    keys.tick("I agree that the school compares these two")
    keys.press("button", "Send")
    keys.reads("a mail is on its way to it")
    place.families.work()
    place.go(f"/claim/{place.families.tokens()[-1]}")
    keys.reads("graceok on X")
    keys.tick("Yes, this is my account")
    keys.press("button", "Send my answer")
    keys.reads("There is nothing more to do.")
    place.families.work()
    assert place.families.state("77") == "verified"


def test_a_code_is_asked_for_by_address_and_the_first_tab_skips_the_top(place: Place, keys: Keys) -> None:
    place.families.follow("1", "ReadingBus")
    place.go("/")
    keys.write("E-mail address", PEOPLE[Role.OFFICE].email)
    with place.page.expect_navigation():
        keys.board.press("Enter")
    typed_code(place, keys)
    keys.reads("Followers")
    keys.to("a", "Skip to the content")
    keys.board.press("Enter")
    keys.board.press("Tab")
    assert place.page.evaluate("document.querySelector('main').contains(document.activeElement)")
