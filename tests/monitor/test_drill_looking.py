"""Nothing of a network is taken for a drill, and a drill is never handled together with anything real."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from sqlmodel import select

from monitor import poll
from monitor.assess import assess
from monitor.domain import ItemKind, Page, Role
from monitor.drill_mark import PREFIX, is_drill
from monitor.drills import Wish, ask, move
from monitor.incidents import open_incidents
from monitor.pile_on import PileOn
from monitor.store import Store
from monitor.tables import CaseRow, ItemRow, StreamRow
from tests.conftest import HandClock
from tests.judges import judges
from tests.making import HOURS, WrittenNetwork, comment, watch
from tests.monitor.test_assess import arrive


@pytest.mark.parametrize("like", [f"{PREFIX}7", f"{PREFIX}7".upper()])
def test_an_item_that_is_named_like_a_drill_is_refused_aloud(
    store: Store, clock: HandClock, like: str
) -> None:
    assert is_drill(like)
    network = WrittenNetwork(Page((comment("I will stab them", like),), "1"))
    watched = watch(network)
    poll.declare(store, [watched], clock())
    poll.poll(store, watched, ItemKind.COMMENT, clock=clock, chance=random.Random(1))
    with store.read() as session:
        assert session.exec(select(ItemRow)).all() == []
        assert session.exec(select(StreamRow)).one().blocked_at == clock()
        (incident,) = open_incidents(session, store.school)
    assert "drills" in incident.cure


def test_a_drill_that_names_somebody_gathers_nothing_real(store: Store, clock: HandClock) -> None:
    named = {Role.HEADTEACHER: "Mr Useless Bunch"}
    judge = replace(judges(store).now()[1], people=named, pile_on=PileOn(authors=9, comments=3))
    text = "You are a useless bunch of idiots"
    arrive(store, clock, text, text)
    assess(store, judge, clock=clock)
    ask(store, Wish("insult", "page", "it"), ("page",), HOURS, clock())
    move(store, {"page": "facebook"}, HOURS, clock())
    assess(store, judge, clock=clock)
    with store.read() as session:
        found = session.exec(select(CaseRow)).all()
    assert [is_drill(case.external_id) for case in found] == [False, False, True]
    assert [case.joined_to for case in found] == [None] * 3
