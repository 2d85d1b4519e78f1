"""A letter's code on the claim page: it eases the way, proves nothing, and nobody learns whether it is good."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select

from monitor.claims import ASKED_BY_ONE, ASKED_OF_SCHOOL, CODED_BY_ONE, MAILS_A_DAY
from monitor.families import Family
from monitor.family_code_rows import replace
from monitor.family_codes import HANDLES, new_code, printed
from monitor.register import load_register
from monitor.tables_people import FamilyCodeRow
from tests.alerts.page_browser import Browser
from tests.alerts.page_school import School, open_school
from tests.alerts.signing_in import Family as SigningFamily
from tests.alerts.signing_in import site
from tests.alerts.test_web_claim import MEMBER, RESTRICTED, SHARED, STRANGER, TYPED, Watched
from tests.conftest import HandClock
from tests.families import Families

CHOOSE = random.Random(11).choice
RIGHT, EXPIRED, REPLACED, USED_UP, OTHER, WRONG = (new_code(CHOOSE) for _ in range(6))
WEEKS = timedelta(weeks=8)


@pytest.fixture
def school(tmp_path, clock: HandClock) -> Iterator[School]:
    with open_school(tmp_path, claim_networks=("x",), clock=clock, provers={}) as opened:
        yield opened


@pytest.fixture
def browser(school) -> Browser:
    return Browser(school)


def person(families: Families, address: str) -> str:
    found = load_register(families.store).email(address)
    assert found
    return found[0]


def letter(families: Families, code: str, *addresses: str, lasts: timedelta = WEEKS) -> None:
    """A code for whoever has these addresses."""
    ids = frozenset(person(families, address) for address in addresses)
    now = families.clock()
    with families.store.write() as session:
        replace(families.store, session, [(Family((), (), ids, ids), code)], now=now, expires_at=now + lasts)


@pytest.fixture
def letters(families: Families) -> None:
    """One code of every kind; Grace's is right, the Birches' is another family's."""
    letter(families, REPLACED, MEMBER)
    letter(families, RIGHT, MEMBER)
    letter(families, OTHER, SHARED)
    with families.store.write() as session:  # as if from letters of another time
        rows = {row.digest: row for row in session.exec(select(FamilyCodeRow))}
        grace = next(row for row in rows.values() if row.revoked_at is None)
    for code, lasts in ((EXPIRED, timedelta()), (USED_UP, WEEKS)):
        with families.store.write() as session:
            digest = families.store.vault.digest("claim.code", code)
            now = families.clock()
            session.add(
                FamilyCodeRow(
                    school_id=families.store.school,
                    digest=digest,
                    people=grace.people,
                    created_at=now - WEEKS,
                    expires_at=now + lasts,
                )
            )


def typed(code: str, **changes: str) -> dict[str, str]:
    return TYPED | {"code": printed(code) if code else ""} | changes


def test_the_letter_s_link_fills_the_code_in_and_changes_nothing(school, families, browser, letters):
    before = school.rows(FamilyCodeRow), families.claims(), school.state()
    browser.get(f"/claim?code={printed(RIGHT)}")
    field = browser.soup.find(id="code")
    assert field["value"] == printed(RIGHT)
    assert browser.soup.find("label", attrs={"for": "code"})
    assert field.find_parent("form")["action"] == "/claim"
    assert (school.rows(FamilyCodeRow), families.claims(), school.state()) == before


def test_from_the_letter_to_a_verified_follower(families, browser, letters):
    families.follow("77", "GraceOk")
    browser.get(f"/claim?code={printed(RIGHT)}")
    browser.post("/claim", TYPED | {"code": browser.soup.find(id="code")["value"]})
    families.work()
    assert families.state("77") == "claimed"  # the code alone verifies nobody
    browser.post(f"/claim/{families.tokens()[-1]}", {"mine": "yes"})
    families.work()
    assert families.state("77") == "verified"
    assert [row.by_letter for row in families.claims()] == [True]


def test_the_page_looks_the_same_with_every_code_and_asks_the_database_nothing(school, browser, letters):
    watched = Watched(school.store)
    shown = set()
    for code in (RIGHT, EXPIRED, REPLACED, USED_UP, OTHER, WRONG):
        answer = browser.get(f"/claim?code={printed(code)}")
        shown.add((answer.status_code, answer.text.replace(printed(code), "…")))
    assert len(shown) == 1
    assert watched.taken() == []


