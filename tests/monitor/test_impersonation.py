"""Accounts that speak as the school, its headteacher or its staff, each with a neighbour that must not fire."""

import pytest

from monitor.domain import Author, Severity
from monitor.impersonation import impersonation
from monitor.resemblance import handle_forms

NAME = "St Mary's Primary School"


def found(handle="zzz", name="", bio="", head="Mrs Asha Quill", **more):
    author = Author(handle=handle, name=name, bio=bio)
    return impersonation(author, ("StMarysBexhill",), NAME, head=head, **more)


@pytest.mark.parametrize(
    "name",
    [
        "St Mary’s Official",
        "Headteacher of St Mary's Primary School",
        "Head of St Mary's Primary",
        "St Mary's Primary School Headteacher",
        "St\u200b Mary's\u200d Primary Schoo1",
        "St Marys Primary Sch00l",
        "S t M a r y s  P r i m a r y  School",
        "St Mary's Primary Schooi",
        "St Mary’s Primary School 2",
        "St Mary's Primary School 2026",
        "St Mary's Primary School Admin",
        "St Mary's Primary School\uffa0",
        "St Mary's\u00adPrimary School",
        "Sᴛ Mᴀʀʏ's Pʀɪᴍᴀʀʏ Sᴄʜᴏᴏʟ",
        "Karen Smith - Headteacher, St Mary's Primary School",
        "Official account of St Mary's Primary School",
    ],
)
def test_a_name_that_speaks_for_the_school_is_brought_to_somebody(name):
    (finding,) = found(name=name)
    assert (finding.category, finding.severity) == ("impersonation", Severity.MEDIUM)
    assert finding.span == (0, 0)


@pytest.mark.parametrize(
    "name",
    [
        "Headteacher of St Luke's",
        "St Mary's Hospital Official",
        "St Mary's Church Office",
        "Year 6 St Mary's Primary School",
        "St Mary's Primary School 6B",
        "Former headteacher of St Mary's Primary School",
        "Retired head, St Mary's Primary School",
        "Governor at St Mary's Primary School",
        "Headteacher, proud mum",
        "St Mary's Catholic High School, Leyland",
        "Official Reading Bus",
        "Mary Primary",
        "St Mary's Academy Official",
    ],
)
def test_neighbours_and_former_heads_are_no_impostors(name):
    assert found(name=name) == ()


@pytest.mark.parametrize(
    ("bio", "post"),
    [
        ("Headteacher at St Mary’s Primary School", True),
        ("Proud head of St Mary's Primary, Bexhill", True),
        ("The official account of St. Mary's Primary School", True),
        ("Principal, St Mаry's Primary School", True),  # Cyrillic а
        ("Mum of two at St Mary's Primary School. Head of sales", False),
        ("Ex-headteacher of St Mary's Primary School", False),
        ("Not the official St Mary's Primary School", False),
        ("Headteacher of St Mary's Primary Schools Trust", False),
        ("Headteacher at Eastfield. St Luke's before", False),
        ("", False),
    ],
)
def test_whoever_says_that_they_lead_the_school_is_brought_to_somebody(bio, post):
    assert [finding.detector for finding in found(bio=bio)] == (["follower.post"] if post else [])


@pytest.mark.parametrize(
    "handle", ["StMarysPrimary", "st_marys_primary_school", "StMarysPrimary1", "RealStMarysPrimary"]
)
def test_a_handle_that_is_the_schools_name_is_brought_to_somebody(handle):
    (finding,) = found(handle=handle, name="Anybody")
    assert finding.detector == "follower.handle"


@pytest.mark.parametrize(
    ("handle", "name"),
    [
        ("StMarysPrimary", "St Mary's Catholic Primary School, Leyland"),
        ("stmarysprimarypta", "The PTA"),
        ("StLukesPrimary", "St Luke's"),
        ("marysprimroses", "Mary"),
    ],
)
def test_another_schools_handle_is_no_impostor(handle, name):
    assert found(handle=handle, name=name) == ()


@pytest.mark.parametrize(
    ("handle", "name"),
    [
        ("zzz", "Asha Quill"),
        ("zzz", "Mrs Quill"),
        ("zzz", "Mrs A. Quill (Headteacher)"),
        ("zzz", "Аsha Qui11"),  # Cyrillic А
        ("zzz", "Quill, Asha"),
        ("MrsQuill", ""),
        ("asha_quill84", ""),
        ("RealAshaQuill", ""),
        ("mrsquill_official", ""),
    ],
)
def test_the_headteachers_name_is_noted(handle, name):
    (finding,) = found(handle=handle, name=name)
    assert (finding.category, finding.severity) == ("impersonation", Severity.LOW)
    assert "quill" not in finding.reason.lower()


@pytest.mark.parametrize(
    ("handle", "name", "head"),
    [
        ("zzz", "Mrs Quill's Bakery", "Mrs Asha Quill"),
        ("zzz", "Quill", "Mrs Asha Quill"),
        ("zzz", "Asha", "Mrs Asha Quill"),
        ("zzz", "Ben Quill", "Mrs Asha Quill"),
        ("zzz", "Asha Quillfeather", "Mrs Asha Quill"),
        ("quillandink", "", "Mrs Asha Quill"),
        ("ashaquilling", "", "Mrs Asha Quill"),
        ("zzz", "Mrs Quill", ""),
        ("zzz", "Mrs Quill", "Mrs Quill"),
    ],
)
def test_who_shares_half_a_name_with_the_head_is_left_alone(handle, name, head):
    assert found(handle=handle, name=name, head=head) == ()


def test_a_look_alike_of_a_staff_handle_is_brought_to_somebody():
    (finding,) = found(handle="mrs_pate1", like_staff=True)
    assert (finding.category, finding.detector) == ("impersonation", "follower.staff")


@pytest.mark.parametrize("theirs", ["mrs_patel_art2", "mrspatelart", "Mrs_Pate1_Art", "mrs_ptael_art"])
def test_handles_that_are_taken_for_one_another_share_a_form(theirs):
    assert handle_forms("mrs_patel_art") & handle_forms(theirs)


@pytest.mark.parametrize("theirs", ["mr_patel_drama", "mrs_peel_art_7x", "patel"])
def test_handles_that_differ_share_none(theirs):
    assert not handle_forms("mrs_patel_art") & handle_forms(theirs)


def test_of_a_short_handle_one_letter_is_too_much():
    assert not handle_forms("casey1x") & handle_forms("casey2x")
    assert not handle_forms("abc")
