from __future__ import annotations

import pytest

from monitor.domain import ItemKind
from monitor.sandbox.faults import Faults
from monitor.sandbox.graph_api import serve_graph
from monitor.sandbox.graph_state import GraphState
from tests.connectors.contract import Contract
from tests.connectors.contract_world import TOKEN, Ticking, World

PAGE = "100000000000001"


class TestFacebookContract(Contract):
    @pytest.fixture
    def world(self):
        clock, faults = Ticking(), Faults()
        state = GraphState(page_id=PAGE, page_name="St Aldhelm's", token=TOKEN, clock=clock)
        person = state.add_person("A Person")
        post = state.add_post("Term starts")
        write = {
            ItemKind.COMMENT: lambda text: state.add_comment(post, person, text),
            ItemKind.VISITOR_POST: lambda text: state.add_visitor_post(person, text),
            ItemKind.POST: state.add_post,
        }
        with serve_graph(state, faults) as server:
            yield World(
                network="facebook",
                settings={"base_url": server.url, "token": TOKEN, "page_id": PAGE},
                faults=faults,
                write=write,
                edit=state.edit,
                delete=state.delete,
                is_hidden=state.is_hidden,
                moderated=ItemKind.COMMENT,
                clock=clock,
            )
