"""A clock that is never put back, for what must end: codes, sign-ins, remembered devices.

When somebody puts the machine's clock back by an hour, a code that is good for ten minutes must not be good for seventy.
Ordinary times (of cases, mails, the audit log) are the machine's own clock and not this one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta


class Steady:
    """Called, gives the time: the wall clock's, or, after that was put back, the last one that was given plus what has
    passed since by `ticks` (seconds that only grow, such as time.monotonic). Lives as long as the process."""

    def __init__(self, clock: Callable[[], datetime], ticks: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._ticks = clock, ticks
        self._lock = threading.Lock()
        self._given, self._at = clock(), ticks()

    def __call__(self) -> datetime:
        with self._lock:
            wall, at = self._clock(), self._ticks()
            self._given = max(wall, self._given + timedelta(seconds=at - self._at))
            self._at = at
            return self._given
