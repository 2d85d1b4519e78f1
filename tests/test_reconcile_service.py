"""Followers who leave the sandbox's X, through the real service: who is marked as left, and who never is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from monitor.demo.world import World, world
from monitor.poll import Watch
from monitor.tables_people import FollowerRow
from tests.conftest import HandClock
from tests.school import free_port


@pytest.fixture
def built(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, HandClock(), page_port=free_port()) as made:
        for number in range(250):
            made.x.follow(made.x.add_person(f"follower{number}", "A Follower"))
        turn(made)
        yield made


def account(built: World) -> Watch:
    return next(watch for watch in built.app.watches if watch.network == "x")


def turn(built: World, **later: float) -> None:
    clock = built.clock
    assert isinstance(clock, HandClock)
    clock.wait(**later)
    built.app.poll(account(built))


def left(built: World) -> set[str]:
    with built.app.store.read() as session:
        rows = session.exec(select(FollowerRow).where(FollowerRow.state == "left")).all()
        ids = {row.external_id for row in rows if row.account == account(built).key}
    return {built.x.person(one).username for one in ids}


def test_who_left_is_known_by_the_next_whole_list_and_who_came_meanwhile_is_not_lost(built: World) -> None:
    built.x.unfollow("follower17")
    built.x.follow(built.x.add_person("newcomer", "A Newcomer"))
    turn(built, hours=2)
    for _ in range(4):
        turn(built, days=7)
    assert left(built) == {"follower17"}
    built.x.follow("follower17")
    turn(built, hours=2)
    assert left(built) == set()


@pytest.mark.parametrize("fault", ["empty_list", "cut_short"])
def test_a_list_that_is_empty_or_cut_short_marks_nobody_whatever_the_number_says(
    built: World, fault: str
) -> None:
    for number in range(5):
        built.x.unfollow(f"follower{number}")
    turn(built, days=6, hours=20)  # the newest are read as ever
    built.x_faults.arm(fault, times=None, path="max_results=1000")
    turn(built, days=1)
    assert left(built) == set()
    built.x_faults.clear()
    for _ in range(3):
        turn(built, days=7)
    assert left(built) == {f"follower{number}" for number in range(5)}
