"""A printed sheet says what a copy of any format holds, in words."""

from __future__ import annotations

import json

import pytest

from alerts.export.sheets import NEVER_LOOK, Frame, copy_sheet, times
from alerts.pdf import pdf
from monitor.evidence import EVIDENCE
from monitor.tables import EvidenceRow
from tests.alerts.page_school import open_school


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


def test_a_time_is_said_in_both_clocks(school):
    summer = school.now.replace(month=6)
    assert times(summer, school.page.timezone) == (
        "Sat 20 Jun 2026, 13:40:00 (Europe/London) = 2026-06-20T12:40:00Z"
    )
    assert times(None, school.page.timezone) == "not known"


def test_a_sheet_of_a_case_like_this_says_what_must_not_be_done(school):
    ref = school.case(category="grooming")
    folder_copy = json.loads(school.store.vault.unseal(school.rows(EvidenceRow)[0].sealed, EVIDENCE))
    frame = Frame(ref, "S", "A", school.page.timezone, (1, "a" * 64), school.now, False)
    values = copy_sheet(frame, folder_copy, number=1, of=1, sha256="a" * 64, name="n", done=[])
    assert values["warnings"] == [NEVER_LOOK]


def test_a_copy_of_the_first_format_still_prints(school):
    old = {"text": "t", "author": {"handle": "kaz"}, "network": "x", "account": "x-main", "kind": "comment"}
    old |= {"external_id": "1", "version": 1, "url": None, "posted_at": None, "seen_at": None}
    old |= {"captured_at": "2026-11-20T09:00:00+00:00", "schoolgate": "0.1.0", "as_returned": {}}
    frame = Frame("SM-0001", "S", "A", school.page.timezone, (1, "a" * 64), school.now, False)
    values = copy_sheet(frame, old, number=1, of=1, sha256="a" * 64, name="n", done=[])
    assert pdf("evidence", values, made_at=school.now).startswith(b"%PDF-")
    facts = {name: says for part in values["parts"] for name, says in part["facts"]}
    assert (facts["Interface"], facts["Address"]) == ("not noted at the time", "the network gives none")
    assert facts["Program"].endswith("format 1")
