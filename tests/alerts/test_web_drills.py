from datetime import timedelta

import pytest

from monitor.assess import assess
from monitor.domain import Role
from monitor.drills import move
from monitor.tables import AuditRow, CaseRow
from monitor.tables_drill import DrillRow
from tests.alerts.tuned_school import form_of, signed_in, tuned_school
from tests.making import HOURS

DRILLERS = (Role.HEADTEACHER, Role.DSL, Role.IT)


@pytest.fixture
def school(tmp_path):
    with tuned_school(tmp_path) as opened:
        yield opened


def begun(school, role=Role.HEADTEACHER, category="threat"):
    browser = signed_in(school, role)
    browser.get("/drill")
    browser.post("/drill", form_of(browser, "/drill") | {"category": category, "account": "fb-main"})
    return browser


def turn(school):
    for _ in range(2):
        move(school.store, {"fb-main": "facebook"}, HOURS, school.now)
        assess(school.store, school.judge.now()[1], clock=lambda: school.now)
    return next(iter(school.rows(CaseRow)), None)


@pytest.mark.parametrize("role", Role)
def test_three_roles_may_ask_for_a_drill(school, role):
    token = form_of(begun(school, Role.DSL), "/drill")
    asked = len(school.rows(DrillRow))
    browser = signed_in(school, role)
    assert browser.get("/drill").status_code == (200 if role in DRILLERS else 404)
    browser.get("/more")
    assert bool(browser.soup.find("a", href="/drill")) is (role in DRILLERS)
    answer = browser.post("/drill", token | {"category": "threat", "account": "fb-main"})
    assert answer.status_code in ({409, 403} if role in DRILLERS else {404})
    assert len(school.rows(DrillRow)) == asked == 1


def test_a_drill_is_shown_from_the_wish_to_its_end(school):
    it = begun(school, Role.IT)
    assert "It begins within a minute" in it.words
    assert "by the IT technician" in it.words
    case = turn(school)
    assert case is not None
    it.get("/drill")
    assert "It is going on" in it.words
    assert case.ref in it.words
    assert it.get(f"/case/{case.ref}").status_code == 404  # the technician sees no case, not even this
    school.mail(case.ref, "headteacher", sent_at=school.now + timedelta(seconds=20))
    school.pass_time(minutes=2)
    head = signed_in(school, Role.HEADTEACHER)
    head.get("/cases")
    assert "DRILL: Threat" in head.words
    head.choose(case.ref, "acknowledge")
    head.get(f"/case/{case.ref}")
    assert "DRILL: nobody wrote this" in head.words
    assert "nothing is done on any network" in head.words
    it.get("/drill")
    (row,) = it.soup.select(".times li")
    took = "mail made 0 s, accepted 20 s, signed in 2 min, decided 2 min"
    assert " ".join(row.text.split()) == f"the headteacher: {took}"
    assert "Acknowledged after 2 min by the headteacher" in it.words
    head.choose(case.ref, "close", why="in_school", reason="Well done all.")
    turn(school)
    it.get("/drill")
    assert "Answered: its case was closed by a person" in it.words


def test_a_drill_that_was_dismissed_teaches_nothing(school):
    begun(school)
    case = turn(school)
    head = signed_in(school, Role.HEADTEACHER)
    head.choose(case.ref, "dismiss", why="mistaken")
    head.get(f"/case/{case.ref}")
    assert "DRILL" in head.words
    assert "Help Schoolgate learn" not in head.words


def test_why_there_is_no_drill_is_said(school):
    school.now = school.now.replace(hour=22)
    head = begun(school)
    assert head.last.status_code == 409
    assert "this is not within waking hours" in head.words
    school.now = school.now.replace(hour=12)
    assert begun(school, category="spam").last.status_code == 409
    assert school.rows(DrillRow) == []


def test_a_form_is_good_for_one_drill(school):
    head = signed_in(school, Role.HEADTEACHER)
    head.get("/drill")
    form = form_of(head, "/drill") | {"category": "threat", "account": "fb-main"}
    assert head.post("/drill", form | {"token": "x"}).status_code == 403
    assert head.post("/drill", form).status_code == 200
    assert head.post("/drill", form).status_code == 403
    head.session.cookies.clear()
    assert head.post("/drill", form).status_code == 401
    assert len(school.rows(DrillRow)) == 1
    assert [one.actor for one in school.rows(AuditRow) if one.event == "drill asked for"] == ["headteacher"]


def test_an_ordinary_case_is_no_drill(school):
    head = signed_in(school, Role.HEADTEACHER)
    head.get(f"/case/{school.case()}")
    assert "DRILL" not in head.words
