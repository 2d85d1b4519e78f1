"""Listings of the Graph API: posts, comments, blocked people; their filters, paging and summary.

Source: developers.facebook.com/docs/graph-api/reference/object/comments and /page/feed, /results (paging).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from monitor.sandbox.graph_fields import Field
from monitor.sandbox.graph_objects import Entry
from monitor.sandbox.graph_problem import GraphError
from monitor.sandbox.graph_render import View, entry_json, profile_json
from monitor.sandbox.paging import StaleTokenError, Window, window

T = TypeVar("T")
USUAL = 25
MOST = 100
POST_EDGES = {"posts": (True, False), "published_posts": (True, False), "feed": (True, True)}
POST_EDGES["visitor_posts"] = (False, True)
TRUE = {"1", "true", "yes", "total_count"}
ORDERS = {"chronological", "reverse_chronological", "ranked"}
ADVANCE = ("after", "before")


def posts_edge(view: View, edge: str, params: Mapping[str, str], fields: tuple[Field, ...]) -> dict[str, Any]:
    """Posts newest first; `since` and `until` bound created_time."""
    limit = _limit(params)
    if limit > MOST:
        raise GraphError(100, f"(#100) Param limit must be a number less than or equal to {MOST}")
    own, visitors = POST_EDGES[edge]
    rows = _within(view.state.posts(own=own, visitors=visitors), params)
    page = _page(view, rows, f"{edge}", params, limit, newest_first=True)
    path = f"{view.state.page.id}/{edge}"
    shown, onward = view.faults.reshape(_target(path, params), page.rows, page.here, page.onward)
    view.state.spend(edge, len(shown))
    data = [entry_json(view, post, fields, EDGES) for post in shown]
    return {"data": data, **_paging(view, path, params, page, onward)}


def comments_edge(
    view: View, entry_id: str, params: Mapping[str, str], fields: tuple[Field, ...]
) -> dict[str, Any]:
    """Comments of a post or answers to a comment. `filter` toplevel (usual) or stream; oldest first unless `order` says
    otherwise; `summary` adds the count. Hidden ones are shown to the Page only."""
    chosen, order = params.get("filter", "toplevel"), params.get("order", "chronological")
    if chosen not in {"toplevel", "stream"} or order not in ORDERS:
        raise GraphError(100, "(#100) Invalid parameter")
    newest_first = order == "reverse_chronological"
    everything = view.state.comments(entry_id, stream=chosen == "stream", hidden=view.as_page)
    rows = _within(everything[::-1] if newest_first else everything, params)
    limit = min(_limit(params), MOST)
    listing = f"comments.{entry_id}.{chosen}.{order}"
    page = _page(view, rows, listing, params, limit, newest_first=newest_first)
    path = f"{entry_id}/comments"
    shown, onward = view.faults.reshape(_target(path, params), page.rows, page.here, page.onward)
    view.state.spend("comments", len(shown))
    answer: dict[str, Any] = {"data": [entry_json(view, comment, fields, EDGES) for comment in shown]}
    answer |= _paging(view, path, params, page, onward)
    if params.get("summary", "").lower() in TRUE:
        answer["summary"] = {"order": order, "total_count": len(everything), "can_comment": view.as_page}
    return answer


def blocked_edge(view: View, params: Mapping[str, str]) -> dict[str, Any]:
    """Who is blocked; `user` or `uid` keeps the listing to one person (both are in Meta's own SDK)."""
    only = params.get("user") or params.get("uid")
    people = [(at, person) for at, person in enumerate(view.state.blocked) if only in {None, "", person.id}]
    page = _page(view, people, "blocked", params, min(_limit(params), MOST), newest_first=False)
    path = f"{view.state.page.id}/blocked"
    shown, onward = view.faults.reshape(_target(path, params), page.rows, page.here, page.onward)
    return {"data": [profile_json(person) for person in shown], **_paging(view, path, params, page, onward)}


def _nested_comments(view: View, entry: Entry, field: Field) -> dict[str, Any]:
    """comments.limit(0).summary(true){...} inside another object."""
    return comments_edge(view, entry.id, field.modifiers, field.inner)


EDGES = {"comments": _nested_comments}


def _target(path: str, params: Mapping[str, str]) -> str:
    return f"/{path}?" + "&".join(
        f"{name}={value}" for name, value in params.items() if name != "access_token"
    )


def _limit(params: Mapping[str, str]) -> int:
    text = params.get("limit", str(USUAL))
    if not (text.isascii() and text.isdigit()):
        raise GraphError(100, "(#100) Param limit must be a non-negative integer")
    return int(text)


def _within(entries: list[Entry], params: Mapping[str, str]) -> list[tuple[int, Entry]]:
    since, until = _moment(params, "since"), _moment(params, "until")
    return [
        (entry.key, entry)
        for entry in entries
        if (since is None or entry.created_at >= since) and (until is None or entry.created_at <= until)
    ]


def _moment(params: Mapping[str, str], name: str) -> datetime | None:
    """A Unix time or a date, as strtotime would take it; UTC unless it says otherwise."""
    text = params.get(name)
    if not text:
        return None
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text), tz=UTC)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        raise GraphError(100, f"(#100) Invalid parameter: {name}") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _page(
    view: View,
    rows: list[tuple[int, T]],
    listing: str,
    params: Mapping[str, str],
    limit: int,
    *,
    newest_first: bool,
) -> Window[T]:
    token = params.get("after") or params.get("before")
    forgotten = token is not None and view.faults.take("stale_token", _target(listing, params)) is not None
    try:
        return window(rows, "" if forgotten else listing, token, limit, newest_first=newest_first)
    except StaleTokenError:
        raise GraphError(100, "(#100) Invalid cursor provided: the cursor is no longer valid.") from None


def _paging(
    view: View, path: str, params: Mapping[str, str], page: Window[Any], onward: str | None
) -> dict[str, Any]:
    """`paging` with both cursors, and the addresses of the neighbours, token and all, as Graph gives them."""
    if page.first is None or page.last is None:
        return {}
    kept = {key: value for key, value in params.items() if key not in {*ADVANCE, "pretty"}}
    paging: dict[str, Any] = {"cursors": {"before": page.first, "after": onward or page.last}}
    if onward:
        paging["next"] = view.url(path, {**kept, "after": onward})
    if page.back:
        paging["previous"] = view.url(path, {**kept, "before": page.back})
    return {"paging": paging}