def test_nobody_learns_whether_a_code_is_good(school, families, browser, letters):
    for number in range(HANDLES):
        browser.post("/claim", typed(USED_UP, handle=f"grace{number}", address=MEMBER))
        families.work()
        families.clock.wait(hours=9)
    assert families.standings() == ["mailed"] * HANDLES
    watched = Watched(school.store)
    shown, done, kept = [], [], []
    codes = (RIGHT, WRONG, EXPIRED, REPLACED, USED_UP, OTHER)
    addresses = (MEMBER, STRANGER, RESTRICTED, SHARED)
    for code in codes:
        for address in addresses:
            watched.taken()
            last = browser.post("/claim", typed(code, address=address))
            shown.append(
                [
                    (
                        one.status_code,
                        {k: v for k, v in one.headers.items() if k.lower() != "date"},
                        one.content,
                    )
                    for one in (*last.history, last)
                ]
            )
            done.append(watched.taken())
            row = families.claims()[-1]
            kept.append((len(row.code or b""), row.by_letter, row.standing, row.person))
            families.work()
            families.clock.wait(hours=3)
    assert shown == [shown[0]] * len(shown)
    assert done == [done[0]] * len(done)
    assert kept == [kept[0]] * len(kept)
    assert not any("family_code" in one or "register_entry" in one for one in done[0])
    now = families.standings()[HANDLES:]
    good = {RIGHT: MEMBER, OTHER: SHARED}
    for number, (code, address) in enumerate((code, address) for code in codes for address in addresses):
        expected = {STRANGER: "unmatched", RESTRICTED: "restricted"}.get(address, "mailed")
        if expected == "mailed" and good.get(code, address) != address:
            expected = "other_family"
        assert now[number] == expected, (number, code, address)
    by_letter = [row.by_letter for row in families.claims()[HANDLES:]]
    assert by_letter == [code in good for code in codes for _ in addresses]


def test_an_address_of_another_family_is_refused_in_silence(families, browser, letters):
    families.follow("77", "GraceOk")
    browser.post("/claim", typed(OTHER))
    assert browser.last.url.endswith("/claim?asked")
    families.work()
    assert families.standings() == ["other_family"]
    assert families.tokens() == []
    assert families.state("77") == "unverified"
    assert "one family’s letter and another’s e-mail address" in families.follower("77").reason


def test_the_office_hears_that_a_family_has_a_new_address(families, browser, letters):
    families.follow("77", "GraceOk")
    browser.post("/claim", typed(RIGHT, address=STRANGER))
    families.work()
    assert (families.state("77"), families.tokens()) == ("unverified", [])
    assert "ask the family which address is theirs" in families.follower("77").reason
    browser.post("/claim", typed(WRONG, address=STRANGER, handle="another"))
    families.follow("78", "another")
    families.work()
    assert "ask the family" not in families.follower("78").reason


def test_a_restricted_contact_with_the_family_s_letter_is_held_back_and_told_of(families, browser):
    letter(families, RIGHT, MEMBER, RESTRICTED)
    browser.post("/claim", typed(RIGHT, address=RESTRICTED))
    families.work()
    assert families.standings() == ["restricted"]
    assert families.tokens() == []
    assert len(families.incidents()) == 1


@pytest.mark.parametrize("code", ["K7MXR", "11111-11111-11111", "ABCDE FGHIJ KLMNO", "x" * 300, "\x00", "🦉"])
def test_a_slip_is_said_beside_its_field_whatever_the_database_holds(families, browser, code):
    assert browser.post("/claim", TYPED | {"code": code}).status_code == 400
    wrong = browser.soup.find(attrs={"aria-invalid": "true"})
    assert wrong["name"] == "code"
    assert "not as the letter has it" in browser.soup.find(id=wrong["aria-describedby"]).text
    assert families.claims() == []


def test_what_stands_in_the_link_is_shown_escaped_and_short(browser):
    browser.get("/claim", params={"code": '"><script>alert(1)</script>' + "x" * 200})
    assert "<script" not in browser.last.text
    assert browser.soup.find(id="code")["value"].startswith('"><script>')
    assert len(browser.soup.find(id="code")["value"]) == 40


def test_who_has_a_code_may_ask_more_often_from_one_machine(families, browser, letters):
    from_one = {"X-Forwarded-For": "192.0.2.1"}
    for number in range(ASKED_BY_ONE):
        assert browser.post("/claim", typed("", address=f"n{number}@mail.example"), headers=from_one).ok
    assert browser.post("/claim", typed(""), headers=from_one).status_code == 429
    for number in range(CODED_BY_ONE):
        asked = typed(RIGHT, address=f"n{number}@mail.example")
        assert browser.post("/claim", asked, headers=from_one).ok
    assert browser.post("/claim", typed(RIGHT), headers=from_one).status_code == 429
    families.clock.wait(hours=1)
    assert browser.post("/claim", typed(""), headers=from_one).ok


