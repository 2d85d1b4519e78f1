"""Reading what networks send: liberal in what it accepts, and nothing it returns can break a database or a mail.

Pure functions on JSON values. A value of the wrong type reads as absent; only what names an item must be there.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.answers import BadShape

DEEPEST = 40  # levels of `raw` that are kept


def text(value: Any) -> str:
    """`value` if it is text, without what no database stores: lone surrogates and NUL become U+FFFD."""
    if not isinstance(value, str):
        return ""
    mended = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return mended.replace("\x00", "\ufffd")


def maybe(value: Any) -> str | None:
    """Text, or None where there is none."""
    return text(value) or None


def identity(value: Any) -> str | None:
    """An id, which some servers write as a number; None where there is none."""
    if isinstance(value, bool):
        return None
    return text(str(value)).strip() or None if isinstance(value, str | int) else None


def named(row: Any) -> str:
    """The id of an object in a list. BadShape without one: what cannot be named cannot be stored once."""
    found = identity(row.get("id")) if isinstance(row, Mapping) else None
    if found is None:
        raise BadShape("had an entry without an id")
    return found


def record(value: Any) -> Mapping[str, Any]:
    """A JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[Any]:
    """A JSON list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def number(value: Any) -> int | None:
    """A whole number, also one written as text."""
    try:
        return None if isinstance(value, bool) else int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def truth(value: Any) -> bool | None:
    """True or False, also written as text; None for anything else."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def when(value: Any) -> datetime | None:
    """Aware UTC from ISO 8601 (with Z, +00:00 or Graph's +0000) or Unix seconds; None for anything else."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        read = datetime.fromisoformat(value)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def plain(value: Any, depth: int = 0) -> Any:
    """The same JSON, storable: strings as by `text`, no NaN, no endless nesting."""
    if depth > DEEPEST:
        return None
    if isinstance(value, str):
        return text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {text(name): plain(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item, depth + 1) for item in value]
    return value


def age_order(identifier: str) -> tuple[int, str]:
    """Sorts ids that grow with time, oldest first: as numbers, without trusting that they are."""
    return (len(identifier), identifier)


def distinct(names: Iterable[str]) -> list[str]:
    """Each once, in the order first seen."""
    return list(dict.fromkeys(names))


def written(state: Mapping[str, Any]) -> str:
    """A cursor's state as the opaque text that is stored."""
    return json.dumps(state, separators=(",", ":"), sort_keys=True)


def read(cursor: str | None) -> dict[str, Any] | None:
    """The state in a cursor. None for no cursor, and for one that nobody can read: both start from the baseline."""
    try:
        state = json.loads(cursor) if cursor else None
    except (ValueError, RecursionError):
        return None
    return state if isinstance(state, dict) else None
