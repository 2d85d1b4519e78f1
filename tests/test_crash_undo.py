"""What is taken back stays taken back, and what is deleted was copied, whatever moment the process is killed at.

A school's own configuration, a Page that is really served on loopback, and the act stage as a process that dies.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from alerts.deciding import Asked, Result, decide
from alerts.setup import page_of
from monitor.app import App
from monitor.commands.opened import store_of
from monitor.domain import Choice, Role
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow
from monitor.tables_rechecks import RecheckRow
from tests.conftest import HandClock
from tests.school import ROOT, THREAT, School, school

KILLED = 137
OFF = '[detection]\nmodel = "off"\n'


@dataclass
class Reviewing:
    """One case of a comment on the Page, its head, and the service's act stage."""

    school: School
    clock: HandClock
    store: Store
    app: App
    name: str

    def choose(self, choice: Choice) -> Result:
        page = page_of(self.app.settings, self.store, self.app.desk, self.clock)
        with self.store.write() as session:
            case = session.exec(select(CaseRow)).one()
            asked = Asked(choice, case.decisions, case.item_id)
            return decide(page, session, case, Role.HEADTEACHER, asked, self.clock())

    def act(self, *, dies_at: str = "") -> None:
        """The act stage's turn; with `dies_at` in a process of its own, which ends there."""
        if not dies_at:
            self.app.act()
            return
        ended = subprocess.run(
            [
                sys.executable,
                str(ROOT / "tests" / "act_driver.py"),
                str(self.school.config),
                self.clock().isoformat(),
            ],
            cwd=ROOT,
            env=self.school.environment({"SCHOOLGATE_CRASH_AT": dies_at}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == KILLED, ended.stderr

    def wait(self, **how_long: float) -> None:
        self.clock.wait(**how_long)

    def there(self) -> bool:
        return self.name in {entry.id for entry in self.school.graph.comments(self.school.page_post)}

    def hidden(self) -> bool:
        return self.school.graph.is_hidden(self.name)

    def decisions(self) -> list[tuple[str, str | None]]:
        with self.store.read() as session:
            rows = session.exec(select(DecisionRow).order_by(col(DecisionRow.seq))).all()
        return [(row.choice, row.done) for row in rows]


@contextmanager
def reviewing(folder: Path) -> Iterator[Reviewing]:
    clock = HandClock()
    with school(folder, clock, more=OFF) as built, store_of(built.settings()) as store:
        app = App(built.settings(), store, clock=clock)
        for watch in app.watches:
            app.poll(watch)
        app.work()
        clock.wait(minutes=11)
        name = built.says_on_facebook(THREAT)
        for watch in app.watches:
            app.poll(watch)
        app.work()
        yield Reviewing(built, clock, store, app, name)


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Reviewing]:
    with reviewing(tmp_path) as one:
        yield one


@pytest.fixture
def hidden(case: Reviewing) -> Reviewing:
    assert case.choose(Choice.REMOVE) is Result.STORED
    case.act()
    assert case.hidden()
    case.wait(minutes=11)
    return case


def test_a_deletion_taken_back_before_a_crash_is_never_sent(hidden: Reviewing) -> None:
    assert hidden.choose(Choice.DELETE) is Result.STORED
    assert hidden.choose(Choice.UNDO) is Result.STORED
    hidden.wait(minutes=11)
    hidden.act()
    assert hidden.there()
    assert hidden.decisions()[1:] == [("delete", "undone"), ("undo", "undone")]


@pytest.mark.parametrize("label", ["act.leased", "act.answered", "act.stored"])
def test_a_deletion_that_died_on_its_way_is_done_once_and_can_no_longer_be_taken_back(
    hidden: Reviewing, label: str
) -> None:
    assert hidden.choose(Choice.DELETE) is Result.STORED
    hidden.wait(minutes=9)
    hidden.act()
    assert hidden.there()
    hidden.wait(minutes=1)
    hidden.act(dies_at=label)
    assert hidden.choose(Choice.UNDO) is Result.NOT_OFFERED
    hidden.wait(minutes=6)
    hidden.act()
    assert not hidden.there()
    assert hidden.decisions()[1][1] in {"deleted", "gone"}
    with hidden.store.read() as session:
        looks = session.exec(select(RecheckRow).where(RecheckRow.decision_id == 2)).all()
    assert sorted(row.hours for row in looks) == [1, 48]


@pytest.mark.parametrize("label", ["act.leased", "act.answered"])
def test_hiding_that_died_on_its_way_and_is_taken_back_ends_public(case: Reviewing, label: str) -> None:
    assert case.choose(Choice.REMOVE) is Result.STORED
    case.act(dies_at=label)
    assert case.hidden() == (label == "act.answered")
    assert case.choose(Choice.UNDO) is Result.STORED
    case.wait(minutes=6)
    case.act()
    assert not case.hidden()
    assert case.decisions() == [("remove", "undone"), ("undo", "visible")]


@pytest.mark.parametrize("label", ["act.leased", "act.answered"])
def test_a_taking_back_that_died_on_its_way_is_gone_on_with(case: Reviewing, label: str) -> None:
    assert case.choose(Choice.REMOVE) is Result.STORED
    case.act()
    assert case.choose(Choice.UNDO) is Result.STORED
    case.act(dies_at=label)
    case.wait(minutes=6)
    case.act()
    assert not case.hidden()
    assert case.decisions() == [("remove", "hidden"), ("undo", "visible")]


@pytest.mark.parametrize("label", ["look.answered", "look.stored"])
def test_a_look_that_died_is_looked_at_again(hidden: Reviewing, label: str) -> None:
    hidden.school.graph.set_hidden(hidden.name, False)
    hidden.wait(hours=1)
    hidden.act(dies_at=label)
    hidden.wait(minutes=6)
    hidden.act()
    with hidden.store.read() as session:
        rows = session.exec(select(RecheckRow).order_by(col(RecheckRow.hours))).all()
        case = session.exec(select(CaseRow)).one()
    assert [(row.hours, row.found) for row in rows] == [(1, "back"), (48, None)]
    assert (case.state, case.standing) == ("open", "visible")
    assert timedelta(0) < rows[1].due_at - hidden.clock()
