"""Addresses in English and Welsh, and names on other networks: what is given out, and what only looks like it."""

import pytest

from monitor.detectors import Judge, load_rules
from monitor.detectors.handles import handles

JUDGE = Judge(load_rules())


def detectors(text: str) -> set[str]:
    return {finding.detector for finding in JUDGE(text)}


@pytest.mark.parametrize(
    "text",
    [
        "She is at 31 Ffordd Las with her nan",
        "They live at number 22 Stryd Fawr",
        "Tomos lives down Heol y Felin, number 9",
        "That family are at 7 Larch Mews, you can't miss the van",
        "Live near the school, 12 Chapel St, can walk home with anyone",
        "im at 61 kingsley avenue come round",
        "party at 9 fernbank cres on saturday",
        "the lad you want is at no 6 Spinney Walk",
        "They moved to 5 Willow Drive",
        "he lives behind the school, 18 Hazel Croft",
        "33 Larch Av is where she stays",
        "He has moved in with his dad, 6 The Paddock",
        "No. 9 Park View, that is the family",
        "Pop a card through to Mia at 3 Holly Bank",
    ],
)
def test_an_address_is_found_in_english_and_welsh(text: str) -> None:
    assert "contact.address" in detectors(text)


@pytest.mark.parametrize(
    "text",
    [
        "Our address is Hillcrest Primary, 45 Station Road, TF3 9ZX",
        "I grew up at 12 Chapel Street and came here in 1962",
        "Florence Nightingale lived at 10 South Street",
        "Sherlock Holmes lives at 221B Baker Street",
        "The reunion is at the Swan, 17 Bridge Street",
        "Planning application for 40 Castle View, comments by Friday",
        "The doctor's surgery has moved to 6 Spinney Drive",
        "Mill Lane 20 minutes late this morning",
        "Court Road, kick-off 3.15",
        "Year 9 at Larch Road 3 goals up",
        "no 1 on Ffordd Las knows about the road works",
        "12 st of flour, said the baker",
        "Beacon Hill 3 Moor Road 1",
        "71 Hollybush Road is on the market, lovely garden for children",
        "Only 9 Supreme Court judges, and 6 Tennis Court slots left",
    ],
)
def test_an_organisation_a_memory_and_a_story_have_no_address_to_hide(text: str) -> None:
    assert not detectors(text) & {"contact.address", "contact.postcode"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("PSN: moth_b_10 add me", "moth_b_10"),
        ("discord is wolf#4471 anyone", "wolf#4471"),
        ("her finsta is moth.private.x.", "moth.private.x"),
        ("she is MothPlays on youtube", "MothPlays"),
        ("my minecraft name is creeper_mas7", "creeper_mas7"),
        ("anyone got her snap? its kmoth.8", "kmoth.8"),
        ("ig: moth_pross", "moth_pross"),
        ("gmail: amber.moth.x", "amber.moth.x"),
        ("snap: evmothlou", "evmothlou"),
    ],
)
def test_a_name_on_a_network_is_found(text: str, name: str) -> None:
    assert [text[slice(*place)] for place in handles(text)] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "Our insta is @friends_of_hillcrest",
        "Follow the school on Instagram @hillcrest_1",
        "instagram: hillcrest.primary",
        "on discord.Please share",
        "YouTube: www.hillcrest.example",
        "Fortnite: year7 want a club",
        "Xbox 360 for sale",
        "xbox: 7pm start",
        "discord: homework",
        "twitter is down",
        "snap! its 30th May already",
        "",
    ],
)
def test_a_page_of_an_organisation_a_time_and_a_site_are_not(text: str) -> None:
    assert list(handles(text)) == []


@pytest.mark.parametrize(
    ("text", "detector"),
    [
        ("email her amber.moth2016 @ mailbox . example", "contact.email"),
        ("his email: tom @ mail . example", "contact.email"),
        ("my digits 07700/900/450", "contact.phone"),
        (
            "her new phone 0\ufe0f\u20e37\ufe0f\u20e37\ufe0f\u20e30\ufe0f\u20e30\ufe0f\u20e3 900 311",
            "contact.phone",
        ),
        ("The family's home phone is 020 7946 0321, give them a piece of your mind", "contact.phone"),
    ],
)
def test_details_that_are_written_apart_are_found(text: str, detector: str) -> None:
    assert detector in detectors(text)


@pytest.mark.parametrize(
    "text",
    [
        "photos to yearbook@hillcrest.example",
        "book @ hillcrest . example",
        "office @ hillcrest . example",
        "call Mind on 0300 123 3393",
        "01/02/2026 10/11/2026 12/12/2026",
    ],
)
def test_mailboxes_of_teams_helplines_and_dates_are_not(text: str) -> None:
    assert not {one for one in detectors(text) if one.startswith("contact.")}


def test_a_trainee_called_hallam_has_no_mailbox_of_a_hall() -> None:
    assert "contact.email" in detectors("hallam.moth@mail.example is his")
