"""What the sandbox's X served, as X would count it: by endpoint, each time, and once a day.

Source: docs.x.com/x-api/getting-started/pricing: charged per resource returned; a resource that is asked for again
before midnight UTC is not charged again ("a soft guarantee"). No prices here.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any


class Bill:
    """`served`: resources returned, by endpoint. `charged`: of those, the ones that were new that day (UTC), kept apart by
    endpoint, which never comes to less than X would charge. `along`: authors and others that came with what was asked for
    ("users" by expansion), once a day each; X does not say whether it charges them."""

    def __init__(self) -> None:
        self.served: Counter[str] = Counter()
        self.charged: Counter[str] = Counter()
        self.along: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._day: date | None = None
        self._today: set[tuple[str, str]] = set()

    def note(self, endpoint: str, ids: Iterable[str], now: datetime) -> int:
        """Count what one answer held; returns how many that were."""
        ids = list(ids)
        with self._lock:
            self.served[endpoint] += len(ids)
            self.charged[endpoint] += self._fresh(endpoint, ids, now)
        return len(ids)

    def sent_along(self, includes: Mapping[str, Iterable[Mapping[str, Any]]], now: datetime) -> None:
        """Count the `includes` of one answer, by kind ("users", "tweets", "media")."""
        with self._lock:
            for kind, rows in includes.items():
                ids = [str(row.get("id") or row.get("media_key")) for row in rows]
                self.along[kind] += self._fresh(f"along {kind}", ids, now)

    def _fresh(self, name: str, ids: Iterable[str], now: datetime) -> int:
        today = now.astimezone(UTC).date()
        if today != self._day:
            self._day, self._today = today, set()
        new = {(name, one) for one in ids} - self._today
        self._today |= new
        return len(new)
