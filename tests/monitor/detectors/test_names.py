"""Names of children are found, words that look like names are not."""

import pytest

from monitor.detectors import Judge, load_rules
from monitor.detectors.context import People
from monitor.domain import Severity
from tests.monitor.detectors.plain import PlainRegister, register

RULES = load_rules()
KNOWN = Judge(RULES, register=register())
UNKNOWN = Judge(RULES)


def names(judge: Judge, text: str) -> list[tuple[str, str]]:
    return [
        (finding.category, text[slice(*finding.span)])
        for finding in judge(text)
        if finding.category in {"identifying.name", "identifying.part_name"}
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Well done Ellie Marsh", "Ellie Marsh"),
        ("well done ellie marsh", "ellie marsh"),
        ("Marsh, Ellie was first", "Marsh, Ellie"),
        ("So proud of Zoë O'Brien!", "Zoë O'Brien"),
        ("zoe o’brien won", "zoe o’brien"),
        ("Is that Ellie Marsh's coat?", "Ellie Marsh's"),
        ("#EllieMarsh superstar", "#EllieMarsh"),
        ("ask @ellie.marsh08", "@ellie.marsh08"),
        ("@elliemarsh you star", "@elliemarsh"),
        ("Anne-Marie Holt sang", "Anne-Marie Holt"),
        ("Rose Summers sang a solo", "Rose Summers"),
    ],
)
def test_a_full_name_of_the_register_is_found(text: str, name: str) -> None:
    found = names(KNOWN, text)
    assert [category for category, _ in found] == ["identifying.name"]
    assert found[0][1].strip("#@") in name


@pytest.mark.parametrize(
    "text",
    [
        "Will Hope May Faith",
        "the rose summers bring",
        "will young people be there?",
        "Well done Ellie",
        "ellie was great",
        "Mrs Patel is wonderful",
        "Priti Patel was wonderful today",
        "Thanks from Jane Marsh",
        "Mr Marsh drove the minibus",
        "Mr Ellie Marsh drove the minibus",
        "Ellie. Marsh land walk tomorrow",
        "Hope to see you all in May",
    ],
)
def test_a_forename_alone_staff_parents_and_ordinary_words_are_not(text: str) -> None:
    assert names(KNOWN, text) == []


@pytest.mark.parametrize(
    "text", ["Well done Kaiya in 4B", "Is Ellie from Year 3 ok?", "Kaiya (Y5) was first"]
)
def test_a_forename_beside_a_class_is_a_part_name(text: str) -> None:
    assert [category for category, _ in names(KNOWN, text)] == ["identifying.part_name"]


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("Ellie Marsh sang a solo", Severity.MEDIUM),
        ("Ellie Marsh in 4B sang a solo", Severity.HIGH),
        ("Ellie Marsh has got epilepsy, be kind", Severity.HIGH),
        ("Ellie Marsh had a lovely day at the farm", Severity.MEDIUM),
        ("Ellie Marsh is in the photo, second from the left", Severity.HIGH),
        ("Ellie Marsh walks home alone past the park", Severity.CRITICAL),
    ],
)
def test_a_full_name_is_graver_beside_a_class_and_gravest_beside_a_place(
    text: str, severity: Severity
) -> None:
    assert max(f.severity for f in KNOWN(text) if f.category == "identifying.name") == severity


@pytest.mark.parametrize(
    "text",
    ["Oliver Tamsin in Y4 was brilliant", "my son Jack Tamsin lost his coat", "Evie Tamsin (Year 2) sang"],
)
def test_without_a_register_a_name_needs_a_class_or_kin_beside_it(text: str) -> None:
    assert [category for category, _ in names(UNKNOWN, text)] == ["identifying.name"]


@pytest.mark.parametrize(
    "text",
    [
        "Harry Kane scored",
        "Florence Nightingale day",
        "Will in Year 4 they swim?",
        "My son loved Roald Dahl",
        "Mrs Jane Archer in 4B",
    ],
)
def test_without_a_register_names_from_the_world_are_left_alone(text: str) -> None:
    assert names(UNKNOWN, text) == []


