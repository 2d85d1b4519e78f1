"""The replay of a month of reading X: a few days of a small school, over HTTP, counted from what was served."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from bench.cost import main, pounds
from bench.cost_month import School, naive, ours

SMALL = School(followers=120, new=2, posts=2, comments=6)
DAYS = 2


def test_ours_pays_for_what_is_new_and_for_the_top_of_the_list() -> None:
    first, month = ours(SMALL, DAYS)
    assert {name: number for name, number in first.served.items() if number} == {"followers": 120, "users": 1}
    assert month.served["mentions"] == month.charged["mentions"] == DAYS * 6
    assert month.served["posts"] == month.charged["posts"] == DAYS * 2
    assert month.served["users"] == DAYS  # the daily check
    hours = 24 * DAYS
    assert (
        month.served["followers"] <= 3 * hours + 20 * DAYS
    )  # three at each turn, a little more where all were new
    assert month.charged["followers"] <= DAYS * (3 + 2 + 20)


def test_who_leaves_is_seen_by_the_number_and_costs_a_whole_list_only_then() -> None:
    seldom = dict.fromkeys(("poll_every", "followers_every", "posts_every"), timedelta(hours=12))
    _, calm = ours(School(followers=60, new=0, posts=0, comments=0), 8, seldom)
    assert calm.served["users"] == 8 + 1  # the daily check, and once the number
    assert calm.served["followers"] == 3 * 2 * 8
    _, month = ours(School(followers=60, new=0, leaving=2, posts=0, comments=0), 8, seldom)
    assert month.served["followers"] == 3 * 2 * 8 + 58


def test_the_naive_reader_pays_for_everything_each_time() -> None:
    month = naive(SMALL, 30)
    turns = 30 * 24 * 6
    assert month.served["followers"] == pytest.approx(turns * 120, rel=0.5)
    assert month.charged["followers"] < month.served["followers"] / 100


def test_prices_are_x_s_own() -> None:
    thousand = {"followers": 1000}
    assert pounds(thousand) == Decimal(1) / Decimal("1.33")
    assert pounds(thousand, owned=False) == 10 * pounds(thousand)
    assert pounds({"users": 1, "search": 2}) == pounds({"mentions": 20})


def test_the_command_says_whether_the_target_is_reached(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--days", "1", "--only", "first school"]) == 0
    said = capsys.readouterr().out
    assert "TARGET, nobody leaves, with dedup: £0." in said
    assert said.count("reached") == 2
    assert "NOT" not in said
