from __future__ import annotations

import pytest

from monitor.detectors import Judge, load_rules
from monitor.domain import Author
from monitor.verify import handle_findings, handle_words


@pytest.fixture(scope="module")
def look() -> Judge:
    return Judge(load_rules(None))


@pytest.mark.parametrize(
    ("handle", "words"),
    [
        ("@MrsPenroseIsAThief", "Mrs Penrose Is A Thief"),
        ("mrs_penrose_is_a_thief99", "mrs penrose is a thief"),
        ("granny-jo.42", "granny jo"),
        ("", ""),
    ],
)
def test_a_handle_is_read_as_words(handle, words):
    assert handle_words(handle) == words


@pytest.mark.parametrize(
    ("handle", "category"),
    [
        ("useless_idiots", "insult"),
        ("HeadteacherIsAPaedo", "staff_allegation"),
        ("fuck_st_marys", "profanity"),
        ("i_will_stab_you", "threat"),
    ],
)
def test_abuse_in_a_handle_is_found_once_and_not_in_the_bio(look, handle, category):
    (found,) = handle_findings(Author("1", handle, "Name", "useless idiots"), look)
    assert (found.category, found.span) == (category, (0, 0))
    assert found.reason.startswith("in the account's handle: ")


@pytest.mark.parametrize(
    "handle",
    ["ReadingBus", "grannyjo", "casey_markerson", "StMarysChurch", "scunthorpe_utd", "essex_dad", None],
)
def test_an_ordinary_handle_is_none(look, handle):
    assert handle_findings(Author("1", handle, "fuck", "idiots"), look) == ()
