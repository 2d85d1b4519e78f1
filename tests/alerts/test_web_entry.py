from datetime import timedelta

import pytest

from alerts.signin import TRIES_A_BROWSER
from monitor.domain import Role
from monitor.tables import AuditRow
from monitor.tables_people import SignInRow
from tests.alerts.page_browser import Browser
from tests.alerts.page_school import PEOPLE, open_school


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


def wrong(code):
    return f"{(int(code) + 1) % 10**8:08d}"


def test_a_mails_link_shows_nothing_of_the_case_to_whoever_opens_it(school):
    ref = school.case("I will hurt Mr Quillfeather", category="threat")
    browser = Browser(school)
    answer = browser.get(f"/c/{school.link(ref)}")
    assert answer.status_code == 200
    for private in (ref, "Quillfeather", "hreat", "Facebook", "kaz", "Asha", "head@"):
        assert private not in answer.text
    assert len(browser.soup.find_all("form")) == 1


def test_the_link_the_code_and_then_the_case(school):
    ref = school.case()
    token = school.link(ref)
    browser = Browser(school)
    browser.get(f"/c/{token}")
    browser.post(f"/c/{token}/code")
    assert browser.last.url.endswith(f"/c/{token}")
    assert browser.soup.find("input", id="code")
    assert "good until 12:50" in browser.words
    assert school.mailed[0][:2] == (Role.HEADTEACHER, "head@stmarys.example")
    browser.post("/sign-in", {"code": school.mailed[0][2], "link": token})
    assert browser.last.url.endswith(f"/case/{ref}")
    assert browser.get(f"/c/{token}").url.endswith(f"/case/{ref}")
    assert [row.event for row in school.rows(AuditRow)] == ["copied", "signed in"]


def test_a_link_to_the_list_opens_the_list(school):
    token = school.link(None)
    browser = school.signed_in()
    assert browser.get(f"/c/{token}").url.endswith("/cases")


def test_a_forwarded_link_sends_the_code_to_the_first_recipient_only(school):
    token = school.link(school.case(), Role.DSL)
    stranger = Browser(school)
    stranger.get(f"/c/{token}")
    stranger.post(f"/c/{token}/code")
    assert [address for _, address, _ in school.mailed] == ["dsl@stmarys.example"]
    stranger.post("/sign-in", {"code": "12345678", "link": token})
    assert stranger.last.status_code == 403
    assert not school.rows(SignInRow)


def test_another_reviewers_link_asks_for_that_reviewers_code(school):
    ref = school.case()
    token = school.link(ref, Role.DSL)
    head = school.signed_in(Role.HEADTEACHER)
    head.get(f"/c/{token}")
    assert ref not in head.last.text
    assert head.soup.find("form", action=f"/c/{token}/code")


def test_a_code_for_one_reviewer_is_not_typed_on_anothers_link(school):
    ref = school.case()
    browser = Browser(school)
    browser.post(f"/c/{school.link(ref)}/code")
    browser.get(f"/c/{school.link(ref, Role.DSL)}")
    assert not browser.soup.find("input", id="code")


@pytest.mark.parametrize("token", ["x", "A" * 32, "A" * 300, "..%2f..", "%00"])
def test_a_guessed_link_opens_a_small_page_without_a_form_for_a_code(school, token):
    school.link(school.case())
    browser = Browser(school)
    assert browser.get(f"/c/{token}").status_code == 404
    assert not browser.soup.find_all("form")
    assert browser.post(f"/c/{token}/code").status_code == 404
    assert not school.mailed


def test_an_expired_link_looks_like_a_guessed_one(school):
    token = school.link(school.case())
    browser = Browser(school)
    guessed = browser.get("/c/" + "A" * 32).text
    school.pass_time(days=14)
    assert browser.get(f"/c/{token}").text == guessed
    browser.post(f"/c/{token}/code")
    assert not school.mailed


def test_the_link_of_somebody_who_left_opens_nothing(tmp_path):
    with open_school(tmp_path) as before:
        token = before.link(before.case(), Role.DEPUTY)
        left = {role: person for role, person in PEOPLE.items() if role is not Role.DEPUTY}
    with open_school(tmp_path, people=left) as after:
        browser = Browser(after)
        assert browser.get(f"/c/{token}").status_code == 404
        assert browser.post(f"/c/{token}/code").status_code == 404
        assert not after.mailed


def test_a_sign_in_of_somebody_who_left_is_nobodys(tmp_path):
    with open_school(tmp_path) as before:
        browser = before.signed_in(Role.DEPUTY)
        cookies = browser.session.cookies
        left = {role: person for role, person in PEOPLE.items() if role is not Role.DEPUTY}
    with open_school(tmp_path, people=left) as after:
        late = Browser(after)
        late.session.cookies = cookies
        assert late.get("/cases").url == after.url + "/"


