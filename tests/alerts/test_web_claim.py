"""The claim page over real HTTP: the form, the question, and that nobody learns who is on the register."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import event
from starlette.requests import Request

from alerts.claims import consider
from alerts.web.claiming import client_of
from alerts.web.guards import BODY_LIMIT
from monitor import keys
from monitor.claims import ASKED_BY_ONE, VALID
from monitor.register import load_register
from monitor.tables_people import ClaimRow
from tests.alerts.page_browser import Browser
from tests.alerts.page_school import School, open_school
from tests.alerts.telling import desk
from tests.conftest import HandClock
from tests.families import Families

TYPED = {"network": "x", "handle": "@GraceOk", "address": "grace@mail.example", "consent": "yes"}
MEMBER, STRANGER, RESTRICTED, SHARED = (
    "grace@mail.example",
    "about@mail.example",
    "tom@mail.example",
    "birches@mail.example",
)


@pytest.fixture
def school(tmp_path, clock: HandClock) -> Iterator[School]:
    with open_school(tmp_path, claim_networks=("x",), clock=clock) as opened:
        yield opened


@pytest.fixture
def browser(school) -> Browser:
    return Browser(school)


def mailed(families: Families, browser: Browser) -> str:
    """The token of a claim that was asked on the page; its follower is 77."""
    families.follow("77", "GraceOk")
    browser.post("/claim", TYPED)
    families.work()
    return families.tokens()[-1]


def test_from_the_form_to_a_verified_follower(families, browser):
    browser.get("/claim")
    form = browser.soup.find("form", action="/claim")
    assert {one["name"] for one in form.find_all("input")} == {
        "network", "handle", "address", "code", "consent",
    }  # fmt: skip
    token = mailed(families, browser)
    assert browser.last.url.endswith("/claim?asked")
    assert "on its way" in browser.words
    assert families.state("77") == "claimed"
    browser.get(f"/claim/{token}")
    assert "graceok on X" in browser.words
    assert "grace@" not in browser.last.text
    browser.post(f"/claim/{token}", {"mine": "yes"})
    assert browser.last.url.endswith(f"/claim/{token}")
    assert "Thank you" in browser.words
    families.work()
    assert families.state("77") == "verified"


def test_looking_at_the_question_changes_nothing(families, browser, school):
    token = mailed(families, browser)
    before = families.claims(), school.state()
    for _ in range(3):
        browser.get(f"/claim/{token}")
        browser.session.head(f"{school.url}/claim/{token}", timeout=10)
        browser.get("/claim")
        browser.get("/claim?asked")
    assert (families.claims(), school.state()) == before


@pytest.mark.parametrize("said", [{}, {"mine": ""}, {"mine": "maybe"}, {"mine": "00000000"}])
def test_a_button_that_is_pressed_without_an_answer_does_nothing(families, browser, said):
    token = mailed(families, browser)
    browser.get(f"/claim/{token}")
    assert not browser.soup.find("input", checked=True)
    before = families.claims()
    answer = browser.post(f"/claim/{token}", said)
    assert answer.status_code == 400
    assert "choose" in browser.words
    assert families.claims() == before


def test_no_ends_the_claim_and_says_so(families, browser):
    token = mailed(families, browser)
    browser.post(f"/claim/{token}", {"mine": "no"})
    assert browser.last.status_code == 410
    assert "closed" in browser.words
    browser.post(f"/claim/{token}", {"mine": "yes"})
    assert "closed" in browser.words
    families.work()
    assert families.standings() == ["denied"]


def test_a_replayed_answer_says_kindly_that_it_is_done(families, browser):
    token = mailed(families, browser)
    browser.post(f"/claim/{token}", {"mine": "yes"})
    before = families.claims()
    families.clock.wait(hours=1)
    for said in ("yes", "no"):
        answer = browser.post(f"/claim/{token}", {"mine": said})
        assert answer.status_code == 200
        assert "Thank you" in browser.words
    assert families.claims() == before


def test_an_expired_link_says_kindly_what_to_do(families, browser):
    token = mailed(families, browser)
    families.clock.now += VALID
    for answer in (browser.get(f"/claim/{token}"), browser.post(f"/claim/{token}", {"mine": "yes"})):
        assert answer.status_code == 410
        assert "too old" in browser.words
        assert browser.soup.find("a", href="/claim", class_="button")
        assert "graceok" not in answer.text.lower()
    families.work()
    assert families.standings() == ["expired"]


@pytest.mark.parametrize("token", ["x", "A" * 32, "A" * 300, "..%2f..", "%00"])
def test_a_guessed_link_is_a_small_page_without_a_form(families, browser, token):
    mailed(families, browser)
    for answer in (browser.get(f"/claim/{token}"), browser.post(f"/claim/{token}", {"mine": "yes"})):
        assert answer.status_code == 404
        assert not browser.soup.find_all("form")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"handle": ""}, "handle"),
        ({"handle": "two words"}, "handle"),
        ({"handle": "@" + "x" * 300}, "handle"),
        ({"handle": "https://www.facebook.com/grace.okafor"}, "handle"),
        ({"address": ""}, "address"),
        ({"address": "grace"}, "address"),
        ({"address": "a@b.example, c@d.example"}, "address"),
        ({"address": "gr\u00e4ce@mail.example"}, "address"),
        ({"address": "grace\x01@mail.example"}, "address"),
        ({"address": "x" * 300 + "@mail.example"}, "address"),
        ({"consent": ""}, "consent"),
        ({"consent": "no"}, "consent"),
        ({"network": "facebook"}, "network"),
        ({"network": "<b>"}, "network"),
    ],
)
def test_what_cannot_be_a_claim_is_said_beside_its_field_and_nothing_is_kept(
    families, browser, change, field
):
    answer = browser.post("/claim", TYPED | change)
    assert answer.status_code == 400
    assert families.claims() == []
    assert browser.soup.find(role="alert")
    wrong = browser.soup.find(attrs={"aria-invalid": "true"})
    if field != "network":  # one network alone is no choice
        assert wrong["name"] == field
        assert browser.soup.find(id=wrong["aria-describedby"]).text
    assert "two words" not in answer.text or "&lt;" not in answer.text


def test_what_was_typed_stands_there_again_and_escaped(families, browser):
    browser.post("/claim", TYPED | {"handle": '"><script>alert(1)</script>', "address": "grace@mail.example"})
    assert "<script" not in browser.last.text
    assert browser.soup.find(id="handle")["value"] == '"><script>alert(1)</script>'
    assert browser.soup.find(id="address")["value"] == "grace@mail.example"


def test_every_field_has_its_words_and_every_group_its_name(school, families, browser):
    token = mailed(families, browser)
    for path in ("/claim", f"/claim/{token}"):
        browser.get(path)
        assert len(browser.soup.find_all("h1")) == 1
        for one in browser.soup.main.find_all(["input", "select"]):
            if one.get("type") != "hidden":
                assert browser.soup.find("label", attrs={"for": one["id"]}), one
        for group in browser.soup.find_all("fieldset"):
            assert group.legend.text


def test_several_networks_are_a_choice(tmp_path, clock):
    with open_school(tmp_path, claim_networks=("bluesky", "x"), clock=clock) as school:
        browser = Browser(school)
        browser.get("/claim")
        assert [one["value"] for one in browser.soup.find_all("option")] == ["bluesky", "x"]
        browser.post("/claim", TYPED | {"handle": "https://x.com/GraceOk", "network": "bluesky"})
        assert browser.last.status_code == 400
        browser.post("/claim", TYPED | {"handle": "https://x.com/GraceOk"})
        assert [row.network for row in school.rows(ClaimRow)] == ["x"]


def test_the_page_says_where_to_write_only_where_somebody_reads_it(school, browser, tmp_path, clock):
    browser.get("/claim")
    assert "mailto:" not in browser.last.text
    (tmp_path / "second").mkdir()
    with open_school(
        tmp_path / "second", claim_networks=("x",), claim_address="my-account@school.example", clock=clock
    ) as second:
        other = Browser(second)
        other.get("/claim")
        assert other.soup.find("a", href="mailto:my-account@school.example")
        assert "“My X handle is @name”" in other.words
        assert "By writing you agree" in other.words


def test_a_school_whose_followers_cannot_be_read_has_no_claim_page(tmp_path, clock):
    with open_school(tmp_path, clock=clock) as school:
        browser = Browser(school)
        assert browser.get("/claim").status_code == 404
        assert browser.post("/claim", TYPED).status_code == 404
        assert not browser.get("/").text.count("/claim")
        assert school.rows(ClaimRow) == []


def test_the_start_page_shows_families_the_way(families, browser):
    browser.get("/")
    assert browser.soup.find("a", href="/claim")


def test_another_site_cannot_ask_or_answer(families, browser):
    token = mailed(families, browser)
    before = families.claims()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert browser.post("/claim", TYPED, headers=headers).status_code == 403
        assert browser.post(f"/claim/{token}", {"mine": "yes"}, headers=headers).status_code == 403
    assert families.claims() == before
    assert browser.post("/claim", TYPED | {"handle": "x" * BODY_LIMIT}).status_code == 413


def test_the_claim_pages_carry_the_security_headers(families, browser):
    token = mailed(families, browser)
    for path in ("/claim", "/claim?asked", f"/claim/{token}"):
        headers = browser.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in headers


class Watched:
    """Every statement that the page gives the database, and every transaction it commits."""

    def __init__(self, store) -> None:
        self.seen: list[str] = []
        for name, engine in (("write", store._writer), ("read", store._reader)):
            event.listen(engine, "before_cursor_execute", self._statement(name))
            event.listen(engine, "commit", lambda _connection, name=name: self.seen.append(f"{name} commit"))

    def _statement(self, name):
        def seen(_connection, _cursor, statement, parameters, _context, many) -> None:
            self.seen.append(f"{name} {statement} {len(parameters)} {many}")

        return seen

    def taken(self) -> list[str]:
        seen, self.seen = self.seen, []
        return seen


def answers(browser: Browser, address: str) -> list[tuple[int, dict[str, str], bytes]]:
    """All that the asking browser gets to see, redirects included."""
    last = browser.post("/claim", TYPED | {"address": address})
    return [
        (one.status_code, {k: v for k, v in one.headers.items() if k.lower() != "date"}, one.content)
        for one in (*last.history, last)
    ]


def test_nobody_learns_from_the_page_who_is_on_the_register(school, families, browser):
    with school.store.write() as session:
        keys.for_month(
            session, school.store, school.now
        )  # made by the first claim of a month, whoever it names
    watched = Watched(school.store)
    shown, done = [], []
    for address in (MEMBER, STRANGER, RESTRICTED, SHARED, MEMBER, STRANGER):
        watched.taken()
        shown.append(answers(browser, address))
        done.append(watched.taken())
        families.work()
    assert shown == [shown[0]] * len(shown)
    assert [status for status, _, _ in shown[0]] == [303, 200]
    assert done == [done[0]] * len(done)
    assert sum("INSERT INTO claim" in one for one in done[0]) == 1
    assert not any("register_entry" in one for one in done[0])
    assert families.standings() == ["mailed", "unmatched", "restricted", "mailed", "mailed", "unmatched"]


def test_what_the_page_keeps_is_as_long_for_everybody(school, families, browser):
    for address in (MEMBER, STRANGER):
        browser.post("/claim", TYPED | {"address": address})
    member, stranger = families.claims()
    different = {
        name
        for name, value in member.model_dump().items()
        if value != getattr(stranger, name) and not isinstance(value, bytes)
    }
    assert different == {"id"}
    assert len(member.sealed) == len(stranger.sealed)


def test_more_than_enough_for_one_address_looks_like_any_other(school, families, browser):
    first = answers(browser, MEMBER)
    for _ in range(6):
        consider(school.store, desk(), load_register(school.store), clock=families.clock)
        assert answers(browser, MEMBER) == first


def test_one_machine_is_asked_to_wait_and_others_are_not(school, families, browser):
    from_one = {"X-Forwarded-For": "198.51.100.7, 192.0.2.1"}
    for number in range(ASKED_BY_ONE):
        asked = TYPED | {"address": f"nobody{number}@mail.example"}
        assert browser.post("/claim", asked, headers=from_one).status_code == 200
    answer = browser.post("/claim", TYPED, headers=from_one)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "3600"
    assert len(families.claims()) == ASKED_BY_ONE
    spoofed = {"X-Forwarded-For": "203.0.113.9, 192.0.2.1"}  # the proxy's own word stands last
    assert browser.post("/claim", TYPED, headers=spoofed).status_code == 429
    assert browser.post("/claim", TYPED, headers={"X-Forwarded-For": "192.0.2.2"}).status_code == 200
    families.clock.wait(hours=1)
    assert browser.post("/claim", TYPED, headers=from_one).status_code == 200


def test_a_household_with_ipv6_is_one_machine(school, families, browser):
    for number in range(ASKED_BY_ONE):
        headers = {"X-Forwarded-For": f"2001:db8:1:2::{number:x}"}
        assert browser.post("/claim", TYPED, headers=headers).status_code == 200
    assert (
        browser.post("/claim", TYPED, headers={"X-Forwarded-For": "2001:db8:1:2:ffff::1"}).status_code == 429
    )
    assert browser.post("/claim", TYPED, headers={"X-Forwarded-For": "2001:db8:1:3::1"}).status_code == 200


@pytest.mark.parametrize("forwarded", [None, "", "junk", "127.0.0.1"])
def test_a_proxy_that_names_nobody_stops_nobody(school, families, browser, forwarded):
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    for _ in range(ASKED_BY_ONE + 1):
        assert browser.post("/claim", TYPED, headers=headers).status_code == 200
    assert {row.client for row in families.claims()} == {None}


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("8.8.8.8", "192.0.2.1", "8.8.8.8"),  # a stranger's word
        ("10.0.0.2", "9.9.9.9", "9.9.9.9"),
        ("10.0.0.2", None, "10.0.0.2"),
        ("::ffff:8.8.8.8", None, "8.8.8.8"),
        ("2a00:1:2:3:4::5", None, "2a00:1:2:3::/64"),
    ],
)
def test_only_the_schools_own_proxy_says_who_asks(peer, forwarded, client):
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    assert client_of(Request({"type": "http", "client": (peer, 1), "headers": headers})) == client


def test_the_machines_address_is_not_kept(school, families, browser):
    browser.post("/claim", TYPED, headers={"X-Forwarded-For": "192.0.2.77"})
    (row,) = families.claims()
    assert row.client
    assert b"192.0.2" not in school.store.path.read_bytes() + row.client


def test_no_word_of_a_claim_is_logged(school, families, browser, capsys):
    token = mailed(families, browser)
    browser.post(f"/claim/{token}", {"mine": "yes"})
    written = capsys.readouterr()
    for private in ("grace", "GraceOk", token):
        assert private not in written.out + written.err
