"""`schoolgate quarantine`: what an administrator sees of what is set aside, and has tried again. No content is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result

from monitor import quarantine
from monitor.app import App, utc_now
from monitor.commands.opened import settings_of, store_of
from monitor.quarantine import Stage
from monitor.tables import ItemRow
from tests.making import comment
from tests.monitor.test_cli import _logging_as_before, schoolgate  # noqa: F401 - a fixture
from tests.school import INSULT, School, school


@pytest.fixture
def built(tmp_path: Path) -> Iterator[School]:
    with school(tmp_path, utc_now, more='[detection]\nmodel = "off"\n') as made:
        with store_of(settings_of(made.config)) as store, store.write() as session:
            item = comment(INSULT, account="facebook-page")
            session.add(_row(store, item))
            session.flush()
            session.get_one(ItemRow, 1).sealed = b"damaged"
            quarantine.set_aside(session, store, Stage.ASSESS, "item 1", utc_now(), ZeroDivisionError())
        yield made


def _row(store, item):
    from monitor import items

    return items.to_row(
        item, store.vault, school=store.school, network="facebook", version=1, now=utc_now(), baseline=False
    )


def at(built: School, *arguments: object) -> Result:
    return schoolgate(*arguments, "--config", built.config)


def things(built: School) -> list[tuple[str, bool]]:
    rows = json.loads(at(built, "quarantine", "list", "--json").stdout)["quarantine"]
    return [(row["thing"], row["asked_again"]) for row in rows]


def test_it_is_listed_by_number_and_reason(built: School) -> None:
    said = at(built, "quarantine", "list").stdout
    assert all(word in said for word in ("assess", "item 1", "ZeroDivisionError"))
    assert INSULT not in said
    assert things(built) == [("item 1", False)]


def test_replay_has_it_judged_in_the_next_turn(built: School) -> None:
    assert at(built, "quarantine", "replay", "1").exit_code == 0
    assert things(built) == [("item 1", True)]
    with store_of(settings_of(built.config)) as store:
        with store.write() as session:
            item = _row(store, comment(INSULT, "2", account="facebook-page"))
            session.get_one(ItemRow, 1).sealed = item.sealed
        App(settings_of(built.config), store).work()
    assert things(built) == []


def test_drop_takes_it_off_the_list(built: School) -> None:
    assert at(built, "quarantine", "drop", "all").exit_code == 0
    assert things(built) == []
    assert "nothing is set aside" in at(built, "quarantine", "drop", "all").stderr


def test_an_unknown_id_is_one_sentence(built: School) -> None:
    said = at(built, "quarantine", "replay", "1", "77")
    assert said.exit_code == 1
    assert "77: nothing with this id is set aside" in said.stderr
    assert things(built) == [("item 1", True)]


def test_what_is_no_longer_kept_is_dropped_in_place_of_being_tried(built: School) -> None:
    with store_of(settings_of(built.config)) as store, store.write() as session:
        session.get_one(ItemRow, 1).pruned_at = utc_now()
    assert at(built, "quarantine", "replay", "all").exit_code == 0
    assert things(built) == []
