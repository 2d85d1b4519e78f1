from concurrent.futures import ThreadPoolExecutor

import pytest

from monitor.domain import ActionKind, Done, Outcome, Role
from monitor.errors import ConnectorError
from monitor.tables import DecisionRow
from tests.alerts.page_browser import Browser
from tests.alerts.page_network import carried_out
from tests.alerts.page_school import open_school


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


def test_hiding_is_asked_then_done_and_each_time_the_page_says_what_is_true(school):
    ref = school.case()
    head = school.signed_in()
    head.get(f"/case/{ref}")
    assert "Still public, as read from Facebook at 12:40" in head.words
    head.choose(ref, "remove")
    assert head.last.history[0].status_code == 303
    assert "Asked Facebook at 12:40 to hide it" in head.words
    # no reload by itself: it would close what was opened and lose what was typed (WCAG 2.2, 2.2.1)
    assert not head.soup.find("meta", attrs={"http-equiv": "refresh"})
    assert head.soup.find("a", href=f"/case/{ref}", string="Look again")
    network = carried_out(school, Outcome(Done.HIDDEN, read_back=True))
    assert network.asked == [(ActionKind.HIDE, "c1")]
    head.get(f"/case/{ref}")
    assert "Hidden at 12:41. Its author still sees it. Read back from Facebook." in head.words
    assert not head.soup.find("a", string="Look again")
    assert not head.fields("remove")
    school.pass_time(minutes=10)
    head.get(f"/case/{ref}")
    assert head.fields("restore")


def test_what_the_network_refused_is_not_shown_as_done(school):
    ref = school.case()
    head = school.signed_in()
    head.choose(ref, "remove")
    carried_out(school, ConnectorError("the token lacks a permission", permanent=True))
    head.get(f"/case/{ref}")
    assert "Facebook did not hide it: the token lacks a permission" in head.words
    assert "Still public" in head.words
    assert "Hidden at" not in head.words
    assert head.fields("remove")


def test_while_the_network_has_not_answered_nothing_else_is_asked_of_it(school):
    ref = school.case()
    head = school.signed_in()
    head.choose(ref, "remove")
    for choice in ("remove", "restore", "delete", "report", "dismiss"):
        assert not head.fields(choice)
    assert not head.soup.find("a", href=f"/case/{ref}/delete")
    form = head.fields("reported")
    assert head.post(f"/case/{ref}/decide", form | {"choice": "restore"}).status_code == 409
    head.choose(ref, "reported")
    assert "says it was reported" in head.words
    head.choose(ref, "close", why="police", reason="Called 101")
    assert "Closed by" in head.words


def test_a_removal_waits_for_the_act_stage_and_a_plain_decision_does_not(school):
    first, second = school.case(), school.case(number=2)
    head = school.signed_in()
    head.choose(first, "remove")
    head.choose(second, "acknowledge")
    asked, known = school.rows(DecisionRow)
    assert (asked.choice, asked.done_at, asked.done) == ("remove", None, None)
    assert (known.choice, known.done_at, known.done) == ("acknowledge", school.now, None)


def test_every_decision_shows_that_somebody_is_on_it(school):
    ref = school.case()
    school.signed_in().choose(ref, "remove")
    row = school.row(ref)
    assert (row.state, row.acknowledged_by, row.acknowledged_at) == (
        "acknowledged",
        "headteacher",
        school.now,
    )


def test_a_second_click_does_nothing_and_shows_the_same_page(school):
    ref = school.case()
    head = school.signed_in()
    head.get(f"/case/{ref}")
    form = head.fields("remove")
    answers = [head.post(f"/case/{ref}/decide", form) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len(school.rows(DecisionRow)) == 1
    assert school.row(ref).decisions == 1


def test_ten_clicks_at_once_are_one_decision(school):
    ref = school.case()
    head = school.signed_in()
    head.get(f"/case/{ref}")
    form, cookies = head.fields("remove"), head.session.cookies

    def click(_):
        browser = Browser(school)
        browser.session.cookies = cookies
        return browser.post(f"/case/{ref}/decide", form).status_code

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(click, range(10))) == {200}
    assert len(school.rows(DecisionRow)) == 1


