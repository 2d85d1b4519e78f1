"""Ways to reach a person are found however they are written; an organisation's own announcement is not."""

import pytest

from monitor.detectors import Judge, load_rules
from monitor.domain import Severity

JUDGE = Judge(load_rules())


def found(text: str) -> list[tuple[str, str]]:
    return [
        (finding.detector, text[slice(*finding.span)])
        for finding in JUDGE(text)
        if finding.detector.startswith("contact.")
    ]


@pytest.mark.parametrize(
    "number",
    [
        "07700900123",
        "07700 900123",
        "07700-900-123",
        "(07700) 900 123",
        "0 7 7 0 0 9 0 0 1 2 3",
        "+44 7700 900123",
        "+44 (0)7700 900123",
        "0044 7700 900123",
        "O7700 9OO123",
        "oh seven seven double oh nine double oh one two three",
        "zero double seven zero zero nine hundred one two three",
        "０７７００９００１２３",
        "0\u200b7700 900123",
    ],
)
def test_a_mobile_number_is_found_in_every_spelling(number: str) -> None:
    text = f"her mobile is {number} ok"
    assert [detector for detector, _ in found(text)] == ["contact.phone"]
    assert JUDGE(text)[0].severity == Severity.HIGH


def test_the_span_of_a_number_covers_the_number() -> None:
    assert ("contact.phone", "07700 900123") in found("ask him on 07700 900123 please")


@pytest.mark.parametrize(
    "text",
    [
        "call the office on 020 7946 0123",
        "School office: 020 7946 0123",
        "Tickets from the box office 020 7946 0456",
        "Childline 0800 1111",
        "we won 21-17 21-19 21-12",
        "dates: 01/02/2026 09:30, 02/03/2026",
        "2019 2020 2021 season",
        "ISBN 978 0 14 032872 1",
        "raised £1,234,567.89",
        "0-0 0-1 0-2 0-3 1-4",
    ],
)
def test_announcements_scores_dates_and_prices_are_no_number(text: str) -> None:
    assert found(text) == []


def test_the_writers_own_number_is_less_grave_than_anothers() -> None:
    own = JUDGE("text me on 07700 900123")[0]
    assert own.severity == Severity.MEDIUM


@pytest.mark.parametrize(
    "text",
    [
        "mail me: sam.hill@mail.example",
        "sam.hill\uff20mail.example",
        "sam dot hill at gmail dot com",
        "ellie at hotmail dot co dot uk",
    ],
)
def test_an_address_of_mail_is_found_in_signs_and_in_words(text: str) -> None:
    assert [detector.split("_")[0] for detector, _ in found(text)] == ["contact.email"]


@pytest.mark.parametrize(
    "text", ["office@stmarys.sch.uk", "write to pta@oakfield.example", "meet at noon dot on the i"]
)
def test_a_mailbox_of_an_office_is_not(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "detector"),
    [
        ("she lives at SW1A 1AA", "contact.postcode"),
        ("his house is in ne3 9zz", "contact.postcode"),
        ("she lives at 14 Cherry Tree Close", "contact.address"),
        ("he lives at 7 mill lane", "contact.address"),
        ("Party at 15 Beech Avenue", "contact.address"),
        ("UPN A123456789012 for him", "contact.number"),
    ],
)
def test_where_somebody_lives_is_found(text: str, detector: str) -> None:
    assert detector in [name for name, _ in found(text)]


@pytest.mark.parametrize(
    "text",
    [
        "in y7 6th period",
        "car park postcode SG4 9XX for the match",
        "M8 2nd place!",
        "3 in a row",
        "2 minutes walk",
        "St John's Hall, 12 Mill Lane, tickets for the show",
        "Year 4 rock the place",
    ],
)
def test_periods_venues_and_rows_are_no_address(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "detector"),
    [
        ("999 000 0018, NHS, that is the one", "contact.number"),  # of the range that is kept for tests
        ("her nhs no 9990000018, so you can check", "contact.number"),
        ("for the lad: oh seven seven double oh, nine hundred, two six three", "contact.phone"),
        ("Ring our landline 01632 960 771 and ask for Ben", "contact.phone"),
        ("The boy lives at 51 Harrow Rise", "contact.address"),
        ("hes at number 7 park road", "contact.address"),
        ("his NI is QQ123456C", "contact.number"),
        ("ni number qq 12 34 56 c", "contact.number"),
        ("upn a123456789012 for him", "contact.number"),
        ("sam hill at gmail.com", "contact.email_spelt"),
    ],
)
def test_numbers_of_a_person_are_found(text: str, detector: str) -> None:
    assert detector in [name for name, _ in found(text)]


@pytest.mark.parametrize(
    "text",
    [
        "999 000 0019, NHS, that is the one",  # the check digit is wrong
        "order 999 000 0018 has arrived",
        "UPN B123456789012 for him",  # the check letter is wrong
        "scores: 0, 7, 7, 0, 0 in the heats",
        "Ring our office on 01632 960 771",
        "51 people rise early",
        "code qq123456c for ten per cent off",
        "Roadworks outside 15 Station Road again",
        "a car blocking 22 Mill Lane every morning",
        "look at gmail for the letter",
    ],
)
def test_other_numbers_are_not(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Man with van, any distance, 07700 900456",
        "Carpets cleaned, free quote, call 01632 960077",
        "I write for the Northmoor Courier, please ring me on 07700 900123",
        "Reporter here, mail me at jo.finch@courier.example about the roof",
    ],
)
def test_the_number_of_a_trader_or_a_reporter_leads_to_nobody(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "ring her on 07700 900456, cheap laugh",
        "text 07700 900456 she loves it",
        "the reporter asked for his mums number, it is 07700 900123",
    ],
)
def test_a_number_that_is_passed_on_is_found_all_the_same(text: str) -> None:
    assert [detector for detector, _ in found(text)] == ["contact.phone"]


def test_an_address_and_a_name_on_a_network_need_no_digit_and_no_other_sign() -> None:
    assert found("write to amelia at staldhelms dot example") == [
        ("contact.email_spelt", "amelia at staldhelms dot example")
    ]
    assert found("snap: lilmothie") == [("contact.handle", "lilmothie")]
