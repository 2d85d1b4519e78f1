"""Signs that an account is a young child's, each with the grown-ups that say nearly the same."""

from datetime import date

import pytest

from monitor.domain import Severity
from monitor.underage import underage

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    "bio",
    [
        "I'm a year 6 pupil",
        "i'm in year six",
        "i go to primary school",
        "my age is 9",
        "Ⅰ'm 10",
        "I'm\u200b 11",
        "ⅼm 11",
    ],
)
def test_what_a_child_says_of_itself_is_medium(bio):
    (finding,) = underage(bio, TODAY)
    assert (finding.category, finding.severity) == ("underage", Severity.MEDIUM)


@pytest.mark.parametrize(
    ("bio", "words"),
    [
        ("Y6", "Y6"),
        ("11 🎂", "11 🎂"),
        ("🎂 11", "🎂 11"),
        ("⚽ football | 11 🎂🎈", " 11 🎂🎈"),
        ("class of 2033 🎓", "class of 2033 🎓"),
        ("born 2015", "born 2015"),
        ("b. 2014", "b. 2014"),
        ("2015 baby", "2015 baby"),
        ("1️⃣1️⃣", "1️⃣1️⃣"),
        ("eleven 🎮", "eleven 🎮"),
        ("11 | she/her", "11 | she/her"),
        ("she/her 11", "she/her 11"),
        ("turning 12 soon", "turning 12 soon"),
        ("almost 11", "almost 11"),
        ("11th bday soon", "11th bday soon"),
        ("12 going on 13", "12 going on 13"),
        ("Yᴇᴀʀ 6", "Yᴇᴀʀ 6"),
        ("Y\u200b6", "Y\u200b6"),
        ("year six ⚽", "year six"),
        ("in y6 at st marys", "in y6 at st marys"),
        ("year 5 girl", "year 5 girl"),
        ("primary school kid", "primary school kid"),
        ("10 yr old gamer", "10 yr old gamer"),
        ("9 🦄 yr 4", "9 🦄 yr 4"),
    ],
)
def test_a_sign_that_stands_alone_is_low_and_its_place_is_told(bio, words):
    (finding,) = underage(bio, TODAY)
    assert (finding.category, finding.severity) == ("underage", Severity.LOW)
    assert bio[slice(*finding.span)] == words


@pytest.mark.parametrize(
    "bio",
    [
        "Mum of 2, 11 and 9",
        "Year 6 teacher",
        "Class of 2011",
        "Class of 2031",  # may be sixteen
        "class of 2033 parents",
        "Proud dad: class of 2033",
        "11 Downing Street",
        "est. 2015",
        "Baker since 2015",
        "born in 1985",
        "born 2013",  # thirteen this year
        "Born in 2015 as a charity",
        "top 11 albums",
        "Arsenal 11",
        "11 🏆 for Reds",
        "11+ tutor",
        "9 lives 🐈",
        "10k runner",
        "10/10",
        "9 to 5",
        "12 years sober",
        "10 years old whisky fan",
        "10 yr old Labrador",
        "🎂 cakes from £11",
        "11 🎂 flavours",
        "Grade 5 piano",
        "12 going on 40",
        "nearly 10k followers",
        "my age is 39",
        "my age is 9 group leader",
        "she/her 34",
        "I go to primary schools to read",
        "I'm a year 6 teacher",
        "supporting every primary school kid",
        "U11s football",
        "",
    ],
)
def test_grown_ups_who_say_nearly_the_same_are_left_alone(bio):
    assert underage(bio, TODAY) == ()


def test_years_say_nothing_without_a_day_to_count_from():
    assert underage("born 2015") == underage("class of 2033") == ()
    assert underage("class of 2033", date(2030, 1, 1)) == ()
