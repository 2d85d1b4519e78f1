from __future__ import annotations

import pytest

from monitor.detectors.normalise import Normaliser
from monitor.detectors.reader import Head, Impression
from monitor.detectors.together import together
from monitor.domain import Finding, Severity

READING = Normaliser((), (), {}).read("one two three four five")
NAMES = (
    "discrimination", "discrimination.race", "discrimination.sex", "threat", "insult", "bullying", "grooming", "spam",
    "identifying.whereabouts",
)  # fmt: skip
HEADS = {
    name: Head(
        name,
        alert=0.5 if name.startswith("discrimination.") else 0.8,
        notice=0.3 if name.startswith("discrimination.") else 0.4,
        doubt=0.1,
        policy="A 1",
        reason=f"It may be {name}",
    )
    for name in NAMES
}


def impression(**chances: float) -> Impression:
    given = {name.replace("__", "."): chance for name, chance in chances.items()}
    return Impression({name: given.get(name, 0.0) for name in NAMES}, dict.fromkeys(NAMES, (1, 3)))


def rule(category: str, severity: Severity = Severity.HIGH, detector: str = "some.rule") -> Finding:
    return Finding(category, severity, detector, "A rule saw it", (0, 3), "B 2")


def both(found: list[Finding], seen: Impression, firm: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    return [(one.category, one.severity.word) for one in together(found, seen, HEADS, READING, firm)]


def test_what_both_see_is_found_once() -> None:
    assert both([rule("insult", Severity.MEDIUM)], impression(insult=0.9)) == [("insult", "medium")]


def test_the_model_adds_what_no_rule_saw_with_its_place_and_policy() -> None:
    (added,) = together([], impression(threat=0.9), HEADS, READING, frozenset())
    assert (added.category, added.severity, added.detector) == ("threat", Severity.CRITICAL, "model.threat")
    assert added.span == (4, 13)
    assert added.policy == "A 1"
    assert added.reason == "It may be threat"


def test_of_what_is_critical_a_smaller_chance_is_worth_a_look() -> None:
    assert both([], impression(threat=0.5)) == [("threat", "high")]
    assert both([], impression(threat=0.3)) == []


def test_of_all_else_a_smaller_chance_waits_for_the_digest() -> None:
    assert both([], impression(insult=0.5)) == [("insult", "low")]
    assert both([], impression(discrimination=0.5, discrimination__sex=0.4)) == [
        ("discrimination.sex", "low")
    ]
    assert both([], impression(insult=0.3)) == []


def test_derogatory_about_nobody_that_the_law_names_is_no_discrimination() -> None:
    assert both([], impression(discrimination=0.9, discrimination__sex=0.2)) == []


def test_derogatory_for_sure_but_hardly_about_whom_waits_for_the_digest() -> None:
    assert both([], impression(discrimination=0.9, discrimination__sex=0.4)) == [
        ("discrimination.sex", "low")
    ]
    assert both([], impression(discrimination=0.9, discrimination__sex=0.5)) == [
        ("discrimination.sex", "high")
    ]


def test_discrimination_names_the_likeliest_characteristic() -> None:
    seen = impression(discrimination=0.9, discrimination__race=0.2, discrimination__sex=0.6)
    assert both([], seen) == [("discrimination.sex", "high")]


def test_a_characteristic_alone_is_no_finding() -> None:
    assert both([], impression(discrimination__race=0.99)) == []


def test_what_a_rule_knows_of_discrimination_is_not_said_again() -> None:
    seen = impression(discrimination=0.9, discrimination__sex=0.6)
    assert both([rule("discrimination.race")], seen) == [("discrimination.race", "high")]


def test_beside_abuse_of_a_person_a_guess_of_hate_is_not_said_but_a_sure_one_is() -> None:
    guess = impression(discrimination=0.5, discrimination__sex=0.6)
    sure = impression(discrimination=0.9, discrimination__sex=0.6)
    assert both([rule("threat")], guess) == [("threat", "low"), ("discrimination.sex", "low")]
    assert both([rule("insult")], impression(discrimination=0.5, discrimination__sex=0.6, insult=0.2)) == [
        ("insult", "high")
    ]
    assert ("discrimination.sex", "high") in both([rule("insult")], sure)


def test_a_graver_finding_of_the_model_stands_beside_that_of_a_rule() -> None:
    found = [rule("threat", Severity.MEDIUM)]
    assert both(found, impression(threat=0.9)) == [("threat", "medium"), ("threat", "critical")]


def test_bullying_and_insult_are_not_both_said() -> None:
    assert both([], impression(insult=0.9, bullying=0.95)) == [("bullying", "high")]
    assert both([rule("bullying")], impression(insult=0.95)) == [("bullying", "high")]
    assert both([rule("insult", Severity.MEDIUM)], impression(bullying=0.95)) == [
        ("insult", "medium"),
        ("bullying", "high"),
    ]


def test_a_rule_that_the_model_doubts_waits_for_the_digest() -> None:
    (left,) = together([rule("insult", Severity.MEDIUM)], impression(), HEADS, READING, frozenset())
    assert left.severity is Severity.LOW
    assert left.reason == "A rule saw it; the model doubts it"


def test_of_a_critical_rule_only_the_alarm_is_taken_back() -> None:
    assert both([rule("threat", Severity.CRITICAL)], impression()) == [("threat", "medium")]


def test_discrimination_that_the_model_sees_nothing_of_is_dropped() -> None:
    assert both([rule("discrimination.race")], impression(insult=0.3)) == []
    assert both([rule("discrimination.race")], impression(discrimination=0.2)) == [
        ("discrimination.race", "high")
    ]


def test_kindred_abuse_is_no_reason_to_doubt() -> None:
    assert both([rule("insult", Severity.MEDIUM)], impression(threat=0.2)) == [("insult", "medium")]


def test_a_grooming_rule_is_doubted_where_only_an_insult_is_seen() -> None:
    assert both([rule("grooming", Severity.CRITICAL)], impression(insult=0.3)) == [("grooming", "medium")]


@pytest.mark.parametrize("category", ["spam", "identifying.name", "staff_allegation"])
def test_what_the_model_cannot_judge_is_left_alone(category: str) -> None:
    assert both([rule(category, Severity.MEDIUM)], impression()) == [(category, "medium")]


def test_a_firm_rule_is_never_doubted() -> None:
    found = [rule("threat", Severity.CRITICAL, "threat.knife")]
    assert both(found, impression(), frozenset({"threat.knife"})) == [("threat", "critical")]


def test_a_smaller_chance_of_where_to_find_a_pupil_who_is_named_does_not_wait_for_the_digest() -> None:
    seen = impression(identifying__whereabouts=0.5, insult=0.5)
    assert set(both([], seen)) == {("insult", "low"), ("identifying.whereabouts", "low")}
    named = together([], seen, HEADS, READING, frozenset(), names_pupil=True)
    assert {(one.category, one.severity.word) for one in named} == {
        ("insult", "low"),
        ("identifying.whereabouts", "medium"),
    }
