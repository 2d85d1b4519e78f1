from __future__ import annotations

import pytest

from monitor.domain import ItemKind
from monitor.sandbox.faults import Faults
from monitor.sandbox.x_api import serve_x
from monitor.sandbox.x_state import XState
from tests.connectors.contract import TOKEN, Contract, Ticking, World

PERSON = "p0"


class TestXContract(Contract):
    @pytest.fixture
    def world(self):
        clock, faults = Ticking(), Faults()
        state = XState(handle="StAldhelms", name="St Aldhelm's", token=TOKEN, clock=clock)
        person = state.add_person(PERSON, "A Person")
        root = state.add_post(state.user_id, "Term starts")
        count = iter(range(10_000))

        def follow(text):
            follower = state.add_person(f"f{next(count)}", "A Follower", bio=text)
            state.follow(follower)
            return follower

        write = {
            ItemKind.MENTION: lambda text: state.add_post(person, f"@StAldhelms {text}", in_reply_to=root),
            ItemKind.POST: lambda text: state.add_post(state.user_id, text),
            ItemKind.FOLLOWER: follow,
        }
        with serve_x(state, faults) as server:
            yield World(
                network="x",
                settings={"base_url": server.url, "token": TOKEN, "max_pages": 2},
                faults=faults,
                write=write,
                edit=lambda name, text: state.edit_post(name, f"@StAldhelms {text}"),
                delete=state.delete_post,
                is_hidden=state.is_hidden,
                moderated=ItemKind.MENTION,
                clock=clock,
            )
