"""`schoolgate hold`: by command, for somebody who may see the case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlmodel import select

from monitor.app import utc_now
from monitor.holds import reason_of
from monitor.tables import AuditRow, CaseRow
from monitor.tables_holds import HoldRow
from tests.monitor.test_cli import _logging_as_before, at  # noqa: F401 - the fixture works by being here
from tests.school import THREAT, School, school

pytestmark = pytest.mark.slow  # each command joins the whole school up anew


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school with one threat, read and judged."""
    with school(tmp_path_factory.mktemp("hold"), utc_now, more='\n[detection]\nmodel = "off"\n') as made:
        assert made.run("poll", "--once").returncode == 0
        made.says_on_facebook(THREAT)
        assert made.run("poll", "--once").returncode == 0
        yield made


def test_a_case_is_held_listed_without_its_reason_and_let_go(built: School) -> None:
    with built.store() as store, store.read() as session:
        ref = session.exec(select(CaseRow)).one().ref
    assert "Nothing is held." in at(built, "hold", "list").stdout
    placed = at(built, "hold", "place", ref, "--for", "dsl", "--why", "Quillfeather's solicitor wrote")
    assert placed.exit_code == 0, placed.stderr
    again = at(built, "hold", "place", ref, "--for", "dsl", "--why", "x")
    assert (again.exit_code, again.stderr.count("\n")) == (1, 1)
    assert "is held already" in again.stderr
    shown = at(built, "hold", "list")
    assert ref in shown.stdout
    assert "Quillfeather" not in shown.stdout
    (one,) = json.loads(at(built, "hold", "list", "--json").stdout)["holds"]
    assert (one["case"], one["kind"], one["placed_by"]) == (ref, "legal", "dsl")
    placed_at = datetime.fromisoformat(one["placed_at"]).astimezone(built.settings().school.zone)
    assert f"{placed_at:%Y-%m-%d %H:%M}" in shown.stdout
    with built.store() as store, store.read() as session:
        row = session.exec(select(HoldRow)).one()
        assert reason_of(store, row) == "Quillfeather's solicitor wrote"
    assert at(built, "hold", "lift", ref, "--for", "headteacher").exit_code == 0
    assert "is not held" in at(built, "hold", "lift", ref, "--for", "headteacher").stderr
    with built.store() as store, store.read() as session:
        said = [(row.event, row.actor) for row in session.exec(select(AuditRow)) if "hold" in row.event]
    assert said == [("hold placed", "dsl"), ("hold lifted", "headteacher")]


@pytest.mark.parametrize("role", ["it", "office", "deputy"])
def test_whoever_may_not_hold_is_told_the_same_as_of_no_case(built: School, role: str) -> None:
    with built.store() as store, store.read() as session:
        ref = session.exec(select(CaseRow)).one().ref
    for asked in (ref, "SK-9999"):
        result = at(built, "hold", "place", asked, "--for", role, "--why", "x")
        assert result.exit_code == 1
        assert f"{asked}: there is no such case for {role}" in result.stderr


def test_a_hold_without_a_reason_is_none(built: School) -> None:
    with built.store() as store, store.read() as session:
        ref = session.exec(select(CaseRow)).one().ref
    result = at(built, "hold", "place", ref, "--for", "dsl", "--why", " ")
    assert result.exit_code == 1
    assert "--why: is empty" in result.stderr
