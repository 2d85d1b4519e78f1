"""Mail, tap, tap: a remembered phone opens the case; nothing and nobody else does."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.steady import Steady
from monitor.domain import Role
from monitor.tables import AuditRow
from monitor.tables_people import SignInRow
from monitor.tables_sign_in import DeviceRow
from tests.alerts.page_browser import Browser
from tests.alerts.page_school import PEOPLE, Person, open_school

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Version/19.1 Mobile/15E148 Safari/604.1"


@pytest.fixture
def told():
    return []


@pytest.fixture
def school(tmp_path, told):
    with open_school(
        tmp_path,
        tell_device=lambda _session, role, address, news, _now: told.append((role, address, news)),
    ) as opened:
        yield opened


def phone(school, ref, *, remember="yes", role=Role.HEADTEACHER):
    """A phone whose owner opened a mail's link, typed the code and ticked the box."""
    browser = Browser(school)
    browser.session.headers["User-Agent"] = IPHONE
    token = school.link(ref, role)
    browser.get(f"/c/{token}")
    browser.post(f"/c/{token}/code")
    browser.post("/sign-in", {"code": school.mailed[-1][2], "link": token, "remember": remember})
    assert browser.last.url.endswith(f"/case/{ref}")
    return browser


def tomorrow(school, browser):
    """The next day: signed out, still remembered."""
    school.pass_time(days=1)
    assert browser.get("/cases").url == school.url + "/"


def test_the_box_is_never_ticked_beforehand(school):
    browser = Browser(school)
    token = school.link(school.case())
    browser.post(f"/c/{token}/code")
    box = browser.soup.find("input", {"name": "remember"})
    assert not box.has_attr("checked")
    assert "never on a shared one" in browser.words


def test_the_next_mail_takes_two_taps(school):
    browser = phone(school, school.case())
    tomorrow(school, browser)
    second = school.case(number=2)
    codes = school.codes()
    browser.get(f"/c/{school.link(second)}")
    (form,) = [one for one in browser.soup.main.find_all("form") if one["action"] == "/open"]
    assert [button.text for button in form.find_all("button")] == ["Open case"]
    assert "SM-" not in browser.last.text
    browser.post("/open", {one["name"]: one["value"] for one in form.find_all("input")})
    assert browser.last.url.endswith(f"/case/{second}")
    assert school.codes() == codes


def test_looking_at_the_button_signs_nobody_in(school):
    browser = phone(school, school.case())
    tomorrow(school, browser)
    before = [school.rows(table) for table in (SignInRow, DeviceRow, AuditRow)]
    for path in (f"/c/{school.link('SM-0001')}", "/", "/open", "/cases"):
        browser.get(path)
        browser.session.head(school.url + path, timeout=10)
    assert [school.rows(table) for table in (SignInRow, DeviceRow, AuditRow)] == before


def test_without_the_tick_nothing_is_remembered(school, told):
    for answer in ("", "no", "on"):
        browser = phone(school, school.case(number=len(school.mailed) + 1), remember=answer)
        assert "schoolgate-device" not in browser.session.cookies
        school.pass_time(minutes=2)
    assert not school.rows(DeviceRow)
    assert not told


def test_a_school_that_remembers_none_offers_none_and_ends_what_was(tmp_path):
    with open_school(tmp_path, remembered=timedelta(0)) as school:
        browser = phone(school, school.case())
        assert not school.rows(DeviceRow)
        browser.post("/sign-out", {})
        other = Browser(school)
        other.get(f"/c/{school.link('SM-0001')}")
        assert not other.soup.find("input", {"name": "remember"})


def test_its_owner_is_told_once_without_a_link(school, told):
    browser = phone(school, school.case())
    tomorrow(school, browser)
    browser.post("/open", {})
    ((role, address, news),) = told
    assert (role, address) == (Role.HEADTEACHER, "head@stmarys.example")
    assert (news.label, news.copied) == ("Safari on iPhone", False)
    assert news.until - news.at == timedelta(days=30)


def test_the_front_door_knows_the_device_too(school):
    browser = phone(school, school.case())
    tomorrow(school, browser)
    browser.get("/")
    assert "Open Schoolgate" in browser.words
    browser.post("/open", {})
    assert browser.last.url.endswith("/cases")


def test_somebody_elses_link_shows_no_button_on_it(school):
    browser = phone(school, school.case())
    tomorrow(school, browser)
    browser.get(f"/c/{school.link('SM-0001', Role.DSL)}")
    assert "Send me a code" in browser.words
    assert "Open case" not in browser.words
    browser.post("/open", {"link": school.link("SM-0001", Role.DSL)})
    assert "Send me a code" in browser.words  # signed in as the head, the other's link still opens nothing


def test_an_old_copy_of_its_cookie_ends_it_and_tells_its_owner(school, told):
    browser = phone(school, school.case())
    old = browser.session.cookies["schoolgate-device"]
    for _ in range(2):
        tomorrow(school, browser)
        browser.post("/open", {})
        assert browser.get("/cases").url.endswith("/cases")
    thief = Browser(school)
    thief.session.cookies.set("schoolgate-device", old)
    thief.post("/open", {})
    assert thief.get("/cases").url == school.url + "/"
    assert browser.get("/cases").url == school.url + "/"  # what it had opened is at an end too
    browser.post("/open", {})
    assert browser.get("/cases").url == school.url + "/"
    assert [news.copied for _, _, news in told] == [False, True]
    (entry,) = [row for row in school.rows(AuditRow) if "old copy" in row.event]
    assert (entry.thing, entry.actor) == ("device 1", "headteacher")
    thief.post("/open", {})
    assert len(told) == 2