def test_a_name_of_the_register_makes_an_insult_bullying() -> None:
    assert "bullying" in {finding.category for finding in KNOWN("Kaiya is so fat and ugly")}


def test_a_rare_forename_of_the_register_needs_no_capital_but_an_ordinary_word_does() -> None:
    judge = Judge(RULES, register=PlainRegister({"kaiya brindle": "pupil", "summer brindle": "pupil"}))

    def found(text: str) -> set[str]:
        return {finding.category for finding in judge(text)}

    assert "bullying" in found("kaiya is fat")
    assert "bullying" not in found("summer is fat with promise")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("well done kaya brindle", "kaya brindle"),  # a letter left out
        ("well done Kaiya Brindlle", "Kaiya Brindlle"),  # one more
        ("well done Kaiya Brondle", "Kaiya Brondle"),  # another
        ("well done Kaiya Birndle", "Kaiya Birndle"),  # two swapped
        ("Brinde, Kaiya was first", "Brinde, Kaiya"),
    ],
)
def test_a_name_with_one_letter_wrong_is_found(text: str, name: str) -> None:
    (finding,) = [one for one in KNOWN(text) if one.category == "identifying.name"]
    assert finding.detector == "name.near"
    assert finding.severity is Severity.MEDIUM
    assert text[slice(*finding.span)] == name


@pytest.mark.parametrize(
    "text",
    [
        "well done Kaia Brondle",  # a letter wrong in both
        "Ellie March was lovely",  # an ordinary word
        "will hurt less tomorrow",
        "Mrs Kaiya Brondle",
        "Kaiya. Brindl is the paint",
    ],
)
def test_what_is_further_from_a_name_is_not(text: str) -> None:
    assert names(KNOWN, text) == []


def test_a_name_with_a_letter_wrong_is_graver_beside_where_the_child_is() -> None:
    (finding,) = [
        one
        for one in KNOWN("Kaiya Brondle walks home alone past the canal")
        if one.category == "identifying.name"
    ]
    assert finding.severity is Severity.CRITICAL


def test_a_name_run_together_is_found() -> None:
    assert names(KNOWN, "kaiyabrindle was brilliant") == [("identifying.name", "kaiyabrindle")]


def test_a_surname_that_looks_like_words_run_together_is_read_as_written() -> None:
    judge = Judge(RULES, register=PlainRegister({"jake littlewoodhall": "pupil", "tom barkes": "pupil"}))
    assert names(judge, "Jake Littlewoodhall scored") == [("identifying.name", "Jake Littlewoodhall")]
    assert names(judge, "tom barkes scored") == [("identifying.name", "tom barkes")]
    assert names(judge, "a little wood hall and dog barks") == []


@pytest.mark.parametrize(
    "text", ["Kaiya Louise Brindle sang", "Kaiya-Louise Brindle sang", "kaiya grace brindle sang"]
)
def test_a_second_forename_that_the_register_has_not_hides_no_name(text: str) -> None:
    assert [category for category, _ in names(KNOWN, text)] == ["identifying.name"]


@pytest.mark.parametrize("text", ["Kaiya, Louise, Brindle", "kaiya met brindle", "Miss Kaiya Brondle"])
def test_words_between_and_titles_before_are_told_from_a_name(text: str) -> None:
    assert names(KNOWN, text) == []


@pytest.mark.parametrize(
    "text",
    ["Kaiya B 6T superstar", "Kaiya B. (9H) you star", "Kaiya B (Year 4)", "Kaiya 10L", "Kaiya B in 11T"],
)
def test_a_forename_with_an_initial_and_any_class_is_a_part_name(text: str) -> None:
    assert [category for category, _ in names(KNOWN, text)] == ["identifying.part_name"]


