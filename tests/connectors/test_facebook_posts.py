from __future__ import annotations

import json

import pytest

from monitor.domain import ActionKind, ItemKind
from tests.connectors.facebook_server import (
    COMMENT,
    POSTS,
    connect,
    page_server,
    posts,
    texts,
)
from tests.connectors.scripted import Reply, recorded, serving


def test_visitors_posts_are_read_with_an_overlap():
    with serving(page_server) as server:
        connector = connect(server)
        page = connector.poll(ItemKind.VISITOR_POST, None)
        connector.poll(ItemKind.VISITOR_POST, page.cursor)
    assert texts(page) == ["", "Selling a bike, hardly used"]
    assert [item.has_media for item in page.items] == [False, True]
    first, second = (int(one.query["since"]) for one in server.asked)
    assert second - first > 20 * 86400
    assert second == json.loads(page.cursor)["since"] - 86400


def test_own_posts_carry_no_action_that_hides_them():
    with serving(page_server) as server:
        page = connect(server).poll(ItemKind.POST, None)
    assert len(page.items) == 3
    assert all(ActionKind.HIDE in item.refused for item in page.items)


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/a", "javascript:alert(1)", "https://facebook.com.evil.example/", "/story.php", 7],
)
def test_an_address_of_another_site_is_not_kept(address):
    def answers(asked):
        body = recorded("facebook/comments_1.json")
        body["data"][0]["permalink_url"] = address
        return posts((POSTS[0], 1, "a")) if asked.path.endswith("/posts") else Reply(body)

    with serving(answers) as server:
        (item,) = connect(server).poll(COMMENT, None).items
    assert item.url == "https://www.facebook.com/200000000000001_300000000000009"


def test_a_post_dated_in_the_future_does_not_hide_what_comes_before_it():
    body = recorded("facebook/visitor_posts.json")
    body["data"][0]["created_time"] = "2031-01-01T00:00:00+0000"
    with serving(lambda _: Reply(body)) as server:
        page = connect(server).poll(ItemKind.VISITOR_POST, None)
    assert json.loads(page.cursor)["since"] == int(page.items[0].posted_at.timestamp())
