"""The running service under fire: a short run loses nothing, and the counting sees what a longer one might lose.

`python -m bench.crash --full` is the same with a thousand kills.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.attack import held
from bench.crash import Killed, kill, rows, service, settle, under_fire
from bench.crash_check import at_rest
from bench.crash_world import World, world
from monitor.crash import POINTS

KILLS, MANY, SEED = 6, 40, 7


@dataclass(repr=False)
class Fired:
    """A school whose service was killed some times and came to rest."""

    world: World
    came: Killed


@pytest.fixture(scope="module")
def fired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fired]:
    with world(tmp_path_factory.mktemp("fire"), SEED) as built:
        came = under_fire(built, KILLS)
        yield Fired(built, came)


def test_a_service_that_is_killed_loses_nothing_and_doubles_little(fired: Fired) -> None:
    assert fired.came.deaths == KILLS
    assert fired.came.complaints == []
    assert +fired.came.wrong == {}, fired.came
    assert min(fired.came.had[what] for what in ("items", "mails", "cases")) > 0
    assert held(rows(fired.came))


def _said(change: str, *values: object) -> Callable[[World], None]:
    def made(built: World) -> None:
        with contextlib.closing(sqlite3.connect(built.school.settings().storage.database_path)) as line:
            assert line.execute(change, values).rowcount
            line.commit()

    return made


def _another_second_copy(built: World) -> None:
    mail = built.school.mailbox.all()[0]
    built.school.mailbox.keep(mail.sender, mail.recipients, mail.raw + b"\r\n", tls=True, login=None)


def _hidden_by_nobody(built: World) -> None:
    made = built.school.says_on_facebook("Lovely")
    built.school.graph.set_hidden(made, True)
    built.said.add(("facebook", made))


BROKEN = {
    "an item is not there": (
        "items",
        _said("DELETE FROM item WHERE external_id IN (SELECT external_id FROM cases)"),
    ),
    "an item was never judged": ("waiting", _said("UPDATE item SET assessed_at = NULL WHERE id = 2")),
    "a case has no copy": ("evidence", _said("DELETE FROM evidence")),
    "a copy was changed": ("whole", _said("UPDATE evidence SET sha256 = ?", "0" * 64)),
    "an entry was changed": ("whole", _said("UPDATE audit SET detail = ? WHERE seq = 3", "nothing")),
    "an entry is missing": ("whole", _said("DELETE FROM audit WHERE seq = 3")),
    "a message never went": ("alerts", _said("UPDATE outbox SET message_id = ? WHERE id = 1", "<x@y.test>")),
    "nobody was told": ("alerts", _said("DELETE FROM telling")),
    "a second copy differs": ("copies", _another_second_copy),
    "hidden without a copy": ("removals", _hidden_by_nobody),
}


@pytest.mark.parametrize("what", BROKEN)
def test_the_count_sees_that(what: str, fired: Fired, tmp_path: Path) -> None:
    counted, broken = BROKEN[what]
    path = fired.world.school.settings().storage.database_path
    shutil.copy(path, tmp_path / "kept.db")
    try:
        broken(fired.world)
        assert at_rest(fired.world, ())[0][counted] > 0
    finally:
        shutil.copy(tmp_path / "kept.db", path)


def test_the_count_sees_that_a_removal_was_forgotten(fired: Fired) -> None:
    with contextlib.closing(sqlite3.connect(fired.world.school.settings().storage.database_path)) as line:
        (ref,) = line.execute("SELECT ref FROM cases WHERE standing = 'visible'").fetchone()
    forgotten = at_rest(fired.world, {ref})[0]["removals"]
    assert forgotten == at_rest(fired.world, ())[0]["removals"] + 1


@pytest.mark.parametrize(("copies", "violations"), [(20, 0), (21, 1)])
def test_more_than_two_copies_in_a_hundred_mails_are_too_many(copies: int, violations: int) -> None:
    found = rows(Killed(had=Counter(mails=1000, copies=copies)))
    assert [row.violations for row in found if "second copy" in row.promise] == [violations]


@pytest.mark.slow
def test_a_longer_run_loses_nothing_either() -> None:
    came = kill(MANY)
    assert +came.wrong == {}, came
    assert len([point for point in POINTS if came.at[point]]) > len(POINTS) // 3


@pytest.mark.slow
def test_a_service_that_marks_before_it_sends_is_found_out(tmp_path: Path) -> None:
    with world(tmp_path, SEED) as built, service(built, "tests.crash_careless") as lives:
        settle(lives, built)
        deaths = 0
        for _ in range(5):
            built.speak()
            lives.lives(built, 4.0, at="deliver.leased")
            deaths += lives.ended() == 137
        settle(lives, built)
        assert deaths
        assert at_rest(built, ())[0]["alerts"] >= deaths
