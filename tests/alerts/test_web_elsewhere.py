"""Signing in with the school's own accounts, against a real account service on loopback."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from alerts.oidc import Service
from monitor.domain import Role
from monitor.sandbox.serve import Serving
from monitor.tables import AuditRow
from monitor.tables_people import SignInRow
from monitor.tables_sign_in import DeviceRow
from tests.alerts.oidc_server import (
    CLIENT,
    NEXT,
    SECRET,
    OidcServer,
    by_a_stranger,
    unsigned,
    with_the_public_key,
)
from tests.alerts.page_browser import Browser
from tests.alerts.page_school import open_school

MARK = "marker-of-the-token"


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


@pytest.fixture
def server(school):
    made = OidcServer(lambda: school.now)
    with Serving(made.app) as serving:
        made.url = serving.url
        configured(school, made)
        yield made


def configured(school, server, *, secret=SECRET, name="school"):
    back = f"{school.url}/sign-in/with/{name}/back"
    server.redirects.add(back)
    service = Service(
        "School accounts", issuer=server.issuer, client_id=CLIENT, client_secret=secret, back=back
    )
    object.__setattr__(school.page, "services", {name: service})
    return service


class Reviewer(Browser):
    """A reviewer's browser at the page and at the account service."""

    def start(self, link="", **form):
        self.get(f"/c/{link}" if link else "/")
        self.post("/sign-in/with/school", {"link": link} | form)
        found = self.soup.find("a", class_="button")
        assert found, self.words
        return found["href"]

    def there(self, address):
        """Sign in at the service; returns where it sends the browser: path and query at the page."""
        answer = requests.get(address, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        parts = urlsplit(answer.headers["Location"])
        return f"{parts.path}?{parts.query}"

    def back(self, path):
        return self.get(path)

    def press(self):
        form = self.soup.main.find("form")
        return self.post(form["action"], {one["name"]: one["value"] for one in form.find_all("input")})

    def whole(self, link="", **form):
        self.back(self.there(self.start(link, **form)))
        return self.press()

    @property
    def inside(self):
        return self.get("/cases").url.endswith("/cases")


def nobody(school, browser):
    assert browser.last.status_code == 403, browser.words
    assert "You are not signed in" in browser.words
    assert not school.rows(SignInRow)
    assert not browser.inside


def test_a_reviewer_comes_in_with_the_school_account(school, server):
    browser = Reviewer(school)
    browser.whole()
    assert browser.last.url.endswith("/cases")
    assert [row.event for row in school.rows(AuditRow)] == ["signed in with a school account"]
    assert not school.mailed


def test_the_mails_link_survives_the_way_there_and_back(school, server):
    ref = school.case()
    browser = Reviewer(school)
    browser.whole(school.link(ref))
    assert browser.last.url.endswith(f"/case/{ref}")


def test_only_links_of_ours_are_gone_on_to(school, server):
    for link in ("//evil.example", "https://evil.example", "x", "../cases"):
        browser = Reviewer(school)
        browser.post("/sign-in/with/school", {"link": link, "next": link})
        browser.back(browser.there(browser.soup.find("a", class_="button")["href"]))
        browser.press()
        assert browser.last.url == f"{school.url}/cases"


def test_coming_back_by_get_signs_nobody_in(school, server):
    browser = Reviewer(school)
    path = browser.there(browser.start())
    for _ in range(3):
        browser.back(path)
        browser.session.head(school.url + path, timeout=10)
    assert "token" not in server.asked
    assert not school.rows(SignInRow)
    assert not browser.inside
    browser.back(path)
    browser.press()
    assert browser.inside


def test_the_device_may_be_remembered_on_the_way(school, server):
    browser = Reviewer(school)
    browser.whole(remember="yes")
    assert len(school.rows(DeviceRow)) == 1
    school.pass_time(days=1)
    assert not browser.inside
    browser.post("/open")
    assert browser.inside


def test_the_box_beside_the_button_is_never_ticked(school, server):
    browser = Reviewer(school)
    browser.get("/")
    assert not browser.soup.find("input", {"name": "remember"}).has_attr("checked")


@pytest.mark.parametrize("address", ["HEAD@StMarys.Example", " head@stmarys.example"])
def test_case_and_outer_spaces_do_not_count(school, server, address):
    server.email = address
    browser = Reviewer(school)
    browser.whole()
    assert browser.inside


@pytest.mark.parametrize(
    "address",
    [
        "stranger@stmarys.example",
        "head@stmarys.example.evil.example",
        "head+x@stmarys.example",
        "hеad@stmarys.example",  # a Cyrillic letter
        "",
        None,
        7,
        ["head@stmarys.example"],
    ],
)
def test_another_address_makes_nobody(school, server, address):
    server.email = address
    browser = Reviewer(school)
    browser.whole()
    nobody(school, browser)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-app"},
        {"aud": [CLIENT, "another-app"], "azp": CLIENT},
        {"aud": None},
        {"azp": "another-app"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"sub": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"iat": None},
        {"nbf": 9_999_999_999},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "yes"},
    ],
    ids=repr,
)
def test_a_token_of_which_one_thing_does_not_hold_signs_nobody_in(school, server, claims):
    server.lies.claims = claims
    browser = Reviewer(school)
    browser.whole()
    nobody(school, browser)
    server.lies.claims = {}
    browser.whole()
    assert browser.inside


