import pytest

from monitor.domain import Role
from tests.alerts.page_school import open_school


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


def test_an_answer_to_an_allegation_does_not_show_it_to_whom_it_names(school):
    school.case("The head took the money", category="staff_allegation", severity=3, bypassed="headteacher")
    ref = school.case(
        "you are all idiots", category="insult", severity=2, number=2, parent_id="c1", thread_id="c1"
    )
    head, dsl = school.signed_in(), school.signed_in(Role.DSL)
    assert "took the money" not in head.get(f"/case/{ref}").text
    assert "took the money" in dsl.get(f"/case/{ref}").text


def test_a_flood_does_not_push_the_gravest_case_off_the_list(school, monkeypatch):
    monkeypatch.setattr("alerts.web.listing.PER_PAGE", 5)
    school.case("I will hurt you", severity=4, number=1)
    for number in range(2, 12):
        school.case("you idiot", category="insult", severity=2, number=number)
    for number in range(12, 20):
        school.case(
            "the head took it", category="staff_allegation", severity=4, number=number, bypassed="headteacher"
        )
    head = school.signed_in()
    refs = [link["href"][-7:] for link in head.soup.select(".cases a")]
    assert refs[0] == "SM-0001"
    assert len(refs) == 5
    assert "Page 1 of 3" in head.words


def test_a_changed_comment_that_nobody_has_judged_is_not_shown_under_what_answers_it(school):
    first = school.case("a fine photograph", category="insult", severity=2)
    ref = school.case(
        "you are all idiots", category="insult", severity=2, number=2, parent_id="c1", thread_id="c1"
    )
    head = school.signed_in()
    assert "a fine photograph" in head.get(f"/case/{ref}").text
    school.newer_version(first)  # it may be an allegation now
    assert "now something else" not in head.get(f"/case/{ref}").text
