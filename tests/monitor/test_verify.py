"""Who a follower is, and whether an account seems to be a child's: with the grown-ups that must not fire."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.claims import ASK_THE_LEAD, HELD_BACK
from monitor.domain import Author, Severity, Verification, VerificationState
from monitor.register import register_of
from monitor.register_csv import read_register
from monitor.resemblance import skeleton
from monitor.verify import follower_findings, resemblance, verification
from monitor.verify_stage import School

FAMILY = (
    "Contact ID,Contact Forename,Contact Surname,Email,X handle,Facebook,Restricted\n"
    "9001,Grace,Okafor,grace@mail.example,@GraceOk,,\n"
    "9002,Tom,Hale,tom@mail.example,@tom_hale,tom.hale,Yes\n"
)
PEOPLE = read_register(FAMILY.encode()).people
REGISTER = register_of(PEOPLE)
SCHOOL = School(
    name="St Mary's Primary School",
    handles=("StMarysBexhill",),
    organisations={"@EduDept": "the Department for Education"},
)


def judged(handle, **author):
    return verification("x", Author(handle=handle, **author), REGISTER, SCHOOL.organisations)


def found(handle="zzz", name="", bio="", school=SCHOOL):
    return follower_findings(
        Author(external_id="7", handle=handle, name=name, bio=bio),
        school_handles=school.handles,
        school_name=school.name,
    )


def categories(**account):
    return [finding.category for finding in found(**account)]


# who it is


@pytest.mark.parametrize("handle", ["GraceOk", "@graceok", "GRACEOK"])
def test_a_handle_on_the_register_is_a_claim_and_never_more(handle):
    says = judged(handle)
    assert says.state is VerificationState.CLAIMED
    assert says.role == "parent"
    assert says.person
    assert "not proven yet" in says.reason


def test_a_name_or_a_near_handle_claims_nothing():
    says = judged("GraceOk1", name="Grace Okafor", bio="grace@mail.example")
    assert (says.state, says.person, says.role) == (VerificationState.UNVERIFIED, None, None)


def test_a_handle_counts_on_its_own_network_only():
    says = verification("facebook", Author(handle="GraceOk"), REGISTER)
    assert says.state is VerificationState.UNVERIFIED


@pytest.mark.parametrize(("network", "handle"), [("x", "tom_hale"), ("facebook", "Tom.Hale")])
def test_a_restricted_person_is_never_claimed_and_the_reason_names_no_one(network, handle):
    says = verification(network, Author(handle=handle, name="Tom Hale"), REGISTER)
    assert (says.state, says.person, says.role) == (VerificationState.UNVERIFIED, None, None)
    assert "safeguarding lead" in says.reason
    assert not {"tom", "hale", "court", "parent"} & set(says.reason.lower().replace(";", " ").split())


def test_a_known_organisation_is_one_with_its_reason():
    says = judged("edudept")
    assert (says.state, says.reason) == (VerificationState.ORGANISATION, "the Department for Education")
    assert judged("edudept2").state is VerificationState.UNVERIFIED


def test_a_follower_whose_handle_the_network_hides_is_unverified():
    assert verification("x", Author(external_id="7"), REGISTER).state is VerificationState.UNVERIFIED


@pytest.mark.parametrize(
    ("state", "reason", "hint"),
    [
        (VerificationState.UNVERIFIED, "not on the register", "parent"),
        (VerificationState.UNVERIFIED, ASK_THE_LEAD, ""),
        (VerificationState.UNVERIFIED, HELD_BACK, ""),
        (VerificationState.CLAIMED, "on the register; not proven yet", ""),
        (VerificationState.ORGANISATION, "a charity", ""),
    ],
)
def test_nobody_about_whom_the_lead_is_asked_is_called_possible(state, reason, hint):
    assert (
        resemblance(Author(handle="zzz", name="Grace Okafor"), REGISTER, Verification(state, reason)) == hint
    )


# children


@pytest.mark.parametrize(
    ("bio", "severity", "words"),
    [
        ("I'm 10", Severity.MEDIUM, "I'm 10"),
        ("im 9 and i love minecraft", Severity.MEDIUM, "im 9"),
        ("Hi! I am 11 years old 🎮", Severity.MEDIUM, "I am 11"),
        ("I’m in Year 5", Severity.MEDIUM, "I’m in Year 5"),
        ("I'm ten!", Severity.MEDIUM, "I'm ten"),
        ("I'm 8 and a half", Severity.MEDIUM, "I'm 8"),
        ("age 8", Severity.LOW, "age 8"),
        ("football | age: 10 | arsenal", Severity.LOW, " age: 10"),
        ("Y4 🦄", Severity.LOW, "Y4"),
        ("Y4 age 8 ⚽ minecraft and my dog", Severity.LOW, "Y4 age 8"),
        ("dance, year 6", Severity.LOW, " year 6"),
        ("10 yo", Severity.LOW, "10 yo"),
    ],
)
def test_a_child_under_13_is_noticed_by_its_own_words(bio, severity, words):
    (finding,) = found(bio=bio)
    assert (finding.category, finding.severity) == ("underage", severity)
    assert bio[slice(*finding.span)] == words


@pytest.mark.parametrize(
    "bio",
    [
        "mum of two, Y4 and Y6",
        "Mum • Y4 • Y6",
        "Dad to a 10 year old",
        "grandmother of 3, aged 6",
        "Y4 teacher",
        "PTA chair | Y5",
        "I'm in Year 5 teaching team",
        "I'm 12 weeks pregnant",
        "I'm 5'2",
        "I'm 10/10 tired",
        "I'm 12 years into nursing",
        "I'm 11 stone",
        "I'm 40",
        "I'm 13",
        "I'm 100",
        "age 80",
        "ages 5-11",
        "for children aged 8 and 10",
        "Class of 2031",
        "Biscuit the dog, aged 8 and a half weeks",
        "Year 4 to Year 6 maths resources",
        "Y5 🍎 teaching and tea",
        "Mama, Y4",
        "Year 6 leavers 1998",
        "Runner. 10 k. Coffee",
        "established 10 years",
        "",
    ],
)
def test_grown_ups_who_speak_of_children_or_numbers_are_not_children(bio):
    assert categories(bio=bio) == []


@given(handle=st.text(max_size=30), name=st.text(max_size=60), bio=st.text(max_size=200))
@settings(deadline=None, max_examples=150)
def test_any_account_can_be_judged_and_its_spans_are_in_its_bio(handle, name, bio):
    assert judged(handle, name=name, bio=bio).state is not VerificationState.VERIFIED
    for finding in found(handle=handle, name=name, bio=bio):
        assert 0 <= finding.span[0] <= finding.span[1] <= len(bio)
    assert skeleton(handle).isascii()
