"""Several by their ids at once: GET /2/tweets and /2/users with `ids`. What is not there is told of beside the rest.

Source: docs.x.com/x-api/users/get-users-by-ids and posts/get-posts-by-ids; at most 100, each once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from monitor.sandbox.x_objects import UnknownError
from monitor.sandbox.x_params import Query, numeric
from monitor.sandbox.x_problem import invalid, not_found

MOST_IDS = 100

T = TypeVar("T")


def looked_up(query: Query, kind: str, find: Callable[[str], T]) -> tuple[list[T], list[dict[str, Any]]]:
    """(what `find` finds of the ids, an error for each of the others). The 400 of X for ids that are none, or too many."""
    value = query.values.get("ids", "")
    ids = value.split(",")
    if len(ids) > MOST_IDS:
        raise invalid(
            "ids",
            value,
            f"The number of values in the `ids` query parameter list [{len(ids)}] is not between 1 and {MOST_IDS}",
        )
    for one in ids:
        numeric("ids", one)
    found, missing = [], []
    for one in dict.fromkeys(ids):
        try:
            found.append(find(one))
        except UnknownError:
            missing.append(not_found(kind, "ids", one))
    return found, missing


def together(data: list[Any], missing: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer: `data` and `errors`, each left out when it is empty."""
    answer: dict[str, Any] = {"data": data} if data else {}
    return answer | ({"errors": missing} if missing else {})
