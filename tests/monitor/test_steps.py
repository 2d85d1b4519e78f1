from __future__ import annotations

from collections.abc import Callable

from monitor.incidents import open_incidents
from monitor.steps import Steps
from monitor.store import Store
from tests.conftest import HandClock


def broken() -> int:
    raise ZeroDivisionError("planted words")


def worth(number: int) -> Callable[[], int]:
    return lambda: number


def incidents(store: Store) -> list[tuple[str, str]]:
    with store.read() as session:
        return [(one.key, one.says) for one in open_incidents(session, "school")]


def test_a_step_that_fails_stops_no_other_and_is_told(store: Store, clock: HandClock) -> None:
    assert Steps(store, clock).run(("remind", worth(1)), ("digest", broken), ("tell", worth(2))) == 3
    ((key, says),) = incidents(store)
    assert key == "step:digest"
    assert "ZeroDivisionError" in says
    assert "planted" not in says


def test_the_next_turn_that_goes_well_ends_it(store: Store, clock: HandClock) -> None:
    steps = Steps(store, clock)
    steps.run(("digest", broken))
    steps.run(("digest", broken), ("tell", worth(0)))
    assert len(incidents(store)) == 1
    steps.run(("digest", worth(0)))
    assert incidents(store) == []


def test_a_restart_remembers_what_failed(store: Store, clock: HandClock) -> None:
    Steps(store, clock).run(("digest", broken))
    Steps(store, clock).run(("digest", worth(0)))
    assert incidents(store) == []
