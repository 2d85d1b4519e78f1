"""Signing in at X or Facebook to prove a claim, over real HTTP: there and back, and everything that may go wrong."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator

import pytest
import requests

from alerts.careful import LONGEST
from alerts.proof import AT_ONCE, LONGEST_CODE
from alerts.web.proving import LASTS
from monitor import keys, spend
from monitor.claims import ASKED_BY_ONE
from tests.alerts.page_school import School, open_school
from tests.alerts.signing_in import CLIENT, SECRET, Family, Site, query, site
from tests.alerts.test_web_claim import TYPED, Watched
from tests.conftest import HandClock
from tests.families import Families

MEMBER, STRANGER, RESTRICTED, SHARED = (
    "grace@mail.example",
    "about@mail.example",
    "tom@mail.example",
    "reeds@mail.example",
)


@pytest.fixture(params=["x", "facebook"])
def there(request, clock: HandClock) -> Iterator[Site]:
    with site(request.param, clock) as opened:
        yield opened


@pytest.fixture
def at_x(clock: HandClock) -> Iterator[Site]:
    with site("x", clock) as opened:
        yield opened


def configured(school: School, *sites: Site, **more: str) -> School:
    school.page.provers.update({one.name: one.prover(school.url, **more) for one in sites})
    return school


@pytest.fixture
def school(tmp_path, clock: HandClock) -> Iterator[School]:
    with open_school(tmp_path, claim_networks=("x",), clock=clock, provers={}) as opened:
        yield opened


@pytest.fixture
def family(school) -> Family:
    return Family(school)


def nothing_was_proven(families: Families, family: Family) -> None:
    assert family.last.status_code == 200
    assert family.last.url.endswith("/claim?unproven")
    assert "Nothing was confirmed" in family.words
    assert families.claims() == []
    assert "schoolgate-proof" not in family.session.cookies


def test_a_parent_who_signs_in_at_x_is_verified_without_a_mail(school, families, family, at_x):
    configured(school, at_x)
    person = at_x.state.add("GraceOk", MEMBER)
    families.follow(person.id, "GraceOk")
    link = family.start("x")
    assert query(link).keys() == {
        "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method",
    }  # fmt: skip
    assert query(link)["scope"] == "users.read tweet.read users.email"
    assert query(link)["code_challenge_method"] == "S256"
    family.come_back(family.choose(link, person.id))
    assert family.last.url.endswith("/claim?proven")
    assert "Thank you" in family.words
    families.work()
    assert families.state(person.id) == "verified"
    assert families.tokens() == []


def test_facebook_tells_the_account_and_its_address(school, families, family, clock):
    with site("facebook", clock) as at_facebook:
        configured(school, at_facebook)
        person = at_facebook.state.add("Grace", MEMBER)
        family.sign_in("facebook", person.id)
    families.work()
    (row,) = families.claims()
    assert (row.network, row.way, row.external_id) == ("facebook", "facebook", person.id)
    assert (row.standing, row.handle) == ("confirmed", b"")


def test_the_buttons_stand_there_only_where_they_are_configured(school, family, at_x):
    family.get("/claim")
    assert not family.soup.find_all("button", formaction=True)
    configured(school, at_x)
    family.get("/claim")
    assert [one["formaction"] for one in family.soup.find_all("button", formaction=True)] == ["/claim/with/x"]
    assert family.soup.find("form", action="/claim")
    for one in family.soup.main.find_all("input"):
        if one.get("type") != "hidden":
            assert family.soup.find("label", attrs={"for": one["id"]}), one
    for path in ("/claim/with/facebook/back", "/claim/with/nowhere/back"):
        assert family.get(path).status_code == 404
    assert family.post("/claim/with/facebook", {"consent": "yes"}).status_code == 404


def test_a_school_may_offer_the_sign_in_alone(tmp_path, clock, at_x):
    with open_school(tmp_path, clock=clock, provers={}) as school:
        configured(school, at_x)
        family = Family(school)
        assert family.get("/").text.count("/claim")
        family.get("/claim")
        assert family.soup.find("button", formaction="/claim/with/x")
        assert not family.soup.find("form", action="/claim")
        assert family.post("/claim", TYPED).status_code == 404


@pytest.mark.parametrize("consent", ["", "no"])
def test_without_agreement_nobody_is_sent_anywhere(school, families, family, at_x, consent):
    configured(school, at_x)
    answer = family.post("/claim/with/x", {"consent": consent})
    assert answer.status_code == 400
    assert family.soup.find(attrs={"aria-invalid": "true"})["name"] == "consent"
    assert "Set-Cookie" not in answer.headers


def test_another_site_cannot_begin_it(school, family, at_x):
    configured(school, at_x)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert family.post("/claim/with/x", {"consent": "yes"}, headers=headers).status_code == 403


def test_going_there_changes_nothing_and_the_cookie_tells_nothing(school, families, family, at_x):
    configured(school, at_x)
    before = school.state()
    link = family.start("x")
    answer = family.last
    assert (school.state(), families.claims()) == (before, [])
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert f"Max-Age={int(LASTS.total_seconds())}" in cookie
    assert query(link)["state"] not in cookie
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_second_try_with_the_same_answer_is_nothing(school, families, family, there):
    configured(school, there)
    person = there.state.add("GraceOk", MEMBER)
    address = family.choose(family.start(there.name), person.id)
    kept = family.session.cookies.copy()
    family.come_back(address)
    assert len(families.claims()) == 1
    family.come_back(address)  # as the browser is now
    assert family.last.url.endswith("/claim?unproven")
    family.session.cookies.update(kept)  # whoever has copied the cookie: the network's code is spent
    family.come_back(address)
    assert family.last.url.endswith("/claim?unproven")
    assert len(families.claims()) == 1


def test_another_browser_cannot_bring_the_answer_back(school, families, family, there):
    configured(school, there)
    person = there.state.add("GraceOk", MEMBER)
    address = family.choose(family.start(there.name), person.id)
    other = Family(school)
    other.come_back(address)
    nothing_was_proven(families, other)
    third = Family(school)
    third.start(there.name)  # with a cookie, but of another sign-in
    third.come_back(address)
    nothing_was_proven(families, third)
    assert there.state.tokens_asked == 0


@pytest.mark.parametrize("state", ["", "x", "ä", "A" * 5000])
def test_a_made_up_state_is_nothing(school, families, family, there, state):
    configured(school, there)
    person = there.state.add("GraceOk", MEMBER)
    address = family.choose(family.start(there.name), person.id)
    code = query(address)["code"]
    family.get(f"/claim/with/{there.name}/back", params={"code": code, "state": state})
    nothing_was_proven(families, family)
    assert there.state.tokens_asked == 0


def test_one_networks_answer_is_not_taken_for_anothers(school, families, family, at_x, clock):
    with site("facebook", clock) as at_facebook:
        configured(school, at_x, at_facebook)
        person = at_x.state.add("GraceOk", MEMBER)
        address = family.choose(family.start("x"), person.id)
        family.come_back(address.replace("/with/x/", "/with/facebook/"))
        nothing_was_proven(families, family)
        assert (at_x.state.tokens_asked, at_facebook.state.tokens_asked) == (0, 0)


@pytest.mark.parametrize("cookie", ["", "junk", "ä", "A" * 400, "A" * 5000, "="])
def test_a_made_up_cookie_is_nothing(school, families, family, at_x, cookie):
    configured(school, at_x)
    headers = {"Cookie": f"schoolgate-proof={cookie}".encode()}
    family.get("/claim/with/x/back?code=a&state=", headers=headers)
    nothing_was_proven(families, family)


def test_ten_minutes_later_it_is_too_late(school, families, family, there):
    configured(school, there)
    person = there.state.add("GraceOk", MEMBER)
    link = family.start(there.name)
    families.clock.now += LASTS
    family.come_back(family.choose(link, person.id))
    nothing_was_proven(families, family)
    assert there.state.tokens_asked == 0


def test_whoever_says_no_at_the_network_has_said_nothing(school, families, family, there):
    configured(school, there)
    person = there.state.add("GraceOk", MEMBER)
    family.sign_in(there.name, person.id, "cancel")
    nothing_was_proven(families, family)
    assert there.state.tokens_asked == 0


def test_a_refusal_that_brings_a_code_along_is_a_refusal(school, families, family, there):
    configured(school, there)
    person = there.state.add("GraceOk", MEMBER)
    family.come_back(family.choose(family.start(there.name), person.id) + "&error=access_denied")
    nothing_was_proven(families, family)


def test_a_code_that_is_too_old_is_nothing(school, families, family, there):
    configured(school, there)
    person = there.state.add("GraceOk", MEMBER)
    address = family.choose(family.start(there.name), person.id)
    families.clock.now += there.state.code_lasts
    family.come_back(address)
    nothing_was_proven(families, family)


@pytest.mark.parametrize("code", ["", "made-up", "A" * (LONGEST_CODE + 1)])
def test_a_made_up_code_is_nothing(school, families, family, there, code):
    configured(school, there)
    state = query(family.start(there.name))["state"]
    family.get(f"/claim/with/{there.name}/back", params={"code": code, "state": state})
    nothing_was_proven(families, family)
    assert there.state.tokens_asked == (code == "made-up")


def test_a_code_that_was_stolen_on_its_way_is_of_no_use(school, families, family, there):
    """PKCE: the thief's own sign-in has another verifier."""
    configured(school, there)
    person = there.state.add("GraceOk", MEMBER)
    code = query(family.choose(family.start(there.name), person.id))["code"]
    thief = Family(school)
    state = query(thief.start(there.name))["state"]
    thief.get(f"/claim/with/{there.name}/back", params={"code": code, "state": state})
    nothing_was_proven(families, thief)
    assert there.state.tokens_asked == 1


