"""A case's story on its page: what its author did before, what happened in order, and the text to paste."""

from datetime import timedelta

import pytest

from alerts.web.timeline import MOST
from monitor.domain import Author, Done, Outcome, Role
from monitor.tables import CaseRow, ItemRow, NoticeRow
from tests.alerts.page_network import carried_out
from tests.alerts.page_school import open_school


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


def story(browser):
    return [" ".join(one.get_text().split()) for one in browser.soup.select(".times li")]


def notes(browser):
    return browser.soup.find("textarea", id="notes").text


def test_the_story_is_one_list_in_order(school):
    ref = school.case()
    school.mail(ref, "headteacher", sent_at=school.now)
    school.mail(ref, "dsl", failed_at=school.now)
    head = school.signed_in()
    school.pass_time(minutes=5)
    head.choose(ref, "remove")
    carried_out(school, Outcome(Done.HIDDEN, read_back=True))
    school.pass_time(minutes=5)
    head.choose(ref, "close", why="family", reason="Rang them")
    seen = story(head)
    order = [
        "Fri 20 Nov 2026, 12:31 Posted, as Facebook says",
        "Fri 20 Nov 2026, 12:40 Seen on Facebook",
        "Fri 20 Nov 2026, 12:40 Copied and sealed (copy 1)",
        "Fri 20 Nov 2026, 12:40 Told: the headteacher, by mail",
        "The mail to the designated safeguarding lead could not be delivered",
        "Fri 20 Nov 2026, 12:45 The headteacher asked to hide it",
        "Fri 20 Nov 2026, 12:46 Hidden, read back from the network",
        "Fri 20 Nov 2026, 12:51 The headteacher closed the case. Spoken with the family. Rang them",
    ]
    found = [next(at for at, one in enumerate(seen) if wanted in one) for wanted in order]
    assert found == sorted(found)
    assert len(seen) == len(set(seen))


def test_what_others_do_to_a_case_and_audit_stands_in_its_story_by_itself(school):
    ref, other = school.case(), school.case(number=2)
    for event, thing in (("evidence exported", ref), ("joined SM-0777", ref), ("evidence verified", other)):
        with school.store.write() as session:
            school.store.audit(
                session,
                at=school.now,
                actor="dsl",
                happened=event,
                thing=f"case {thing}",
                detail="Grace Okoro",
            )
    head = school.signed_in()
    head.get(f"/case/{ref}")
    assert any("Evidence exported" in one for one in story(head))
    assert any("Gathered into a pile-on" in one for one in story(head))
    assert not any("verified" in one for one in story(head))
    assert "SM-0777" not in head.last.text
    assert "Grace" not in head.last.text


def test_an_author_who_edits_a_thousand_times_does_not_fill_the_page(school):
    ref = school.case()
    with school.store.write() as session:
        first = session.get_one(ItemRow, 1).model_dump(exclude={"id"})
        session.add_all(ItemRow(**{**first, "version": number}) for number in range(2, 1002))
    head = school.signed_in()
    assert len(head.get(f"/case/{ref}").content) < 100_000
    assert len(story(head)) == MOST
    assert "earlier entries are left out here" in head.words


def test_what_the_author_did_before_is_listed_with_dates_and_outcomes(school):
    one, two = school.case(thread_id="a"), school.case(number=2, category="insult", severity=2, thread_id="b")
    head = school.signed_in()
    head.choose(two, "close", why="family", reason="Rang")
    ref = school.case(number=3, thread_id="c")
    head.get(f"/case/{ref}")
    assert "2 other items by this account" in head.words
    assert f"{two} Fri 20 Nov 2026, 12:31: Insult. Closed: Spoken with the family." in head.words
    assert f"{one} Fri 20 Nov 2026, 12:31: Threat. Waiting for a decision." in head.words
    assert "With this one 3 events, the first Fri 20 Nov 2026, 12:31" in head.words
    assert "the others under 2 posts or conversations" in head.words
    assert "Protection from Harassment Act 1997, section 7" in head.words


