"""`schoolgate subject`: what a technician types, what it writes, and what it never prints."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from monitor.app import utc_now
from monitor.tables import AuditRow, ItemRow
from tests.monitor.test_cli import _logging_as_before, at  # noqa: F401 - the fixture works by being here
from tests.school import THREAT, School, school

OTHERS = ("@quillfeather_p", "pat@family.example", "020 7946 0018")

pytestmark = pytest.mark.slow  # each command joins the whole school up anew


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school with one threat that names others, read and judged, and one harmless reply."""
    with school(tmp_path_factory.mktemp("subject"), utc_now, more='\n[detection]\nmodel = "off"\n') as made:
        assert made.run("poll", "--once").returncode == 0
        made.says_on_x(f"{THREAT}, ask {' or '.join(OTHERS)}")
        made.says_on_x("Lovely photos")
        assert made.run("poll", "--once").returncode == 0
        yield made


def files(made: Path) -> dict[str, str]:
    with zipfile.ZipFile(made) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_an_export_has_everything_and_nobody_else(built: School, tmp_path: Path) -> None:
    result = at(
        built,
        "subject",
        "export",
        "--handle",
        "x:marker_casey",
        "--received",
        "2026-11-02",
        "--out",
        tmp_path,
    )
    assert result.exit_code == 0, result.stderr
    assert "REVIEW-BEFORE-SENDING.json" in result.stderr
    assert "02 December 2026" in result.stdout
    for word in (*OTHERS, "marker_casey", "Casey", "stab"):
        assert word not in result.stdout + result.stderr
    (made,) = tmp_path.iterdir()
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    held = files(made)
    assert set(held) == {"data.json", "data.html", "REVIEW-BEFORE-SENDING.json", "README.txt"}
    record = json.loads(held["data.json"])
    assert (record["received_on"], record["answer_by"]) == ("2026-11-02", "2026-12-02")
    assert [one["author"]["handle"] for one in record["items"]] == ["marker_casey"] * 2
    assert any(THREAT in one["text"] for one in record["items"])
    assert len(record["cases"]) == len(record["cases"][0]["copies"]) == 1
    for name, text in held.items():
        for other in OTHERS:
            assert other not in text, name
    assert "[person 1]" in held["data.html"]
    assert "<script" not in held["data.html"]
    assert json.loads(held["REVIEW-BEFORE-SENDING.json"])["look_at"]
    with built.store() as store, store.read() as session:
        last = session.exec(select(AuditRow).where(AuditRow.thing == "rights request")).all()[-1]
    assert (last.event, last.actor) == ("exported on request", "it")
    assert "casey" not in last.detail.lower()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "say who it is"),
        (["--handle", "marker_casey"], "names no network"),
        (["--email", "nobody@family.example"], "nothing is kept about whoever that is"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(
    built: School, tmp_path: Path, given: list[str], says: str
) -> None:
    result = at(built, "subject", "export", *given, "--out", tmp_path)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert says in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_erasure_is_looked_at_first_and_an_open_case_stays(built: School) -> None:
    who = ("--handle", "x:marker_casey")
    first = at(built, "subject", "erase", *who)
    assert "Nothing was erased" in first.stdout
    planned = json.loads(at(built, "subject", "erase", *who, "--json").stdout)["would_erase"]
    assert sorted({row["kept"] or "" for row in planned}) == ["", "open"]
    done = json.loads(at(built, "subject", "erase", *who, "--yes", "--json").stdout)
    assert (done["erased"], done["no_trace"]) == (planned, True)
    with built.store() as store, store.read() as session:
        kept = [bool(row.sealed) for row in session.exec(select(ItemRow).where(ItemRow.kind != "post"))]
    assert sorted(kept) == [False, True]


def test_a_restriction_holds_until_its_hold_is_lifted(built: School) -> None:
    who = ("--handle", "x:marker_casey")
    result = at(built, "subject", "restrict", *who, "--why", "The parent's solicitor wrote")
    assert result.exit_code == 0, result.stderr
    assert "1 account held now" in result.stdout
    (one,) = json.loads(at(built, "hold", "list", "--json").stdout)["holds"]
    assert (one["kind"], one["case"], one["network"]) == ("restriction", None, "x")
    rows = json.loads(at(built, "subject", "erase", *who, "--json").stdout)["would_erase"]
    assert {row["kept"] for row in rows} == {"held"}
    assert at(built, "hold", "lift", str(one["hold"]), "--for", "it").exit_code == 1
    assert at(built, "hold", "lift", str(one["hold"]), "--for", "dsl").exit_code == 0
    assert json.loads(at(built, "hold", "list", "--json").stdout)["holds"] == []
