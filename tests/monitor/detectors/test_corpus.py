"""School comments written by hand: what must be found, and the twins in which nothing may be found."""

import tomllib
from pathlib import Path

import pytest

from monitor.detectors import Judge, load_rules
from monitor.domain import Severity
from monitor.triage import default_severity, triage

JUDGE = Judge(load_rules())
FOLDER = Path(__file__).parents[1] / "corpus"
GRAVE = ("threat", "grooming", "child_at_risk")


def _sets() -> list[dict]:
    sets: list[dict] = []
    for path in sorted(FOLDER.glob("*.toml")):
        content = tomllib.loads(path.read_text("utf-8"))
        sets += content.get("set", [content])
    return sets


FOUND = [(entry["category"], text) for entry in _sets() for text in entry["found"]]
SPARED = [text for entry in _sets() for text in entry["spared"]]


@pytest.mark.parametrize(("category", "text"), FOUND)
def test_what_matters_is_found_in_its_category(category: str, text: str) -> None:
    findings = JUDGE(text)
    assert category in {finding.category for finding in findings}
    severity = triage(findings).severity
    assert severity is not None
    assert severity >= (
        Severity.HIGH if category in GRAVE else min(default_severity(category), Severity.MEDIUM)
    )


@pytest.mark.parametrize("text", SPARED)
def test_nothing_is_found_in_what_a_school_says_every_day(text: str) -> None:
    assert [(finding.detector, text[slice(*finding.span)]) for finding in JUDGE(text)] == []


def test_the_corpus_is_large_and_half_of_it_is_benign() -> None:
    assert len(FOUND) + len(SPARED) >= 400
    assert len(SPARED) >= len(FOUND)