def test_an_old_page_after_a_colleagues_decision_changes_nothing(school):
    ref = school.case()
    head, lead = school.signed_in(), school.signed_in(Role.DSL)
    head.get(f"/case/{ref}")
    form = head.fields("remove")
    lead.choose(ref, "dismiss", why="harmless")
    before = school.state()
    assert head.post(f"/case/{ref}/decide", form).status_code == 409
    assert "Somebody else was first: The designated safeguarding lead found it not a problem" in head.words
    assert school.state() == before


def test_the_same_choice_by_two_people_is_one_decision(school):
    ref = school.case()
    head, lead = school.signed_in(), school.signed_in(Role.DSL)
    for browser in (head, lead):
        browser.get(f"/case/{ref}")
    head.post(f"/case/{ref}/decide", head.fields("remove"))
    assert lead.post(f"/case/{ref}/decide", lead.fields("remove")).status_code == 409
    assert len(school.rows(DecisionRow)) == 1


def test_a_decision_about_a_text_that_its_author_has_changed_is_asked_again(school):
    ref = school.case()
    head = school.signed_in()
    head.get(f"/case/{ref}")
    form = head.fields("acknowledge")
    school.case("now something else", number=2)
    with school.store.write() as session:
        case = school.row(ref)
        case.item_id = school.row("SM-0002").item_id
        session.merge(case)
    assert head.post(f"/case/{ref}/decide", form).status_code == 409
    assert "the author changed the text" in head.words
    assert not school.rows(DecisionRow)


@pytest.mark.parametrize(
    "change",
    [
        {"token": "0" * 64},
        {"token": ""},
        {"seq": "1"},
        {"item": "2"},
        {"seq": "x"},
        {"choice": "erase"},
        {"choice": ""},
    ],
)
def test_a_form_that_is_not_ours_changes_nothing(school, change):
    ref = school.case()
    school.case(number=2)
    head = school.signed_in()
    head.get(f"/case/{ref}")
    form, before = head.fields("remove") | change, school.state()
    assert head.post(f"/case/{ref}/decide", form).status_code == 403
    assert school.state() == before


def test_one_cases_form_does_not_decide_another(school):
    first, second = school.case(), school.case(number=2)
    head = school.signed_in()
    head.get(f"/case/{first}")
    assert head.post(f"/case/{second}/decide", head.fields("remove")).status_code == 403
    assert not school.rows(DecisionRow)


def test_one_sign_ins_form_does_not_work_in_another(school):
    ref = school.case()
    head, lead = school.signed_in(), school.signed_in(Role.DSL)
    head.get(f"/case/{ref}")
    assert lead.post(f"/case/{ref}/decide", head.fields("remove")).status_code == 403
    assert not school.rows(DecisionRow)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
def test_a_post_from_another_site_changes_nothing(school, headers):
    ref = school.case()
    head = school.signed_in()
    head.get(f"/case/{ref}")
    assert head.post(f"/case/{ref}/decide", head.fields("remove"), headers=headers).status_code == 403
    assert not school.rows(DecisionRow)


def test_a_post_as_browsers_send_it_is_taken(school):
    ref = school.case()
    head = school.signed_in()
    head.get(f"/case/{ref}")
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
    assert head.post(f"/case/{ref}/decide", head.fields("remove"), headers=headers).status_code == 200
    assert len(school.rows(DecisionRow)) == 1


def test_a_decision_after_the_sign_in_ended_changes_nothing(school):
    ref = school.case()
    head = school.signed_in()
    head.get(f"/case/{ref}")
    form = head.fields("remove")
    school.pass_time(hours=12)
    assert head.post(f"/case/{ref}/decide", form).status_code == 401
    assert "nothing was done" in head.words
    assert not school.rows(DecisionRow)
