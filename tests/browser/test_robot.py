"""A scanner with a whole browser: it runs scripts, ticks boxes, fills in and presses whatever a mail leads to."""

from __future__ import annotations

import pytest

from monitor.domain import Role
from tests.alerts.page_robot import everything
from tests.alerts.test_robots import links
from tests.browser.place import Place
from tests.browser.scenes_sign_in import account_service

pytestmark = pytest.mark.browser
DEEP = 3  # pages that it goes on to after each button


def press_on(place: Place, path: str) -> int:
    """Press every button of the page, and go on from where each leads; returns how many were pressed."""
    place.go(path)
    pressed = 0
    for number in range(place.page.get_by_role("button").count()):
        place.go(path)
        for _ in range(DEEP):
            buttons = place.page.get_by_role("button")
            if not buttons.count():
                break
            for field in place.page.locator("input:visible").all():
                if field.get_attribute("type") in {"checkbox", "radio"}:
                    field.check()
                else:
                    field.fill("12345678" if field.get_attribute("type") != "email" else "a@b.example")
            for folded in place.page.locator("details:not([open]) > summary").all():
                folded.click()
            buttons.nth(min(number, buttons.count() - 1)).click()
            pressed += 1
    return pressed


def test_a_browser_that_presses_everything_changes_no_row_but_those_of_codes(place: Place) -> None:
    account_service(place).email = "scanner@elsewhere.example"  # it knows no reviewer's password
    ref = place.school.case()
    mails = links(place.school, ref)
    before = everything(place.school.store)
    for link in mails:
        place.window.clear_cookies()
        assert press_on(place, link) > 1
        place.wait(minutes=1)
    after = everything(place.school.store)
    assert after.pop("sign_in_state") is not None  # that a sign-in came back once, whoever it was
    before.pop("sign_in_state")
    assert after == before
    assert len(place.school.mailed) <= len({Role.HEADTEACHER, Role.DSL, Role.OFFICE})
