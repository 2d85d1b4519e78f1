from __future__ import annotations

import pytest

from monitor.detectors import Judge, load_rules
from monitor.detectors.changes import Change, Kind
from monitor.domain import Finding

JUDGE = Judge(load_rules())


def phrase(rule: str, text: str) -> Change:
    return Change(rule, Kind.PHRASE, JUDGE.read(text).words)


def rules(text: str, *changes: Change) -> set[str]:
    return {one.detector for one in JUDGE(text, changes)}


def only(text: str) -> Finding:
    (one,) = JUDGE(text)
    return one


def test_a_rule_that_is_put_aside_finds_nothing_and_the_others_go_on() -> None:
    text = "Mr Hill is a clown"
    rule = only(text).detector
    aside = Change(rule, Kind.SHADOW)
    assert rules(text, aside) == set()
    assert rules(f"{text}. I am going to stab somebody", aside) == {"threat.body"}
    assert rules(text, Change("insult", Kind.SHADOW)) == {rule}  # a change is of one rule, not of many


@pytest.mark.parametrize(
    "text",
    [
        "I am going to stab somebody at the school gate tomorrow",
        "Add me on snap and keep it our little secret, do not tell your mum",
        "my dad hits me every night and I am scared to go home",
        "Just kill yourself, nobody would miss you",
    ],
)
@pytest.mark.parametrize("kind", [Kind.SHADOW, Kind.PERSON])
def test_what_protects_a_life_is_never_put_aside(text: str, kind: Kind) -> None:
    found = {one.detector for one in JUDGE(text) if not one.category.startswith(("bullying", "insult"))}
    assert found
    assert found <= rules(text, *(Change(rule, kind) for rule in found))


def test_an_exact_phrase_is_let_through_and_nothing_beside_it() -> None:
    threat, joke = "We are going to kill you", "We are going to kill you with sums on Monday"
    (rule,) = rules(threat)
    assert rules(joke) == {rule}
    change = phrase(rule, joke)
    assert rules(joke, change) == set()
    assert rules("we are going to KILL YOU with  sums on monday!", change) == set()  # however it is written
    assert rules(threat, change) == {rule}
    assert rules(f"{joke}. {threat}", change) == {rule}
    assert rules("We are going to kill you with knives on Monday", change) == {rule}
    assert rules(joke, phrase("threat.weapon", joke)) == {rule}  # it is one rule's


def test_a_phrase_that_is_no_more_than_what_was_found_lets_nothing_through() -> None:
    text = "We are going to kill you"
    one = only(text)
    words = text[one.span[0] : one.span[1]]
    assert rules(text, phrase(one.detector, words)) == {one.detector}


def test_a_rule_that_counts_only_about_a_person_is_silent_about_nobody() -> None:
    rule = only("this is shit").detector
    change = Change(rule, Kind.PERSON)
    assert rules("this is shit", change) == set()
    assert rule in rules("Mr Hill is shit at his job", change)


def test_the_far_end_of_a_very_long_text_is_changed_alike() -> None:
    text = "x " * 45_000 + "Mr Hill is a clown"
    rule = only(text).detector
    assert rules(text, Change(rule, Kind.SHADOW)) == set()


def test_what_a_changed_rule_hid_behind_it_shows() -> None:
    """Two rules at the same words: one is shown, and when it is put aside the other."""
    text = "You are a complete moron"
    assert rules(text) == {"insult.more"}
    assert rules(text, Change("insult.more", Kind.SHADOW)) == {"insult.you_are"}
