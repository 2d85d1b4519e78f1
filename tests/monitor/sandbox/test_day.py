"""The scripted day holds together, covers what it promises, and its loader refuses what does not."""

import csv
import re
import shutil
from collections import Counter
from datetime import UTC, datetime

import pytest

from monitor.domain import Finding, ItemKind, Severity, Verdict, VerificationState
from monitor.sandbox.day import HERE, ScriptError, load_script
from monitor.sandbox.script import Delete, Edit, Expectation, Follow, Phase, Said, Unfollow
from monitor.triage import CATEGORIES

FAMILIES = {name.split(".")[0] for name in CATEGORIES}


@pytest.fixture(scope="module")
def script():
    return load_script()


@pytest.fixture
def folder(tmp_path):
    for name in HERE.glob("*.toml"):
        shutil.copy(name, tmp_path)
    return tmp_path


def changed(folder, name, old, new):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def of(script, kind):
    return [entry for entry in script.entries if isinstance(entry, kind)]


def rows_of(script):
    with script.register_csv.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# ---- what the day promises


def test_the_day_is_as_long_as_it_promises(script):
    assert len(script.said) >= 60
    assert len(of(script, Follow)) >= 25
    assert len(script.posts) >= 8
    assert {entry.kind for entry in script.said} == {
        ItemKind.COMMENT,
        ItemKind.MENTION,
        ItemKind.VISITOR_POST,
    }
    for network in ("x", "facebook"):
        assert sum(entry.network == network for entry in script.said) >= 30


def test_every_category_that_can_be_said_is_planted(script):
    ideal = {entry.expect.categories[0].split(".")[0] for entry in script.planted}
    assert ideal == FAMILIES - {"unverified_follower"}  # that one needs no planting: most followers are
    sorts = {entry.expect.categories[0] for entry in script.planted}
    assert len({name for name in sorts if name.startswith("discrimination.")}) >= 5
    assert len({name for name in sorts if name.startswith("identifying.")}) >= 5


def test_most_of_the_day_is_harmless(script):
    day = [entry for entry in script.said if entry.phase is Phase.DAY]
    assert sum(not entry.planted for entry in day) >= 35


def test_what_is_older_than_the_first_poll_is_baseline_and_never_planted(script):
    for entry in script.entries:
        assert (entry.phase is Phase.BASELINE) == (entry.at < script.school.first_poll)
    old_insults = [e for e in script.said if e.phase is Phase.BASELINE and e.expect is not None]
    assert old_insults
    assert not set(old_insults) & set(script.planted)
    assert all(not entry.allows("insult") for entry in old_insults)


def test_followers_are_of_every_kind_before_and_on_the_day(script):
    seen = Counter((entry.phase, entry.state) for entry in of(script, Follow))
    for phase in Phase:
        for state in ("claimed", "unverified", "organisation"):
            assert seen[phase, VerificationState(state)] >= 1
    assert of(script, Unfollow)


def test_a_harmless_comment_is_edited_into_an_insult_and_a_found_one_is_deleted(script):
    by_id = {entry.id: entry for entry in script.entries}
    assert any(edit.planted and not by_id[edit.of].planted for edit in of(script, Edit))
    assert any(by_id[gone.of].planted for gone in of(script, Delete))


def test_hostile_names_markup_and_a_very_long_text_are_there(script):
    names = " ".join(person.name for person in script.people.values())
    assert "=?utf-8?q?" in names
    assert "\u202e" in names
    assert "\r\n" in names
    texts = [entry.text for entry in script.said]
    assert any("<script>" in text for text in texts)
    assert any("\u200b" in text for text in texts)
    assert max(map(len, texts)) >= 3000


def test_an_allegation_about_the_headteacher_goes_round_her(script):
    entry = next(entry for entry in script.entries if entry.id == "x-head-money")
    assert entry.expect.to == ("chair",)
    assert entry.expect.not_to == ("headteacher",)


def test_times_without_a_date_are_on_the_day_in_the_schools_zone(script):
    entry = next(entry for entry in script.entries if entry.id == "x-welsh")
    assert entry.at == datetime(2026, 11, 20, 8, 1, tzinfo=UTC)
    assert [each.at for each in script.timeline] == sorted(each.at for each in script.timeline)


# ---- nothing real


def test_numbers_and_domains_are_from_the_reserved_ranges(script):
    everything = " ".join(
        path.read_text(encoding="utf-8") for path in [*HERE.glob("day*.toml"), script.register_csv]
    )
    numbers = re.findall(r"\b0\d{2,4}[ \d]{6,9}\d", everything)
    assert numbers
    for number in numbers:
        assert re.fullmatch(r"07700 900\d{3}|020 7946 0\d{3}", number)
    domains = re.findall(r"(?:@|//)([a-z0-9-]+\.[a-z.]+)", everything)
    assert domains
    assert all(domain.endswith(".example") for domain in domains)


# ---- the office's export


def test_every_known_handle_is_on_the_register_and_no_other(script):
    known = {person.handle.lower() for person in script.people.values() if person.known}
    assert known == {
        row["Twitter handle"].lstrip("@").lower() for row in rows_of(script) if row["Twitter handle"]
    }


