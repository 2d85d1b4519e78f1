"""Every route, every role, every kind of case: the table in route_table.py, asked over HTTP."""

import pytest
from starlette.routing import Route

from alerts.web.context import Person, viewer_of
from monitor.domain import Role
from monitor.tables import AuditRow, CaseRow, DecisionRow
from tests.alerts.page_browser import Browser
from tests.alerts.page_school import open_school
from tests.alerts.route_table import KINDS, ROUTES, SEES
from tests.alerts.telling import desk

PEOPLE = {role: Person(f"{role.value.title()} Example", f"{role.value}@stmarys.example") for role in Role}
SAID = "marker of what was said online"


@pytest.fixture
def school(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.alerts.page_school.PEOPLE", PEOPLE)
    with open_school(
        tmp_path,
        people=PEOPLE,
        may_see=desk().may_see,
        claim_networks=("x",),
    ) as opened:
        yield opened


def routes_of(school):
    return {
        f"{method} {route.path}"
        for route in school._stage.app.routes
        if isinstance(route, Route)
        for method in route.methods - {"HEAD"}
    }


def test_the_table_has_a_row_for_every_route_and_no_other(school):
    assert routes_of(school) == ROUTES.keys()


def ask(school, browser, name, ref):
    """One request as the row says it, with a form that is right for whoever sends it."""
    row, case = ROUTES[name], school.row(ref)
    method, _, _ = name.partition(" ")
    values = {"ref": ref, "item": case.item_id, "seq": 0}
    if method == "GET":
        return browser.get(row.path.format(**values), allow_redirects=False)
    with school.store.read() as session:
        viewer = viewer_of(school.page, session, browser.session.cookies.get("schoolgate"), now=school.now)
    form = row.form(school, viewer, values) if viewer else {}
    return browser.post(row.path.format(**values), form, allow_redirects=False)


def made(school, kind):
    """A case of this kind, whose words are SAID; its reference."""
    values = dict(KINDS[kind])
    roles = values.pop("roles")
    ref = school.case(SAID, **values)
    with school.store.write() as session:
        row = session.get_one(CaseRow, school.row(ref).id)
        row.roles = roles
        session.add(row)
    return ref


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_answered_as_the_table_says_and_sees_no_more(school, role, kind):
    """Conflict of interest, confidential allegations, and IT, who sees no content at all, hold on every route."""
    ref = made(school, kind)
    found, expected = {}, {}
    browser = school.signed_in(role)
    for name, row in ROUTES.items():
        may = role in (SEES[kind] if row.who is None else row.who) - row.never
        expected[name] = row.but.get(kind, row.allowed) if may else row.others
        answer = ask(school, browser, name, ref)
        found[name] = answer.status_code
        if role not in SEES[kind]:
            assert SAID not in answer.text, name
            assert ref not in answer.text, name
        if name == "POST /sign-out":
            browser = school.signed_in(role)
    assert found == expected
    assert bool(school.rows(DecisionRow)) is (role in SEES[kind])
    browser.get(f"/c/{school.link(ref, role)}")
    assert browser.last.status_code == (200 if role in SEES[kind] else 404)
    assert (SAID in browser.last.text) is (role in SEES[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_is_not_signed_in_gets_nothing(school, kind):
    ref = made(school, kind)
    before = [school.rows(table) for table in (CaseRow, DecisionRow, AuditRow)]
    for name, row in ROUTES.items():
        answer = ask(school, Browser(school), name, ref)
        assert answer.status_code == row.nobody, name
        assert SAID not in answer.text
        assert ref not in answer.text, name
    assert [school.rows(table) for table in (CaseRow, DecisionRow, AuditRow)] == before


def test_it_sees_no_content_of_any_case(school):
    assert all(Role.IT not in roles for roles in SEES.values())
