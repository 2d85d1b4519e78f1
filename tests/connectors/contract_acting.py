"""The part of the contract about acting and checking."""

from __future__ import annotations

import pytest

from monitor.domain import ActionKind, Done, Item, Means
from monitor.drill_mark import NOTHING_DONE, PREFIX
from monitor.errors import ConnectorError
from tests.connectors.contract_world import World, drain, is_sentence


class Acting:
    # acting

    def one(self, world: World) -> Item:
        name = world.write[world.moderated]("to be looked at")
        items, _ = drain(world.connect(), world.moderated, None)
        return next(item for item in items if item.external_id == name)

    def test_hiding_and_showing_again_is_true_on_the_network(self, world):
        item, connector = self.one(world), world.connect()
        for _ in range(2):  # doing it twice is not an error
            assert connector.act(ActionKind.HIDE, item).done is Done.HIDDEN
            assert world.is_hidden(item.target_id)
        for _ in range(2):
            assert connector.act(ActionKind.UNHIDE, item).done is Done.VISIBLE
            assert not world.is_hidden(item.target_id)

    def test_what_is_gone_counts_as_done(self, world):
        item = self.one(world)
        world.delete(item.external_id)
        assert world.connect().act(ActionKind.HIDE, item).done is Done.GONE

    def test_what_a_person_must_do_is_asked_for_and_what_nobody_can_is_refused(self, world):
        item, connector = self.one(world), world.connect()
        before = len(world.faults.requests)
        for action, capability in connector.actions.items():
            if capability.means is Means.GUIDED:
                assert connector.act(action, item).done is Done.ASKED
            elif capability.means is Means.NONE:
                assert connector.act(action, item).done is Done.REFUSED
        assert len(world.faults.requests) == before

    def test_what_the_network_refuses_for_an_item_is_not_tried(self, world):
        item, connector = self.one(world), world.connect()
        for action, capability in connector.actions.items():
            if capability.means is Means.BY_API:
                closed = Item(world.key, item.kind, item.external_id, item.text, refused=frozenset({action}))
                before = len(world.faults.requests)
                assert connector.act(action, closed).done is Done.REFUSED
                assert len(world.faults.requests) == before

    def test_a_drill_is_refused_before_anything_is_asked(self, world):
        drill = Item(world.key, world.moderated, f"{PREFIX}1", "invented")
        connector = world.connect()
        before = len(world.faults.requests)
        for action in ActionKind:
            outcome = connector.act(action, drill)
            assert (outcome.done, outcome.detail) == (Done.REFUSED, NOTHING_DONE)
        assert len(world.faults.requests) == before

    def test_an_action_that_fails_is_never_called_done(self, world):
        item, connector = self.one(world), world.connect()
        for fault in ("html_503", "truncated", "reset", "revoked_token", "html_200", "rate_limited"):
            world.faults.clear()
            world.faults.arm(fault, times=None)
            for action, capability in connector.actions.items():
                if capability.means is Means.BY_API and action not in item.refused:
                    with pytest.raises(ConnectorError) as caught:
                        connector.act(action, item)
                    assert is_sentence(str(caught.value)), (fault, action)

    # checking

    def test_a_healthy_account_is_called_healthy(self, world):
        health = world.connect().check()
        assert health.ok
        assert {"token", "account", "permissions", "credit"} <= {point.name for point in health.points}

    def test_a_check_says_what_is_wrong_and_never_raises(self, world):
        for fault in ("html_503", "revoked_token", "truncated", "redirect", "forbidden", "rate_limited"):
            world.faults.clear()
            world.faults.arm(fault, times=None)
            health = world.connect().check()
            assert not health.ok, fault
            assert all(is_sentence(point.says) for point in health.points if not point.ok), fault