def test_a_claimed_follower_is_on_the_register_and_an_organisation_on_the_list(script):
    for entry in of(script, Follow):
        person = script.people[entry.by]
        assert person.known == (entry.state is VerificationState.CLAIMED)
        assert person.organisation == (entry.state is VerificationState.ORGANISATION)


def test_the_register_has_pupils_parents_and_staff_with_unique_addresses(script):
    rows = rows_of(script)
    assert {row["Role"] for row in rows} == {"Parent", "Staff"}
    assert len({row["StudentID"] for row in rows if row["StudentID"]}) >= 20
    person_of = {}
    for row in rows:
        assert person_of.setdefault(row["PrimaryEmail"], row["ContactID"]) == row["ContactID"]


def test_pupils_named_in_full_are_on_the_register(script):
    names = {f"{row['StudentForename']} {row['StudentSurname']}".lower() for row in rows_of(script)}
    texts = {entry.id: entry.text.lower() for entry in script.said}
    for entry_id in ("x-identifying-full", "f-rat", "f-health"):
        assert any(name in texts[entry_id] for name in names)


# ---- expectations


def verdict(category, severity):
    return Verdict(severity, category, (Finding(category, severity, "test", "", (0, 1)),))


def test_an_expectation_is_met_by_its_category_grave_enough():
    expect = Expectation(("bullying", "identifying"), Severity.MEDIUM)
    assert expect.met_by(verdict("identifying.contact", Severity.MEDIUM))
    assert expect.met_by(verdict("bullying", Severity.CRITICAL))
    assert not expect.met_by(verdict("identifying.contact", Severity.LOW))
    assert not expect.met_by(verdict("identifyingly", Severity.HIGH))
    assert not expect.met_by(Verdict(None, None))


def test_a_complaint_must_not_be_raised():
    expect = Expectation(("complaint",), Severity.LOW)
    assert expect.met_by(verdict("complaint", Severity.LOW))
    assert not expect.met_by(verdict("complaint", Severity.MEDIUM))


def test_an_unverified_follower_is_no_false_alarm_but_an_insult_would_be(script):
    bot = next(entry for entry in script.entries if entry.id == "follow.coinbot")
    assert bot.allows("unverified_follower")
    assert bot.allows("spam")
    assert not bot.allows("insult")
    parent = next(entry for entry in script.entries if entry.id == "follow.greg")
    assert not parent.allows("unverified_follower")


# ---- what the loader refuses


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("day_x.toml", 'by = "kaz"', 'by = "nobody"', "x-base-tins: there is nobody 'nobody' on x"),
        ("day_x.toml", 'by = "kaz"', 'by = "donna"', "x-base-tins: there is nobody 'donna' on x"),
        (
            "day_x.toml",
            'under = "x-pantry"',
            'under = "f-menu"',
            "x-base-tins: there is no 'f-menu' before it on x",
        ),
        ("day_x.toml", 'under = "x-pantry"', 'under = "x-cakes"', "there is no 'x-cakes' before it"),
        ("day_x.toml", 'expect = ["insult"]', 'expect = ["rudeness"]', "there is no category 'rudeness'"),
        (
            "day_x.toml",
            'expect = ["insult"]',
            'expect = ["identifying"]',
            "there is no category 'identifying'",
        ),
        ("day_x.toml", 'severity = "medium"\n', "", "give both expect and severity"),
        ("day_x.toml", "Lovely, our two", "Lovely " * 40, "x-base-tins: X takes 280 characters"),
        ("day_x.toml", "[said.x-base-tins]", "[sayd.x-base-tins]", "there is no table 'sayd'"),
        ("day_x.toml", 'about = "praise"', 'abuot = "praise"', "day_x.toml said.x-base-tins"),
        ("day_x.toml", "[said.x-base-tins]", "[said.x-base-tins", "day_x.toml cannot be read"),
        ("day_facebook.toml", "[edited.f-swap]", "[edited.f-swop]", "there is no 'f-swop' before it"),
        (
            "day_followers.toml",
            "at = 16:10:00",
            "at = 2026-09-01T00:00:00Z",
            "there is no 'bookshop' before it",
        ),
        ("day_x.toml", "at = 2026-11-18T16:02:00Z\n", "", "day_x.toml said.x-base-tins: 'at' is missing"),
        ("day_x.toml", 'to = ["chair"]', 'to = ["bursar"]', "day_x.toml said.x-head-money: 'bursar'"),
        ("day_x.toml", 'severity = "medium"', 'severity = "dire"', "day_x.toml said.x-base-insult: 'DIRE'"),
        ("day_people.toml", 'bio = "Mum of', 'boi = "Mum of', "day_people.toml x.kaz"),
    ],
)
def test_a_day_that_does_not_hold_together_is_refused_with_the_place(folder, name, old, new, says):
    changed(folder, name, old, new)
    with pytest.raises(ScriptError, match=re.escape(says)):
        load_script(folder)


def test_a_missing_file_is_named(folder):
    (folder / "day_people.toml").unlink()
    with pytest.raises(ScriptError, match=r"day_people\.toml cannot be read"):
        load_script(folder)


def test_what_is_said_answers_at_most_one_thing(script):
    assert all(entry.under is None or entry.answers is None for entry in of(script, Said))
