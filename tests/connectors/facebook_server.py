"""What the tests of Facebook share: a scripted Page in the shape of recorded answers, and a connector to it."""

from __future__ import annotations

from typing import Any

from connectors import build
from monitor.domain import ItemKind, Page
from monitor.ports import Connector
from tests.connectors.contract_world import TOKEN, Ticking
from tests.connectors.scripted import Asked, Reply, Server, recorded

PAGE = "100000000000001"
POSTS = tuple(f"{PAGE}_20000000000000{number}" for number in (1, 2, 3))


def connect(server: Server, **settings: Any) -> Connector:
    base = {"base_url": server.url, "page_id": PAGE, "token": TOKEN}
    return build("facebook", {**base, **settings}, key="fb-main", clock=Ticking())


def error(
    code: int | None, *, status: int = 400, message: str = "An error", headers: Any = None, **more: Any
) -> Reply:
    said = {"message": message, "type": "OAuthException", "fbtrace_id": "Axyz", **more}
    return Reply({"error": said if code is None else {**said, "code": code}}, status, headers or {})


GONE = error(
    100, error_subcode=33, message="Unsupported get request. Object with ID '1' does not exist, cannot be loaded due to "
    "missing permissions, or does not support this operation."
)  # fmt: skip


def page_server(asked: Asked) -> Reply:
    """The recorded Page: three posts, comments under two of them, two visitors' posts."""
    node = asked.path.removeprefix("/v26.0/")
    if node == f"{PAGE}/posts":
        return Reply(recorded("facebook/posts.json"))
    if node == f"{PAGE}/visitor_posts":
        return Reply(recorded("facebook/visitor_posts.json"))
    if node == f"{POSTS[2]}/comments":
        return Reply(
            recorded("facebook/comments_3_end.json" if "after" in asked.query else "facebook/comments_3.json")
        )
    if node == f"{POSTS[0]}/comments":
        return Reply(recorded("facebook/comments_1.json"))
    return GONE


def read_posts(server: Server) -> list[str]:
    """The posts whose comments were asked for, once a request."""
    return [one.path.split("/")[2] for one in server.asked if one.path.endswith("/comments")]


def posts(*marks: tuple[str, int | None, str]) -> Reply:
    """A listing of own posts: (id, count or None, updated_time)."""
    rows = []
    for name, count, updated in marks:
        row: dict[str, Any] = {
            "id": name,
            "created_time": "2026-11-18T08:00:00+0000",
            "updated_time": updated,
        }
        if count is not None:
            row["comments"] = {"data": [], "summary": {"total_count": count}}
        rows.append(row)
    return Reply({"data": rows})


def texts(page: Page) -> list[str]:
    return [item.text for item in page.items]


COMMENT = ItemKind.COMMENT
