"""What is exported verifies offline by the command inside it, and whatever is changed in it is named."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from alerts.export.history import as_csv
from monitor.domain import Author, Role
from monitor.evidence_check import check
from monitor.given import Kind, Provenance, keep_given
from monitor.tables import AuditRow, CaseRow, EvidenceRow
from monitor.tables_evidence import HeadRow
from monitor.time_stamps import Authority, stamp_when_due
from tests.alerts.page_browser import Browser
from tests.alerts.page_school import School, open_school
from tests.monitor.stamping import stamper

SHOT = b"\x89PNG\r\n\x1a\n" + b"pixels"


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


def give(school: School, ref: str, body: bytes = SHOT, kind: Kind = Kind.PNG) -> None:
    with school.store.write() as session:
        case = session.exec(select(CaseRow).where(CaseRow.ref == ref)).one()
        said = Provenance("A parent or carer", "Tamsin Example", "by e-mail")
        keep_given(
            session, school.store, case, body, kind, said, received_at=school.now, by=Role.DSL, now=school.now
        )


def taken(head: Browser, ref: str) -> bytes:
    """Press the page's own button."""
    head.get(f"/case/{ref}")
    form = head.soup.find("form", action=f"/case/{ref}/export")
    answer = head.post(form["action"], {one["name"]: one["value"] for one in form.find_all("input")})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{ref}-evidence-')
    return answer.content


