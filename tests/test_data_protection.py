"""docs/data-protection.md says of every table what is in it and when it goes, and names only what exists."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import LargeBinary
from sqlmodel import SQLModel

import monitor.app  # noqa: F401 - every table is known once the school is joined up
from bench.planted import PLACES
from monitor.retention_rules import rules
from monitor.settings_kept import Retention
from tests.conftest import MORNING
from tests.monitor.aging import KEEP
from tests.test_docs import table_rows

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "data-protection.md").read_text("utf-8")
HEADINGS = (
    "What is stored where, for how long",
    "A person asks",
    "Impact assessment (draft)",
    "Record of processing (Article 30)",
    "Lawful basis, feature by feature",
    "Privacy notice (text to use)",
    "No decision by machine alone (Article 22)",
    "What it is not for",
)
# a time stamp authority's answer, which is a hash of ours, signed; wrapped keys, and their random names
NOT_OURS = {"audit_head.token", "sealing_key.wrapped", "sealing_key.key_id"}


def words(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def stored() -> dict[str, tuple[set[str], set[str], str]]:
    """Table → its sealed columns, its hashed ones, and when it goes."""
    rows = table_rows(TEXT, "## What is stored where, for how long")[1:]
    return {name: (words(row[2]), words(row[3]), row[4]) for row in rows for name in words(row[0])}


def test_every_table_has_its_row() -> None:
    assert stored().keys() == {table.name for table in SQLModel.metadata.sorted_tables}


def test_every_column_of_bytes_is_said_to_be_sealed_or_hashed() -> None:
    for table in SQLModel.metadata.sorted_tables:
        sealed, hashed, _ = stored()[table.name]
        there = {column.name for column in table.columns if isinstance(column.type, LargeBinary)}
        there -= {name.partition(".")[2] for name in NOT_OURS if name.startswith(f"{table.name}.")}
        assert sealed == {name for name in there if f"{table.name}.{name}" in PLACES}, table.name
        assert there - sealed <= hashed, table.name


def test_when_something_goes_is_a_time_that_can_be_configured_and_a_rule_does_it() -> None:
    times = {name for _, _, goes in stored().values() for name in words(goes)}
    assert times == set(Retention.model_fields) - {"category"}
    pruned = {rule.table.__tablename__ for rule in rules("school", KEEP, MORNING)}
    for name, (sealed, _, goes) in stored().items():
        if sealed:
            assert name in pruned, name
        if words(goes) and name not in {"audit", "finding", "cases"}:
            assert name in pruned, name


def test_the_words_that_a_school_needs_are_there() -> None:
    for heading in HEADINGS:
        assert f"\n## {heading}\n" in TEXT, heading


def test_the_times_in_the_first_lines_are_the_defaults() -> None:
    keep = Retention()
    assert keep.harmless.days == 30
    assert (keep.closed.days, keep.evidence.days) == (365, 365)
    assert {one.days for one in keep.category.values()} == {90}
    assert "after 30 days, closed cases and their copies after a year" in TEXT
