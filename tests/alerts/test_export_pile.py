"""A pile-on is handed out as one: every gathered comment's copy and decisions stand beside those of the case that leads."""

from __future__ import annotations

import csv
import io
import json

import pytest
from sqlmodel import select

from monitor.tables import CaseRow
from tests.alerts.page_school import open_school
from tests.alerts.test_export import taken, unpacked, verified


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


def test_what_was_gathered_goes_out_with_the_case_that_leads(school, tmp_path):
    lead, member, other = (school.case(f"comment {number}", number=number) for number in (1, 2, 3))
    with school.store.write() as session:
        row = session.exec(select(CaseRow).where(CaseRow.ref == member)).one()
        row.joined_to = session.exec(select(CaseRow).where(CaseRow.ref == lead)).one().id
        session.add(row)
    head = school.signed_in()
    head.choose(member, "remove")
    folder = unpacked(taken(head, lead), tmp_path)

    assert verified(folder).returncode == 0
    said = {json.loads(one.read_text("utf-8"))["text"] for one in folder.glob("copies/*.json")}
    assert said == {"comment 1", "comment 2"}
    pieces = json.loads((folder / "manifest.json").read_text("utf-8"))["evidence"]
    assert [(one["case"], one["in_audit_log"]) for one in pieces] == [(lead, True), (member, True)]
    (decided,) = json.loads((folder / "decisions.json").read_text("utf-8"))
    assert (decided["case"], decided["decided"]) == (member, "remove")
    table = list(csv.reader(io.StringIO((folder / "chronology.csv").read_text("utf-8-sig"))))
    assert f"{member}: decided to hide it" in {row[3] for row in table}
    assert other not in (folder / "chronology.csv").read_text("utf-8-sig")


def test_a_gathered_case_alone_holds_its_own_copy_only(school, tmp_path):
    lead, member = school.case("comment 1", number=1), school.case("comment 2", number=2)
    with school.store.write() as session:
        row = session.exec(select(CaseRow).where(CaseRow.ref == member)).one()
        row.joined_to = session.exec(select(CaseRow).where(CaseRow.ref == lead)).one().id
        session.add(row)
    folder = unpacked(taken(school.signed_in(), member), tmp_path)
    assert len(list(folder.glob("copies/*.json"))) == 1
    assert verified(folder).returncode == 0
