"""The service manager hears that the service lives only while it does; the attacks are those of bench/watching.py."""

from __future__ import annotations

import asyncio

import pytest

from bench.watching import WEDGES, slow_turn, told_of, too_often, wedged
from connectors.http import Session
from monitor.lanes import Lane
from monitor.pace import going_on, watched
from monitor.steps import Steps
from monitor.store import Store
from tests.conftest import HandClock


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, int]]:
    """Every wedge once, on one running service: it is fed before the first, and after each but the last."""
    return dict(asyncio.run(wedged(tmp_path_factory.mktemp("wedged"))))


@pytest.mark.parametrize("wedge", list(WEDGES))
def test_a_wedged_service_is_not_called_alive(counted: dict[str, tuple[int, int]], wedge: str) -> None:
    assert counted[wedge] == (1, 0)


async def test_a_turn_longer_than_the_limit_is_no_wedge_while_it_says_that_it_goes_on() -> None:
    assert not await slow_turn(steps=10, step=0.05, limit=0.4)
    assert await slow_turn(steps=10, step=0.05, limit=0.2, says_so=False)


async def test_a_mail_that_hangs_is_a_wedge() -> None:
    lane, release = Lane("mail", 0.05), asyncio.Event()
    turn = asyncio.ensure_future(lane.send(release.wait))
    await asyncio.sleep(0.2)
    assert lane.hung()
    release.set()
    await turn
    assert not lane.hung()


async def test_each_mail_is_a_step_of_its_own() -> None:
    lane = Lane("mail", 0.3)

    async def mails() -> None:
        for _ in range(5):
            await asyncio.to_thread(going_on)  # as the outbox is asked in a thread
            assert not lane.hung()
            await asyncio.sleep(0.1)

    await lane.send(mails)


def test_outside_a_watched_turn_nothing_is_said() -> None:
    going_on()
    steps: list[int] = []
    with watched(lambda: steps.append(1)):
        going_on()
    going_on()
    assert steps == [1]


def test_each_call_of_a_connector_and_each_stage_is_a_step(store: Store, clock: HandClock) -> None:
    steps: list[str] = []
    with watched(lambda: steps.append("step")):
        Session("http://127.0.0.1:9").begin()
        assert steps == ["step"]
        Steps(store, clock).run(("remind", lambda: 0), ("digest", lambda: 0))
    assert len(steps) == 3


def test_troubles_at_random_are_all_told_and_none_too_often(store: Store) -> None:
    assert told_of(store, seed=7, days=1) == 0
    assert too_often(store, most=0) > 0  # they were mailed at all
