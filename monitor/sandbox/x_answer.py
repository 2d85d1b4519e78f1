"""Which posts a query asks for, and the envelope of an answer: data, meta, headers. The JSON is escaped as X escapes it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from monitor.sandbox.x_objects import Post
from monitor.sandbox.x_params import Query

ASTRAL = re.compile("[\U00010000-\U0010ffff\ud800-\udfff]")


def between(posts: list[Post], query: Query) -> list[Post]:
    """since_id wins over start_time, until_id over end_time: docs.x.com/x-api/posts/timelines."""
    since, until = query.number("since_id"), query.number("until_id")
    start, end = query.time("start_time"), query.time("end_time")
    if since is not None:
        posts = [post for post in posts if int(post.id) > since]
    elif start is not None:
        posts = [post for post in posts if post.created_at >= start]
    if until is not None:
        return [post for post in posts if int(post.id) < until]
    return [post for post in posts if end is None or post.created_at < end]


def listed(data: list[Any], meta: dict[str, Any], onward: str | None, back: str | None) -> dict[str, Any]:
    """`data` is left out when it is empty, as X does."""
    if onward:
        meta["next_token"] = onward
    if back:
        meta["previous_token"] = back
    return {"data": data, "meta": meta} if data else {"meta": meta}


def answer_json(body: Mapping[str, Any], status: int, headers: Mapping[str, str]) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    escaped = ASTRAL.sub(lambda hit: json.dumps(hit[0])[1:-1], text)
    usual = {
        "content-type": "application/json; charset=utf-8",
        "api-version": "2.168",
        "x-access-level": "read-write",
    }
    return Response(escaped.encode(), status, headers={**usual, **headers})
