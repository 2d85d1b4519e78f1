"""Handing a case on, opening it again, tying it to another, and two reviewers at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from monitor.domain import Choice, Role
from monitor.tables import AuditRow, CaseRow, DecisionRow, NoticeRow
from monitor.tables_cases import TieRow
from tests.alerts.page_school import PEOPLE, open_school
from tests.making import HOURS


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


def route(school, ref, roles, **more):
    with school.store.write() as session:
        case = session.get_one(CaseRow, school.row(ref).id)
        case.roles = roles
        for name, value in more.items():
            setattr(case, name, value)


def waiting(school):
    return [row for row in school.rows(NoticeRow) if row.composed_at is None]


def test_handing_on_brings_the_safeguarding_lead_in_and_tells_nobody_else(school):
    ref = school.case(severity=2)
    route(school, ref, "headteacher")
    head = school.signed_in()
    head.choose(ref, "ask_dsl", reason="A pupil is upset.")
    row = school.row(ref)
    assert (row.roles, row.handed_to, row.acknowledged_by) == ("headteacher,dsl", "dsl", "headteacher")
    (notice,) = waiting(school)
    assert (notice.reason, notice.only_role, notice.severity) == ("updated", "dsl", 3)
    assert "ask_dsl decided" in {one.event for one in school.rows(AuditRow)}
    assert "The headteacher handed it to the safeguarding lead" in head.words
    assert "A pupil is upset" in head.words
    assert not head.fields("ask_dsl")


def test_who_is_handed_a_case_at_night_is_told_in_the_morning_unless_it_is_critical(tmp_path):
    with open_school(tmp_path, hours=HOURS) as school:
        school.now = school.now.replace(hour=23)
        calm, grave = school.case(severity=1), school.case(number=2, severity=4)
        head = school.signed_in()
        for ref in (calm, grave):
            route(school, ref, "headteacher")
            head.choose(ref, "ask_dsl")
        first, second = waiting(school)
        assert (first.not_before.hour, first.not_before.minute) == (6, 30)
        assert second.not_before == school.now


def test_it_is_never_handed_to_whom_it_names_nor_to_whom_it_has(school):
    there, named = school.case(), school.case(number=2, category="staff_allegation", bypassed="dsl")
    route(school, there, "headteacher,dsl")
    route(school, named, "headteacher")
    head = school.signed_in()
    for ref in (there, named):
        head.get(f"/case/{ref}")
        form = head.fields("acknowledge")
        assert not head.fields("ask_dsl")
        assert head.post(f"/case/{ref}/decide", form | {"choice": "ask_dsl"}).status_code == 409
        assert "dsl" not in school.row(named).roles


def test_it_is_not_handed_to_a_lead_who_is_named_in_another_role(tmp_path):
    both = PEOPLE | {Role.DSL: PEOPLE[Role.DEPUTY]}
    with open_school(tmp_path, people=both) as school:
        ref = school.case(category="staff_allegation", bypassed="deputy")
        route(school, ref, "headteacher")
        head = school.signed_in()
        head.get(f"/case/{ref}")
        assert head.fields("acknowledge")
        assert not head.fields("ask_dsl")


def test_a_closed_case_is_opened_again_with_a_reason_and_its_first_end_stays_on_record(school):
    ref = school.case()
    head = school.signed_in()
    head.choose(ref, "close", why="file", reason="Filed.")
    assert "Transferred to the child-protection file" in head.words or "transferred to" in head.words
    head.get(f"/case/{ref}")
    assert head.choose(ref, "reopen").status_code == 422
    head.choose(ref, "reopen", reason="The family rang.")
    row = school.row(ref)
    assert (row.state, row.closed_at, row.outcome) == ("acknowledged", None, None)
    assert "opened the case again" in head.words
    assert "Filed" in head.words
    assert "The family rang" in head.words
    assert not head.fields("reopen")
    assert head.fields("close")


def test_two_cases_are_tied_and_shown_on_both_pages(school):
    one, two = school.case(), school.case(number=2, category="insult")
    head = school.signed_in()
    head.get(f"/case/{one}")
    form = {"token": head.soup.select_one(f'form[action="/case/{one}/tie"] input[name=token]')["value"]}
    for _ in range(2):
        assert head.post(f"/case/{one}/tie", form | {"other": "sm2"}).status_code == 200
    assert len(school.rows(TieRow)) == 1
    for here, there in ((one, two), (two, one)):
        head.get(f"/case/{here}")
        assert f"See also: {there}" in head.words
        assert "Tied to another case" in head.words


def test_a_case_that_a_viewer_may_not_see_cannot_be_tied_and_is_not_shown_as_tied(school):
    one, secret = school.case(), school.case(number=2, category="staff_allegation", bypassed="headteacher")
    head, lead = school.signed_in(), school.signed_in(Role.DSL)

    def tie(browser, other):
        browser.get(f"/case/{one}")
        field = browser.soup.select_one(f'form[action="/case/{one}/tie"] input[name=token]')
        return browser.post(f"/case/{one}/tie", {"token": field["value"], "other": other})

    refused = tie(head, "2")
    assert refused.status_code == 422
    assert refused.text == tie(head, "99").text == tie(head, "1").text
    assert tie(lead, "2").status_code == 200
    assert secret in lead.last.text
    head.get(f"/case/{one}")
    assert secret not in head.last.text
    assert head.post(f"/case/{one}/tie", {"token": "x", "other": "2"}).status_code == 403


def test_who_is_on_it_is_said_to_another_reviewer_before_they_act_and_not_to_themselves(school):
    ref = school.case()
    head, lead = school.signed_in(), school.signed_in(Role.DSL)
    head.choose(ref, "acknowledge")
    assert "Speak to them before" not in head.words
    lead.get(f"/case/{ref}")
    notice = lead.soup.find("p", class_="notice")
    assert "The headteacher is on it since 12:40." in notice.text
    before = lead.last.text.index("is on it since 12:40.</strong>")
    assert before < lead.last.text.index('id="h-do"')
    lead.get("/cases")
    assert "The headteacher is on it" in lead.words


def test_of_two_reviewers_at_once_one_decides_and_the_other_is_told_what_the_first_did(school):
    ref = school.case()
    people = [school.signed_in(), school.signed_in(Role.DSL)]
    asked = []
    for person, choice in zip(people, (Choice.REMOVE, Choice.ACKNOWLEDGE), strict=True):
        person.get(f"/case/{ref}")
        asked.append((person, person.fields(choice.value)))
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: one[0].post(f"/case/{ref}/decide", one[1]), asked))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (decision,) = school.rows(DecisionRow)
    late = people[[answer.status_code for answer in answers].index(409)]
    did = {"remove": "The headteacher asked to hide it", "acknowledge": "safeguarding lead is on it"}
    assert f"Somebody else was first: The {did[decision.choice].removeprefix('The ')}" in late.words.replace(
        "The designated ", "The "
    )
