"""The part of the contract about looking again at what was acted on."""

from __future__ import annotations

import pytest

from monitor.domain import ActionKind, Done, Item
from monitor.errors import ConnectorError
from monitor.ports import Looking
from tests.connectors.contract_world import World, drain, is_sentence


class LooksAgain:
    def written(self, world: World) -> Item:
        name = world.write[world.moderated]("to be looked at again")
        items, _ = drain(world.connect(), world.moderated, None)
        return next(item for item in items if item.external_id == name)

    def test_what_is_there_is_shown_as_the_same_item(self, world):
        item, connector = self.written(world), world.connect()
        assert isinstance(connector, Looking)
        seen = connector.look(item)
        assert seen.standing in {Done.VISIBLE, None}
        assert seen.item is not None
        for name in ("account", "kind", "external_id", "target_id", "text", "thread_id", "posted_at"):
            assert getattr(seen.item, name) == getattr(item, name), name

    def test_what_was_hidden_is_told_as_hidden_or_not_at_all(self, world):
        item, connector = self.written(world), world.connect()
        connector.act(ActionKind.HIDE, item)
        hidden = connector.look(item)
        connector.act(ActionKind.UNHIDE, item)
        shown = connector.look(item)
        assert (hidden.standing, shown.standing) in {(Done.HIDDEN, Done.VISIBLE), (None, None)}
        if hidden.standing is None:
            assert is_sentence(hidden.says)

    def test_an_edit_is_seen_in_the_item_that_was_acted_on(self, world):
        item = self.written(world)
        world.edit(item.external_id, "as rewritten since")
        seen = world.connect().look(item)
        assert seen.item is not None
        assert seen.item.external_id == item.external_id
        assert seen.item.text.endswith("as rewritten since")

    def test_what_is_gone_is_an_answer_and_no_error(self, world):
        item = self.written(world)
        world.delete(item.external_id)
        seen = world.connect().look(item)
        assert (seen.standing, seen.item) == (Done.GONE, None)
        assert is_sentence(seen.says)

    def test_a_look_is_paid_where_reading_is(self, world):
        item, connector = self.written(world), world.connect()
        assert (connector.look(item).reads > 0) == (connector.read_price > 0)

    def test_a_look_that_fails_is_no_answer(self, world):
        item, connector = self.written(world), world.connect()
        for fault in ("html_503", "truncated", "reset", "revoked_token", "html_200", "rate_limited"):
            world.faults.clear()
            world.faults.arm(fault, times=None)
            with pytest.raises(ConnectorError) as caught:
                connector.look(item)
            assert is_sentence(str(caught.value)), fault
