"""What a sign-in at a network costs the school: it is counted, and not offered where the month's budget does not bear it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import select

from alerts.desk import Budgets
from monitor import spend
from monitor.tables import SpendRow
from tests.alerts.page_school import School, open_school
from tests.alerts.signing_in import READS, Family, Site, site
from tests.alerts.test_web_claim import TYPED
from tests.conftest import HandClock
from tests.families import Families

MEMBER = "grace@mail.example"
BUDGET = 100  # reads a month, of which 80 are for what can wait


@pytest.fixture
def at_x(clock: HandClock) -> Iterator[Site]:
    with site("x", clock) as opened:
        yield opened


@pytest.fixture
def school(tmp_path, clock: HandClock, at_x: Site) -> Iterator[School]:
    budget = Budgets(reads={"x": BUDGET})
    with open_school(tmp_path, claim_networks=("x",), clock=clock, provers={}, budget=budget) as opened:
        opened.page.provers["x"] = at_x.prover(opened.url)
        yield opened


@pytest.fixture
def families(school, clock) -> Families:
    return Families(school.store, clock)


@pytest.fixture
def family(school) -> Family:
    return Family(school)


def counted(school: School) -> dict[str, int]:
    with school.store.read() as session:
        return {row.network: row.reads for row in session.exec(select(SpendRow))}


def spent(school: School, reads: int) -> None:
    with school.store.write() as session:
        spend.add(session, school.store, "x", reads, school.page.clock())


def test_each_sign_in_at_x_is_counted_as_one_profile(school, family, at_x):
    person = at_x.state.add("GraceOk", MEMBER)
    for number in (1, 2):
        family.sign_in("x", person.id)
        assert counted(school) == {"x": number * READS["x"]}


@pytest.mark.parametrize("email", [None, "no address"])
def test_a_profile_that_proves_nothing_is_paid_for_too(school, families, family, at_x, email):
    family.sign_in("x", at_x.state.add("GraceOk", email).id)
    assert families.claims() == []
    assert counted(school) == {"x": READS["x"]}


@pytest.mark.parametrize(
    ("fault", "path"),
    [("html_503", "token"), ("rate_limited", "/me"), ("forbidden", "/me"), ("reset", "/me")],
)
def test_what_x_did_not_show_is_not_counted(school, family, at_x, fault, path):
    person = at_x.state.add("GraceOk", MEMBER)
    address = family.choose(family.start("x"), person.id)
    at_x.faults.arm(fault, path=path)
    family.come_back(address)
    family.sign_in("x", person.id, "cancel")
    assert counted(school) == {}


def test_facebook_bills_nothing_and_is_offered_whatever_is_spent(school, families, family, clock):
    with site("facebook", clock) as at_facebook:
        school.page.provers["facebook"] = at_facebook.prover(school.url)
        spent(school, BUDGET)
        family.get("/claim")
        assert [one["formaction"] for one in family.soup.find_all("button", formaction=True)] == [
            "/claim/with/facebook"
        ]
        assert "Signing in with X is not possible" in family.words
        family.sign_in("facebook", at_facebook.state.add("Grace", MEMBER).id)
    assert len(families.claims()) == 1
    assert counted(school) == {"x": BUDGET}


def test_a_budget_that_is_nearly_spent_leaves_the_way_by_mail(school, families, family, at_x):
    family.get("/claim")
    assert "not possible" not in family.words
    spent(school, 79)
    family.get("/claim")
    assert family.soup.find("button", formaction="/claim/with/x")
    spent(school, 1)
    family.get("/claim")
    assert not family.soup.find("button", formaction=True)
    assert (
        "Signing in with X is not possible until the first of next month. Please use your e-mail address instead."
        in family.words
    )
    assert family.post("/claim", TYPED).url.endswith("/claim?asked")
    assert len(families.claims()) == 1


def test_whoever_presses_the_button_all_the_same_is_sent_nowhere(school, family, at_x):
    spent(school, 80)
    answer = family.post("/claim/with/x", {"consent": "yes"})
    assert answer.status_code == 503
    assert "Signing in with X is not possible" in family.words
    assert "Set-Cookie" not in answer.headers


def test_whoever_comes_back_too_late_for_the_budget_is_not_asked_about(school, families, family, at_x):
    person = at_x.state.add("GraceOk", MEMBER)
    address = family.choose(family.start("x"), person.id)
    spent(school, 80)
    family.come_back(address)
    assert family.last.url.endswith("/claim?unproven")
    assert (at_x.state.tokens_asked, families.claims()) == (0, [])


def test_it_is_offered_again_in_the_next_month(school, family, clock):
    spent(school, 80)
    clock.wait(days=31)
    family.get("/claim")
    assert family.soup.find("button", formaction="/claim/with/x")


def test_without_a_way_by_mail_families_are_told_to_come_back(tmp_path, clock, at_x):
    with open_school(tmp_path, clock=clock, provers={}, budget=Budgets(reads={"x": 0})) as school:
        school.page.provers["x"] = at_x.prover(school.url)
        family = Family(school)
        family.get("/claim")
        assert "Please come back then, or ask the school office." in family.words
