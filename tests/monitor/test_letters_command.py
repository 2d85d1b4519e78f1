"""`claim letters` as the office types it."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from monitor.commands.opened import settings_of, store_of
from monitor.family_codes import normal_code
from monitor.tables import AuditRow
from monitor.tables_people import FamilyCodeRow
from tests.conftest import HandClock
from tests.monitor.test_cli import schoolgate
from tests.school import School, school

HEAD = (
    "Pupil ID,Pupil Forename,Pupil Surname,Class,Contact 1 ID,Contact 1 Name,Contact 1 Email,Contact 1 Restricted,"
    "Contact 2 ID,Contact 2 Name,Contact 2 Email,Contact 2 Restricted\n"
)
ROWS = (
    "P1,Amelia,Okaforth,4B,C1,Grace Okaforth,grace.okaforth@mail.example,,C2,Dan Okaforth,,\n"
    "P3,Cleo,Haleworth,RO,C3,Mary Haleworth,mary@mail.example,,C4,Tom Haleworth,tom@mail.example,Yes\n"
)
PRIVATE = ("Amelia", "Okaforth", "grace.okaforth", "Haleworth", "mary@mail", "tom@mail")


@pytest.fixture
def built(tmp_path: Path) -> Iterator[School]:
    with school(tmp_path, HandClock()) as opened:
        yield opened


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "contacts.csv"
    file.write_text(HEAD + ROWS)
    return file


def at(built: School, *arguments: object):
    return schoolgate(*arguments, "--config", built.config)


def imported(built: School, export: Path) -> None:
    assert at(built, "register", "import", export).exit_code == 0


def rows(built: School, table: type) -> list:
    with store_of(settings_of(built.config)) as store, store.read() as session:
        return list(session.exec(select(table).order_by(table.id)))


def test_a_dry_run_says_how_many_and_writes_nothing(built: School, export: Path, tmp_path: Path) -> None:
    imported(built, export)
    audited = len(rows(built, AuditRow))
    said = json.loads(at(built, "claim", "letters", export, "--dry-run", "--json").stdout)
    assert said == {
        "letters": 2,
        "contacts": 3,
        "contacts_without_email": 1,
        "restricted_left_out": 1,
        "restricted_pupils_left_out": 0,
        "pupils_without_contact": 0,
        "not_on_the_register": 0,
        "unreadable": [],
        "made": False,
    }
    before = sorted(tmp_path.iterdir())
    shown = at(built, "claim", "letters", export, "--dry-run", "--out", tmp_path / "out")
    assert shown.exit_code == 0
    assert "Nothing was written" in shown.stdout
    assert "restriction" in shown.stdout
    assert not [word for word in PRIVATE if word in shown.stdout + shown.stderr]
    assert sorted(tmp_path.iterdir()) == before
    assert (rows(built, FamilyCodeRow), len(rows(built, AuditRow))) == ([], audited)


def test_the_letters_are_the_owner_s_alone_and_only_hashes_are_kept(
    built: School, export: Path, tmp_path: Path
) -> None:
    imported(built, export)
    out = tmp_path / "deep" / "out"
    made = at(built, "claim", "letters", export, "--out", out)
    assert made.exit_code == 0, made.stderr
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert sorted(path.name for path in out.iterdir()) == ["letters.csv", "letters.html", "newsletter.html"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}
    with (out / "letters.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["Contact"] for line in lines] == ["Mary Haleworth", "Dan Okaforth", "Grace Okaforth"]
    assert lines[1]["Code"] == lines[2]["Code"] != lines[0]["Code"]
    assert "Tom" not in (out / "letters.html").read_text() + (out / "letters.csv").read_text()
    assert all(line["Link"].endswith(f"{built.page}/claim?code={line['Code']}") for line in lines)

    codes = {line["Code"] for line in lines}
    assert all(normal_code(code) for code in codes)
    assert len(rows(built, FamilyCodeRow)) == 2
    entry = rows(built, AuditRow)[-1]
    assert (entry.actor, entry.event) == ("office", "letters.made")
    assert entry.detail == "2 letters, 3 contacts, 1 restricted left out, 0 older codes ended"
    database = settings_of(built.config).storage.database_path
    kept = b"".join(file.read_bytes() for file in database.parent.iterdir() if file.is_file())
    said = (kept + made.stdout.encode() + made.stderr.encode()).decode("latin-1")
    for word in (*PRIVATE, *codes, *(code.replace("-", "") for code in codes)):
        assert word not in said, word


def test_a_code_is_good_to_the_end_of_the_day_that_the_letter_names(
    built: School, export: Path, tmp_path: Path
) -> None:
    imported(built, export)
    text = built.config.read_text()
    built.config.write_text(text + '\n[followers]\nletter_valid = "7d"\n')
    made = json.loads(at(built, "claim", "letters", export, "--out", tmp_path / "out", "--json").stdout)
    row = rows(built, FamilyCodeRow)[0]
    zone = settings_of(built.config).school.zone
    ends = row.expires_at.astimezone(zone)
    assert (ends.hour, ends.minute) == (0, 0)
    assert (ends.date() - row.created_at.astimezone(zone).date()).days == 8
    with (tmp_path / "out" / "letters.csv").open(encoding="utf-8-sig") as file:
        assert {line["Good until"] for line in csv.DictReader(file)} == {made["good_until"]}


def test_new_letters_end_the_old_codes_and_lie_beside_no_old_ones(
    built: School, export: Path, tmp_path: Path
) -> None:
    imported(built, export)
    assert at(built, "claim", "letters", export, "--out", tmp_path / "out").exit_code == 0
    again = at(built, "claim", "letters", export, "--out", tmp_path / "out")
    assert again.exit_code == 1
    assert "letters.html is already there" in again.stderr
    assert [row.revoked_at for row in rows(built, FamilyCodeRow)] == [None, None]
    other = at(built, "claim", "letters", export, "--out", tmp_path / "other")
    assert "2 older ones have ended" in other.stdout
    assert [row.revoked_at is None for row in rows(built, FamilyCodeRow)] == [False, False, True, True]


def test_nothing_stays_where_the_letters_cannot_be_written(
    built: School, export: Path, tmp_path: Path
) -> None:
    imported(built, export)
    out = tmp_path / "out"
    out.mkdir()
    (out / "newsletter.html").write_text("the office's own")
    refused = at(built, "claim", "letters", export, "--out", out)
    assert refused.exit_code == 1
    assert "newsletter.html is already there" in refused.stderr
    assert [path.name for path in out.iterdir()] == ["newsletter.html"]
    assert rows(built, FamilyCodeRow) == []
    file = at(built, "claim", "letters", export, "--out", export / "out")
    assert file.exit_code == 1
    assert "cannot be written" in file.stderr
    assert file.stderr.count("\n") == 1


def test_letters_that_would_lead_nowhere_are_not_made(built: School, export: Path, tmp_path: Path) -> None:
    refused = at(built, "claim", "letters", export, "--out", tmp_path / "out")
    assert refused.exit_code == 1
    assert "schoolgate register import contacts.csv" in refused.stderr
    assert not (tmp_path / "out").exists()
    dry = at(built, "claim", "letters", export, "--dry-run")
    assert "It would be refused" in dry.stdout
    staff = tmp_path / "staff.csv"
    staff.write_text("Staff Forename,Staff Surname,Job Title\nNoor,Vale,Teacher\n")
    nobody = at(built, "claim", "letters", staff, "--out", tmp_path / "out")
    assert nobody.exit_code == 1
    assert "no contact to write to" in nobody.stderr


def test_rows_that_cannot_be_read_are_said(built: School, export: Path, tmp_path: Path) -> None:
    imported(built, export)
    export.write_text(HEAD + ROWS + "P9,-,-,4B,,,,,,,,\n")
    said = at(built, "claim", "letters", export, "--out", tmp_path / "out")
    assert said.exit_code == 1
    assert "contacts.csv, line 4" in said.stderr
    assert (tmp_path / "out" / "letters.html").exists()


def test_there_are_no_letters_without_a_claim_page(built: School, export: Path, tmp_path: Path) -> None:
    head, x, rest = built.config.read_text().partition('network = "x"\n')
    assert x
    built.config.write_text(f"{head}{x}paused = true\n{rest}")
    said = at(built, "claim", "letters", export, "--dry-run")
    assert said.exit_code == 1
    assert "no claim page" in said.stderr


def test_where_they_go_has_to_be_said(built: School, export: Path) -> None:
    said = at(built, "claim", "letters", export)
    assert said.exit_code == 2
    assert "--out" in said.stderr
