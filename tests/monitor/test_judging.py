from __future__ import annotations

from pathlib import Path

import structlog
from structlog.testing import capture_logs

from monitor.detectors import Model, load_rules
from monitor.detectors.changes import Change, Kind
from monitor.incidents import open_incidents
from monitor.judging import judge_of, looking, usable_model
from monitor.settings import Detection
from monitor.store import Store
from tests.conftest import HandClock

RULES = load_rules()


def wrong(store: Store) -> list[str]:
    with store.read() as session:
        return [one.cure for one in open_incidents(session, store.school)]


def test_the_model_is_on_by_default_and_can_be_off(store: Store, clock: HandClock) -> None:
    assert isinstance(usable_model(Detection(), store, clock), Model)
    assert usable_model(Detection(model="off"), store, clock) is None
    assert wrong(store) == []


def test_a_damaged_model_is_told_of_and_the_rules_go_on(
    store: Store, clock: HandClock, tmp_path: Path
) -> None:
    assert usable_model(Detection(), store, clock, tmp_path) is None
    (cure,) = wrong(store)
    assert 'detection.model = "off"' in cure
    look = judge_of(Detection(), RULES, None, None)
    assert [one.category for one in look("i will kill you")] == ["threat"]
    usable_model(Detection(), store, clock)
    assert wrong(store) == []


def test_a_silenced_rule_finds_nothing_and_one_in_shadow_is_only_counted() -> None:
    text = "You are a complete moron"
    assert [one.category for one in judge_of(Detection(), RULES, None, None)(text)] == ["insult"]
    assert judge_of(Detection(silenced=("insult",)), RULES, None, None)(text) == ()
    structlog.reset_defaults()
    with capture_logs() as logs:
        shadow = Detection(shadow=("insult",))
        assert looking(shadow, judge_of(shadow, RULES, None, None))(text) == ()
    assert [(one["event"], one["rule"].split(".")[0]) for one in logs] == [("rule in shadow", "insult")]


def test_what_a_change_takes_away_is_counted_by_its_rules_name_alone() -> None:
    structlog.reset_defaults()
    change = Change("insult.you_are", Kind.SHADOW)
    look = looking(Detection(), judge_of(Detection(), RULES, None, None), (change,))
    with capture_logs() as logs:
        assert look("Mr Hill is a clown") == ()
        assert look("Lovely photos") == ()
    assert [{key: one[key] for key in one if key != "log_level"} for one in logs] == [
        {"event": "finding taken away by a change of its rule", "rule": "insult.you_are"}
    ]