@pytest.mark.parametrize(
    "text",
    [
        "Kaiya ran the 5k",
        "Kaiya raised 10p",
        "Kaiya B is here",
        "Kaiya's class went to the farm",
        "Megan Brindle in 4B",
    ],
)
def test_a_distance_a_sum_and_anothers_surname_are_no_class_of_a_pupil(text: str) -> None:
    assert names(KNOWN, text) == []


@pytest.mark.parametrize("text", ["Ellie Marsh in 9T won", "Ellie Marsh (11R) won", "ellie marsh 7k won"])
def test_a_full_name_is_graver_beside_any_class(text: str) -> None:
    assert max(f.severity for f in KNOWN(text)) == Severity.HIGH


@pytest.mark.parametrize(
    "text",
    [
        "Ellie Marsh, 14 Beech Avenue",
        "Ellie Marsh is at the skatepark every Friday",
        "Ellie Marsh waits outside the chip shop at four",
        "Ellie Marsh will be at the park at 4pm tomorrow",
        "anyone know where Ellie Marsh lives",
        "Ellie Marsh dob 12/03/2015",
        "Ellie Marsh 01632 960456",
        "Ellie Marsh, email her at ellie.m@mail.example",
        "Ellie Marsh is in 4B. She gets the 42 bus at three",
    ],
)
def test_a_full_name_beside_where_or_how_to_find_the_child_is_critical(text: str) -> None:
    assert max(f.severity for f in KNOWN(text)) == Severity.CRITICAL


@pytest.mark.parametrize(
    "text",
    [
        "Congratulations Ellie Marsh! Choir runs every Monday at 3.15, all welcome",
        "Ellie Marsh was brilliant. See you all at the bus stop at 8am for the trip",
        "Well done Ellie Marsh. My address has changed, who do I tell?",
        "Well done Ellie Marsh. Ring the office on 01632 960123 for tickets",
        "Ellie Marsh makes us proud every day",
    ],
)
def test_a_clubs_times_and_numbers_beside_a_full_name_are_not(text: str) -> None:
    assert max(f.severity for f in KNOWN(text)) == Severity.MEDIUM


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Ellie Marsh waits by the back hedge on Thursdays", "identifying.whereabouts"),
        ("kaiya brindle is at the skate park right now by herself", "identifying.whereabouts"),
        ("kaiya brindle takes adhd tablets at lunch", "identifying.health_family"),
        ("Ellie Marsh isn't with her dad this Christmas: the court said so", "identifying.health_family"),
    ],
)
def test_what_is_told_of_a_child_named_in_full_is_a_finding_of_its_own(text: str, category: str) -> None:
    assert category in {finding.category for finding in KNOWN(text)}


@pytest.mark.parametrize(
    "text", ["Ellie Marsh sang a solo", "Ellie Marsh in 4B won", "Ellie Marsh 07700 900123"]
)
def test_a_name_by_itself_tells_neither_place_nor_family(text: str) -> None:
    told = {finding.category for finding in KNOWN(text)}
    assert told.isdisjoint({"identifying.whereabouts", "identifying.health_family"})


@pytest.mark.parametrize("text", ["Young carers meet in room 3", "Summers in Year 4 are busy"])
def test_a_word_that_begins_a_sentence_is_no_part_of_a_name(text: str) -> None:
    assert names(KNOWN, text) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("zoe is late again", True),
        ("the O'Briens have moved", True),
        ("Mr Marsh has moved", False),
        ("he will be in the young persons hut", False),
        ("Nobody has moved", False),
    ],
)
def test_a_pupil_is_named_by_one_name_too_but_not_by_a_word_or_a_title(text: str, named: bool) -> None:
    people = People(RULES.lists["forenames"], RULES.lists["ordinary_names"], register())
    assert people.names_pupil(KNOWN.read(text)) is named
    assert not People((), (), None).names_pupil(KNOWN.read(text))