@pytest.mark.parametrize("email", [None, "no address", ""])
def test_an_account_without_a_confirmed_address_proves_nothing(school, families, family, there, email):
    configured(school, there)
    person = there.state.add("GraceOk", email)
    family.sign_in(there.name, person.id)
    nothing_was_proven(families, family)


def test_an_address_that_is_kept_back_proves_nothing(school, families, family, there):
    configured(school, there)
    person = there.state.add("GraceOk", MEMBER)
    family.sign_in(there.name, person.id, keep_email="yes")
    nothing_was_proven(families, family)


@pytest.mark.parametrize("fault", ["html_503", "error_500", "html_200", "redirect", "malformed_json", "reset", "oversize", "rate_limited", "forbidden"])  # fmt: skip
@pytest.mark.parametrize("path", ["token", "/me"])
def test_a_network_on_a_bad_day_ends_on_the_same_page(school, families, family, there, fault, path):
    configured(school, there)
    person = there.state.add("GraceOk", MEMBER)
    address = family.choose(family.start(there.name), person.id)
    there.faults.arm(fault, path=path, **({"to": "https://evil.example/"} if fault == "redirect" else {}))
    family.come_back(address)
    nothing_was_proven(families, family)
    assert families.incidents() == []
    family.sign_in(there.name, person.id)
    assert family.last.url.endswith("/claim?proven")


