"""Clocks that step, nights on which they change, a machine that sleeps: the short form of bench/clocks.py.

What the checks of one played weekend say when something of it is taken away shows that they can fail.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from bench.clocks import KINDS, Played, look, play, scenarios
from monitor.domain import Reason

WEEKEND = 5


@pytest.fixture(scope="module")
def weekend(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory.mktemp("weekend"), list(scenarios(random.Random(0)))[WEEKEND])


def test_a_machine_that_was_asleep_for_a_weekend_has_one_digest_a_school_day_and_a_gap_as_long(
    weekend: Played,
) -> None:
    assert weekend.scenario.name == "asleep for a weekend"
    looked = look(_again(weekend))
    assert looked.wrong == []
    assert looked.checked > 30


def test_a_digest_that_did_not_come_or_came_twice_is_seen(weekend: Played) -> None:
    digest = next(m for m in weekend.mails if (row := weekend.row(m)) and row.reason == Reason.DIGEST)
    without = _again(weekend, mails=[mail for mail in weekend.mails if mail is not digest])
    assert any("0 digests" in says for says in look(without).wrong)
    twice = _again(weekend, mails=[*weekend.mails, digest])
    assert any("2 digests" in says for says in look(twice).wrong)


def test_an_alert_that_did_not_come_or_came_late_is_seen(weekend: Played) -> None:
    (first, *_) = [m for m in weekend.mails if (row := weekend.row(m)) and row.reason == Reason.FIRST]
    without = _again(weekend, mails=[mail for mail in weekend.mails if mail is not first])
    assert any("told 0 times" in says for says in look(without).wrong)
    late = [replace(m, at=m.at + timedelta(hours=2)) if m is first else m for m in weekend.mails]
    assert any("told late" in says for says in look(_again(weekend, mails=late)).wrong)


def test_a_gap_that_is_not_told_or_is_made_up_is_seen(weekend: Played) -> None:
    assert "no gap was noted" in " ".join(look(_again(weekend, gaps=[])).wrong)
    account, kind, since, until = weekend.gaps[0]
    made_up = (account, kind, since - timedelta(hours=9), until - timedelta(days=3))
    assert any("none" in says for says in look(_again(weekend, gaps=[*weekend.gaps, made_up])).wrong)


def test_a_storm_is_seen(weekend: Played) -> None:
    (first, *_) = [m for m in weekend.mails if (row := weekend.row(m)) and row.reason == Reason.FIRST]
    assert any(
        "in an hour" in says for says in look(_again(weekend, mails=[*weekend.mails, *[first] * 11])).wrong
    )


@pytest.mark.slow
@pytest.mark.parametrize("number", [number for number in range(KINDS) if number != WEEKEND])
@pytest.mark.parametrize("seed", range(2))
def test_whatever_the_clock_does_nothing_is_lost_doubled_or_late(
    seed: int, number: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    scenario = list(scenarios(random.Random(seed)))[number]
    assert look(play(tmp_path_factory.mktemp("days"), scenario)).wrong == []


def _again(played: Played, **changed: object) -> Played:
    return replace(played, wrong=[], checked=0, **changed)  # type: ignore[arg-type]
