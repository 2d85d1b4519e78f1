"""Steps of a turn: each runs whatever became of the others, and one that fails is told of. Knows no stage."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from monitor.incidents import close_incident, open_incident, open_incidents
from monitor.pace import going_on
from monitor.ports import Clock
from monitor.store import Store

log = structlog.get_logger(__name__)
_PREFIX = "step:"


class Steps:
    """What fails is an incident, opened once and closed by the next turn that goes well."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        with store.read() as session:
            keys = [one.key for one in open_incidents(session, store.school)]
        self._failing = {key.removeprefix(_PREFIX) for key in keys if key.startswith(_PREFIX)}

    def run(self, *steps: tuple[str, Callable[[], int]]) -> int:
        """Every step in order; returns the sum of what they handled."""
        done = 0
        for name, step in steps:
            going_on()
            try:
                done += step()
            except Exception as error:  # the next step may be the one that tells somebody
                log.exception("step failed", stage=name)
                self.failed(name, error)
            else:
                self.went_well(name)
        return done

    def failed(self, name: str, error: Exception) -> None:
        self._failing.add(name)
        with self._store.write() as session:
            open_incident(
                self._store,
                session,
                _PREFIX + name,
                says=f"the part of Schoolgate that does “{name}” failed ({type(error).__name__})",
                cure="It is tried again by itself. Look at the log and at `schoolgate doctor`, and report it.",
                now=self._clock(),
            )

    def went_well(self, name: str) -> None:
        if name in self._failing:
            with self._store.write() as session:
                close_incident(self._store, session, _PREFIX + name, now=self._clock())
            self._failing.discard(name)
