from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from alerts import words
from alerts.doors import load_doors
from monitor.errors import ConfigError


def test_every_category_that_interrupts_has_a_next_step() -> None:
    doors = load_doors()
    quiet = {"profanity", "spam", "unverified_follower"}
    for category in set(words.CATEGORIES) - quiet:
        assert doors.next_steps(category), category


def test_the_doors_are_the_ones_the_guidance_names() -> None:
    doors = load_doors()
    assert "999" in doors.next_steps("threat")[0]
    assert "0344 381 4772" in doors.next_steps("discrimination.race")[-1]
    allegation = " ".join(doors.next_steps("staff_allegation"))
    assert allegation.startswith("Do not investigate first")
    assert "LADO" in allegation
    assert "CEOP" in " ".join(doors.next_steps("grooming"))
    assert "CEOP" not in " ".join(doors.next_steps("bullying"))  # CEOP takes grooming and sexual abuse only
    assert "complaints procedure" in " ".join(doors.next_steps("complaint"))


def test_a_category_takes_its_familys_step_and_an_unknown_one_none() -> None:
    doors = load_doors()
    assert doors.next_steps("identifying.address") == doors.next_steps("identifying")
    assert doors.next_steps("new_thing") == ()


def test_wales_has_its_own_doors_over_englands() -> None:
    wales = load_doors("wales")
    assert "LADO" not in " ".join(wales.next_steps("staff_allegation"))
    assert "designated safeguarding person" in " ".join(wales.next_steps("extremism"))
    assert wales.next_steps("insult") == load_doors().next_steps("insult")


def test_a_schools_own_file_is_laid_over_the_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / "doors.toml"
    own.write_text('reviewed = 2027-01-05\n[england.next]\ninsult = ["Ring the chair of governors."]\n')
    doors = load_doors("england", own)
    assert doors.reviewed == date(2027, 1, 5)
    assert doors.next_steps("insult")[0] == "Ring the chair of governors."
    assert doors.next_steps("threat") == load_doors().next_steps("threat")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[england.next\n", "cannot be read"),
        ('reviewed = "soon"\n', "write a date without quotation marks"),
        ("england = 3\n", "england is not a table"),
        ("[england.nxet]\n", "england.nxet is unknown"),
        ('[england.next]\nthreat = "Call 999."\n', "must be a list of sentences"),
        ('[england.next]\nthreat = ["See https://evil.example"]\n', "holds a web address"),
    ],
)
def test_a_bad_file_is_one_clear_sentence(tmp_path: Path, text: str, says: str) -> None:
    own = tmp_path / "doors.toml"
    own.write_text(text)
    with pytest.raises(ConfigError, match=says) as caught:
        load_doors("england", own)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize("jurisdiction", ["wales", "scotland", "northern_ireland"])
def test_outside_england_no_step_names_an_english_office(jurisdiction: str) -> None:
    doors = load_doors(jurisdiction)
    said = " ".join(step for category in words.CATEGORIES for step in doors.next_steps(category))
    assert "LADO" not in said
    assert "designated safeguarding lead" not in said
    assert doors.next_steps("threat")


def test_an_unknown_jurisdiction_names_the_known_ones() -> None:
    with pytest.raises(
        ConfigError, match="'france' is not one of england, northern_ireland, scotland, wales"
    ):
        load_doors("france")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no-doors\.toml: cannot be read"):
        load_doors("england", tmp_path / "no-doors.toml")