@pytest.mark.parametrize("sign", [unsigned, by_a_stranger, with_the_public_key, lambda _claims: MARK])
def test_a_token_that_the_service_did_not_sign_signs_nobody_in(school, server, sign):
    server.lies.sign = sign
    browser = Reviewer(school)
    browser.whole()
    nobody(school, browser)


@pytest.mark.parametrize(
    "answer",
    [{}, {"access_token": "x"}, {"id_token": 7, "access_token": "x"}, {"access_token": 7, "id_token": []}],
)
def test_an_answer_without_a_token_signs_nobody_in(school, server, answer):
    server.lies.answer = answer
    browser = Reviewer(school)
    browser.whole()
    nobody(school, browser)


def test_new_keys_are_asked_for_once(school, server):
    browser = Reviewer(school)
    browser.whole()
    server.keys = [*server.keys, NEXT]
    other = Reviewer(school)
    other.whole()
    assert other.inside
    assert server.asked.count("keys") == 2


def test_a_document_of_another_issuer_is_not_believed(school, server):
    for document in (
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "http://evil.example/keys"},
        {"authorization_endpoint": None},
    ):
        server.lies.document = document
        configured(school, server)
        browser = Reviewer(school)
        assert browser.post("/sign-in/with/school").status_code == 503
        assert "evil" not in browser.last.text


def test_a_service_that_is_away_is_said_plainly(school, server):
    server.url = "http://127.0.0.1:9"
    configured(school, server)
    assert Reviewer(school).post("/sign-in/with/school").status_code == 503


# --- whose browser


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


# --- Microsoft and Google


TENANT = "01234567-89ab-cdef-0123-456789abcdef"


@pytest.mark.parametrize(
    ("claims", "comes_in"),
    [
        ({"tid": TENANT, "xms_edov": True}, True),
        ({"tid": TENANT, "xms_edov": "1"}, True),
        ({"tid": TENANT, "xms_edov": 1}, True),
        ({"tid": TENANT, "xms_edov": False}, False),
        ({"tid": TENANT}, False),
        ({"tid": TENANT, "email_verified": True}, False),
        ({"tid": "99999999-89ab-cdef-0123-456789abcdef", "xms_edov": True}, False),
        ({"xms_edov": True}, False),
        (
            {
                "tid": TENANT,
                "email": None,
                "preferred_username": "head@stmarys.example",
                "upn": "head@stmarys.example",
                "xms_edov": True,
            },
            False,
        ),
    ],
    ids=repr,
)
def test_of_microsoft_only_what_its_own_tenant_has_verified_counts(
    school, server, monkeypatch, claims, comes_in
):
    monkeypatch.setattr("alerts.oidc.MICROSOFT", "127.0.0.1")
    server.path = f"/{TENANT}/v2.0"
    server.extra = claims
    configured(school, server)
    browser = Reviewer(school)
    browser.whole()
    assert browser.inside is comes_in


@pytest.mark.parametrize(
    ("claims", "comes_in"),
    [
        ({"hd": "stmarys.example", "email_verified": True}, True),
        ({"email_verified": True}, False),
        ({"hd": "evil.example", "email_verified": True}, False),
        ({"hd": "stmarys.example", "email_verified": False}, False),
    ],
    ids=repr,
)
def test_of_google_only_what_google_itself_hosts_counts(school, server, monkeypatch, claims, comes_in):
    monkeypatch.setattr("alerts.oidc.GOOGLE", "127.0.0.1")
    server.extra = claims
    browser = Reviewer(school)
    browser.whole()
    assert browser.inside is comes_in


def test_addresses_and_keys_are_asked_for_once_an_hour(school, server):
    ticks = [0.0]
    back = next(iter(server.redirects))
    service = Service(
        "School",
        issuer=server.issuer,
        client_id=CLIENT,
        client_secret=SECRET,
        back=back,
        ticks=lambda: ticks[0],
    )
    for passed, asked in ((0, 1), (3599, 1), (1, 2)):
        ticks[0] += passed
        service.begin()
        assert server.asked.count("document") == asked


def test_a_slow_clock_at_the_service_is_borne(school, server):
    server.clock = lambda: school.now + timedelta(seconds=50)
    browser = Reviewer(school)
    browser.whole()
    assert browser.inside