def good(**changes: object) -> dict[str, object]:
    """What either network would say of the account 5."""
    person = {"id": "5", "username": "graceok", "email": MEMBER, "confirmed_email": MEMBER} | changes
    return {"data": person} | person


def say(there: Site, path: str, body: object, status: int = 200) -> None:
    headers = {"content-type": "application/json"}
    there.faults.arm("raw", path=path, status=status, body=json.dumps(body), headers=headers)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("token", []),
        ("token", {}),
        ("token", {"access_token": 5}),
        ("token", {"access_token": "a", "expires_in": [1]}),
        ("token", {"error": []}),
        ("token", {"error": {"code": []}}),
        ("/me", []),
        ("/me", {}),
        ("/me", {"data": [], "id": 5}),
        ("/me", good(id="x")),
        ("/me", good(id="\u0665")),
        ("/me", good(id="9" * 31)),
        ("/me", good(email=5, confirmed_email=5)),
        ("/me", good() | {"pad": "x" * LONGEST}),
    ],
)
def test_an_answer_that_nobody_expects_ends_on_the_same_page(school, families, family, there, path, body):
    configured(school, there)
    person = there.state.add("GraceOk", MEMBER)
    address = family.choose(family.start(there.name), person.id)
    say(there, path, body)
    family.come_back(address)
    nothing_was_proven(families, family)


@pytest.mark.parametrize("handle", [None, 5, "", "a b", "https://www.facebook.com/graceok"])
def test_x_tells_a_handle_of_its_own_or_nothing_is_proven(school, families, family, at_x, handle):
    configured(school, at_x)
    person = at_x.state.add("GraceOk", MEMBER)
    address = family.choose(family.start("x"), person.id)
    say(at_x, "/me", good(username=handle))
    family.come_back(address)
    nothing_was_proven(families, family)


