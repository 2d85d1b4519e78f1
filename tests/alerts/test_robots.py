"""A mail is opened by machines before people: scanners that fetch, follow, fill in and press. Nothing comes of it."""

import pytest

from monitor.domain import Role
from monitor.sandbox.serve import Serving
from monitor.tables import DecisionRow
from monitor.tables_people import SignInRow
from tests.alerts.oidc_server import OidcServer
from tests.alerts.page_browser import Browser
from tests.alerts.page_robot import Robot, everything
from tests.alerts.page_school import open_school
from tests.alerts.test_web_elsewhere import configured
from tests.alerts.test_web_remembered import phone


@pytest.fixture
def school(tmp_path, clock):
    with open_school(tmp_path, claim_networks=("x",)) as opened:
        yield opened


@pytest.fixture
def server(school):
    made = OidcServer(lambda: school.now)
    with Serving(made.app) as serving:
        made.url = serving.url
        configured(school, made)
        yield made


def links(school, ref):
    """What mails of every kind link to: one case (alert, reminder, escalation, update), several (group, digest)."""
    return [
        f"/c/{school.link(one, role)}"
        for one in (ref, None)
        for role in (Role.HEADTEACHER, Role.DSL, Role.OFFICE)
    ]


def test_a_robot_at_every_mail_changes_no_row_but_those_of_codes(school, server):
    ref = school.case()
    mails = links(school, ref)
    before = everything(school.store)
    assert before["cases"]
    for _ in range(3):
        for link in mails:
            assert len(Robot(school).crawl(link)) > 1
        school.pass_time(minutes=3)
    assert everything(school.store) == before
    assert sorted(address for _, address, _ in school.mailed) == [  # one each, to whom the mail was sent
        "dsl@stmarys.example",
        "head@stmarys.example",
        "office@stmarys.example",
    ]


def test_after_a_night_of_robots_each_reviewer_has_had_no_more_than_six_codes_an_hour(school):
    token = school.link(school.case())
    for _ in range(60):
        Robot(school).crawl(f"/c/{token}", rounds=1)
        school.pass_time(minutes=1)
    assert len(school.mailed) <= 6  # a code is good for ten minutes, and no other is sent while it is


def test_a_robot_in_the_mailbox_of_a_remembered_reviewer_has_not_their_cookie(school):
    ref = school.case()
    phone(school, ref)
    before = everything(school.store)
    link = f"/c/{school.link(ref)}"
    before = everything(school.store)
    Robot(school).crawl(link)
    assert everything(school.store) == before


def test_a_preview_in_the_remembered_browser_itself_signs_nobody_in(school):
    """A mail program that loads a link ahead, with the browser's own cookies, but presses nothing."""
    ref = school.case()
    mine = phone(school, ref)
    school.pass_time(days=1)
    link = school.link(ref)
    before = everything(school.store, frozenset())
    for method in ("GET", "HEAD"):
        for path in (f"/c/{link}", "/", f"/case/{ref}", "/cases", "/account"):
            mine.session.request(method, school.url + path, timeout=10)
    assert everything(school.store, frozenset()) == before


def test_whoever_a_mail_was_forwarded_to_gets_no_code_and_no_case(school):
    token = school.link(school.case())
    other = school.signed_in(Role.OFFICE)
    other.get(f"/c/{token}")
    assert "Send me a code" in other.words
    other.post(f"/c/{token}/code")
    assert [address for _, address, _ in school.mailed] == ["head@stmarys.example"]
    other.post("/sign-in", {"code": "00000000", "link": token})
    assert other.last.status_code == 403


def test_a_code_that_was_read_out_to_somebody_opens_nothing_in_their_browser(school):
    token = school.link(school.case())
    Browser(school).post(f"/c/{token}/code")
    caller = Browser(school)
    caller.post("/sign-in", {"code": school.mailed[0][2], "link": token})
    assert caller.last.status_code == 403
    assert not school.rows(SignInRow)


def test_a_post_that_is_sent_again_does_nothing_again(school):
    """The same request twice, byte for byte: of a decision, of a code, of a device, of a sign-out."""
    ref = school.case()
    head = phone(school, ref)
    head.get(f"/case/{ref}")
    form = head.fields("acknowledge")
    for _ in range(2):
        head.post(f"/case/{ref}/decide", form)
    assert len(school.rows(DecisionRow)) == 1
    code = {"code": school.mailed[0][2], "link": school.link(ref), "remember": "yes"}
    assert Browser(school).post("/sign-in", code).status_code == 403
    out = head.soup.find("form", action="/sign-out").find("input")["value"]
    kept = head.session.cookies.copy()
    head.post("/sign-out", {"token": out})
    again = Browser(school)
    again.session.cookies = kept
    again.post(f"/case/{ref}/decide", form)
    assert again.last.status_code == 401
    assert len(school.rows(DecisionRow)) == 1


def test_an_old_tab_of_somebody_else_who_signed_in_since_does_nothing(school):
    """A shared computer: the head's case page is still open when the safeguarding lead signs in."""
    ref = school.case()
    head = school.signed_in()
    head.get(f"/case/{ref}")
    form = head.fields("acknowledge")
    dsl = school.signed_in(Role.DSL)
    head.session.cookies.update(dsl.session.cookies)
    assert head.post(f"/case/{ref}/decide", form).status_code == 403
    assert not school.rows(DecisionRow)


def test_an_expired_link_opens_nothing_for_a_remembered_device_either(school):
    ref = school.case()
    head = phone(school, ref)
    link = school.link(ref)
    school.pass_time(days=14)
    assert head.get(f"/c/{link}").status_code == 404
    head.post("/open", {"link": link})
    assert head.last.url.endswith("/cases")  # signed in, as at the front door; the old link led nowhere


def test_two_phones_of_one_reviewer_are_two_devices(school):
    ref = school.case()
    first = phone(school, ref)
    school.pass_time(minutes=2)
    second = phone(school, ref)
    school.pass_time(days=1)
    for one in (first, second, first, second):
        one.post("/open", {})
        assert one.get("/cases").url.endswith("/cases")
        school.pass_time(days=1)
