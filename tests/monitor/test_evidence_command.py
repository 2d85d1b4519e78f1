"""`schoolgate evidence`: what it says, its exit codes, and who gets what."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from monitor.app import utc_now
from monitor.tables import AuditRow, CaseRow, EvidenceRow
from tests.monitor.test_cli import _logging_as_before, at  # noqa: F401 - the fixture works by being here
from tests.school import THREAT, School, school


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school with one threat, read and judged."""
    more = '\n[detection]\nmodel = "off"\n'
    with school(tmp_path_factory.mktemp("evidence"), utc_now, more=more) as made:
        assert made.run("poll", "--once").returncode == 0
        made.says_on_facebook(THREAT)
        assert made.run("poll", "--once").returncode == 0
        yield made


def ref_of(built: School) -> str:
    with built.store() as store, store.read() as session:
        return session.exec(select(CaseRow)).one().ref


def test_what_holds_is_said_and_exits_0(built: School) -> None:
    result = at(built, "evidence", "verify")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Everything holds." in result.stdout
    said = json.loads(at(built, "evidence", "verify", "--json").stdout)
    assert (said["holds"], said["copies"], said["problems"]) == (True, 1, [])
    assert at(built, "evidence", "verify", "--head", said["head"][:12]).exit_code == 0


def test_a_copy_says_which_interface_of_the_network_it_came_from(built: School) -> None:
    from monitor.evidence import EVIDENCE

    with built.store() as store, store.read() as session:
        row = session.exec(select(EvidenceRow)).one()
        copy = json.loads(store.vault.unseal(row.sealed, EVIDENCE))
    assert copy["api"] == "Graph API v26.0"


@pytest.mark.parametrize("head", ["0123", "not hex at all", "a" * 65])
def test_a_head_that_is_none_is_one_sentence(built: School, head: str) -> None:
    result = at(built, "evidence", "verify", "--head", head)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "8 to 64 figures" in result.stderr


def test_what_does_not_hold_is_named_and_exits_1(built: School) -> None:
    result = at(built, "evidence", "verify", "--head", "0" * 12)
    assert result.exit_code == 1
    assert "no entry of the audit log has the head 000000000000" in result.stderr
    assert "tell the safeguarding lead" in result.stderr
    assert json.loads(at(built, "evidence", "verify", "--json", "--head", "0" * 12).stdout)["holds"] is False


def test_an_export_is_for_somebody_who_may_see_the_case_and_is_on_record(
    built: School, tmp_path: Path
) -> None:
    result = at(built, "evidence", "export", ref_of(built), "--for", "dsl", "--out", tmp_path)
    assert result.exit_code == 0, result.stderr
    assert "IT sees no content" in result.stderr
    (made,) = tmp_path.iterdir()
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    with zipfile.ZipFile(made) as archive:
        assert archive.testzip() is None
    with built.store() as store, store.read() as session:
        entry = session.exec(select(AuditRow).where(AuditRow.event == "exported")).one()
    assert (entry.actor, entry.detail.partition(",")[0]) == ("it", "by command for dsl")


def test_it_gets_nothing_and_learns_nothing(built: School, tmp_path: Path) -> None:
    for ref, role in ((ref_of(built), "it"), (ref_of(built), "office"), ("SK-9999", "dsl")):
        result = at(built, "evidence", "export", ref, "--for", role, "--out", tmp_path)
        assert result.exit_code == 1
        assert f"{ref}: there is no such case for {role}" in result.stderr
    with built.store() as store, store.write() as session:
        case = session.exec(select(CaseRow)).one()
        case.bypassed = "headteacher"
    result = at(built, "evidence", "export", case.ref, "--for", "headteacher", "--out", tmp_path)
    assert result.exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(built: School, tmp_path: Path) -> None:
    result = at(built, "evidence", "export", ref_of(built), "--for", "dsl", "--out", tmp_path / "none")
    assert result.exit_code == 1
    assert "is no folder" in result.stderr
