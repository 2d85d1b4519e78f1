"""The page with the running service's judge, by rules alone, and the whole desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from alerts.trying import PhraseTester
from alerts.web.app import create_app
from alerts.web.context import Person
from monitor.assess import assess
from monitor.domain import Role
from monitor.register import import_register
from monitor.register_csv import read_register
from tests.alerts.page_browser import Browser
from tests.alerts.page_school import PEOPLE, School, open_school
from tests.alerts.telling import desk
from tests.judges import judges
from tests.making import HOURS
from tests.monitor.test_assess import arrive

EVERYBODY = PEOPLE | {
    Role.ESAFETY: Person("Gwen Rook", "esafety@stmarys.example"),
    Role.CHAIR: Person("Fay Teal", "chair@stmarys.example"),
}
RECORDS = (
    b"Contact ID,Contact Forename,Contact Surname,Email,Pupil Forename,Pupil Surname\n"
    b"1,Casey,Lockhart,casey@family.example,Ottilie,Lockhart\n"
)


@contextmanager
def tuned_school(folder: Path, **detection: object) -> Iterator[School]:
    """`school.judge` is its judge; `detection`: keys of the configuration's table."""
    with open_school(folder, people=EVERYBODY) as school:
        judge = judges(school.store, **detection)
        school.judge = judge
        school.page = replace(
            school.page,
            judge=judge,
            tester=PhraseTester(judge, desk()),
            drill_hours=HOURS,
            drill_accounts=("fb-main",),
            may_see=desk().may_see,
        )
        school._stage.app = create_app(school.page)
        yield school


def signed_in(school: School, role: Role) -> Browser:
    """As `School.signed_in`, for every role that this school has."""
    before = dict(PEOPLE)
    PEOPLE.update(EVERYBODY)
    try:
        return school.signed_in(role)
    finally:
        PEOPLE.clear()
        PEOPLE.update(before)


def with_records(school: School) -> None:
    import_register(school.store, read_register(RECORDS).people, school.now)


class _Now:
    def __init__(self, school: School) -> None:
        self.school = school

    def __call__(self):
        return self.school.now


def arrived(school: School, *texts: str, first: int = 1) -> list[str]:
    """Comments that came and were judged; the references of all cases."""
    arrive(school.store, _Now(school), *texts, first=first)
    assess(school.store, school.judge.now()[1], clock=lambda: school.now)
    from monitor.tables import CaseRow

    return [row.ref for row in school.rows(CaseRow)]


def form_of(browser: Browser, action: str, **having: str) -> dict[str, str]:
    """The hidden fields of the form that goes to `action` and holds these values; empty when there is none."""
    for form in browser.soup.find_all("form", action=action):
        values = {
            one["name"]: one.get("value", "") for one in form.find_all("input", attrs={"type": "hidden"})
        }
        if having.items() <= values.items():
            return values
    return {}
