"""A clock that was put back: what was written in what is now the future must not make anything wait until then.

A machine that starts with a wrong clock writes rows of next year; when its clock is set right, a time that bounds a wait
is one of those. Such rows are known by when they were made: nothing is made later than now.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col

LONGEST_PAUSE = timedelta(
    minutes=65
)  # nothing is tried again later than this (monitor/retrying.py, a network's hour)
SLACK = timedelta(minutes=1)  # what a clock is slewed by while it is kept right is no step


def is_ahead(at: datetime | None, now: datetime) -> bool:
    """Whether a moment that was noted down has not come yet by the clock as it goes now."""
    return at is not None and at > now + SLACK


def ahead(at: Any, now: datetime) -> ColumnElement[bool]:
    """The same of a column."""
    return col(at) > now + SLACK
