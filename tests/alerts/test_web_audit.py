from __future__ import annotations

import re
from pathlib import Path

from sqlmodel import select

from alerts.web.auditing import ABOUT, OF_THEIR_OWN, SHOWN
from monitor.domain import Role
from monitor.tables import AuditRow, OutboxRow
from tests.alerts.page_browser import Browser
from tests.alerts.page_school import School, open_school

ROOT = Path(__file__).parents[2]


def note(school: School, happened: str, thing: str, *, actor: str = "schoolgate", detail: str = "") -> None:
    with school.store.write() as session:
        school.store.audit(session, at=school.now, actor=actor, happened=happened, thing=thing, detail=detail)


def looked(school: School, role: Role, path: str = "/audit") -> Browser:
    browser = school.signed_in(role)
    assert browser.get(path).status_code == 200
    return browser


def a_case(school: School, number: int = 1, *, bypassed: str = "") -> str:
    ref = school.case(number=number, bypassed=bypassed)
    note(school, "case opened", f"case {ref}", detail="threat")
    return ref


def test_the_newest_entry_is_first_and_its_case_is_a_link(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        ref = a_case(school)
        note(school, "remove carried out", f"case {ref}", detail="hidden, read back")
        browser = looked(school, Role.HEADTEACHER)
        said = [one.get_text() for one in browser.soup.select("main li strong")]
        assert said[:2] == ["Remove carried out (hidden, read back)", "Case opened (threat)"]
        assert browser.soup.select_one("main li a")["href"] == f"/case/{ref}"


def test_entries_of_a_case_that_is_not_ones_to_see_are_not_there(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        a_case(school, 1, bypassed="headteacher")
        a_case(school, 2)
        browser = looked(school, Role.HEADTEACHER)
        assert "SM-0002" in browser.last.text
        assert "SM-0001" not in browser.last.text
        assert "SM-0001" in looked(school, Role.DSL).last.text


def test_a_mail_about_a_case_that_is_not_ones_to_see_is_not_there(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        for number, bypassed in ((1, "headteacher"), (2, "")):
            ref = a_case(school, number, bypassed=bypassed)
            school.mail(ref, "dsl", sent_at=school.now)
        with school.store.read() as session:
            ids = [row.id for row in session.exec(select(OutboxRow).order_by(OutboxRow.id))]
        for one in ids:
            note(school, "mail accepted (first)", f"message {one}", detail="to dsl")
        browser = looked(school, Role.HEADTEACHER)
        assert f"message {ids[0]}" not in browser.words
        assert f"message {ids[1]}" in browser.words
        assert "message" not in looked(school, Role.IT).words


def test_the_technician_sees_what_the_service_did_and_no_case(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        a_case(school)
        note(school, "incident opened", "stream:fb-main:comment")
        note(school, "incident opened", "claim:12")
        note(school, "digest made", "digest 2026-11-20")
        browser = looked(school, Role.IT)
        assert "SM-0001" not in browser.last.text
        assert "threat" not in browser.last.text
        assert "stream:fb-main:comment" in browser.words
        assert "digest 2026-11-20" in browser.words
        assert "claim:12" not in browser.words


def test_the_office_sees_followers_and_no_abuse(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        a_case(school)
        note(school, "follower approved", "follower 7", actor="office")
        browser = looked(school, Role.OFFICE)
        assert "follower 7" in browser.words
        assert "SM-0001" not in browser.last.text


def test_who_else_signed_in_is_the_technicians_to_know(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        note(school, "signed in", "page", actor="dsl")
        assert "safeguarding lead" not in looked(school, Role.HEADTEACHER).words
        assert "safeguarding lead" in looked(school, Role.DSL).words
        assert "safeguarding lead" in looked(school, Role.IT).words


def test_one_case_can_be_asked_for_and_one_day(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        first = a_case(school, 1)
        school.pass_time(days=2)
        a_case(school, 2)
        browser = looked(school, Role.HEADTEACHER, f"/audit?case={first.lower()}")
        assert "SM-0001" in browser.words
        assert "SM-0002" not in browser.words
        browser.get("/audit?day=2026-11-22")
        assert "SM-0002" in browser.words
        assert "SM-0001" not in browser.words


def test_asking_for_a_case_that_is_not_ones_to_see_answers_as_for_none(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        a_case(school, 1, bypassed="headteacher")
        browser = looked(school, Role.HEADTEACHER, "/audit?case=SM-0001")
        hidden = browser.words.replace("SM-0001", "SM-0009")
        browser.get("/audit?case=SM-0009")
        assert browser.words == hidden


def test_what_makes_no_sense_in_the_address_is_as_if_not_said(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        a_case(school)
        for query in (
            "day=tomorrow",
            "page=-1",
            "page=0",
            "page=%C2%B2",
            "case=%3Cscript%3E&case=x",
            "page=" + "9" * 40,
        ):
            browser = looked(school, Role.HEADTEACHER, f"/audit?{query}")
            assert "<script" not in browser.last.text


def test_older_entries_are_on_the_next_page(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        for number in range(SHOWN + 5):
            note(school, "digest made", f"digest {number}")
        browser = looked(school, Role.HEADTEACHER)
        assert len(browser.soup.select("main li.card")) == SHOWN
        browser.get(browser.soup.find("a", string="Older entries")["href"])
        assert len(browser.soup.select("main li.card")) == 5
        assert browser.soup.find("a", string="Newer entries") is not None
        assert browser.soup.find("a", string="Older entries") is None


def test_the_head_of_the_chain_is_said_and_that_it_holds(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        note(school, "digest made", "digest 2026-11-20")
        newest = school.rows(AuditRow)[-1].hash
        browser = looked(school, Role.IT)
        assert "The record is whole" in browser.words
        assert newest[:12] in browser.words


def test_a_chain_that_was_changed_is_said(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        note(school, "digest made", "digest 2026-11-20")
        note(school, "digest made", "digest 2026-11-21")
        with school.store.write() as session:
            session.exec(select(AuditRow)).first().detail = "planted"
        assert "The record is broken" in looked(school, Role.DSL).words


def test_looking_changes_nothing(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        a_case(school)
        before = school.state()
        looked(school, Role.HEADTEACHER)
        school.pass_time(hours=1)
        looked(school, Role.IT)
        assert school.state() == before


def test_everything_that_is_ever_noted_is_known_here() -> None:
    """An entry of an unknown kind would be shown to nobody: whoever adds one says here whose it is."""
    things = set()
    for path in [*ROOT.glob("monitor/**/*.py"), *ROOT.glob("alerts/**/*.py")]:
        for call in re.findall(r"\.audit\((.*?)\n\s*\)", path.read_text("utf-8"), re.DOTALL):
            things |= set(re.findall(r"thing=f?\"([a-z ]+)", call))
    assert len(things) > 8
    for thing in things:
        assert any(thing.startswith((about, about.strip())) for about in (*ABOUT, *OF_THEIR_OWN)), thing


def test_time_is_the_schools(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        school.pass_time(days=220)
        note(school, "digest made", "digest x")
        assert "13:40" in looked(school, Role.IT).words