def test_it_dies_with_its_role(school):
    browser = phone(school, school.case())
    tomorrow(school, browser)
    people = PEOPLE | {Role.HEADTEACHER: Person("Fay Heron", "newhead@stmarys.example")}
    object.__setattr__(school.page, "people", people)
    browser.get("/")
    assert "Open Schoolgate" not in browser.words
    browser.post("/open", {})
    assert browser.get("/cases").url == school.url + "/"
    assert "schoolgate-device" not in browser.session.cookies


def test_it_ends_after_thirty_days(school):
    browser = phone(school, school.case())
    school.pass_time(days=30)
    browser.post("/open", {})
    assert browser.get("/cases").url == school.url + "/"


def test_another_site_cannot_press_the_button(school):
    browser = phone(school, school.case())
    tomorrow(school, browser)
    assert browser.post("/open", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.post("/open", headers={"Origin": "https://evil.example"}).status_code == 403
    assert browser.get("/cases").url == school.url + "/"


def test_over_https_its_cookie_is_host_bound_and_unreadable(tmp_path):
    with open_school(tmp_path, public_url="https://watch.stmarys.example") as school:
        browser = Browser(school)
        browser.session.headers["Host"] = "watch.stmarys.example"
        browser.post("/code", {"address": "head@stmarys.example"}, allow_redirects=False)
        name, _, value = browser.last.headers["Set-Cookie"].partition(";")[0].partition("=")
        browser.session.headers["Cookie"] = f"{name}={value}"
        form = {"code": school.mailed[0][2], "remember": "yes"}
        browser.post("/sign-in", form, allow_redirects=False)
        given = browser.last.raw.headers.getlist("Set-Cookie")
    (cookie,) = [one.lower() for one in given if one.startswith("__Host-schoolgate-device=")]
    assert all(part in cookie for part in ("secure", "httponly", "samesite=lax", "path=/"))
    assert "domain" not in cookie
    assert f"max-age={30 * 24 * 3600}" in cookie


# --- time


def test_nobody_who_looks_is_signed_out_and_who_does_not_is(tmp_path):
    with open_school(tmp_path, idle=timedelta(hours=2)) as school:
        browser = school.signed_in()
        state = school.rows(SignInRow)
        for _ in range(5):
            school.pass_time(hours=1, minutes=58)
            assert browser.get("/cases").url.endswith("/cases")
        assert school.rows(SignInRow) == state  # looking writes nothing
        school.pass_time(hours=2)
        assert browser.get("/cases").url == school.url + "/"


def test_a_made_up_time_keeps_nobody_signed_in(tmp_path):
    with open_school(tmp_path, idle=timedelta(hours=2)) as school:
        browser = school.signed_in()
        seen = browser.session.cookies["schoolgate-seen"]
        school.pass_time(hours=3)
        minute, _, mac = seen.partition(".")
        for made in (f"{int(minute) + 180}.{mac}", f"{int(minute) + 180}.", "9" * 30, "é.é", ""):
            other = Browser(school)
            other.session.headers["Cookie"] = (
                f"schoolgate={browser.session.cookies['schoolgate']}; schoolgate-seen={made}"
            ).encode()
            assert other.get("/cases").url == school.url + "/"


def test_the_time_of_one_sign_in_counts_for_no_other(tmp_path):
    with open_school(tmp_path, idle=timedelta(hours=2)) as school:
        old = school.signed_in()
        school.pass_time(hours=3)
        fresh = school.signed_in()
        old.session.cookies.set("schoolgate-seen", fresh.session.cookies["schoolgate-seen"])
        assert old.get("/cases").url == school.url + "/"


class Wall:
    """The school's wall clock, which somebody may put back, and the one that only grows."""

    def __init__(self, school):
        self.school, self.ticks = school, 0.0
        object.__setattr__(school.page, "steady", Steady(lambda: school.now, lambda: self.ticks))

    def wait(self, **span):
        self.school.pass_time(**span)
        self.ticks += timedelta(**span).total_seconds()

    def put_back(self, **span):
        self.school.now -= timedelta(**span)


def test_a_clock_that_is_put_back_neither_ends_nor_lengthens_a_sign_in(school):
    wall = Wall(school)
    browser = school.signed_in()
    wall.wait(hours=6)
    wall.put_back(hours=1)
    assert browser.get("/cases").url.endswith("/cases")
    wall.wait(hours=5, minutes=59)
    assert browser.get("/cases").url.endswith("/cases")
    wall.wait(minutes=1)
    assert browser.get("/cases").url == school.url + "/"


def test_a_clock_that_is_put_back_does_not_lengthen_a_code(school):
    wall = Wall(school)
    token = school.link(school.case())
    browser = Browser(school)
    browser.post(f"/c/{token}/code")
    wall.wait(minutes=9)
    wall.put_back(hours=1)
    wall.wait(minutes=1)
    assert browser.post("/sign-in", {"code": school.mailed[0][2], "link": token}).status_code == 403


def test_in_the_night_when_clocks_change_a_code_lasts_ten_minutes(school):
    """25 October 2026, 00:55 UTC: five minutes later it is 01:00 again in London."""
    school.now = datetime(2026, 10, 25, 0, 55, tzinfo=UTC)
    token = school.link(school.case())
    for wait, works in ((9, True), (10, False)):
        browser = Browser(school)
        browser.post(f"/c/{token}/code")
        school.pass_time(minutes=wait)
        answer = browser.post("/sign-in", {"code": school.mailed[-1][2], "link": token})
        assert (answer.status_code == 200) is works
        school.pass_time(minutes=20)