def unpacked(body: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        archive.extractall(folder)
        (root,) = {name.partition("/")[0] for name in archive.namelist()}
    return folder / root


def verified(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "verify.py"], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def export(school, tmp_path):
    ref = school.case("=HYPERLINK(1) you lot are dead 😀", author=Author("u1", "kaz_99", "Kaz"))
    school.case(number=2)
    give(school, ref)
    head = school.signed_in()
    school.pass_time(minutes=3)
    head.choose(ref, "close", why="family", reason="=cmd|'/c calc'!A1 Spoke to both families")
    return unpacked(taken(head, ref), tmp_path / "zip")


def test_it_verifies_offline_by_the_command_inside(export):
    done = verified(export)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 pieces of evidence and the audit log's part hold" in done.stdout
    manifest = hashlib.sha256((export / "manifest.json").read_bytes()).hexdigest()
    assert manifest in done.stdout


def test_it_holds_what_a_court_asks_for(export, school):
    assert sorted(path.relative_to(export).as_posix() for path in export.rglob("*") if path.is_file()) == [
        "README.txt",
        "audit.json",
        "chronology.csv",
        "chronology.pdf",
        "copies/copy-1.json",
        "decisions.json",
        "given/given-1.png",
        "manifest.json",
        "sheets/copy-1.pdf",
        "sheets/given-1.pdf",
        "verify.py",
    ]
    copy = export / "copies" / "copy-1.json"
    assert hashlib.sha256(copy.read_bytes()).hexdigest() == school.rows(EvidenceRow)[0].sha256
    assert json.loads(copy.read_text())["text"] == "=HYPERLINK(1) you lot are dead 😀"
    assert (export / "given" / "given-1.png").read_bytes() == SHOT
    assert all(sheet.read_bytes().startswith(b"%PDF-") for sheet in export.glob("sheets/*.pdf"))
    (decision,) = json.loads((export / "decisions.json").read_text())
    assert (decision["who"], decision["decided"], decision["because"]) == (
        "The headteacher",
        "close",
        "Spoken with the family",
    )
    assert decision["in_their_words"].endswith("Spoke to both families")


def test_the_chronology_is_in_order_and_no_cell_is_a_formula(export):
    rows = list(csv.reader(io.StringIO((export / "chronology.csv").read_bytes().decode("utf-8-sig"))))
    assert rows[0] == ["UTC", "local (Europe/London)", "who", "what", "more"]
    assert [row[0] for row in rows[1:]] == sorted(row[0] for row in rows[1:])
    said = [row[3] for row in rows[1:]]
    assert said[0] == "posted it"
    assert {"first read it", "made copy 1", "entered given-1.png", "closed the case"} <= set(said)
    assert not [cell for row in rows[1:] for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_a_cell_that_begins_as_a_formula_does_is_disarmed(school):
    from alerts.export.history import Event

    written = as_csv([Event(school.now, "=A1", "+1", "＝cmd")], school.page.timezone).decode("utf-8-sig")
    assert '"\'=A1","\'+1","\'＝cmd"' in written


def change(name: str, old: bytes, new: bytes):
    def tampering(folder: Path) -> None:
        body = (folder / name).read_bytes()
        assert old in body
        (folder / name).write_bytes(body.replace(old, new))

    return tampering


def rewritten(folder: Path, edit) -> None:
    """Change a copy and make the manifest agree: what somebody would do who reads verify.py."""
    copy = folder / "copies" / "copy-1.json"
    copy.write_bytes(copy.read_bytes().replace(b"dead", b"nice"))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["copies/copy-1.json"]["sha256"] = hashlib.sha256(copy.read_bytes()).hexdigest()
    edit(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def agrees(manifest) -> None:
    manifest["evidence"][0]["sha256"] = manifest["files"]["copies/copy-1.json"]["sha256"]


def without_last_entry(folder: Path) -> None:
    audit = json.loads((folder / "audit.json").read_text())
    audit["entries"].pop()
    audit["head"] = {"seq": audit["entries"][-1]["seq"], "hash": audit["entries"][-1]["hash"]}
    (folder / "audit.json").write_text(json.dumps(audit))


@pytest.mark.parametrize(
    ("tampering", "told"),
    [
        (change("copies/copy-1.json", b"dead", b"nice"), "copies/copy-1.json was changed"),
        (change("decisions.json", b"families", b"nobody!!"), "decisions.json was changed"),
        (change("audit.json", b"copied", b"burned"), "audit entry 1 was changed"),
        (lambda folder: (folder / "sheets" / "copy-1.pdf").unlink(), "sheets/copy-1.pdf is missing"),
        (lambda folder: (folder / "more.txt").write_text("x"), "more.txt is no part of this export"),
        (lambda folder: rewritten(folder, lambda manifest: None), "copies/copy-1.json is not the piece that was bound"),
        (lambda folder: rewritten(folder, agrees), "copy 1 is not what the audit log bound"),
        (without_last_entry, "does not end at the head that the manifest names"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "not a whole export"),
    ],
)  # fmt: skip
def test_whatever_is_changed_is_named(export, tampering, told):
    tampering(export)
    done = verified(export)
    assert done.returncode == 1
    assert told in done.stdout
    assert "does not hold" in done.stdout


def test_entries_about_other_cases_are_there_by_number_and_hash_alone(export, school):
    text = (export / "audit.json").read_text()
    assert "SM-0002" not in text
    entries = json.loads(text)["entries"]
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    other = next(row for row in school.rows(AuditRow) if row.thing == "copy 2")
    assert entries[other.seq - 1] == {"seq": other.seq, "prev_hash": other.prev_hash, "hash": other.hash}


def test_handing_it_out_is_on_record_with_the_manifest_and_the_head_that_the_sheets_show(export, school):
    last = school.rows(AuditRow)[-1]
    assert (last.actor, last.event, last.thing) == ("headteacher", "exported", "case SM-0001")
    assert hashlib.sha256((export / "manifest.json").read_bytes()).hexdigest() in last.detail
    (head,) = school.rows(HeadRow)
    manifest = json.loads((export / "manifest.json").read_text())
    assert (head.said_in, manifest["head"]) == ("export", {"seq": head.seq, "hash": head.hash})
    assert check(school.store, [head.hash[:16]]).holds


def test_at_the_same_time_the_same_rows_give_the_same_bytes(school):
    from alerts.export.bundle import bundle

    school.case()
    with school.store.read() as session:
        case = session.exec(select(CaseRow)).one()
        made = [bundle(school.page, session, case, Role.DSL, school.now).body for _ in range(2)]
    assert made[0] == made[1]


def test_a_copy_that_is_no_longer_kept_is_told_and_the_rest_verifies(school, tmp_path):
    ref = school.case()
    with school.store.write() as session:
        session.exec(select(EvidenceRow)).one().sealed = b""
    folder = unpacked(taken(school.signed_in(), ref), tmp_path / "zip")
    (piece,) = json.loads((folder / "manifest.json").read_text())["evidence"]
    assert (piece["kept"], piece["file"]) == (False, None)
    assert verified(folder).returncode == 0


def test_a_copy_that_does_not_open_is_told_by_the_check_and_the_rest_goes_out(school, tmp_path):
    ref = school.case()
    give(school, ref)
    with school.store.write() as session:
        session.exec(select(EvidenceRow)).one().sealed = b"somebody wrote here"
    folder = unpacked(taken(school.signed_in(), ref), tmp_path / "zip")
    assert (folder / "given" / "given-1.png").exists()
    done = verified(folder)
    assert done.returncode == 1
    assert "copy 1 could not be opened at the school" in done.stdout


def test_nobody_takes_what_they_may_not_see(school):
    ref = school.case()
    named = school.case(number=2, bypassed="headteacher")
    head, it = school.signed_in(), school.signed_in(Role.IT)
    head.get(f"/case/{ref}")
    token = head.soup.find("form", action=f"/case/{ref}/export").find("input")["value"]
    assert it.post(f"/case/{ref}/export", {"token": token}).status_code == 403
    assert head.post(f"/case/{named}/export", {"token": token}).status_code == 403
    assert head.post(f"/case/{ref}/export", {"token": "0" * 64}).status_code == 403
    assert head.get(f"/case/{ref}/export").status_code == 405
    assert not [row for row in school.rows(AuditRow) if row.event == "exported"]


def test_the_register_and_names_of_reviewers_stay_out(export):
    whole = b"".join(
        path.read_bytes() for path in export.rglob("*") if path.suffix in {".json", ".csv", ".txt"}
    )
    for word in (b"Quill", b"stmarys.example", b"verified"):
        assert word not in whole


def test_an_export_in_summer_says_both_times(school, tmp_path):
    school.now = school.now.replace(month=6) + timedelta(seconds=5)
    folder = unpacked(taken(school.signed_in(), school.case()), tmp_path / "zip")
    copy = json.loads((folder / "copies" / "copy-1.json").read_text())
    assert copy["captured_at"] == "2026-06-20T12:40:05+00:00"
    assert copy["local"]["captured_at"] == "2026-06-20T13:40:05+01:00"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl does the stamping")
def test_a_time_stamp_goes_along_and_verifies_as_the_readme_says(school, tmp_path):
    ref = school.case()
    with stamper(tmp_path / "tsa") as tsa:
        assert stamp_when_due(school.store, Authority(tsa.url, tsa.root), school.now)
        folder = unpacked(taken(school.signed_in(), ref), tmp_path / "zip")
        (command,) = [
            line for line in (folder / "README.txt").read_text().splitlines() if "openssl ts" in line
        ]
        words = command.replace("CA.pem", str(tsa.root)).split()
        assert subprocess.run(words, cwd=folder, check=False, capture_output=True).returncode == 0
    assert verified(folder).returncode == 0
    stamped = (folder / "timestamp" / "head.txt").read_text()
    assert stamped in {entry["hash"] for entry in json.loads((folder / "audit.json").read_text())["entries"]}


def test_the_readme_has_every_gap_filled(export):
    text = (export / "README.txt").read_text()
    assert "Evidence of case SM-0001, St Elsewhere Primary School" in text
    assert "[" not in text
