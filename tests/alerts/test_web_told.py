"""The right door outside, what it asks, by when, and the record of who was told; the report to the network."""

import re
from datetime import UTC, datetime

import pytest

from alerts.doors import load_doors
from alerts.situation import said
from monitor.domain import Role
from monitor.tables import AuditRow, DecisionRow
from monitor.tables_rechecks import RecheckRow
from tests.alerts.page_school import FACEBOOK, X, open_school

TEXT = "Mr Quillfeather hit Poppy Madeup"


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


def door(head, name):
    """The words of one door on the page."""
    for one in head.soup.find_all("details"):
        if one.summary.get_text().strip().startswith(name):
            return re.sub(r"\s+", " ", one.get_text())
    return ""


def test_an_allegation_has_its_door_first_with_its_clock_and_its_warning(school):
    ref = school.case(TEXT, category="staff_allegation")
    head = school.signed_in()
    head.get(f"/case/{ref}")
    lado = door(head, "LADO")
    assert "Do not investigate first, and do not speak to the person named" in lado
    first = head.soup.find("section", class_="choices").find("p")
    assert "Do not investigate first" in first.text
    assert "They must be told by Mon 23 Nov 2026, 12:40" in lado  # the 20th is a Friday
    names = [
        one.summary.get_text()
        for one in head.soup.find("section", attrs={"aria-labelledby": "h-next"}).find_all("details")
    ]
    assert names[0].startswith("LADO")
    school.pass_time(days=4)
    head = school.signed_in()
    head.get(f"/case/{ref}")
    assert "This was due by Mon 23 Nov 2026, 12:40" in door(head, "LADO")


def test_the_schools_own_contact_at_the_local_authority_is_shown(tmp_path):
    doors = load_doors().reached(
        "lado", name="LADO, Northshire", phone="020 7946 0123", mail="lado@northshire.example"
    )
    with open_school(tmp_path, doors=doors) as school:
        ref = school.case(category="staff_allegation")
        head = school.signed_in()
        head.get(f"/case/{ref}")
        assert head.soup.find("a", href="tel:02079460123")
        assert "lado@northshire.example" in door(head, "LADO, Northshire")


def test_that_somebody_was_told_is_on_record_sealed_with_time_and_reference(school):
    ref = school.case(category="staff_allegation")
    head = school.signed_in()
    head.choose(ref, "told", why="lado", at="2026-11-20T12:35", reference="NS-2026-117")
    [row] = school.rows(DecisionRow)
    assert (row.choice, row.done, row.done_at) == ("told", None, school.now)
    assert said(school.page, row) == {
        "why": "lado", "reason": "", "reference": "NS-2026-117", "to": "LADO", "at": "2026-11-20T12:35:00+00:00",
    }  # fmt: skip
    assert b"NS-2026-117" not in school.store.path.read_bytes()
    assert "The headteacher told them, 12:35, reference" in door(head, "LADO")
    assert "They must be told by" not in door(head, "LADO")
    assert [row.hours for row in school.rows(RecheckRow)] == [1, 48]  # whether it is gone then
    assert "told somebody outside, 12:40. LADO. 12:35. Reference NS-2026-117" in head.words.replace(
        "“", ""
    ).replace("”", "")
    last = school.rows(AuditRow)[-1]
    assert (last.event, last.detail) == ("told decided", "decision 1, item 1, lado")
    assert school.row(ref).state == "acknowledged"


@pytest.mark.parametrize(
    "given",
    [
        {"at": "2026-11-20T13:40"},  # ahead
        {"at": "2024-11-20T12:00"},
        {"at": "noon"},
        {"at": ""},
        {"why": "the_neighbour"},
    ],
)
def test_whom_and_when_must_be_so(school, given):
    ref = school.case(category="staff_allegation")
    head = school.signed_in()
    answer = head.choose(ref, "told", **({"why": "lado", "at": "2026-11-20T12:35"} | given))
    assert answer.status_code == 422
    assert "when, must be on record" in head.words
    assert not school.rows(DecisionRow)


def test_a_time_is_read_as_the_schools_own(school):
    school.now = datetime(2026, 7, 10, 9, 0, tzinfo=UTC)
    ref = school.case(category="grooming")
    head = school.signed_in(Role.DSL)
    head.choose(ref, "told", why="ceop", at="2026-07-10T09:50")
    assert said(school.page, school.rows(DecisionRow)[0])["at"] == "2026-07-10T08:50:00+00:00"