def test_a_token_that_ends_soon_is_good_for_its_one_use(school, families, family, there):
    configured(school, there)
    person = there.state.add("GraceOk", MEMBER)
    address = family.choose(family.start(there.name), person.id)
    say(there, "token", {"access_token": "short", "token_type": "bearer", "expires_in": 30})
    say(there, "/me", good())
    family.come_back(address)
    assert len(families.claims()) == 1


@pytest.mark.parametrize("status", [201, 400, 500])
def test_only_a_plain_yes_is_one(school, families, family, there, status):
    configured(school, there)
    person = there.state.add("GraceOk", MEMBER)
    address = family.choose(family.start(there.name), person.id)
    say(there, "/me", good(), status)
    family.come_back(address)
    nothing_was_proven(families, family)
    say(there, "/me", good())
    family.sign_in(there.name, person.id)
    assert [row.external_id for row in families.claims()] == ["5"]


@pytest.mark.parametrize("path", ["token", "/me"])
def test_no_redirect_is_followed(school, families, family, there, path):
    configured(school, there)
    person = there.state.add("GraceOk", MEMBER)
    address = family.choose(family.start(there.name), person.id)
    network = school.page.provers[there.name].network
    where = network.token if path == "token" else network.me
    there.faults.arm("redirect", path=path, to=where)
    family.come_back(address)
    nothing_was_proven(families, family)
    assert len([one for one in there.faults.requests if path in one]) == 1


def test_a_network_that_hangs_or_drips_is_not_waited_for(school, families, family, there, monkeypatch):
    configured(school, there)
    person = there.state.add("GraceOk", MEMBER)
    for fault, changed in (("hang", ("TIMEOUT", (5.0, 0.1))), ("slow_drip", ("PATIENCE", 0.0))):
        address = family.choose(family.start(there.name), person.id)
        there.faults.arm(fault, path="token", interval=0.001)
        with monkeypatch.context() as patch:
            patch.setattr(f"alerts.careful.{changed[0]}", changed[1])
            family.come_back(address)
        nothing_was_proven(families, family)


def test_a_proxy_of_the_environment_does_not_stand_before_this_machine(
    school, families, family, there, monkeypatch
):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    configured(school, there)
    person = there.state.add("GraceOk", MEMBER)
    family.sign_in(there.name, person.id)
    assert len(families.claims()) == 1


def test_a_network_that_is_down_ends_on_the_same_page(school, families, family, there):
    configured(school, there)
    person = there.state.add("GraceOk", MEMBER)
    address = family.choose(family.start(there.name), person.id)
    there.serving.stop()
    family.come_back(address)
    nothing_was_proven(families, family)


def test_a_slow_network_does_not_stop_the_page(school, families, family, at_x):
    configured(school, at_x)
    person = at_x.state.add("GraceOk", MEMBER)
    address = family.choose(family.start("x"), person.id)
    free = school.page.provers["x"]._free
    for _ in range(AT_ONCE):
        assert free.acquire(blocking=False)
    family.come_back(address)
    nothing_was_proven(families, family)
    assert at_x.state.tokens_asked == 0
    free.release()
    family.sign_in("x", person.id)
    family.sign_in("x", person.id)
    assert len(families.claims()) == 2


def test_a_wrong_secret_is_told_to_the_technician_until_it_is_right(school, families, family, there):
    configured(school, there, secret="another")
    person = there.state.add("GraceOk", MEMBER)
    for _ in range(2):
        family.sign_in(there.name, person.id)
        nothing_was_proven(families, family)
    (row,) = families.incidents()
    assert (row.key, row.closed_at) == (f"sign-in:{there.name}", None)
    assert f"[claims.{there.name}]" in row.cure
    configured(school, there)
    family.sign_in(there.name, person.id)
    assert [row.closed_at is None for row in families.incidents()] == [False]


def seen(answer: requests.Response) -> tuple[int, dict[str, str], bytes]:
    """All that the browser gets to see but the time of day."""
    headers = {name.lower(): value for name, value in answer.headers.items() if name.lower() != "date"}
    if "set-cookie" in headers:
        headers["set-cookie"] = re.sub(r"expires=[^;]+", "", headers["set-cookie"])
    return answer.status_code, headers, answer.content


