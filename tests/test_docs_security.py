"""docs/security.md has a row for every item of ASVS 5.0 that the project set itself, and names only what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
ROWS = {
    cells[0]: cells
    for line in PAGE.splitlines()
    if re.match(r"\| \d+\.\d+\.\d+ \|", line)
    for cells in [[cell.strip() for cell in line.strip("|").split("|")]]
}
ITEMS = [
    "1.1.2",
    "1.2.1",
    "1.2.2",
    "1.2.3",
    "1.2.10",
    "1.3.10",
    "1.3.11",
    "1.3.12",
    "2.3.3",
    "2.3.4",
    "2.4.1",
    "3.2.1",
    "3.2.2",
    "3.3.1",
    "3.4.1",
    "3.4.3",
    "3.4.5",
    "3.4.6",
    "3.5.1",
    "3.5.3",
    "5.2.1",
    "5.3.2",
    "5.4.1",
    "5.4.2",
    "5.4.3",
    "6.5.1",
    "6.5.5",
    "6.6.2",
    "6.6.3",
    "7.2.4",
    "9.1.1",
    "9.2.1",
    "11.2.1",
    "13.3.1",
    "14.2.1",
    "14.2.4",
    "14.2.6",
    "14.2.7",
    "14.2.8",
    "16.2.1",
    "16.2.5",
    "16.4.1",
    "16.4.2",
    "16.4.3",
    "16.5.3",
]


def test_every_item_has_its_row() -> None:
    assert sorted(ROWS) == sorted(ITEMS)
    assert all(cells[2] in {"met", "in part", "not met"} and len(cells) == 6 for cells in ROWS.values())


@pytest.mark.parametrize("item", ITEMS)
def test_every_file_and_every_test_that_a_row_names_is_there(item: str) -> None:
    _, _, _, _, where, tests = ROWS[item]
    files, named = re.findall(r"`([^`]+)`", where), re.findall(r"`([^`]+)`", tests)
    assert files
    assert named
    for one in files:
        assert (ROOT / one).is_file(), one
    for one in named:
        path, _, test = one.partition("::")
        source = (ROOT / path).read_text("utf-8")
        assert not test or re.search(rf"^(?:async )?def {test}\(", source, re.MULTILINE), one