def test_the_block_to_copy_holds_what_they_ask_and_no_name_and_no_word_of_it(school):
    ref = school.case(TEXT, category="grooming", thread_id="t9")
    head = school.signed_in(Role.DSL)
    head.get(f"/case/{ref}")
    block = head.soup.find("textarea", id="block-ceop").text
    for part in (
        ref,
        "https://www.facebook.com/st-elsewhere/posts/1?comment=1",
        "c1",
        "t9",
        "u1",
        "2026-11-20 12:31 UTC",
    ):
        assert part in block, part
    assert "12:40" in block
    assert not re.search("Poppy|Quillfeather|Kaz|hit", block)
    asked = door(head, "CEOP Safety Centre")
    assert "What happened" in asked
    assert "Who it happened to" in asked
    assert "What you know about the suspect" in asked


def test_an_address_that_leads_elsewhere_is_not_in_the_block(school):
    ref = school.case(category="grooming", url="https://facebook.com.evil.example/1")
    head = school.signed_in(Role.DSL)
    head.get(f"/case/{ref}")
    assert "evil.example" not in head.last.text


@pytest.mark.parametrize("category", ["complaint", "press"])
def test_fair_criticism_has_no_door_no_report_and_ready_words(tmp_path, category):
    with open_school(tmp_path, complaints="https://stelsewhere.example/complaints") as school:
        ref = school.case(category=category, severity=1)
        head = school.signed_in()
        head.get(f"/case/{ref}")
        assert not head.fields("told")
        assert not head.fields("reported")
        assert not head.soup.find("textarea", id="report-block")
        texts = " ".join(one.text for one in head.soup.find_all("textarea", readonly=True))
        assert "Thank you" in texts
        assert ("https://stelsewhere.example/complaints" in texts) == (category == "complaint")


def test_a_report_says_what_to_choose_there_and_keeps_the_reference(tmp_path):
    with open_school(tmp_path, capabilities={"facebook": FACEBOOK, "x": X}) as school:
        ref = school.case(network="x", category="discrimination.race")
        head = school.signed_in()
        head.get(f"/case/{ref}")
        assert "Choose Hate." in head.words
        assert "X calls it: Hate" in head.soup.find("textarea", id="report-block").text
        head.choose(ref, "reported", reference="0400012345")
        assert said(school.page, school.rows(DecisionRow)[0])["reference"] == "0400012345"
        assert "Reference 0400012345" in head.words
        assert {row.hours for row in school.rows(RecheckRow)} == {1, 48}
        assert "Schoolgate looks again at 13:40 and Sun 22 Nov, 12:40" in head.words
        assert "Report Harmful Content" in head.words


def test_a_reference_cannot_turn_the_page_round(school):
    ref = school.case()
    head = school.signed_in()
    head.choose(ref, "reported", reference="\u202egnp.exe<b>")
    assert "\u202e" not in head.last.text
    assert "<b>" not in str(head.soup.find("ol", class_="record"))


def test_what_was_seen_later_stands_on_the_page(school):
    ref = school.case()
    head = school.signed_in()
    head.choose(ref, "reported")
    with school.store.write() as session:
        for row in school.rows(RecheckRow):
            row.done_at, row.found = row.due_at, "public"
            row.nudge = row.hours == 48
            session.merge(row)
    school.pass_time(hours=49)
    head = school.signed_in()
    head.get(f"/case/{ref}")
    assert "Fri 20 Nov, 13:40: looked again, it is public." in head.words
    assert "Still public two days after it was reported" in head.words
    assert head.soup.find("a", href="tel:03443814772")


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ("hidden", "still hidden"),
        ("gone", "Facebook no longer has it"),
        ("back", "it is back: everybody sees it"),
        ("unread", "could not look again"),
    ],
)
def test_each_finding_has_its_words(school, found, says):
    ref = school.case()
    head = school.signed_in()
    head.choose(ref, "reported")
    with school.store.write() as session:
        row = school.rows(RecheckRow)[0]
        row.done_at, row.found, row.edited = school.now, found, True
        session.merge(row)
    head.get(f"/case/{ref}")
    assert f"{says}; its author had edited it." in head.words


def test_a_look_is_due_for_what_a_person_does_by_hand(school):
    ref = school.case()
    school.signed_in().choose(ref, "reported")
    assert len(school.rows(RecheckRow)) == 2
