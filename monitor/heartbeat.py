"""A sign of life to a watcher outside (a dead man's switch): its absence is what alarms. Says nothing but that all goes well.

It is sent only while every account is read and mail leaves. A failure to send it stops nothing; one that lasts is told of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import requests
import structlog
from requests.utils import get_environ_proxies

from monitor.deadline import Deadline
from monitor.incidents import close_incident, open_incident
from monitor.ports import Clock
from monitor.store import Store
from monitor.timed_http import TimedAdapter

log = structlog.get_logger(__name__)
INCIDENT = "heartbeat"
LOUD_AFTER = 3  # failures in a row
_TIMEOUT = (5, 10)  # seconds: to connect, and for the answer's first bytes
_PATIENCE = 30.0  # seconds for all of it: the answer may come a byte at a time
_MOST = 1024  # bytes of an answer that are read; nothing is made of them


class Heartbeat:
    """`url` is asked for (GET, as such services want it), without a query, a cookie or a name of the school."""

    def __init__(self, store: Store, url: str, clock: Clock) -> None:
        self._store, self._url, self._clock = store, url, clock
        self._failed = 0

    def beat(self, report: Callable[[], Mapping[str, Any]]) -> bool:
        """Send it, if `report` (monitor/health.py) says that the school is watched; True when it arrived."""
        if not report()["watching"]:
            log.info("no heartbeat: not all is well")
            return False
        problem = self._sent()
        self._failed = self._failed + 1 if problem else 0
        if problem:
            log.warning("heartbeat not sent", error=problem)
        if problem and self._failed < LOUD_AFTER:
            return False
        with self._store.write() as session:
            if problem is None:
                close_incident(self._store, session, INCIDENT, now=self._clock())
            else:
                open_incident(
                    self._store,
                    session,
                    INCIDENT,
                    says=f"the sign of life does not arrive at the watcher outside ({problem})",
                    cure="Look at [watching] heartbeat_url in the configuration, and whether this machine reaches it. "
                    "Nothing else waits for it.",
                    now=self._clock(),
                )
        return problem is None

    def _sent(self) -> str | None:
        """None when it arrived, else why not; never the address, which is as good as a password there."""
        try:
            with Deadline(_PATIENCE), requests.Session() as session:
                session.trust_env = False  # no .netrc: it would add a password
                session.proxies = dict(get_environ_proxies(self._url, no_proxy=None))
                session.mount("https://", TimedAdapter())
                answer = session.get(self._url, timeout=_TIMEOUT, allow_redirects=False, stream=True)
                answer.raw.read(_MOST)
                return None if answer.ok and not answer.is_redirect else f"status {answer.status_code}"
        except (requests.RequestException, OSError) as error:
            return type(error).__name__
