"""Every rule says what it is for, and every example of every rule holds."""

from dataclasses import replace

import pytest

from monitor.detectors import Judge, load_rules, parse_rules
from monitor.detectors.context import People
from monitor.detectors.normalise import Normaliser
from monitor.detectors.spoken import SpokenRules

RULES = load_rules()
PEOPLE = People(RULES.lists["forenames"], RULES.lists["ordinary_names"], None)
NORMALISER = RULES.normaliser
SPOKEN = SpokenRules(RULES, PEOPLE)
FIRES = [(rule.id, text) for rule in RULES.rules for text in rule.fires]
SPARES = [(rule.id, text) for rule in RULES.rules for text in rule.spares]
GOOD = """
category = "threat"
policy = "a clause"
reason = "a reason"
[[rule]]
id = "threat.sample"
any = ["i will (find|get) you"]
fires = ["i will find you"]
spares = ["we will find it"]
"""


@pytest.mark.parametrize(("rule_id", "text"), FIRES)
def test_an_example_that_fires_is_found_by_its_rule(rule_id: str, text: str) -> None:
    assert rule_id in {finding.detector for finding in SPOKEN.look(NORMALISER.read(text))}


@pytest.mark.parametrize(("rule_id", "text"), SPARES)
def test_a_twin_is_spared_by_its_rule(rule_id: str, text: str) -> None:
    assert rule_id not in {finding.detector for finding in SPOKEN.look(NORMALISER.read(text))}


def test_every_rule_has_examples_of_both_kinds_a_clause_and_a_reason() -> None:
    for rule in RULES.rules:
        assert len(set(rule.fires)) >= 2, rule.id
        assert rule.spares, rule.id
        assert rule.policy, rule.id
        assert rule.reason, rule.id


def test_no_reason_is_a_verdict_or_quotes_anything() -> None:
    for rule in RULES.rules:
        words = rule.reason.lower().split()
        assert not {"guilty", "offender", "abuser", "criminal"} & set(words), rule.id
        assert "{" not in rule.reason


def test_no_phrase_can_grow_without_bound() -> None:
    """The words that one phrase can take are few, so the work at one place is bounded by the data, not by the text."""
    for rule in RULES.rules:
        for phrase in (*rule.phrases, *rule.required, *rule.excluded):
            assert phrase.before <= 60, (rule.id, phrase.source)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("threat.sample", "Sample"), "an id is words"),
        (('any = ["i will (find|get) you"]', "any = []"), "at least one phrase"),
        (("(find|get)", "(find|get"), "bracket is not closed"),
        (("(find|get)", "{nothing}"), "no list {nothing}"),
        (("(find|get)", "<nobody>"), "no <nobody>"),
        (("(find|get)", "..9"), "gap is 1 to"),
        (("(find|get)", "Find"), "not understood"),
        (("i will (find|get) you", "..3"), "no word that must stand"),
        (('category = "threat"', 'category = "thread"'), "'thread' is no category"),
        (('reason = "a reason"', ""), "reason is missing"),
        (("fires =", "fire ="), "no key 'fire'"),
        (("[[rule]]", 'severity = "grave"\n[[rule]]'), "must be low, medium, high or critical"),
        (("[[rule]]", 'spoken = "maybe"\n[[rule]]'), "must be one of keep, lower, spare"),
        (("[[rule]]", "colour = 1\n[[rule]]"), "no key 'colour'"),
        (("fires = [", "aimed = 3\nfires = ["), "aimed must be true or false"),
        (("fires = [", "with = 3\nfires = ["), "with must be a list of texts"),
        (('category = "threat"', "category = "), "not TOML"),
    ],
)
def test_a_wrong_rule_is_refused_in_one_sentence_naming_its_file(change: tuple[str, str], says: str) -> None:
    text = GOOD.replace(*change)
    assert text != GOOD
    with pytest.raises(ValueError, match=r"sample\.toml") as refused:
        parse_rules({"sample.toml": text})
    assert says in str(refused.value)
    assert "\n" not in str(refused.value).split("(at")[0]


def test_two_rules_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match=r"threat\.sample is used twice"):
        parse_rules({"a.toml": GOOD, "b.toml": GOOD})


def test_a_rule_in_a_short_form_is_refused_with_the_full_one() -> None:
    with pytest.raises(ValueError, match="read as 'going to'"):
        parse_rules(
            {
                "_slang.toml": '[slang]\ngonna = "going to"',
                "a.toml": GOOD.replace("i will", "gonna"),
            }
        )


def test_a_school_adds_a_rule_of_its_own(tmp_path) -> None:
    (tmp_path / "ours.toml").write_text(GOOD.replace("i will (find|get) you", "purple wombat"), "utf-8")
    found = Judge(load_rules(tmp_path))("such a Purple Wombat")
    assert [finding.detector for finding in found] == ["threat.sample"]


def test_a_school_file_may_not_take_the_name_of_ours(tmp_path) -> None:
    (tmp_path / "threat.toml").write_text(GOOD, "utf-8")
    with pytest.raises(ValueError, match="choose another name"):
        load_rules(tmp_path)


def test_judges_of_the_same_rules_share_one_reader(monkeypatch):
    made = []

    def counted(*words):
        made.append(Normaliser(*words))
        return made[-1]

    monkeypatch.setattr("monitor.detectors.rules.Normaliser", counted)
    rules = replace(RULES)
    assert Judge(rules)("you idiot") == Judge(rules)("you idiot")
    assert len(made) == 1
