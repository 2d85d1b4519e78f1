"""Holding a case on its page: who may, what it shows, and that it is kept."""

import pytest

from monitor.domain import Role
from monitor.holds import SEALED, restrict
from monitor.retention import prune
from monitor.tables import EvidenceRow
from monitor.tables_holds import HoldRow
from tests.alerts.page_school import open_school
from tests.monitor.aging import KEEP

WHY = "The police asked for it <b>today</b>"


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


def form_of(browser, ref, do):
    browser.get(f"/case/{ref}")
    for form in browser.soup.find_all("form", action=f"/case/{ref}/hold"):
        fields = {one["name"]: one["value"] for one in form.find_all("input")}
        if fields["do"] == do:
            return fields
    return {}


def held(school, ref, role=Role.DSL):
    browser = school.signed_in(role)
    answer = browser.post(f"/case/{ref}/hold", form_of(browser, ref, "place") | {"why": WHY})
    assert answer.status_code == 200
    browser.get(f"/case/{ref}")
    return browser


def restrict_account(school):
    with school.store.write() as session:
        restrict(session, school.store, "x", "10472", why=WHY, by=Role.IT.value, now=school.now)


def test_a_held_case_says_so_and_is_listed(school):
    ref = school.case()
    browser = held(school, ref)
    assert "Held: nothing of it is deleted" in browser.words
    assert WHY in browser.words
    assert "<b>today" not in browser.last.text
    assert "by the designated safeguarding lead" in browser.words
    browser.get("/holds")
    assert ref in browser.words
    assert WHY in browser.words
    (row,) = school.rows(HoldRow)
    assert school.store.vault.unseal_json(row.sealed, SEALED) == {"why": WHY}


def test_it_is_kept_until_the_hold_is_lifted(school):
    ref = school.case()
    head = held(school, ref, Role.HEADTEACHER)
    head.choose(ref, "close", why="family", reason="Spoke with them")
    school.pass_time(days=2000)
    prune(school.store, KEEP, school.now)
    assert all(row.sealed for row in school.rows(EvidenceRow))
    head = school.signed_in()
    assert head.post(f"/case/{ref}/hold", form_of(head, ref, "lift")).status_code == 200
    head.get(f"/case/{ref}")
    assert "Hold it against deletion" in head.words
    school.pass_time(days=1)
    prune(school.store, KEEP, school.now)
    assert not any(row.sealed for row in school.rows(EvidenceRow))


def test_the_deputy_sees_a_hold_and_places_none(school):
    ref = school.case()
    held(school, ref)
    deputy = school.signed_in(Role.DEPUTY)
    assert form_of(deputy, ref, "lift") == {}
    assert "Held: nothing of it is deleted" in deputy.words
    other = school.case(number=2)
    assert form_of(deputy, other, "place") == {}
    assert "Keep it longer" not in deputy.words


def test_no_reason_no_hold(school):
    ref = school.case()
    dsl = school.signed_in(Role.DSL)
    assert dsl.post(f"/case/{ref}/hold", form_of(dsl, ref, "place") | {"why": "  "}).status_code == 422
    assert school.rows(HoldRow) == []


def test_a_form_holds_once_and_a_forged_one_never(school):
    ref = school.case()
    dsl = school.signed_in(Role.DSL)
    form = form_of(dsl, ref, "place") | {"why": WHY}
    assert dsl.post(f"/case/{ref}/hold", form).status_code == 200
    assert dsl.post(f"/case/{ref}/hold", form).status_code == 403
    assert dsl.post(f"/case/{ref}/hold", form | {"do": "lift"}).status_code == 403
    assert len(school.rows(HoldRow)) == 1


def test_of_an_account_it_says_who_lifts_it(school):
    restrict_account(school)
    browser = school.signed_in(Role.HEADTEACHER)
    browser.get("/holds")
    assert "Everything of one account" in browser.words
    assert "tell the technician: hold 1 is lifted by command" in browser.words


def test_a_case_about_the_head_is_listed_to_others_alone(school):
    ref = school.case(bypassed="headteacher")
    held(school, ref)
    head = school.signed_in()
    head.get("/holds")
    assert ref not in head.last.text
