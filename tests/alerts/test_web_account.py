"""The page "Signed in": what a reviewer sees of their own sign-ins, and ends."""

import pytest

from monitor.domain import Role
from monitor.tables import AuditRow
from monitor.tables_people import SignInRow
from monitor.tables_sign_in import DeviceRow
from tests.alerts.page_browser import Browser
from tests.alerts.page_school import open_school
from tests.alerts.test_web_remembered import IPHONE, phone


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


def forms(browser, what):
    browser.get("/account")
    found = [
        {one["name"]: one["value"] for one in form.find_all("input")}
        for form in browser.soup.find_all("form", action="/account/end")
    ]
    return [one for one in found if one["what"] == what]


def inside(school, browser):
    return browser.get("/cases").url.endswith("/cases")


def test_it_shows_what_is_signed_in_in_fixed_words(school):
    browser = phone(school, school.case())
    browser.get("/account")
    assert "Safari on iPhone this device" in browser.words
    assert "Safari on iPhone this browser" in browser.words
    assert "Signed inFri 20 Nov 2026, 12:40" in browser.words.replace(" Fri", "Fri")
    held = repr(school.rows(SignInRow)) + repr(school.rows(DeviceRow))
    assert IPHONE not in held + browser.last.text
    assert "AppleWebKit" not in held


def test_every_page_leads_there(school):
    browser = school.signed_in()
    assert browser.soup.footer.find("a")["href"] == "/account"


def test_nobody_sees_anothers(school):
    phone(school, school.case())
    dsl = school.signed_in(Role.DSL)
    dsl.get("/account")
    assert "iPhone" not in dsl.words
    assert len(dsl.soup.select(".rows li")) == 1


def test_a_stranger_is_sent_to_the_front_door(school):
    browser = Browser(school)
    assert browser.get("/account").url == school.url + "/"
    assert browser.post("/account/end", {"what": "all"}).status_code == 401


def test_a_lost_phone_is_forgotten_from_another_browser(school):
    lost = phone(school, school.case())
    desk = school.signed_in()
    (form,) = forms(desk, "device")
    desk.post("/account/end", form)
    assert "remembered no more" in desk.words
    assert not inside(school, lost)  # where its owner had typed the code, too
    school.pass_time(days=1)
    lost.post("/open", {})
    assert not inside(school, lost)


def test_forgetting_a_device_ends_the_sign_ins_that_it_opened(school):
    lost = phone(school, school.case())
    school.pass_time(days=1)
    lost.post("/open", {})
    assert inside(school, lost)
    desk = school.signed_in()
    desk.post("/account/end", forms(desk, "device")[0])
    assert not inside(school, lost)
    assert inside(school, desk)


def test_one_other_browser_is_signed_out(school):
    other, mine = school.signed_in(), school.signed_in()
    (form,) = forms(mine, "sign-in")
    mine.post("/account/end", form)
    assert not inside(school, other)
    assert inside(school, mine)


def test_everywhere_is_everywhere(school):
    lost, other, mine = phone(school, school.case()), school.signed_in(), school.signed_in()
    dsl = school.signed_in(Role.DSL)
    mine.post("/account/end", forms(mine, "all")[0])
    assert mine.last.url == school.url + "/"
    for browser in (lost, other, mine):
        assert not inside(school, browser)
    lost.post("/open", {})
    assert not inside(school, lost)
    assert inside(school, dsl)
    happened = [row.event for row in school.rows(AuditRow)]
    assert happened.count("signed out") == 3
    assert happened.count("remembered device ended") == 1


def test_all_devices_are_forgotten_at_once(school):
    browsers = []
    for number in (1, 2):
        browsers.append(phone(school, school.case(number=number)))
        school.pass_time(minutes=2)
    browsers[0].post("/account/end", forms(browsers[0], "devices")[0])
    assert inside(school, browsers[0])
    assert all(row.revoked_at for row in school.rows(DeviceRow))


def test_a_form_of_somebody_else_ends_nothing(school):
    head, dsl = school.signed_in(), school.signed_in(Role.DSL)
    (form,) = forms(head, "all")
    assert dsl.post("/account/end", form).status_code == 403
    other = forms(dsl, "all")[0] | {"what": "sign-in", "which": str(school.rows(SignInRow)[0].id)}
    dsl.post("/account/end", other)
    assert inside(school, head)


def test_what_was_last_sent_is_shown(school):
    one, two = school.signed_in(), school.signed_in()
    school.pass_time(hours=1)
    ref = school.case()
    one.choose(ref, "acknowledge")
    two.get("/account")
    assert [one.text for one in two.soup.find_all("dd")].count("Fri 20 Nov 2026, 13:40") == 1


def test_who_signs_in_again_leaves_no_sign_in_behind(school):
    """The browser's former sign-in would live on for hours, and nobody would see to it."""
    browser = phone(school, school.case())
    before = {row.id for row in school.rows(SignInRow)}
    school.pass_time(minutes=20)
    link = school.link("SM-0001")
    browser.post(f"/c/{link}/code")
    browser.post("/sign-in", {"code": school.mailed[-1][2], "link": link})
    assert inside(school, browser)
    assert all(row.revoked_at is not None for row in school.rows(SignInRow) if row.id in before)
    assert sum(row.revoked_at is None for row in school.rows(SignInRow)) == 1