def test_a_wrong_code_says_so_and_after_five_the_right_one_is_refused(school):
    token = school.link(school.case())
    browser = Browser(school)
    browser.post(f"/c/{token}/code")
    code = school.mailed[0][2]
    for _ in range(TRIES_A_BROWSER):
        assert browser.post("/sign-in", {"code": wrong(code), "link": token}).status_code == 403
        assert browser.soup.find(role="alert")
    assert browser.post("/sign-in", {"code": code, "link": token}).status_code == 403
    assert not school.rows(SignInRow)


def test_an_old_code_and_a_used_code_open_nothing(school):
    token = school.link(school.case())
    browser = Browser(school)
    browser.post(f"/c/{token}/code")
    browser.post("/sign-in", {"code": school.mailed[0][2], "link": token})
    again = Browser(school)
    again.session.cookies = browser.session.cookies
    again.session.cookies.clear()
    assert again.post("/sign-in", {"code": school.mailed[0][2]}).status_code == 403
    school.pass_time(minutes=2)
    again.post(f"/c/{token}/code")
    school.pass_time(minutes=10)
    assert again.post("/sign-in", {"code": school.mailed[1][2]}).status_code == 403


def test_a_code_in_another_browser_opens_nothing(school):
    token = school.link(school.case())
    Browser(school).post(f"/c/{token}/code")
    assert Browser(school).post("/sign-in", {"code": school.mailed[0][2], "link": token}).status_code == 403


def test_a_second_code_within_a_minute_of_a_used_one_must_wait(school):
    token = school.link(school.case())
    browser = Browser(school)
    browser.post(f"/c/{token}/code")
    browser.post("/sign-in", {"code": school.mailed[0][2], "link": token})
    other = Browser(school)
    assert other.post(f"/c/{token}/code").status_code == 429
    assert int(other.last.headers["Retry-After"]) == 60
    assert "12:41" in other.words


def test_the_front_door_answers_the_same_for_a_reviewer_and_a_stranger(school):
    answers = []
    for address in ("head@stmarys.example", "stranger@elsewhere.example", "", "x" * 5000):
        browser = Browser(school)
        browser.post("/code", {"address": address})
        asked = browser.last.text
        browser.post("/sign-in", {"code": "00000000"})
        answers.append((browser.last.status_code, asked, browser.last.text))
    assert len(set(answers)) == 1
    assert len(school.mailed) == 1


def test_the_front_door_lets_a_reviewer_in_who_has_no_mail_at_hand(school):
    browser = Browser(school)
    browser.get("/")
    browser.post("/code", {"address": " Head@StMarys.example"})
    browser.post("/sign-in", {"code": school.mailed[0][2]})
    assert browser.last.url.endswith("/cases")
    assert browser.get("/").url.endswith("/cases")


def test_signing_out_ends_the_sign_in_for_good(school):
    browser = school.signed_in()
    kept = browser.session.cookies.copy()
    token = browser.soup.find("form", action="/sign-out").find("input")["value"]
    assert browser.post("/sign-out", {"token": "0" * 64}).status_code == 403
    browser.post("/sign-out", {"token": token})
    thief = Browser(school)
    thief.session.cookies = kept
    assert thief.get("/cases").url == school.url + "/"


def test_a_sign_in_lasts_twelve_hours(school):
    browser = school.signed_in()
    school.pass_time(hours=11, minutes=59)
    assert browser.get("/cases").url.endswith("/cases")
    school.pass_time(minutes=1)
    assert browser.get("/cases").url == school.url + "/"


def test_over_https_the_cookies_are_host_bound_secure_and_unreadable(tmp_path):
    with open_school(tmp_path, public_url="https://watch.stmarys.example") as school:
        browser = Browser(school)
        browser.session.headers["Host"] = "watch.stmarys.example"
        browser.post("/code", {"address": "head@stmarys.example"}, allow_redirects=False)
        challenge = browser.last.headers["Set-Cookie"]
        name, _, value = challenge.partition(";")[0].partition("=")
        browser.session.headers["Cookie"] = f"{name}={value}"
        browser.post("/sign-in", {"code": school.mailed[0][2]}, allow_redirects=False)
        signed_in = browser.last.headers["Set-Cookie"]
    assert challenge.startswith("__Host-schoolgate-code=")
    assert "__Host-schoolgate=" in signed_in
    for cookie in (challenge, signed_in):
        lower = cookie.lower()
        assert all(part in lower for part in ("secure", "httponly", "samesite=lax", "path=/"))
        assert "domain" not in lower
    assert f"max-age={int(timedelta(hours=12).total_seconds())}" in signed_in.lower()


def test_over_plain_loopback_the_cookies_have_plain_names(school):
    browser = Browser(school)
    browser.post("/code", {"address": "head@stmarys.example"}, allow_redirects=False)
    cookie = browser.last.headers["Set-Cookie"]
    assert cookie.startswith("schoolgate-code=")
    assert "secure" not in cookie.lower()
    assert "HttpOnly" in cookie
