"""Look-alikes of the school, each with a neighbour that must not fire."""

import pytest

from monitor.domain import Author, Severity
from monitor.resemblance import distance
from monitor.verify import follower_findings
from monitor.verify_stage import School

SCHOOL = School(name="St Mary's Primary School", handles=("StMarysBexhill",))


def found(handle="zzz", name="", school=SCHOOL):
    return follower_findings(
        Author(handle=handle, name=name), school_handles=school.handles, school_name=school.name
    )


def categories(**account):
    return [finding.category for finding in found(**account)]


@pytest.mark.parametrize(
    "handle",
    [
        "stmarysbexhi11",
        "5tmarysbexhill",
        "5tm4ry5b3xh1ll",
        "st_marys_bexhill",
        "strnarysbexhill",
        "stmarysbexhiII",
        "stmarysbexhil",
        "stmaryesbexhill",
        "stmarsybexhill",
        "stmarysbexhill2",
        "stmarysbexhilll",
        "StMarysBexhill_Official",
        "realstmarysbexhill",
        "stmаrysbexhill",  # Cyrillic а
    ],
)
def test_a_handle_that_could_be_taken_for_the_schools_is_brought_to_somebody(handle):
    (finding,) = found(handle=handle)
    assert (finding.category, finding.severity) == ("impersonation", Severity.MEDIUM)
    assert finding.detector == "follower.handle"
    assert handle not in finding.reason


@pytest.mark.parametrize(
    ("handle", "name"),
    [
        ("stmarysbexhill", "St Mary's Primary School"),
        ("@StMarysBexhill", "St Mary's Primary School"),
        ("stmarysbexhillpta", "St Mary's PTA"),
        ("stmarysbexhillfc", "St Mary's FC"),
        ("stmarysbexhill6c", "Class 6C"),
        ("stmarysbexhillchurch", "St Mary's Church, Bexhill"),
        ("friendsofstmarysbexhill", "Friends of St Mary's Primary School"),
        ("stmarksbexhill", "St Mark's Primary School"),
        ("stmarksbexhill", ""),
        ("stjohnsbexhill", "St John's Primary School"),
        ("bexhill", "Bexhill Town Council"),
        ("graceok", "Grace Okafor"),
        ("", ""),
    ],
)
def test_the_school_itself_and_its_neighbours_are_no_impostors(handle, name):
    assert categories(handle=handle, name=name) == []


@pytest.mark.parametrize(
    "name",
    [
        "St Mary's Primary School",
        "St Marys Primary",
        "ST MARY’S PRIMARY SCHOOL (Official)",
        "Ѕt Маry’s Рrimary Schооl",  # Cyrillic capitals
        "St Mary's Pr1mary School",
        "St Mary's Prirnary School",
        "St Mary's Primray School",
    ],
)
def test_the_schools_name_on_another_account_is_brought_to_somebody(name):
    (finding,) = found(name=name)
    assert (finding.category, finding.detector) == ("impersonation", "follower.name")


@pytest.mark.parametrize(
    "name",
    [
        "St Mary's",
        "St Mary's Church",
        "St Mary's Primary School PTA",
        "Year 6 at St Mary's Primary School",
        "St Martin's Primary School",
        "Bexhill Primary School",
        "St Mary's Academy",
        "Mary Primrose",
        "Mary St Clair",
    ],
)
def test_a_name_with_a_word_of_its_own_is_no_impostor(name):
    assert categories(name=name) == []


def test_a_neighbour_school_that_differs_by_two_letters_explains_itself_by_its_name():
    west = School(name="Westfield Primary School", handles=("westfieldprimary",))
    assert categories(handle="eastfieldprimary", name="Eastfield Primary School", school=west) == []
    assert categories(handle="eastfieldprimary", name="lol", school=west) == ["impersonation"]
    hill = School(name="Hillside Primary School", handles=("hillsideprimary",))
    assert categories(handle="millsideprimary", name="Millside Primary School", school=hill) == []
    assert categories(handle="hilsideprimary", name="Hilside Primary School", school=hill) == [
        "impersonation"
    ]


def test_a_school_named_like_a_village_takes_nobodys_name():
    assert categories(name="Oakwood", school=School(name="Oakwood")) == []


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("abcd", "abcd", 0), ("abcd", "abdc", 1), ("abcd", "abc", 1), ("abcd", "xbcy", 2), ("abcd", "wxyz", 3)],
)
def test_a_swap_of_neighbours_is_one_edit_and_far_is_one_more_than_asked(one, other, edits):
    assert distance(one, other, 2) == edits
