"""Whose browser it is that comes back from the school's accounts: a stolen code, a copied state, another site."""

from urllib.parse import parse_qs, urlsplit

import pytest

from monitor.domain import Role
from monitor.tables_people import SignInRow
from tests.alerts.oidc_server import SECRET
from tests.alerts.page_browser import Browser
from tests.alerts.page_school import open_school
from tests.alerts.test_web_elsewhere import MARK, Reviewer, configured, nobody, served


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


@pytest.fixture
def server(school):
    with served(school) as made:
        yield made


def test_the_answer_to_another_browser_opens_nothing(school, server):
    """A stolen code, or a thief's own answer pushed at a reviewer."""
    victim, thief = Reviewer(school), Reviewer(school)
    path = victim.there(victim.start())
    thief.back(path)
    nobody(school, thief)
    thief.start()
    thief.back(path)
    nobody(school, thief)
    query = parse_qs(urlsplit(path).query)
    kept = thief.there(thief.start())
    state = parse_qs(urlsplit(kept).query)["state"][0]
    thief.post("/sign-in/with/school/finish", {"code": query["code"][0], "state": state})
    nobody(school, thief)  # the code was made for the victim's challenge


def test_without_its_cookie_nothing_is_finished(school, server):
    browser = Reviewer(school)
    browser.back(browser.there(browser.start()))
    browser.session.cookies.clear()
    browser.press()
    nobody(school, browser)


def test_a_sign_in_comes_back_once(school, server):
    browser = Reviewer(school)
    path = browser.there(browser.start())
    cookies = browser.session.cookies.copy()
    browser.back(path)
    browser.press()
    assert len(school.rows(SignInRow)) == 1
    again = Reviewer(school)
    again.session.cookies = cookies
    again.back(path)
    server.codes[parse_qs(urlsplit(path).query)["code"][0]] = {}  # even from a service that forgets
    asked = server.asked.count("token")
    again.press()
    assert again.last.status_code == 403
    assert server.asked.count("token") == asked
    assert len(school.rows(SignInRow)) == 1


def test_after_ten_minutes_nothing_is_finished(school, server):
    browser = Reviewer(school)
    path = browser.there(browser.start())
    school.pass_time(minutes=10)
    browser.back(path)
    nobody(school, browser)


def test_another_site_starts_and_finishes_nothing(school, server):
    browser = Reviewer(school)
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert browser.post("/sign-in/with/school", headers=elsewhere).status_code == 403
    browser.back(browser.there(browser.start()))
    form = {one["name"]: one["value"] for one in browser.soup.main.find_all("input")}
    assert browser.post("/sign-in/with/school/finish", form, headers=elsewhere).status_code == 403
    assert not school.rows(SignInRow)


def test_an_unknown_service_is_not_there(school, server):
    browser = Browser(school)
    assert browser.post("/sign-in/with/another").status_code == 404
    assert browser.get("/sign-in/with/another/back").status_code == 404
    assert browser.post("/sign-in/with/another/finish").status_code == 404


def test_a_refusal_at_the_service_is_the_same_page(school, server):
    browser = Reviewer(school)
    state = parse_qs(urlsplit(browser.start()).query)["state"][0]
    browser.back(f"/sign-in/with/school/back?error=access_denied&error_description={MARK}&state={state}")
    nobody(school, browser)
    assert MARK not in browser.last.text


def test_the_log_says_why_and_names_nobody(school, server, capsys):
    server.email = "stranger@stmarys.example"
    Reviewer(school).whole()
    configured(school, server, secret="wrong")
    Reviewer(school).whole()
    said = "".join(capsys.readouterr())
    assert "nobody with this address holds a role" in said
    assert "refused the application's id or secret" in said
    for private in ("stranger", "stmarys.example", SECRET, "eyJ"):
        assert private not in said


def test_it_signs_in_as_the_role_that_the_mail_went_to(school, server):
    both = school.page.people | {Role.DSL: school.page.people[Role.HEADTEACHER]}
    object.__setattr__(school.page, "people", both)
    ref = school.case()
    browser = Reviewer(school)
    browser.whole(school.link(ref))
    assert school.rows(SignInRow)[0].role == "headteacher"