@pytest.mark.parametrize("kind", ["complaint", "dismissed", "low", "nobody"])
def test_what_is_no_event_is_no_course_of_conduct(school, kind):
    changes = {
        "complaint": {"category": "complaint"},
        "low": {"severity": 1, "category": "spam"},
        "nobody": {"author": Author()},
    }.get(kind, {})
    school.case(number=1, **changes)
    head = school.signed_in()
    if kind == "dismissed":
        head.choose("SM-0001", "dismiss", why="harmless")
    ref = school.case(number=2, **({"author": Author()} if kind == "nobody" else {}))
    head.get(f"/case/{ref}")
    assert "course of conduct" not in head.words


def test_fair_criticism_is_never_called_a_course_of_conduct(school):
    school.case(number=1)
    ref = school.case(number=2, category="complaint", severity=1)
    head = school.signed_in()
    head.get(f"/case/{ref}")
    assert "1 other item by this account" in head.words
    assert "course of conduct" not in head.words


def test_nothing_of_a_case_that_a_viewer_may_not_see_is_counted_among_an_authors(school):
    for number in (1, 2):
        school.case(number=number, category="staff_allegation", bypassed="headteacher")
    ref = school.case(number=3)
    head, lead = school.signed_in(), school.signed_in(Role.DSL)
    head.get(f"/case/{ref}")
    assert "Nothing else by this account" in head.words
    assert "course of conduct" not in head.words
    lead.get(f"/case/{ref}")
    assert "2 other items by this account" in lead.words


def test_the_law_is_the_nations_own(tmp_path):
    with open_school(tmp_path, jurisdiction="northern_ireland") as school:
        school.case()
        head = school.signed_in()
        head.get(f"/case/{school.case(number=2)}")
        assert "(Northern Ireland) Order 1997" in head.words


@pytest.mark.parametrize("closed", [False, True])
def test_the_text_to_paste_has_facts_times_decisions_and_reasons_and_no_name_or_word_of_ours(school, closed):
    ref = school.case("Grace Okoro you are dead", found="dead")
    head = school.signed_in()
    head.choose(ref, "acknowledge")
    if closed:
        head.choose(ref, "close", why="file", reason="Filed\nwith the police note")
    head.get(f"/case/{ref}")
    written = notes(head)
    for part in (
        "SM-0001: Threat (critical). St Elsewhere Primary School, Schoolgate 0.1.0.",
        "Where: Facebook page: St Elsewhere Primary School",
        "- Says that people will come to harm (words/threat.dead",
        "On the network: Still public",
        "The headteacher is on it.",
        "Sealed copies (SHA-256):",
    ):
        assert part in written
    assert (
        "Reason: Transferred to the child-protection file. Filed with the police note." in written
    ) == closed
    for name in ("Grace", "Okoro", "dead.", "kaz", "Asha", "Quill"):
        assert name not in written.replace("words/threat.dead", "")
    assert head.soup.find("textarea", id="notes").has_attr("readonly")


def test_a_note_keeps_its_shape_whatever_a_network_answers(school):
    ref = school.case()
    head = school.signed_in()
    head.choose(ref, "remove")
    carried_out(school, Outcome(Done.REFUSED, "no\n\nDecision: closed by the head\u202e"))
    head.get(f"/case/{ref}")
    assert "\nDecision:" not in notes(head)
    assert "\u202e" not in head.last.text


def test_a_case_told_with_others_says_so(school):
    ref = school.case()
    with school.store.write() as session:
        notice = session.get_one(NoticeRow, 1)
        notice.composed_at = school.now + timedelta(minutes=2)
        case = session.get_one(CaseRow, 1)
        case.decisions = 0
    head = school.signed_in()
    head.get(f"/case/{ref}")
    assert "Fri 20 Nov 2026, 12:42 Mailed, alone or with other cases." in story(head)
