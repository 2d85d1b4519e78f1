"""The Graph API on loopback, asked with plain requests: shapes, paging, moderation."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from monitor.sandbox.graph_objects import NotAllowedError
from tests.monitor.sandbox.networks import PAGE, Asking, ago


@pytest.fixture
def kaz(page) -> str:
    return page.add_person("Kaz Holloway")


@pytest.fixture
def post(page) -> str:
    return page.add_post("Fourteen crates", ago(hours=6))


def error(answer: Any) -> tuple[int, int, int | None]:
    """HTTP status, code, subcode."""
    body = answer.json()["error"]
    assert body["type"] in {"OAuthException", "GraphMethodException"}
    assert len(body["fbtrace_id"]) > 10
    return answer.status_code, body["code"], body.get("error_subcode")


def test_a_comment_has_default_fields_only_and_graphs_time_format(page, ask_graph, post, kaz):
    comment = page.add_comment(post, kaz, "Lovely 😊", ago(hours=4))
    assert ask_graph.json(f"/{post}/comments")["data"] == [
        {
            "created_time": "2026-11-20T08:00:00+0000",
            "from": {"name": "Kaz Holloway", "id": kaz},
            "message": "Lovely 😊",
            "id": comment,
        }
    ]
    assert comment.split("_")[0] == post.split("_")[1]


def test_answers_come_escaped_as_graph_escapes_them(page, ask_graph, post, kaz):
    page.add_comment(post, kaz, "a/b 😊 \ud800")
    raw = ask_graph(f"/{post}/comments").text
    assert '"message":"a\\/b \\ud83d\\ude0a \\ud800"' in raw
    assert raw.isascii()


def test_an_administrators_own_token_is_not_told_who_wrote(page, ask_graph, post, kaz):
    page.add_comment(post, kaz, "Lovely")
    page.add_comment(post, PAGE, "Thank you")
    theirs, ours = Asking(ask_graph.url, "admin-token").json(f"/{post}/comments")["data"]
    assert "from" not in theirs
    assert ours["from"] == {"name": "St Aldhelm's", "id": PAGE}


def test_fields_of_a_comment_tell_what_may_be_done_and_where_it_stands(page, ask_graph, post, kaz):
    comment = page.add_comment(post, kaz, "Lovely", media=True)
    answer = page.add_comment(comment, PAGE, "Thank you")
    deeper = page.add_comment(answer, kaz, "Any time")
    fields = "id,parent{id,from{id}},permalink_url,attachment,is_hidden,can_hide,can_remove,comment_count"
    first, second, third = ask_graph.json(f"/{post}/comments", filter="stream", fields=fields)["data"]
    assert (first["comment_count"], first["can_hide"], first["can_remove"], first["is_hidden"]) == (
        2,
        True,
        True,
        False,
    )
    assert first["attachment"]["type"] == "photo"
    assert "parent" not in first
    assert "message" not in first
    assert second["parent"] == {"id": comment, "from": {"id": kaz, "name": "Kaz Holloway"}}
    assert second["can_hide"] is False
    number = comment.split("_")[1]
    assert third["permalink_url"].endswith(f"?comment_id={number}&reply_comment_id={deeper.split('_')[1]}")
    assert third["parent"]["id"] == comment


def test_the_top_level_is_the_usual_and_stream_has_everything_oldest_first(page, ask_graph, post, kaz):
    old = page.add_comment(post, kaz, "first", ago(hours=3))
    new = page.add_comment(post, kaz, "second", ago(hours=2))
    reply = page.add_comment(old, kaz, "third", ago(hours=1))
    ids = [
        [row["id"] for row in ask_graph.json(f"/{post}/comments", **params)["data"]]
        for params in (
            {},
            {"filter": "stream"},
            {"filter": "stream", "order": "reverse_chronological"},
            {"filter": "stream", "since": int(ago(hours=2).timestamp())},
        )
    ]
    assert ids == [[old, new], [old, new, reply], [reply, new, old], [new, reply]]
    assert [row["id"] for row in ask_graph.json(f"/{old}/comments")["data"]] == [reply]


def test_counts_come_inside_the_posts_without_the_comments(page, ask_graph, post, kaz):
    comment = page.add_comment(post, kaz, "first")
    page.add_comment(comment, kaz, "second")
    fields = "message,updated_time,comments.summary(true).limit(0).filter(stream)"
    (shown,) = ask_graph.json("/me/posts", fields=fields)["data"]
    assert shown["comments"] == {
        "data": [],
        "summary": {"order": "chronological", "total_count": 2, "can_comment": True},
    }
    (nested,) = ask_graph.json("/me/posts", fields="comments.limit(1){id,from}")["data"]
    assert nested["comments"]["data"][0].keys() == {"id", "from"}


def test_next_leads_through_everything_and_carries_the_token_that_came_in_the_query(
    page, ask_graph, post, kaz
):
    made = [page.add_comment(post, kaz, f"comment {n}") for n in range(7)]
    plain = Asking(ask_graph.url, None)
    seen: list[str] = []
    address = f"/{post}/comments?access_token=page-token&limit=3&fields=id"
    while address:
        answer = plain(address).json()
        seen += [row["id"] for row in answer["data"]]
        later = answer["paging"].get("next", "")
        if later:
            assert parse_qs(urlsplit(later).query)["access_token"] == ["page-token"]
        address = later.removeprefix(ask_graph.url)
    assert seen == made
    assert {"before", "after"} == answer["paging"]["cursors"].keys()
    by_header = ask_graph.json(f"/{post}/comments", limit=3)["paging"]["next"]
    assert "access_token" not in by_header
    assert answer["paging"]["previous"]


def test_feed_has_visitors_posts_which_posts_has_not(page, ask_graph, post, kaz):
    visit = page.add_visitor_post(kaz, "Is school open?", ago(hours=1))
    by_edge = {
        edge: [row["id"] for row in ask_graph.json(f"/{PAGE}/{edge}")["data"]]
        for edge in ("posts", "published_posts", "feed", "visitor_posts")
    }
    assert by_edge == {
        "posts": [post],
        "published_posts": [post],
        "feed": [visit, post],
        "visitor_posts": [visit],
    }
    assert ask_graph.json("/me/feed", until=int(ago(hours=2).timestamp()))["data"][0]["id"] == post
    assert error(ask_graph("/me/feed", params={"limit": 101}))[:2] == (400, 100)


def test_a_hidden_comment_is_still_shown_to_the_page_and_to_nobody_else(page, ask_graph, post, kaz):
    comment = page.add_comment(post, kaz, "clowns")
    for _ in range(2):
        assert ask_graph(f"/{comment}", "POST", data={"is_hidden": "true"}).json() == {"success": True}
    assert page.hidden_ids == {comment}
    assert ask_graph.json(f"/{post}/comments", fields="is_hidden")["data"] == [
        {"is_hidden": True, "id": comment}
    ]
    assert Asking(ask_graph.url, "admin-token").json(f"/{post}/comments") == {"data": []}
    ask_graph(f"/{comment}", "POST", params={"is_hidden": "false"})
    assert not page.is_hidden(comment)


def test_a_deleted_comment_is_gone_with_its_answers_and_cannot_be_deleted_again(page, ask_graph, post, kaz):
    comment = page.add_comment(post, kaz, "clowns")
    answer = page.add_comment(comment, kaz, "all of them")
    assert ask_graph(f"/{comment}", "DELETE").json() == {"success": True}
    for gone in (comment, answer):
        assert error(ask_graph(f"/{gone}")) == (400, 100, 33)
    again = ask_graph(f"/{comment}", "DELETE")
    assert error(again) == (400, 100, 33)
    assert again.json()["error"]["message"].startswith(
        f"Unsupported delete request. Object with ID '{comment}'"
    )
    assert ask_graph.json(f"/{post}/comments") == {"data": []}


def test_what_graph_says_cannot_be_done_is_refused(page, ask_graph, post, kaz):
    stuck = page.add_comment(post, kaz, "stuck", can_hide=False, can_remove=False)
    assert error(ask_graph(f"/{stuck}", "POST", data={"is_hidden": "true"})) == (403, 200, None)
    assert error(ask_graph(f"/{stuck}", "DELETE")) == (403, 200, None)
    assert error(ask_graph(f"/{stuck}", "POST", data={"message": "other words"})) == (403, 200, None)
    assert error(ask_graph(f"/{stuck}", "POST", data={"is_hidden": "maybe"})) == (400, 100, None)
    by_admin = Asking(ask_graph.url, "admin-token")(f"/{stuck}", "DELETE")
    assert error(by_admin) == (403, 210, None)


def test_a_blocked_person_is_listed_may_not_write_and_may_be_let_back(page, ask_graph, post, kaz):
    assert ask_graph(f"/{PAGE}/blocked", "POST", data={"psid": kaz}).json() == {kaz: True}
    assert ask_graph(f"/{PAGE}/blocked", "POST", data={"user": f'["{kaz}"]'}).json() == {kaz: True}
    assert ask_graph.json("/me/blocked")["data"] == [{"name": "Kaz Holloway", "id": kaz}]
    assert len(ask_graph.json("/me/blocked", user=kaz)["data"]) == 1
    assert ask_graph.json("/me/blocked", user="1") == {"data": []}
    with pytest.raises(NotAllowedError):
        page.add_comment(post, kaz, "let me in")
    assert ask_graph(f"/{PAGE}/blocked", "DELETE", params={"psid": kaz}).json() == {"success": True}
    assert page.blocked == []
    assert error(ask_graph(f"/{PAGE}/blocked", "POST", data={"psid": "1"})) == (400, 100, None)


def test_the_page_tells_numbers_and_never_who_follows(ask_graph):
    assert ask_graph.json("/me") == {"name": "St Aldhelm's", "id": PAGE}
    assert ask_graph.json(f"/{PAGE}", fields="followers_count,fan_count") == {
        "followers_count": 412,
        "fan_count": 412,
        "id": PAGE,
    }
    assert error(ask_graph(f"/{PAGE}/followers")) == (400, 100, None)


def test_several_objects_come_by_id_or_none_at_all(page, ask_graph, post, kaz):
    comment = page.add_comment(post, kaz, "Lovely")
    assert ask_graph.json("/", ids=f"{post},{comment}", fields="message").keys() == {post, comment}
    assert error(ask_graph("/", params={"ids": f"{post},1"})) == (404, 803, None)
