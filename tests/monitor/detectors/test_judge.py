"""The judge as a whole: context, a school's own choices, and the form that `assess --jsonl` writes."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from monitor.detectors import DETECTORS, Judge, as_json, judge, load_rules
from monitor.domain import Severity
from tests.monitor.detectors.plain import register

RULES = load_rules()
JUDGE = Judge(RULES)


def categories(text: str) -> set[str]:
    return {finding.category for finding in JUDGE(text)}


@pytest.mark.parametrize(
    "text",
    [
        "You are not a moron",
        "He isn't stupid",
        "Calling someone a retard is not ok",
        "Stop saying faggot",
        "The word paki is a slur",
        "Nobody should ever be called a spastic",
        "I'm not going to kill you",
    ],
)
def test_what_is_denied_or_spoken_against_is_not_found(text: str) -> None:
    assert JUDGE(text) == ()


def test_a_report_is_less_grave_than_the_words_themselves() -> None:
    said = max(finding.severity for finding in JUDGE("you paki"))
    told = max(finding.severity for finding in JUDGE("another boy said to him paki"))
    assert (said, told) == (Severity.HIGH, Severity.MEDIUM)


def test_a_quotation_is_less_grave_than_the_words_themselves() -> None:
    said = max(finding.severity for finding in JUDGE("you paki"))
    assert max(finding.severity for finding in JUDGE('he wrote "you paki" on it')) < said


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ('Someone said "immigrants are vermin" at the bus stop', Severity.LOW),
        ('Someone wrote "you paki" on his bag', Severity.MEDIUM),
        ('He said "i will stab you" to my son', Severity.HIGH),
    ],
)
def test_what_is_quoted_and_reported_is_lowered_twice_but_no_slur_and_no_threat(
    text: str, severity: Severity
) -> None:
    assert max(finding.severity for finding in JUDGE(text)) == severity


def test_the_same_insult_is_bullying_when_a_child_is_its_target() -> None:
    assert categories("Mr Hill is a pathetic idiot") == {"insult"}
    assert categories("that boy is a pathetic idiot") == {"bullying"}


def test_a_phrase_never_crosses_the_end_of_a_sentence() -> None:
    assert "threat" in categories("i will kill you")
    assert categories("What a night! I will. Kill the lights. You all rock") == set()


def test_a_phrase_in_two_sentences_is_no_phrase() -> None:
    assert {finding.detector for finding in JUDGE("We are going to")} == set()
    together, apart = "lets all ignore Maisie", "Lets all. Ignore. Maisie"
    assert "bullying" in categories(together)
    assert "bullying" not in categories(apart)


def test_of_an_endless_text_the_middle_is_not_judged_as_the_judge_says() -> None:
    half = "well done " * 50_000
    assert JUDGE(f"{half}i will kill you {half}") == ()


def test_signs_that_stand_for_many_letters_hide_nothing_at_either_end() -> None:
    longest_comment, flood = "\ufdfa" * 7_900, "\ufdfa" * 60_000
    assert {one.category for one in JUDGE(f"{longest_comment} i will kill you")} == {"threat"}
    assert {one.category for one in JUDGE(f"i will kill you {flood}")} == {"threat"}
    (found,) = JUDGE(f"{flood} i will kill you")
    assert (found.category, found.span[0] > len(flood)) == ("threat", True)


def test_a_silenced_rule_and_a_silenced_family_say_nothing() -> None:
    text = "follow for follow"
    assert categories(text) == {"spam"}
    assert Judge(RULES, silenced=frozenset({"spam.selling"}))(text) == ()
    assert Judge(RULES, silenced=frozenset({"spam"}))(text) == ()
    assert Judge(RULES, silenced=frozenset({"spa"}))(text) != ()
    assert Judge(RULES, silenced=frozenset({"contact"}))("her mobile is 07700 900123") == ()
    assert Judge(RULES)(text) != ()  # what judges share knows nothing of it


def test_a_shadow_rule_tells_only_who_asks_for_it() -> None:
    shadowed = Judge(RULES, shadow=frozenset({"spam"}))
    assert shadowed("follow for follow") == ()
    assert [finding.category for finding in shadowed.shadowed("follow for follow")] == ["spam"]


def test_one_category_is_told_once_at_a_place_and_the_gravest_stays() -> None:
    findings = JUDGE("i will kill you")
    assert [finding.category for finding in findings] == ["threat"]
    assert findings[0].severity == Severity.CRITICAL


def test_every_category_of_one_text_is_kept() -> None:
    found = {finding.category for finding in Judge(RULES, register=register())("i will kill you Ellie Marsh")}
    assert {"threat", "identifying.name"} <= found


def test_findings_are_written_by_span_with_words_of_the_contract() -> None:
    text = "ring 07700 900123 you moron"
    rows = as_json(JUDGE(text))
    assert [set(row) for row in rows] == [{"category", "severity", "detector", "span"}] * len(rows)
    assert [row["span"] for row in rows] == sorted(row["span"] for row in rows)
    assert {row["severity"] for row in rows} <= {"low", "medium", "high", "critical"}
    assert as_json(()) == []


def test_nothing_in_a_reason_repeats_the_text() -> None:
    text = "Ellie Marsh xyzzyplugh you moron 07700 900123"
    for finding in Judge(RULES, register=register())(text):
        for word in ("ellie", "marsh", "xyzzyplugh", "moron", "07700"):
            assert word not in finding.reason.lower()


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u200b", "🎉", "...", "@", "#", "'", '"', "\x00"])
def test_a_text_without_words_has_no_findings(text: str) -> None:
    assert JUDGE(text) == ()


def test_the_end_of_an_endless_text_is_judged_too_and_in_good_time() -> None:
    text = "well done " * 100_000 + "i will kill you"
    started = time.process_time()
    findings = JUDGE(text)
    assert time.process_time() - started < 5
    assert [text[slice(*finding.span)] for finding in findings] == ["i will kill you"]


def test_judging_is_the_same_in_many_threads() -> None:
    texts = ["you moron", "well done all", "i will kill you", "f u c k", "her mobile is 07700 900123"] * 40
    alone = [JUDGE(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(JUDGE, texts)) == alone


def test_judge_once_is_the_same_as_a_judge() -> None:
    assert judge("you moron", register=None, rules=RULES) == JUDGE("you moron")
    assert len(DETECTORS) == 3
