"""What the office is shown of who is possible, overdue, known once or due for review: on the page and in the digest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from alerts.follower_words import todo
from connectors.x_words import ACTIONS
from monitor import claims
from monitor.domain import Role, VerificationState
from monitor.following import Listed
from monitor.tables import FindingRow
from tests.alerts.page_browser import Browser
from tests.alerts.page_school import School, open_school
from tests.alerts.test_digest_following import of_x, said_to
from tests.conftest import HandClock
from tests.families import RECORDS
from tests.monitor.test_follower_rows import Office

PUPIL = "UPN,Forename,Surname\nA1,Amelia,Quarles\n"
MORE = RECORDS + "9007,Imogen,Trelawny,imogen@mail.example,,\n"
GRACE = "grace@mail.example"


@pytest.fixture
def school(tmp_path, clock: HandClock) -> Iterator[School]:
    changes = {"claim_networks": ("x",), "clock": clock, "capabilities": {"x": ACTIONS}}
    with open_school(tmp_path, **changes, accounts={"x-main": "St Elsewhere on X"}) as opened:
        opened.now = clock()
        yield opened


@pytest.fixture
def office(school, clock) -> Office:
    made = Office(school.store, clock)
    made.families.import_(PUPIL)
    made.families.import_(MORE)
    return made


def page_of(school: School) -> Browser:
    school.now = school.page.clock()
    browser = school.signed_in(Role.OFFICE)
    browser.get("/followers")
    return browser


def card(browser: Browser, handle: str) -> str:
    """What stands in one follower's row."""
    rows = [" ".join(one.text.split()) for one in browser.soup.main.find_all("li")]
    (said,) = [one for one in rows if f"@{handle} " in one]
    return said


def section(browser: Browser, name: str) -> str:
    found = browser.soup.find(id=name)
    return " ".join(found.parent.text.split()) if found else ""


def test_a_resemblance_is_shown_as_possible_with_the_role_and_never_with_the_person(office, school):
    office.families.follow("1", "imogen_trelawny")
    office.families.follow("2", "zzz", "Ada Birch")
    office.families.follow("3", "amelia_quarles")
    office.families.follow("4", "someone", "Tom Hale")  # restricted
    office.families.judge()
    browser = page_of(school)
    for handle in ("imogen_trelawny", "zzz"):
        said = card(browser, handle)
        assert "Possible: the name resembles one on the records, a parent’s" in said
        assert "nobody is verified by it: ask the family to claim the account" in said
    assert "It may be a pupil’s account; the networks ask for at least 13 years" in card(
        browser, "amelia_quarles"
    )
    assert "ossible" not in card(browser, "someone")
    for name in ("Ada", "Birch", "Trelawny", "Quarles", "9007"):
        assert name not in browser.words
    assert {office.families.state(one) for one in "1234"} == {"unverified"}

    said = said_to(office, Role.OFFICE)
    assert (
        "@imogen_trelawny · X · not on the register; possible: the name resembles one on the records, a parent’s"
        in said
    )
    assert "an account that the page names · X · not on the register; possible" in said
    assert (
        "possible: 3 accounts have names that resemble one on the records; the page says whom to ask" in said
    )
    assert "amelia" not in said  # no mail holds a pupil's name


def test_what_was_decided_is_possible_no_more(office, school):
    office.families.follow("1", "imogen_trelawny")
    office.families.judge()
    office.decide("organisation", "1", review_on=date(2027, 1, 1))
    assert "ossible" not in card(page_of(school), "imogen_trelawny")


def test_who_waits_longer_than_allowed_is_marked_and_counted(office, school, clock):
    office.families.follow("1", "early_bird")
    office.families.judge()
    clock.wait(days=14)
    office.families.follow("2", "late_bird")
    office.families.judge()
    assert "Not verified for longer" not in page_of(school).words
    clock.wait(hours=1)
    browser = page_of(school)
    assert "since before Fri 20 Nov (14 days ago), when watching began" in card(browser, "early_bird")
    assert "Not verified for longer than 14 days" in card(browser, "early_bird")
    assert "Not verified for longer" not in card(browser, "late_bird")
    assert "1 account has waited longer than 14 days to be verified" in said_to(office, Role.OFFICE)


def test_who_leaves_the_records_is_listed_with_what_to_do_until_it_is_decided(office, school, clock):
    office.families.follow("1", "GraceOkafor")
    office.families.judge()
    office.families.proven(GRACE, "GraceOkafor")
    assert section(page_of(school), "once") == ""

    office.families.import_("\n".join(line for line in MORE.splitlines() if "Grace" not in line))
    office.families.work()
    clock.wait(days=3)
    browser = page_of(school)
    assert "Known once, not any more 1" in section(browser, "once")
    assert "It was verified with an e-mail that is no longer on the register" in section(browser, "once")
    assert "If they have left the school, turn the account away." in section(browser, "once")
    assert "Not verified for longer" not in section(browser, "once")
    assert "@GraceOkafor" not in section(browser, "waiting")
    said = said_to(office, Role.OFFICE)
    assert "KNOWN ONCE, NOT ANY MORE" in said.upper()
    assert "@GraceOkafor · X · it was verified with an e-mail that is no longer on the register" in said
    clock.wait(days=3)
    office.decide("reject", "1")
    assert section(page_of(school), "once") == ""


