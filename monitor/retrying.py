"""When something is asked of a network, and when what it did not do is tried again. Pure: no clock, no rows."""

from __future__ import annotations

from datetime import timedelta

from monitor.errors import ConnectorError

TRIES = 8
FIRST = timedelta(seconds=30)
LONGEST = timedelta(
    hours=1
)  # between two tries: a network's own wish is held to this (connectors/answers.py)
UNDO_FOR = timedelta(minutes=10)  # what was asked of the network can be taken back for so long


def pause(error: ConnectorError, tried: int) -> timedelta | None:
    """How long to wait after `tried` attempts (from 1), twice as long each time or as long as the network asks; None when
    it is not tried again: a person must mend it, or it failed too often."""
    if error.permanent or tried >= TRIES:
        return None
    return timedelta(seconds=error.retry_after) if error.retry_after else FIRST * 2 ** (tried - 1)
