"""What people are told of the messages that families wrote, and for how long it is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.inbox import counts
from alerts.inbox.letters import Letters
from monitor import retention
from monitor.retention_rules import Keep
from monitor.store import Store
from tests.alerts.imap_server import Mailroom, serving
from tests.alerts.letters import letter
from tests.alerts.mailbox_school import School
from tests.conftest import HandClock
from tests.families import Families

STRANGER = "eve@elsewhere.example"


@pytest.fixture
def school(store: Store, clock: HandClock) -> Iterator[School]:
    with serving(Mailroom()) as room:
        yield School(room, Families(store, clock))


def test_what_came_to_nothing_is_counted_for_people(school: School):
    began = school.clock() - timedelta(minutes=1)
    for number, more in enumerate(({}, {"results": ()}, {"results": ()}, {"sender": STRANGER})):
        school.room.arrive(letter(number=number, **more))  # type: ignore[arg-type]
    school.room.arrive(letter("Hello", number=9))
    school.turn()
    with school.store.read() as session:
        assert counts.taken(session, school.store, began) == 2
        assert counts.came_to_nothing(session, school.store, began) == (
            ("not shown to come from the address they give", 2),
            ("naming no account, or not which network", 1),
            ("from addresses that are not on the register", 1),
        )
        assert counts.came_to_nothing(session, school.store, school.clock()) == ()


def test_the_probe_says_whether_it_can_be_read_and_what_came_of_it(school: School):
    letters = Letters(school.store, school.mailbox, school.clock)
    says = {one.name: one for one in letters.probe()}
    assert says["mailbox"].ok
    assert (
        says["messages"].says == "not read yet; is the service running? in seven days 0 messages with a claim"
    )
    school.room.arrive(letter())
    school.room.arrive(letter(results=(), number=2))
    letters.read()
    says = {one.name: one for one in letters.probe()}
    assert says["messages"].last_read == school.clock()
    assert "1 message with a claim; 1 not shown to come from the address they give" in says["messages"].says
    school.room.password = "changed"
    assert "refused the sign-in" in next(one for one in letters.probe() if not one.ok).says
    nowhere = Letters(school.store, replace(school.mailbox, networks=()), school.clock)
    assert any("remove [claims.mail]" in one.says for one in nowhere.probe())
    assert Letters(school.store, None, school.clock).probe() == []
    assert Letters(school.store, None, school.clock).read() == 0


def test_after_ninety_days_it_is_not_known_any_more_what_was_read(school: School):
    school.room.arrive(letter())
    school.turn()
    keep = Keep(timedelta(days=30), timedelta(days=365), timedelta(days=365), timedelta(days=2555))
    assert retention.prune(school.store, keep, school.clock() + timedelta(days=89)).letters == 0
    assert retention.prune(school.store, keep, school.clock() + timedelta(days=91)).letters == 1
    assert school.outcomes() == []
