from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from alerts import keeping
from alerts.compose_digest import digest_values
from alerts.compose_report import termly_values
from monitor.domain import Role
from monitor.tables import DigestRow
from tests.alerts import mails, reporting
from tests.alerts.page_school import School, open_school
from tests.making import HOURS


def kept(school: School, role: Role, day: date = date(2026, 11, 20), kind: str = "daily", **changes) -> None:
    values = (
        termly_values(reporting.figures(), mails.stamp("termly", role), "Autumn term 2026", mails.NOW)
        if kind == "termly"
        else digest_values(mails.digest(**changes), mails.stamp("digest", role))
    )
    with school.store.write() as session:
        keeping.keep(school.store, session, kind=kind, day=day, role=role, values=values, now=school.now)


def made(school: School, *days: int) -> None:
    with school.store.write() as session:
        for day in days:
            at = datetime(2026, 11, day, 8, tzinfo=UTC)
            session.add(
                DigestRow(
                    school_id=school.store.school,
                    local_date=date(2026, 11, day),
                    covers_from=at,
                    covers_to=at,
                    created_at=at,
                )
            )


def test_a_digest_reads_as_it_was_mailed(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        kept(school, Role.OFFICE)
        browser = school.signed_in(Role.OFFICE)
        browser.get("/digests")
        browser.get(browser.soup.select_one("main ul a")["href"])
        mailed = mails.part(mails.KINDS["digest-office"](), "plain")
        for line in ("no claim in 14 days", "not watched", "The mailbox does not exist."):
            assert line in " ".join(mailed.split())
            assert line in browser.words
        assert "SM-0142" not in browser.words


def test_a_digest_is_shown_to_the_role_it_was_mailed_to_and_to_nobody_else(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        kept(school, Role.DSL)
        assert school.signed_in(Role.DSL).get("/digests/1").status_code == 200
        for role in (Role.HEADTEACHER, Role.OFFICE, Role.IT, Role.DEPUTY):
            browser = school.signed_in(role)
            assert browser.get("/digests/1").status_code == 404
            browser.get("/digests")
            assert "None was mailed to you yet" in browser.words
        assert school.signed_in(Role.DSL).get("/digests/99").status_code == 404


def test_what_a_stranger_typed_is_shown_as_text(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        row = mails.FollowerRow(
            handle="<b>x</b><script>1</script>",
            network="x",
            account="a",
            state=mails.VerificationState.UNVERIFIED,
            since=mails.NOW,
        )
        kept(school, Role.OFFICE, followers=(row,))
        browser = school.signed_in(Role.OFFICE)
        browser.get("/digests/1")
        assert "<script>1" not in browser.last.text
        assert browser.soup.main.find("b") is None


def test_days_that_should_have_had_a_digest_and_had_none_are_named(tmp_path: Path) -> None:
    with open_school(tmp_path, hours=HOURS) as school:
        made(school, 16, 18, 19)  # Monday, Wednesday, Thursday; it is Friday afternoon
        browser = school.signed_in(Role.DSL)
        browser.get("/digests")
        assert "Fri 20 Nov 2026, Tue 17 Nov 2026." in browser.words


def test_a_weekend_without_a_digest_is_no_gap(tmp_path: Path) -> None:
    with open_school(tmp_path, hours=HOURS) as school:
        made(school, 13, 16, 17, 18, 19, 20)
        browser = school.signed_in(Role.DSL)
        browser.get("/digests")
        assert "Days without a digest" not in browser.words


def test_the_terms_report_is_a_pdf_too(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        kept(school, Role.HEADTEACHER, kind="termly")
        kept(school, Role.HEADTEACHER)
        browser = school.signed_in(Role.HEADTEACHER)
        browser.get("/digests/1")
        answer = browser.get(browser.soup.find("a", string="The same as a PDF, for paper")["href"])
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
        assert browser.get("/digests/2?pdf").headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("role", [Role.HEADTEACHER, Role.IT])
def test_looking_at_the_archive_changes_nothing(tmp_path: Path, role: Role) -> None:
    with open_school(tmp_path, hours=HOURS) as school:
        kept(school, role)
        browser = school.signed_in(role)
        before = school.state()
        browser.get("/digests")
        browser.get("/digests/1")
        assert school.state() == before
