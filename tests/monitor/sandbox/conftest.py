"""The sandbox networks for the tests beside this file: one server a module, a fresh network a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitor.sandbox.faults import Faults
from monitor.sandbox.graph_api import graph_app
from monitor.sandbox.graph_state import GraphState
from monitor.sandbox.serve import Serving
from monitor.sandbox.x_api import x_app
from monitor.sandbox.x_state import XState
from tests.monitor.sandbox.networks import Asking, Stage, Watch, facebook_school, x_school


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def school(watch: Watch) -> XState:
    return x_school(watch)


@pytest.fixture
def page(watch: Watch) -> GraphState:
    return facebook_school(watch)


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[Stage, str]]:
    behind = Stage()
    with Serving(behind) as serving:
        yield behind, serving.url


@pytest.fixture
def ask_x(stage: tuple[Stage, str], school: XState, faults: Faults) -> Asking:
    """X with the school's token; two reads of its blocks are allowed in 15 minutes."""
    behind, url = stage
    behind.app = x_app(school, faults, limits={"blocking": 2})
    return Asking(url, "x-user-token")


@pytest.fixture
def ask_graph(stage: tuple[Stage, str], page: GraphState, faults: Faults) -> Asking:
    """Graph v26.0 with the Page's token; 50 calls are allowed in an hour."""
    behind, url = stage
    behind.app = graph_app(page, faults, calls=50)
    return Asking(url + "/v26.0", "page-token")
