from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts import words
from alerts.doors import load_doors
from alerts.outside import Door, due
from monitor.errors import ConfigError

LONDON = ZoneInfo("Europe/London")
LADO = Door("lado", "LADO", "now", frozenset({"staff_allegation"}), (), clock="working_day")
NATIONS = ["england", "wales", "scotland", "northern_ireland"]


def weekday(day: date) -> bool:
    return day.weekday() < 5


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


@pytest.mark.parametrize(
    ("known", "by"),
    [
        ("2026-11-18T10:15", "2026-11-19T10:15"),  # a Wednesday
        ("2026-11-20T12:40", "2026-11-23T12:40"),  # a Friday
        ("2026-11-20T22:00", "2026-11-23T17:00"),  # while somebody is there to take it
        ("2026-11-21T09:00", "2026-11-23T17:00"),  # a Saturday
        ("2026-10-23T10:00", "2026-10-26T10:00"),  # over the end of summer time
    ],
)
def test_one_working_day_is_the_next_one_by_the_same_hour(known: str, by: str) -> None:
    assert due(LADO, local(known), LONDON, weekday) == local(by)


def test_a_holiday_is_no_working_day() -> None:
    def working(day: date) -> bool:
        return weekday(day) and day not in {date(2026, 12, 25), date(2026, 12, 28)}

    assert due(LADO, local("2026-12-24T10:00"), LONDON, working) == local("2026-12-29T10:00")


def test_who_has_no_clock_is_due_at_no_time() -> None:
    ceop = load_doors().door("ceop")
    assert ceop is not None
    assert due(ceop, local("2026-11-20T12:40"), LONDON, weekday) is None


@pytest.mark.parametrize(
    ("category", "keys"),
    [
        ("staff_allegation", {"lado", "police", "posh"}),
        ("grooming", {"emergency", "police", "ceop", "iwf"}),
        ("discrimination.race", {"police", "true_vision", "posh"}),
        ("bullying", {"posh"}),  # CEOP takes grooming and sexual abuse only
        ("complaint", set()),
        ("press", set()),
        ("spam", set()),
    ],
)
def test_each_category_has_its_own_doors(category: str, keys: set[str]) -> None:
    assert {door.key for door in load_doors().doors_for(category, reported=False)} == keys


def test_who_wants_the_network_asked_first_comes_after_the_report() -> None:
    doors = load_doors()
    assert "rhc" not in {door.key for door in doors.doors_for("bullying", reported=False)}
    assert "rhc" in {door.key for door in doors.doors_for("bullying", reported=True)}


@pytest.mark.parametrize("nation", NATIONS)
def test_every_door_can_be_gone_through_and_says_what_it_asks(nation: str) -> None:
    doors = load_doors(nation)
    for door in doors.outside:
        assert door.needs, door.key
        assert door.when.endswith("."), door.key
        assert door.phone or door.page or door.key == "lado", door.key  # the school's own contact
        assert door.categories <= set(words.CATEGORIES), door.key
    assert doors.doors_for("staff_allegation", reported=False)[0].clock == "working_day"


@pytest.mark.parametrize("nation", NATIONS[1:])
def test_outside_england_no_door_is_an_english_office(nation: str) -> None:
    assert "LADO" not in {door.name for door in load_doors(nation).outside}


def test_a_school_changes_one_key_of_a_door_and_adds_its_own(tmp_path: Path) -> None:
    own = tmp_path / "doors.toml"
    own.write_text(
        'reviewed = 2027-01-05\n[england.door.police]\nphone = "01632 960 999"\n'
        '[england.door.trust]\nname = "Our trust"\nwhen = "Always."\nfor = ["insult"]\nneeds = ["The reference"]\n'
    )
    doors = load_doors("england", own)
    police, shipped = doors.door("police"), load_doors().door("police")
    assert police is not None
    assert shipped is not None
    assert police.phone == "01632 960 999"
    assert police.needs == shipped.needs
    assert "trust" in {door.key for door in doors.doors_for("insult", reported=False)}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[england.door.police]\nphoen = '1'\n", "door.police.phoen: is unknown"),
        ("[england.door.police]\npage = 'http://police.example'\n", "must begin with https"),
        ("[england.door.police]\nphone = 'javascript:1'\n", "is no telephone number"),
        ("[england.door.police]\nneeds = 'all'\n", "must be a list"),
        ("[england.door.police]\nclock = 'soon'\n", 'must be "working_day"'),
        ("[england.door.police]\nwhen = 3\n", "must be a sentence"),
        ("[england.door.new]\nname = 'New'\n", "door.new.when: must be a sentence"),
        ("[england.door.'a b']\nname = 'New'\n", "is no key"),
        ("[england.door]\npolice = 3\n", "england.door.police is not a table"),
    ],
)
def test_a_bad_door_is_named_with_its_key(tmp_path: Path, text: str, says: str) -> None:
    own = tmp_path / "doors.toml"
    own.write_text(text)
    with pytest.raises(ConfigError, match=says) as caught:
        load_doors("england", own)
    assert all(problem.startswith(str(own)) for problem in caught.value.problems)