def test_who_comes_back_to_the_records_leaves_the_list_by_itself(office, school):
    office.families.follow("1", "GraceOkafor")
    office.families.judge()
    office.families.proven(GRACE, "GraceOkafor")
    office.families.import_("\n".join(line for line in MORE.splitlines() if "Grace" not in line))
    office.families.work()
    office.families.import_(MORE)
    office.families.work()
    assert office.families.state("1") == "verified"
    assert section(page_of(school), "once") == ""


def test_an_organisation_that_changed_its_handle_is_shown_with_what_was_decided(office, school):
    office.families.follow("1", "ReadingBus")
    office.families.judge()
    office.decide("organisation", "1", review_on=date(2027, 11, 25))
    office.families.follow("1", "NightBus")
    office.families.work()
    said = section(page_of(school), "once")
    assert "@NightBus" in said
    assert "Approved by Dot Wren" in said
    assert "has changed its handle since" in said
    assert "approve it under its new handle, or turn it away" in said


def test_a_changed_handle_is_shown_as_such_until_it_is_proven_again(office, school, clock):
    office.families.follow("1", "GraceOkafor")
    office.families.judge()
    office.families.proven(GRACE, "GraceOkafor")
    office.families.follow("1", "grace_2")
    office.families.work()
    said = section(page_of(school), "once")
    assert "@grace_2" in said
    assert "It changed its handle after it was verified; not proven again yet" in said
    assert "until it is claimed again under its new handle" in said
    clock.wait(days=17)
    assert "waited longer" not in said_to(office, Role.OFFICE)  # it has not waited for so long
    office.families.proven(GRACE, "grace_2")
    assert section(page_of(school), "once") == ""


def test_an_organisation_whose_review_has_come_is_listed_first_with_who_decided_and_why(
    office, school, clock
):
    office.families.follow("1", "ReadingBus")
    office.families.follow("2", "library")
    office.families.judge()
    office.decide("organisation", "1", review_on=date(2026, 11, 25))
    office.decide("organisation", "2", review_on=date(2026, 11, 26))
    assert section(page_of(school), "due") == ""
    clock.wait(days=5)
    browser = page_of(school)
    due = section(browser, "due")
    assert "Organisations to be looked at again 1" in due
    assert "@ReadingBus" in due
    assert "Approved by Dot Wren, the school office, Fri 20 Nov: “" in due
    assert "To be looked at again since Wed 25 Nov 2026" in due
    assert "@library" not in due
    assert "@ReadingBus" not in section(browser, "decided")


def test_the_todo_of_a_slip_in_an_address_says_what_may_have_happened():
    said = todo(VerificationState.UNVERIFIED, claims.OFF_RECORDS, on_record=False, invitable=False)
    assert said.startswith("One wrong letter is enough.")
    lead = todo(
        VerificationState.UNVERIFIED, claims.HELD_BACK, on_record=False, invitable=False, possible="parent"
    )
    assert lead == "Ask the safeguarding lead before you do anything."


def test_an_organisation_of_the_configuration_comes_up_for_review_too(office, school, clock):
    listed = (
        Listed("StMarysChurch", "the parish church"),
        Listed("TheLibrary", "our library", "the head", date(2026, 9, 1), date(2026, 11, 20)),
    )
    object.__setattr__(school.page, "listed", listed)
    said = section(page_of(school), "listed")
    assert "Organisations in the configuration 2" in said
    assert said.index("@TheLibrary") < said.index("@StMarysChurch")
    assert (
        "our library; approved by the head on Tue 1 Sep 2026 To be looked at again since Fri 20 Nov 2026"
        in said
    )
    mail = said_to(office, Role.OFFICE, replace(of_x(), listed=listed))
    assert "1 organisation to be looked at again; their review is due" in mail


def test_the_office_is_not_shown_an_account_that_others_decide_about_wherever_it_stands(
    office, school, clock
):
    office.families.follow("1", "GraceOkafor")
    office.families.follow("2", "imogen_trelawny")
    office.families.judge()
    office.families.proven(GRACE, "GraceOkafor")
    office.families.import_("\n".join(line for line in MORE.splitlines() if "Grace" not in line))
    office.families.work()
    with office.store.write() as session:
        for one in "12":
            item = office.row(session, one).item_id
            found = {"category": "insult", "severity": 2, "detector": "x", "reason": "", "start": 0, "end": 0}
            session.add(FindingRow(school_id=office.store.school, item_id=item, **found))
    words = page_of(school).words + said_to(office, Role.OFFICE)
    assert "an account that others are looking at" in words
    for shown in ("GraceOkafor", "imogen", "no longer on the register", "Possible: the name"):
        assert shown not in words
