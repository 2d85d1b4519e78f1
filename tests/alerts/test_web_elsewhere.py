"""Signing in with the school's own accounts, against a real account service on loopback."""

from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import requests

from alerts.oidc import Service
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


@contextmanager
def served(school):
    """The school's account service, on loopback, and the page told of it."""
    made = OidcServer(lambda: school.now)
    with Serving(made.app) as serving:
        made.url = serving.url
        configured(school, made)
        yield made


@pytest.fixture
def server(school):
    with served(school) as made:
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
