"""What an alert says was done is what was done."""

from __future__ import annotations

import dataclasses

import pytest

from alerts.compose import compose_alert, steps_of
from alerts.views import StepState, Taken
from monitor.domain import Done, VerificationState
from tests.alerts.mails import HOUSE, KINDS, NOW, alert, part, stamp


def say(**changes: object) -> list[tuple[str, str]]:
    return [(step.sign, step.says) for step in steps_of(alert(**changes), stamp())]


@pytest.mark.parametrize(
    ("removal", "sign", "says"),
    [
        (Taken(), "○", "Not hidden yet; still public"),
        (Taken(Done.HIDDEN, NOW), "✔", "Hidden 14:02; its author still sees it"),
        (Taken(Done.DELETED, NOW), "✔", "Deleted 14:02"),
        (Taken(Done.GONE, NOW), "✔", "Already gone from Facebook 14:02"),
        (Taken(Done.ASKED, NOW), "○", "A person was asked to remove it 14:02"),
        (Taken(Done.REFUSED, NOW), "✖", "Facebook would not hide it 14:02; still public"),
        (Taken(Done.FAILED, NOW), "✖", "Could not be hidden 14:02; still public"),
        (Taken(Done.VISIBLE, NOW), "○", "Public again 14:02"),
    ],
)
def test_removal_is_told_as_it_truly_is(removal: Taken, sign: str, says: str) -> None:
    assert say(removal=removal)[1] == (sign, says)


def test_copy_and_report_are_told_as_they_truly_are() -> None:
    assert say()[0] == ("✔", "Copied 14:02")
    assert say(copied_at=None)[0] == ("○", "Not copied yet; nothing is removed before it is copied")
    assert say(has_media=True)[0][1] == "Copied 14:02; its text only, pictures are never copied"
    assert say()[2] == (StepState.HERE.sign, "Reported to you, first of 2")
    assert say(place=1, of=1)[2][1] == "Reported to you"
    assert say(place=2, network_report=Taken(Done.REPORTED, NOW))[2][1].startswith(
        "Reported to Facebook 14:02, and to"
    )


@pytest.mark.parametrize("category", ["complaint", "press"])
def test_criticism_is_never_said_to_await_hiding(category: str) -> None:
    assert say(category=category)[1] == ("○", "Stays public: it is not for hiding")


def test_what_no_network_lets_us_remove_is_said() -> None:
    assert "lets nobody but its author remove it" in say(removable=False)[1][1]


def test_what_happens_if_nobody_answers_is_said() -> None:
    text = part(KINDS["alert"](), "plain")
    assert "If nobody answers by 14:32, it goes to the deputy headteacher." in text
    assert "Also told: the designated safeguarding lead." in text
    quiet = part(compose_alert(alert(escalates_at=None, also_told=()), stamp()), "plain")
    assert "The case stays open until somebody decides." in quiet
    assert "Nobody else was told." in quiet


def test_times_are_the_schools_in_summer_too() -> None:
    at = NOW.replace(month=7)
    text = part(compose_alert(alert(seen_at=at, posted_at=None), stamp()), "plain")
    assert "Mon 20 Jul 2026, 15:02" in text
    assert "the network does not say" in text


@pytest.mark.parametrize(
    ("state", "role", "says"),
    [
        (VerificationState.UNVERIFIED, None, "not on the school's records"),
        (VerificationState.VERIFIED, "parent", "a parent on the school's records"),
        (VerificationState.CLAIMED, None, "not proven yet"),
        (None, None, "the network does not say who wrote it"),
    ],
)
def test_the_author_is_a_type_and_not_a_person(
    state: VerificationState | None, role: str | None, says: str
) -> None:
    text = part(compose_alert(alert(author_state=state, author_role=role), stamp()), "plain")
    assert says in " ".join(text.split())


def test_wales_has_its_own_words() -> None:
    house = dataclasses.replace(HOUSE, jurisdiction="wales")
    text = part(compose_alert(alert(), stamp(house=house)), "plain")
    assert "Also told: the designated safeguarding person." in text
