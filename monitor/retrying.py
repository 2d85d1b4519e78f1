"""When something that a network did not do is tried again. Pure: no clock, no rows."""

from __future__ import annotations

from datetime import timedelta

from monitor.errors import ConnectorError

TRIES = 8
FIRST = timedelta(seconds=30)


def pause(error: ConnectorError, tried: int) -> timedelta | None:
    """How long to wait after `tried` attempts (from 1), twice as long each time or as long as the network asks; None when
    it is not tried again: a person must mend it, or it failed too often."""
    if error.permanent or tried >= TRIES:
        return None
    return timedelta(seconds=error.retry_after) if error.retry_after else FIRST * 2 ** (tried - 1)
