from __future__ import annotations

import pytest

from monitor.detectors import Judge, OwnContacts, load_rules

RULES = load_rules()
OWN = OwnContacts(["020 7946 0112"], ["staldhelms.example"])


@pytest.mark.parametrize(
    "text",
    [
        "My mum says 020 7946 0112 is the one to ring",
        "ring 02079460112 then",
        "its +44 20 7946 0112 I think",
        "write to kate.marsh@staldhelms.example about it",
        "kate@mail.staldhelms.example knows",
    ],
)
def test_the_schools_own_details_are_no_finding(text: str) -> None:
    assert Judge(RULES, own=OWN)(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "my number is 07700 900123 text me",
        "text me on 020 7946 0113",
        "kate.marsh@notstaldhelms.example is her address",
        "kate.marsh@staldhelms.example.test is her address",
    ],
)
def test_other_peoples_details_are_found_all_the_same(text: str) -> None:
    assert [one.category for one in Judge(RULES, own=OWN)(text)] == ["identifying.contact"]
