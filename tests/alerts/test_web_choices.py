import pytest

from alerts.situation import said
from monitor.domain import ActionKind, Capability, Means
from monitor.tables import AuditRow, DecisionRow
from tests.alerts.page_school import FACEBOOK, open_school


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


def test_without_a_sealed_copy_nothing_can_be_removed(school):
    ref = school.case(copied=False)
    head = school.signed_in()
    head.get(f"/case/{ref}")
    assert "Not copied yet" in head.words
    assert not head.fields("remove")
    form = head.fields("acknowledge")
    assert head.post(f"/case/{ref}/decide", form | {"choice": "remove"}).status_code == 409
    assert head.post(f"/case/{ref}/decide", form | {"choice": "delete", "sure": "yes"}).status_code == 409
    assert not school.rows(DecisionRow)


@pytest.mark.parametrize("category", ["complaint", "press"])
@pytest.mark.parametrize("choice", ["remove", "delete", "report", "reported"])
def test_fair_criticism_can_not_be_hidden_even_by_a_forged_choice(school, category, choice):
    ref = school.case("Nobody told us about the trip", category=category, severity=1)
    head = school.signed_in()
    head.get(f"/case/{ref}")
    assert not head.fields(choice)
    form = head.fields("acknowledge") | {"choice": choice, "sure": "yes"}
    assert head.post(f"/case/{ref}/decide", form).status_code == 409
    assert not school.rows(DecisionRow)
    head.get(f"/case/{ref}")
    assert "Thank you" in head.soup.find("textarea", id="reply").text


def test_a_case_that_became_a_complaint_can_be_shown_again(school):
    ref = school.case(category="complaint", hidden=True)
    with school.store.write() as session:
        case = school.row(ref)
        case.standing = "hidden"
        session.merge(case)
    head = school.signed_in()
    assert head.choose(ref, "restore").status_code == 200


def test_dismissing_closes_the_case_and_keeps_the_reason_sealed(school):
    ref = school.case()
    head = school.signed_in()
    head.choose(ref, "dismiss", why="other", reason="Banter between Year 6 parents")
    row = school.row(ref)
    assert (row.state, row.outcome, row.closed_by) == ("closed", "not a problem", "headteacher")
    decision = school.rows(DecisionRow)[0]
    assert row.closing_reason == "Another reason"
    assert said(school.page, decision) == {"why": "other", "reason": "Banter between Year 6 parents"}
    assert b"Banter" not in (school.store.path.read_bytes())
    assert "Banter between Year 6 parents" in head.words


def test_closing_needs_an_outcome_and_a_reason(school):
    ref = school.case()
    head = school.signed_in()
    for given in ({}, {"why": "police"}, {"reason": "Called 101"}, {"why": "nonsense", "reason": "x"}):
        assert head.choose(ref, "close", **given).status_code == 422
    assert head.choose(ref, "dismiss").status_code == 422
    assert head.choose(ref, "dismiss", why="other").status_code == 422
    assert not school.rows(DecisionRow)
    head.choose(ref, "close", why="police", reason="Called 101")
    assert school.row(ref).outcome == "With the police"
    assert "Closed by the headteacher at 12:40: with the police" in head.words


def test_reporting_by_hand_is_recorded_as_said_by_a_person(school):
    ref = school.case()
    head = school.signed_in()
    head.choose(ref, "reported")
    row = school.rows(DecisionRow)[0]
    assert (row.choice, row.done, row.done_at) == ("reported", "reported", school.now)
    assert "The headteacher says it was reported to Facebook at 12:40" in head.words
    assert not head.fields("reported")
    assert "Report Harmful Content" in head.words


def test_what_only_a_person_can_do_is_recorded_as_asked_not_done(tmp_path):
    by_hand = FACEBOOK | {ActionKind.HIDE: Capability(Means.GUIDED, FACEBOOK[ActionKind.REPORT].guide)}
    with open_school(tmp_path, capabilities={"facebook": by_hand}) as school:
        ref = school.case()
        head = school.signed_in()
        head.choose(ref, "remove")
        row = school.rows(DecisionRow)[0]
        assert (row.done, row.done_at, school.row(ref).standing) == ("asked", school.now, "asked")
        assert "To be done by hand on Facebook" in head.words
        assert "Hidden" not in head.words


def test_what_the_network_refuses_for_this_item_is_not_offered(school):
    ref = school.case(refused=frozenset({ActionKind.HIDE}))
    head = school.signed_in()
    head.get(f"/case/{ref}")
    assert not head.fields("remove")
    assert "The network does not let the school hide this one" in head.words
    assert head.soup.find("a", href=f"/case/{ref}/delete")


def test_each_decision_is_in_the_audit_chain_by_role_and_reference(school):
    ref = school.case()
    school.signed_in().choose(ref, "acknowledge")
    entry = school.rows(AuditRow)[-1]
    assert (entry.actor, entry.event, entry.thing) == ("headteacher", "acknowledge decided", f"case {ref}")
