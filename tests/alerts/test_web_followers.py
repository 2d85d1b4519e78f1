"""The office's page of followers over real HTTP: what it shows, what it decides, and what it never shows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from urllib.parse import urlencode

import pytest
from sqlmodel import select

from alerts.setup import send_invitation
from connectors.x_words import ACTIONS
from monitor import follower_rows
from monitor.domain import Role
from monitor.following import Shown
from monitor.register import load_register
from monitor.tables import AuditRow, CaseRow, ItemRow
from monitor.tables_people import FollowerDecisionRow, FollowerRow, FollowerStepRow
from monitor.verify_stage import School as SchoolNames
from monitor.verify_stage import verify
from tests.alerts.page_browser import Browser
from tests.alerts.page_school import School, open_school
from tests.alerts.telling import desk, outbox, text_of
from tests.conftest import HandClock
from tests.families import Families

REVIEW = "2027-09-01"


@pytest.fixture
def school(tmp_path, clock: HandClock) -> Iterator[School]:
    changes = {
        "claim_networks": ("x",),
        "clock": clock,
        "capabilities": {"x": ACTIONS},
        "accounts": {"x-main": "St Elsewhere on X"},
    }
    with open_school(tmp_path, **changes) as opened:
        object.__setattr__(opened.page, "invite", partial(send_invitation, opened.store, desk()))
        opened.now = clock()
        yield opened


@pytest.fixture
def families(school, clock) -> Families:
    made = Families(school.store, clock)
    made.follow("1", "ReadingBus", "Fiona Abusive-Name")
    made.follow("2", "typed_grace")
    made.follow("3", "tom_hale")
    made.follow("4", "<b>evil\u202e")
    made.judge()
    return made


@pytest.fixture
def browser(school, families) -> Browser:
    made = school.signed_in(Role.OFFICE)
    made.get("/followers")
    return made


def choose(browser: Browser, do: str, *ids: object) -> None:
    browser.get("/followers/choose?" + urlencode([("do", do), *(("f", one) for one in ids)]))


def press(browser: Browser, **typed: str):
    """The form that is shown, filled in and sent."""
    form = browser.soup.main.find("form", method="post")
    values = {one["name"]: one.get("value", "") for one in form.find_all(["input", "textarea"])}
    return browser.post(form["action"], values | typed)


def decide(browser: Browser, do: str, *ids: object, **typed: str):
    choose(browser, do, *ids)
    return press(browser, **{"reason": "rang the library"} | typed)


def counted(browser: Browser) -> dict[str, int]:
    rows = browser.soup.main.find("dl").find_all("div")
    return {row.dt.text: int(row.dd.text) for row in rows}


def test_the_page_counts_lists_and_says_what_cannot_be_refused(browser):
    assert counted(browser)["Not verified"] == 3
    assert counted(browser)["Claimed, not proven yet"] == 1
    assert "followers cannot be refused at the door, only removed afterwards" in browser.words
    assert "4 follow now without being verified" in browser.words
    assert "@ReadingBus" in browser.words
    assert "X: St Elsewhere on X · since Fri 20 Nov (today)" in browser.words
    assert "Not on the register" in browser.words
    assert "Ask the safeguarding lead before you do anything." in browser.words
    assert "<b>evil" not in browser.last.text
    assert "\u202e" not in browser.last.text


def test_nothing_that_a_stranger_says_of_themselves_is_shown(browser, school):
    assert "Abusive-Name" not in browser.last.text
    choose(browser, "reject", 1)
    assert "Abusive-Name" not in browser.last.text


@pytest.mark.parametrize("role", [Role.OFFICE, Role.DSL, Role.HEADTEACHER, Role.IT])
def test_only_whoever_has_to_do_with_followers_sees_them(school, families, role):
    browser = school.signed_in(role)
    linked = 'href="/followers"' in browser.last.text
    status = browser.get("/followers").status_code
    assert (status, linked) == ((404, False) if role is Role.IT else (200, True))


def test_a_stranger_is_sent_to_sign_in(school, families):
    for path in ("/followers", "/followers/choose?do=reject&f=1"):
        assert Browser(school).get(path, allow_redirects=False).headers["location"] == "/"
    assert Browser(school).post("/followers/decide").status_code == 401
    assert Browser(school).post("/followers/done").status_code == 401


def test_looking_and_choosing_change_nothing(school, families, browser):
    before = repr([school.rows(table) for table in (FollowerRow, FollowerDecisionRow, AuditRow)])
    browser.get("/followers")
    choose(browser, "reject", 1, 2)
    choose(browser, "undo", 1)
    assert before == repr([school.rows(table) for table in (FollowerRow, FollowerDecisionRow, AuditRow)])


def test_several_are_approved_at_once_with_reason_approver_and_review(school, families, browser):
    decide(browser, "organisation", 1, 4, review=REVIEW)
    assert [families.state(one) for one in "14"] == ["organisation", "organisation"]
    assert "They are approved as organisations." in browser.words
    assert "Approved by Dot Wren, the school office, Fri 20 Nov: “rang the library”" in browser.words
    assert "To be looked at again on Wed 1 Sep 2027" in browser.words
    families.judge()
    assert families.state("1") == "organisation"


def test_a_review_that_is_due_is_said(school, families, browser, clock):
    decide(browser, "organisation", 1, review="2026-11-21")
    assert "To be looked at again on Sat 21 Nov 2026" in browser.words
    clock.wait(hours=16)
    school.now = clock()
    tomorrow = school.signed_in(Role.OFFICE)
    tomorrow.get("/followers")
    assert "To be looked at again since Sat 21 Nov 2026" in tomorrow.words


@pytest.mark.parametrize(
    ("do", "typed", "says"),
    [
        ("reject", {"reason": " "}, "must be on record"),
        ("organisation", {"review": ""}, "Choose a day after today"),
        ("organisation", {"review": "2026-11-20"}, "Choose a day after today"),
        ("organisation", {"review": "2039-01-01"}, "within three years"),
        ("invite", {}, "at least one address"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_done(school, families, browser, do, typed, says):
    answer = decide(browser, do, 2, **typed)
    assert answer.status_code == 422
    assert says in browser.words
    assert school.rows(FollowerDecisionRow) == []


def test_a_follower_is_turned_away_and_the_steps_are_there(school, families, browser):
    decide(browser, "reject", 1)
    assert families.state("1") == "rejected"
    links = [one["href"] for one in browser.soup.main.find_all("a", class_="button")]
    assert links == ["https://x.com/ReadingBus"] * 2
    assert "Press ⋯, then Remove this follower, and confirm." in browser.words
    assert "Not done yet: X leaves this to a person." in browser.words


def said_done(browser: Browser, action: str):
    for form in browser.soup.main.find_all("form", action="/followers/done"):
        values = {one["name"]: one.get("value", "") for one in form.find_all("input")}
        if values["action"] == action:
            return browser.post("/followers/done", values)
    raise AssertionError(action)


def test_i_have_done_it_is_kept_once_until_the_network_shows_otherwise(school, families, browser):
    decide(browser, "reject", 1)
    said_done(browser, "block")
    assert (
        "The school office said so at 09:00. It is read back the next time followers are read"
        in browser.words
    )
    assert not browser.soup.main.find_all("form", action="/followers/done")
    families.follow("1", "ReadingBus")
    browser.get("/followers")
    assert "but X showed it among the followers at 09:00. Please do it again." in browser.words
    said_done(browser, "remove_follower")
    assert "It is read back the next time followers are read" in browser.words
    with school.store.write() as session:
        step = session.exec(select(FollowerStepRow)).one()
        step.asked_at = families.clock()
    browser.get("/followers")
    assert (
        "X was asked at 09:00 and did not tell. The next whole list of followers shows it." in browser.words
    )
    with school.store.write() as session:
        step = session.exec(select(FollowerStepRow)).one()
        follower_rows.show(school.store, session, step, Shown.GONE, families.clock())
    browser.get("/followers")
    assert "X shows it: no longer among the followers, read back at 09:00." in browser.words
    events = [row.event for row in school.rows(AuditRow)]
    assert events.count("block said to be done") == 1
    assert events.count("follower read back") == 2


def test_a_decision_is_taken_back(school, families, browser):
    decide(browser, "reject", 1)
    decide(browser, "undo", 1)
    assert "The decision is taken back" in browser.words
    families.judge()
    assert families.state("1") == "unverified"
    assert "To be done on the network" not in browser.words


def test_a_second_click_an_old_page_and_a_forged_form_do_nothing(school, families, browser):
    choose(browser, "reject", 1)
    old = browser.soup.main.find("form", method="post")
    values = {one["name"]: one.get("value", "") for one in old.find_all(["input", "textarea"])}
    values["reason"] = "no idea who"
    assert browser.post("/followers/decide", values).status_code == 200
    assert browser.post("/followers/decide", values).status_code == 409
    for change in ({"ids": "2"}, {"do": "organisation"}, {"token": "0" * 64}, {"seen": "0-0"}):
        assert browser.post("/followers/decide", values | change).status_code == 403
    assert browser.post("/followers/done", {"step": "1", "action": "block", "token": "x"}).status_code == 403
    assert len(school.rows(FollowerDecisionRow)) == 1


def test_a_form_of_another_site_is_refused(school, families, browser):
    answer = browser.post("/followers/decide", {}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "query", ["", "do=reject", "do=reject&f=999", "do=burn&f=1", "do=undo&f=1", "do=reject&f=x"]
)
def test_choosing_nobody_leads_back_and_says_so(browser, query):
    browser.get(f"/followers/choose?{query}")
    assert "Nobody was chosen" in browser.words


def a_case(school: School, external_id: str, category: str) -> None:
    with school.store.write() as session:
        row = session.exec(
            select(ItemRow).where(ItemRow.external_id == external_id, ItemRow.kind == "follower")
        ).one()
        session.add(
            CaseRow(
                school_id=school.store.school,
                number=7,
                ref="SM-0007",
                account=row.account,
                network="x",
                kind="follower",
                external_id=external_id,
                item_id=row.id or 0,
                category=category,
                severity=3,
                opened_at=school.now,
            )
        )


@pytest.mark.parametrize("category", ["staff_allegation", "impersonation", "insult"])
def test_the_office_sees_nothing_of_an_account_that_a_case_is_about(school, families, browser, category):
    a_case(school, "1", category)
    browser.get("/followers")
    assert "ReadingBus" not in browser.last.text
    assert category not in browser.last.text
    assert "SM-0007" not in browser.last.text
    assert "the headteacher or the safeguarding lead decides about it" in browser.words
    choose(browser, "reject", 1)
    assert "Nobody was chosen" in browser.words
    head = school.signed_in(Role.HEADTEACHER)
    head.get("/followers")
    assert "@ReadingBus" in head.words


def test_the_office_hears_nothing_of_what_a_follower_wrote(school, families, browser):
    school.case("planted abuse", category="staff_allegation", network="x")
    for path in ("/followers", "/followers/choose?do=reject&f=1"):
        browser.get(path)
        assert "planted" not in browser.last.text
        assert "SM-0001" not in browser.last.text


def test_an_account_with_a_case_the_office_may_see_is_its_own_to_decide(school, families, browser):
    a_case(school, "1", "underage")
    browser.get("/followers")
    assert "@ReadingBus" in browser.words


def invited(school: School) -> list[str]:
    return [str(mail["To"]) for row, mail in outbox(school.store) if row.dedup_key.startswith("invitation:")]


def test_an_invitation_goes_only_to_the_address_that_the_records_have(school, families, browser):
    choose(browser, "invite", 1, 2, 3)
    fields = [one["name"] for one in browser.soup.main.find_all("input", type="email")]
    assert fields == ["address-2"]
    assert browser.words.count("the letter is the way") == 1
    assert (
        browser.words.count("Ask the safeguarding lead before you do anything") == 1
    )  # of a restricted contact
    for wrong in ("grace@", "ada@mail.example", "birches@mail.example"):
        choose(browser, "invite", 2)
        assert press(browser, **{"address-2": wrong}).status_code == 422
    assert invited(school) == []
    choose(browser, "invite", 2)
    press(browser, **{"address-2": "Grace@Mail.example"})
    assert invited(school) == ["grace@mail.example"]
    assert "Invited 09:00: the mail is on its way" in browser.words
    choose(browser, "invite", 2)
    assert press(browser, **{"address-2": "grace@mail.example"}).status_code == 422
    assert "less than a week ago" in browser.words
    assert b"grace@mail.example" not in school.store.path.read_bytes()


def test_the_invitation_names_no_account_and_leads_to_the_claim_page(school, families, browser):
    choose(browser, "invite", 2)
    press(browser, **{"address-2": "grace@mail.example"})
    ((_, mail),) = outbox(school.store)
    text = text_of(mail)
    assert "https://gate.school.example/claim" in text.splitlines()
    assert "grace" not in str(mail["Subject"]) + text.replace("grace@mail.example", "")


def test_every_form_can_be_filled_without_a_mouse_or_a_script(browser):
    decide(browser, "reject", 1)
    decide(browser, "organisation", 3, review=REVIEW)
    for path in ("/followers", "/followers/choose?do=organisation&f=4", "/followers/choose?do=invite&f=2"):
        soup = browser.get(path) and browser.soup
        assert not soup.find_all("script")
        for field in soup.main.find_all(["input", "textarea", "select"]):
            if field.get("type") != "hidden":
                assert soup.find("label", attrs={"for": field["id"]}), field
        for form in soup.main.find_all("form"):
            assert form.find("button"), form
        ids = [one["id"] for one in soup.find_all(id=True)]
        assert len(ids) == len(set(ids))


def test_a_long_list_is_cut_into_pages(school, families, browser):
    for number in range(100, 160):
        families.follow(str(number), f"bot_{number}")
    families.judge()
    browser.get("/followers")
    assert "@bot_159" in browser.words
    assert "@bot_101" not in browser.words
    browser.get(browser.soup.find("a", string="Earlier followers")["href"])
    assert "@bot_101" in browser.words
    assert "@ReadingBus" in browser.words


def test_fifty_are_decided_in_one_go(school, families, browser):
    for number in range(100, 150):
        families.follow(str(number), f"bot_{number}")
    families.judge()
    ids = [row.id for row in school.rows(FollowerRow) if row.external_id.startswith("1") and row.id != 1]
    assert len(ids) == 50
    decide(browser, "reject", *ids)
    assert [row.state for row in school.rows(FollowerRow)].count("rejected") == 50


def test_there_is_no_page_where_no_network_lists_followers(tmp_path, clock):
    with open_school(tmp_path, clock=clock) as school:
        browser = school.signed_in(Role.OFFICE)
        assert 'href="/followers"' not in browser.last.text
        assert browser.get("/followers").status_code == 404


def test_an_organisation_of_the_configuration_is_listed_and_is_not_taken_back_here(school, families, browser):
    known = SchoolNames("St Elsewhere", organisations={"ReadingBus": "the bus company"})
    with school.store.write() as session:
        session.exec(select(FollowerRow).where(FollowerRow.external_id == "1")).one().verified_at = None
    verify(school.store, load_register(school.store), families.clock(), school=known)
    browser.get("/followers")
    assert "It is on the list in the configuration: nothing to do." in browser.words
    assert "The bus company" in browser.words
    choose(browser, "undo", 1)
    assert "Nobody was chosen" in browser.words


def test_a_follower_of_another_school_is_nobody_here(school, families, browser):
    with school.store.write() as session:
        row = session.exec(select(FollowerRow).where(FollowerRow.external_id == "1")).one()
        row.school_id = "another"
    browser.get("/followers")
    assert "@ReadingBus" not in browser.words
    choose(browser, "reject", 1)
    assert "Nobody was chosen" in browser.words


def test_a_sign_in_that_ran_out_decides_nothing(school, families, browser, clock):
    choose(browser, "reject", 1)
    clock.wait(hours=13)
    assert press(browser, reason="late").status_code == 401
    assert school.rows(FollowerDecisionRow) == []