def test_a_flood_without_codes_leaves_room_for_those_who_have_one(families, browser, letters):
    for number in range(ASKED_OF_SCHOOL):
        families.ask("n@mail.example", f"n{number}")
    assert browser.post("/claim", typed("")).status_code == 429
    assert browser.post("/claim", typed(RIGHT)).ok


@pytest.mark.parametrize(("code", "standing"), [(WRONG, "too_many"), (RIGHT, "mailed")])
def test_who_tries_codes_sees_nothing_and_gets_nothing(families, browser, letters, code, standing):
    from_one = {"X-Forwarded-For": "192.0.2.1"}
    for _ in range(ASKED_BY_ONE):
        guess = typed(new_code(CHOOSE), address="n@mail.example")
        assert browser.post("/claim", guess, headers=from_one).ok
    answer = browser.post("/claim", typed(code), headers=from_one)
    assert (answer.status_code, answer.url.endswith("/claim?asked")) == (200, True)
    elsewhere = {"X-Forwarded-For": "192.0.2.2"}
    browser.post("/claim", typed(WRONG, handle="elsewhere"), headers=elsewhere)
    families.work()
    assert families.standings()[-2:] == [standing, "mailed"]


def test_a_parents_evening_makes_nobody_with_an_old_letter_a_guesser(families, browser, letters):
    from_one = {"X-Forwarded-For": "192.0.2.1"}
    for number in range(ASKED_BY_ONE):
        browser.post("/claim", typed(RIGHT, address=f"n{number}@mail.example"), headers=from_one)
    browser.post("/claim", typed(EXPIRED), headers=from_one)
    families.work()
    assert families.standings()[-1] == "mailed"


def test_one_code_is_good_for_both_parents_and_several_accounts(families, browser):
    letter(families, RIGHT, MEMBER, SHARED)
    for number, address in enumerate((MEMBER, SHARED, MEMBER)):
        browser.post("/claim", typed(RIGHT, address=address, handle=f"account{number}"))
    families.work()
    assert families.standings() == ["mailed"] * 3
    assert all(row.by_letter for row in families.claims())


def test_a_code_does_not_bring_more_mails_to_one_address(families, browser, letters):
    for number in range(MAILS_A_DAY + 1):
        browser.post("/claim", typed(RIGHT, handle=f"account{number}"))
        families.work()
    assert families.standings()[-1] == "too_many"


def test_a_code_is_nowhere_but_in_the_letter(school, families, browser, letters, capsys):
    browser.get(f"/claim?code={printed(RIGHT)}")
    assert browser.last.headers["Referrer-Policy"] == "no-referrer"
    assert browser.last.headers["Cache-Control"] == "no-store"
    browser.post("/claim", typed(RIGHT))
    assert RIGHT not in browser.last.url.replace("-", "")
    browser.post("/claim", typed(RIGHT, consent=""))
    families.work()
    written = capsys.readouterr()
    there = (
        b"".join(file.read_bytes() for file in school.store.path.parent.iterdir() if file.is_file())
        + (written.out + written.err).encode()
    )
    for form in (RIGHT, printed(RIGHT), RIGHT.lower()):
        assert form.encode() not in there


def test_a_sign_in_brings_the_code_along(school, families, clock, letters):
    family = SigningFamily(school)
    with site("x", clock) as there:
        school.page.provers.update({"x": there.prover(school.url)})
        family.get(f"/claim?code={printed(OTHER)}")
        form = family.soup.find("form", action="/claim/with/x")
        assert form.find("input", attrs={"name": "code"})["value"] == printed(OTHER)
        for code, handle, standing in (
            (OTHER, "GraceOk", "other_family"),
            (RIGHT, "GraceToo", "confirmed"),
            ("", "GraceThree", "confirmed"),
        ):
            account = there.state.add(handle, MEMBER)
            family.post("/claim/with/x", {"consent": "yes", "code": printed(code)})
            link = family.soup.find("a", class_="button")["href"]
            assert code == "" or code not in re.sub(r"-", "", link)
            family.come_back(family.choose(link, account.id))
            assert family.last.url.endswith("/claim?proven")
            families.work()
            assert families.standings()[-1] == standing


def test_where_families_can_only_sign_in_the_code_has_its_field_there(tmp_path, clock):
    with open_school(tmp_path, clock=clock, provers={}) as school, site("x", clock) as there:
        school.page.provers.update({"x": there.prover(school.url)})
        browser = Browser(school)
        browser.get("/claim")
        assert browser.soup.find(id="code").find_parent("form")["action"] == "/claim/with/x"
