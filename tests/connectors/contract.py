"""The suite that every connector passes.

A network's test module makes a `World` (a server that behaves as the network, and hooks to write on it) and inherits:

    class TestXContract(Contract):
        @pytest.fixture
        def world(self): ...
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from monitor.domain import ActionKind, Item, ItemKind, Means
from monitor.errors import ConnectorError
from tests.connectors.contract_acting import Acting
from tests.connectors.contract_looking import LooksAgain
from tests.connectors.contract_world import LIMIT, TOKEN, World, drain, ids, is_sentence

PASSING = (
    "html_503",
    "error_500",
    "html_200",
    "redirect",
    "malformed_json",
    "truncated",
    "reset",
    "rate_limited",
)


class Contract(Acting, LooksAgain):
    def kinds(self, world: World) -> list[ItemKind]:
        return sorted(world.connect().reads)

    # what is declared

    def test_every_action_is_declared_and_a_guided_one_says_where_and_how(self, world):
        connector = world.connect()
        assert set(connector.actions) == set(ActionKind)
        for capability in connector.actions.values():
            if capability.means is Means.GUIDED:
                assert capability.guide is not None
                assert capability.guide.link.startswith(("https://", "{url}"))
                assert len(capability.guide.steps) >= 2
            else:
                assert capability.note

    def test_the_interface_is_named_with_its_version_for_evidence(self, world):
        assert re.fullmatch(r"[A-Z].* v\d+(\.\d+)?", world.connect().api)

    def test_every_kind_that_is_declared_can_be_written_and_read(self, world):
        assert set(world.write) == world.connect().reads

    def test_a_kind_that_is_not_declared_is_refused_with_a_sentence(self, world):
        connector = world.connect()
        for kind in set(ItemKind) - connector.reads:
            with pytest.raises(ConnectorError) as caught:
                connector.poll(kind, None)
            assert is_sentence(str(caught.value))

    # polling

    def test_items_are_oldest_first_named_once_and_of_the_account(self, world):
        connector = world.connect()
        for kind in self.kinds(world):
            written = [world.write[kind](f"number {number}") for number in range(7)]
            items, _ = drain(connector, kind, None)
            assert [name for name in ids(items) if name in written] == written
            assert len(set(ids(items))) == len(items)
            assert {(item.account, item.kind) for item in items} == {(world.key, kind)}
            for item in items:
                assert item.posted_at is None or item.posted_at.utcoffset() == timedelta(0)
                assert item.url is not None
                assert item.url.startswith("https://")
                json.dumps(item.raw, allow_nan=False)
                assert TOKEN not in json.dumps(item.raw)

    def test_what_comes_after_the_baseline_comes_once(self, world):
        connector = world.connect()
        for kind in self.kinds(world):
            world.write[kind]("before")
            before, cursor = drain(connector, kind, None)
            later = [world.write[kind](f"after {number}") for number in range(3)]
            new, cursor = drain(connector, kind, cursor)
            assert [name for name in ids(new) if name not in ids(before)] == later
            again, cursor = drain(connector, kind, cursor)
            assert set(ids(again)) <= set(ids(before)) | set(later)

    def test_nothing_there_is_an_empty_page_with_a_cursor_that_works(self, world):
        connector = world.connect()
        for kind in self.kinds(world):
            items, cursor = drain(connector, kind, None)
            assert isinstance(cursor, str)
            first = world.write[kind]("the very first")
            new, _ = drain(connector, kind, cursor)
            assert first in ids(new)
            assert first not in ids(items)

    def test_a_cursor_survives_a_restart(self, world):
        for kind in self.kinds(world):
            world.write[kind]("before")
            _, cursor = drain(world.connect(), kind, None)
            later = world.write[kind]("after")
            new, _ = drain(world.connect(), kind, cursor)
            assert later in ids(new)

    def test_a_cursor_that_nobody_can_read_starts_again(self, world):
        for kind in self.kinds(world):
            there = world.write[kind]("there")
            for cursor in ("", "rubbish", "[]", "null", "{}", '{"mentions": 7, "known": "x", "posts": 3}'):
                items, _ = drain(world.connect(), kind, cursor)
                assert there in ids(items), cursor

    def test_an_edit_comes_as_the_same_item_with_another_text(self, world):
        connector, kind = world.connect(), world.moderated
        name = world.write[kind]("as first written")
        _, cursor = drain(connector, kind, None)
        world.edit(name, "as rewritten")
        seen: list[Item] = []
        for _ in range(3):
            items, cursor = drain(connector, kind, cursor)
            seen += items
        assert [item for item in seen if item.external_id == name and item.text.endswith("as rewritten")]

    def test_hostile_text_is_kept_as_it_was_written(self, world):
        kind = world.moderated
        text = "<b>Bcc: x@y.test\r\n\u202egnp.exe\u202c {{ 7*7 }} %s ✂️ AT&T 'quoted' <3"
        name = world.write[kind](text)
        items, _ = drain(world.connect(), kind, None)
        assert {item.external_id: item.text for item in items}[name].endswith(text)

    # lists that misbehave

    def test_a_list_that_misbehaves_loses_nothing_and_doubles_nothing(self, world):
        connector = world.connect()
        for kind in self.kinds(world):
            world.write[kind]("before")
            before, cursor = drain(connector, kind, None)
            for fault in ("duplicates", "shuffled", "cyclic"):
                later = [world.write[kind](f"after {number}") for number in range(5)]
                world.faults.arm(fault, times=None)
                new, cursor = drain(connector, kind, cursor)
                world.faults.clear()
                assert sorted(set(ids(new)) - set(ids(before))) == sorted(later), fault
                assert len(set(ids(new))) == len(new), fault
                before += new

    # failing

    def test_a_bad_day_is_said_in_a_sentence_and_costs_nothing(self, world):
        connector = world.connect()
        for kind in self.kinds(world):
            world.write[kind]("before")
            _, cursor = drain(connector, kind, None)
            for fault in PASSING:
                later = world.write[kind](f"before {fault}")
                world.faults.arm(fault, times=None)
                with pytest.raises(ConnectorError) as caught:
                    connector.poll(kind, cursor)
                world.faults.clear()
                assert not caught.value.permanent, fault
                assert is_sentence(str(caught.value)), fault
                new, cursor = drain(connector, kind, cursor)
                assert later in ids(new), fault

    def test_each_request_of_a_poll_may_fail_without_loss(self, world):
        kind = world.moderated
        connector = world.connect()
        for number in range(130):
            world.write[kind](f"before {number}")
        _, cursor = drain(connector, kind, None)
        later = [world.write[kind](f"after {number}") for number in range(230)]
        for turn in range(8):
            world.faults.clear()
            already = len(world.faults.requests)
            failing = _FailAt(world.faults, turn)
            got: list[str] = []
            at, tries = cursor, 0
            while tries < LIMIT:
                tries += 1
                failing.arm()
                try:
                    page = connector.poll(kind, at)
                except ConnectorError:
                    failing.done = True
                    world.faults.clear()
                    continue
                got, at = got + ids(list(page.items)), page.cursor
                if not page.more:
                    break
            assert set(later) <= set(got)
            assert len(world.faults.requests) > already

    def test_a_pause_that_the_network_asks_for_is_passed_on(self, world):
        kind = world.moderated
        world.faults.arm("rate_limited", times=None)
        with pytest.raises(ConnectorError) as caught:
            world.connect().poll(kind, None)
        assert caught.value.retry_after is not None
        assert 60 <= caught.value.retry_after <= 3600

    @pytest.mark.parametrize("fault", ["revoked_token", "expired_token", "forbidden"])
    def test_what_only_an_administrator_can_mend_is_permanent_and_says_how(self, world, fault):
        world.faults.arm(fault, times=None)
        for kind in self.kinds(world):
            with pytest.raises(ConnectorError) as caught:
                world.connect().poll(kind, None)
            assert caught.value.permanent
            assert is_sentence(str(caught.value))

    def test_a_dead_address_is_a_passing_trouble(self, world):
        with pytest.raises(ConnectorError) as caught:
            world.connect(base_url="http://127.0.0.1:9").poll(world.moderated, None)
        assert not caught.value.permanent
        assert is_sentence(str(caught.value))

    # keeping quiet

    def test_no_address_ever_holds_a_token(self, world):
        item, connector = self.one(world), world.connect()
        for kind in self.kinds(world):
            drain(connector, kind, drain(connector, kind, None)[1])
        for action in connector.actions:
            connector.act(action, item)
        connector.check()
        assert world.faults.requests
        assert not [line for line in world.faults.requests if TOKEN in line]

    def test_how_far_our_clock_is_off_the_networks_is_known_after_an_answer(self, world):
        connector, kind = world.connect(), self.kinds(world)[0]
        assert connector.clock_off() is None
        connector.poll(kind, None)
        assert abs(connector.clock_off()) < 60
        connector.clock = lambda: world.clock() - timedelta(minutes=10)  # as if this machine were slow
        connector.poll(kind, None)
        assert abs(connector.clock_off() - 600) < 60

    def test_secrets_do_not_show_in_settings_or_problems(self, world):
        connector = world.connect()
        assert TOKEN not in repr(vars(connector)["settings"])


class _FailAt:
    """Lets `number` requests through, then breaks one."""

    def __init__(self, faults: Any, number: int) -> None:
        self.faults, self.number, self.done = faults, number, False
        self.start = len(faults.requests)

    def arm(self) -> None:
        if self.done:
            return
        self.faults.clear()
        passed = len(self.faults.requests) - self.start
        if passed >= self.number:
            self.faults.arm("html_503")
