from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor import coverage
from monitor.domain import Role
from monitor.incidents import open_incident
from monitor.tables import StreamRow
from tests.alerts.page_school import NOON, PEOPLE, School, open_school

TEN = timedelta(minutes=10)


def read_at(school: School, *times: datetime, kind: str = "comment", every: timedelta = TEN) -> None:
    """The network answered a turn at each of these times."""
    for at in times:
        with school.store.write() as session:
            rows = [row for row in school.rows(StreamRow) if row.kind == kind]
            stream = (
                session.merge(rows[0])
                if rows
                else StreamRow(school_id=school.store.school, account="fb-main", kind=kind, next_due=at)
            )
            session.add(stream)
            coverage.answered(
                session, school.store, stream, every=every, zone=school.page.timezone, now=at, whole=True
            )
            stream.last_success_at = at
            stream.baseline_at = stream.baseline_at or at


def every_ten_minutes(first: datetime, last: datetime) -> list[datetime]:
    return [first + number * TEN for number in range((last - first) // TEN + 1)]


def days(school: School, role: Role = Role.HEADTEACHER) -> dict[str, str]:
    """What the page says of each day of the first account."""
    browser = school.signed_in(role)
    assert browser.get("/coverage").status_code == 200
    return {
        row.th.get_text(): row.td.get_text().strip() for row in browser.soup.select("table.days tbody tr")
    }


def test_a_day_without_a_gap_was_watched_all_day(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        read_at(school, *every_ten_minutes(datetime(2026, 11, 18, 12, tzinfo=UTC), NOON))
        said = days(school)
        assert said["Fri 20 Nov"] == "✔ watched so far"
        assert said["Thu 19 Nov"] == "✔ watched all day"
        assert said["Wed 18 Nov"] == "✔ watched from 12:00"
        assert len(said) == 3  # nothing is said of the days before watching began


def test_an_account_that_was_never_read_has_a_record_of_no_day(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        assert set(days(school).values()) == {"○ no record of this day"}


def test_a_gap_is_named_in_the_schools_own_time(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        school.now = datetime(2026, 7, 2, 11, 0, tzinfo=UTC)
        morning = every_ten_minutes(
            datetime(2026, 7, 1, 0, 5, tzinfo=UTC), datetime(2026, 7, 2, 5, 15, tzinfo=UTC)
        )
        read_at(school, *morning, *every_ten_minutes(datetime(2026, 7, 2, 8, 2, tzinfo=UTC), school.now))
        assert days(school)["Thu 2 Jul"] == "✖ not watched 06:15–09:02"
        assert days(school)["Wed 1 Jul"] == "✔ watched from 01:05"


def test_a_gap_over_midnight_is_on_both_days(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        off, back = datetime(2026, 11, 18, 22, tzinfo=UTC), datetime(2026, 11, 20, 3, tzinfo=UTC)
        day_before = datetime(2026, 11, 17, 12, tzinfo=UTC)
        read_at(school, *every_ten_minutes(day_before, off), *every_ten_minutes(back, NOON))
        said = days(school)
        assert said["Wed 18 Nov"] == "✖ not watched 22:00–24:00"
        assert said["Thu 19 Nov"] == "✖ not watched all day"
        assert said["Fri 20 Nov"] == "✖ not watched 00:00–03:00"


def test_what_is_not_watched_now_is_said_without_an_end(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        read_at(school, *every_ten_minutes(NOON - timedelta(hours=30), NOON - timedelta(hours=2)))
        assert days(school)["Fri 20 Nov"] == "✖ not watched since 10:40"


def test_followers_that_were_not_read_are_told_apart_from_comments(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        hour = timedelta(hours=1)
        read_at(school, *every_ten_minutes(datetime(2026, 11, 18, 12, tzinfo=UTC), NOON))
        read_at(
            school,
            datetime(2026, 11, 18, 12, tzinfo=UTC),
            datetime(2026, 11, 20, 2, tzinfo=UTC),
            *(NOON - number * hour for number in range(10, -1, -1)),
            kind="follower",
            every=hour,
        )
        assert days(school)["Fri 20 Nov"] == "✖ followers not read 00:00–02:00"


def test_how_many_readings_were_made_and_missed_is_said(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        read_at(school, NOON - timedelta(minutes=50), NOON)
        browser = school.signed_in()
        browser.get("/coverage")
        assert browser.soup.select_one("table.days tbody tr").select("td")[1].get_text() == "2 of 6"
        assert "33% of those planned" in browser.words


@pytest.mark.parametrize("role", PEOPLE)
def test_everybody_who_is_signed_in_may_see_it_and_no_word_of_a_comment(tmp_path: Path, role: Role) -> None:
    with open_school(tmp_path) as school:
        school.case("planted words")
        browser = school.signed_in(role)
        assert browser.get("/coverage").status_code == 200
        assert "planted" not in browser.last.text
        assert "SM-0001" not in browser.last.text


def test_a_stranger_is_sent_to_the_sign_in(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        browser = school.signed_in()
        browser.session.cookies.clear()
        for path in ("/coverage", "/audit", "/digests", "/digests/1", "/settings-check", "/more"):
            assert browser.get(path, allow_redirects=False).headers["Location"] == "/"


def test_an_access_that_runs_out_is_said_and_its_cure_to_the_technician_only(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        with school.store.write() as session:
            open_incident(
                school.store, session, "expires:fb-main:token", says="fb-main: its token runs out on 27 Nov 2026",
                cure="Make a new page token.", now=NOON,
            )  # fmt: skip
            open_incident(school.store, session, "claim:7", says="a claim", cure="x", now=NOON)
        head, technician = school.signed_in(), school.signed_in(Role.IT)
        head.get("/coverage")
        technician.get("/coverage")
        assert "runs out on 27 Nov 2026" in head.words
        assert "Make a new page token" not in head.words
        assert "Make a new page token" in technician.words
        assert "a claim" not in technician.words


def test_the_technician_comes_to_the_coverage_first(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        browser = school.signed_in(Role.IT)
        assert browser.get("/").url.endswith("/coverage")


def test_the_pages_that_are_a_viewers_are_listed(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        for role, wanted in (
            (Role.HEADTEACHER, ["/coverage", "/digests", "/audit", "/holds"]),
            (Role.IT, ["/coverage", "/audit"]),
        ):
            browser = school.signed_in(role)
            browser.get("/more")
            assert [one["href"] for one in browser.soup.select("main a")] == wanted