def test_nobody_learns_from_it_who_is_on_the_register(school, families, family, there):
    configured(school, there)
    watched = Watched(school.store)
    shown, done = [], []
    with school.store.write() as session:  # what the month's first makes: a row of paid reads, a key
        spend.add(session, school.store, "x", 1, families.clock())
        keys.for_month(session, school.store, families.clock())
    for address in (MEMBER, STRANGER, RESTRICTED, SHARED, MEMBER):
        person = there.state.add("GraceOk", address)
        back = family.choose(family.start(there.name), person.id)
        watched.taken()
        last = family.come_back(back)
        shown.append([seen(one) for one in (*last.history, last)])
        done.append(watched.taken())
        families.work()
    assert shown == [shown[0]] * len(shown)
    assert [status for status, _, _ in shown[0]] == [303, 200]
    assert done == [done[0]] * len(done)
    assert sum("INSERT INTO claim" in one for one in done[0]) == 1
    assert not any("register_entry" in one for one in done[0])
    assert families.standings() == ["confirmed", "unmatched", "restricted", "restricted", "confirmed"]


def test_one_machine_is_asked_to_wait(school, families, family, at_x):
    configured(school, at_x)
    person = at_x.state.add("GraceOk", MEMBER)
    family.session.headers["X-Forwarded-For"] = "192.0.2.1"
    address = family.choose(family.start("x"), person.id)
    for number in range(ASKED_BY_ONE):
        family.post("/claim", TYPED | {"address": f"nobody{number}@mail.example"})
    assert family.post("/claim/with/x", {"consent": "yes"}).status_code == 429
    family.come_back(address)
    assert family.last.status_code == 429
    assert len(families.claims()) == ASKED_BY_ONE


def test_what_is_kept_says_when_it_was_agreed_to_and_counts_the_machine(school, families, family, at_x):
    configured(school, at_x)
    person = at_x.state.add("GraceOk", MEMBER)
    family.session.headers["X-Forwarded-For"] = "192.0.2.1"
    link, agreed = family.start("x"), families.clock()
    families.clock.wait(minutes=4)
    family.come_back(family.choose(link, person.id))
    (row,) = families.claims()
    assert (row.consented_at, row.created_at) == (agreed, families.clock())
    assert row.client
    assert b"192.0.2" not in row.client


def test_a_link_scanner_does_not_spend_the_code(school, families, family, at_x):
    configured(school, at_x)
    person = at_x.state.add("GraceOk", MEMBER)
    address = family.choose(family.start("x"), person.id)
    kept = family.session.cookies.copy()
    family.session.head(address, timeout=10)
    assert at_x.state.tokens_asked == 0
    family.session.cookies.update(kept)
    family.come_back(address)
    assert len(families.claims()) == 1


def test_the_networks_hand_out_nothing_for_the_asking(school, families, family, there):
    """What the page has to do right is refused when it is done wrong: the servers are no mere scenery."""
    configured(school, there)
    link = family.start(there.name)
    for name, wrong in (
        ("client_id", "another"),
        ("redirect_uri", "https://evil.example/"),
        ("response_type", "token"),
        ("state", ""),
        ("scope", ""),
        ("code_challenge_method", "plain"),
    ):
        changed = {**query(link), name: wrong}
        answer = family.session.get(link.partition("?")[0], params=changed, timeout=10, allow_redirects=False)
        assert (answer.status_code, name.removesuffix("_method") in answer.text) == (400, True)


def test_no_token_no_secret_and_nobody_is_stored_or_logged(school, families, family, there, caplog, capsys):
    configured(school, there)
    caplog.set_level(logging.DEBUG)
    person = there.state.add("GraceOk", MEMBER, name="Grace Planted")
    link = family.start(there.name)
    sealed = family.session.cookies["schoolgate-proof"]
    address = family.choose(link, person.id)
    family.come_back(address)
    there.faults.arm("html_503", path="token")
    family.sign_in(there.name, person.id)
    families.work()
    written = capsys.readouterr()
    # the servers' lists of requests, which the service does not keep (monitor/logs.py), hold where the browser went
    ours = [one for one in caplog.records if not one.name.startswith(("uvicorn", "urllib3"))]
    told = written.out + written.err + "".join(one.getMessage() for one in ours)
    kept = b"".join(path.read_bytes() for path in school.store.path.parent.glob("state.db*"))
    tokens = list(there.state._tokens)
    assert tokens
    private = [*tokens, *there.state._codes, SECRET, query(link)["state"], sealed, MEMBER, "GraceOk", "graceok", "Planted"]  # fmt: skip
    for one in private:
        assert one not in told
        assert one.encode() not in kept
    assert CLIENT in link
    assert "sign-in proved nothing" in told
