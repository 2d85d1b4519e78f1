from __future__ import annotations

import json

import pytest

from monitor.domain import ActionKind, Author
from monitor.errors import ConnectorError
from tests.connectors.contract_world import TOKEN, drain, is_sentence
from tests.connectors.facebook_server import (
    COMMENT,
    GONE,
    POSTS,
    connect,
    error,
    page_server,
    posts,
    read_posts,
    texts,
)
from tests.connectors.scripted import Reply, recorded, serving


def comments():
    with serving(page_server) as server:
        page = connect(server).poll(COMMENT, None)
    return {item.external_id: item for item in page.items}, page, server


def test_a_stream_of_comments_reads_with_its_answers_oldest_first():
    items, page, _ = comments()
    assert list(items) == [
        "200000000000001_300000000000009",
        "200000000000003_300000000000001",
        "200000000000003_300000000000002",
        "200000000000003_300000000000004",
    ]
    first, answer = items["200000000000003_300000000000001"], items["200000000000003_300000000000002"]
    assert (first.parent_id, first.thread_id) == (POSTS[2], POSTS[2])
    assert (answer.parent_id, answer.thread_id) == (first.external_id, POSTS[2])
    assert first.author == Author("24000000000000001", None, "Kaz Invented")
    assert (
        first.url
        == "https://www.facebook.com/100000000000001/posts/200000000000003/?comment_id=300000000000001"
    )
    assert page.reads == 0


def test_what_facebook_leaves_out_is_survived_and_what_it_refuses_is_kept():
    item = comments()[0]["200000000000003_300000000000002"]
    assert (item.text, item.author, item.has_media, item.hidden) == ("", Author(), True, True)
    assert item.refused == {ActionKind.HIDE, ActionKind.DELETE, ActionKind.BLOCK}
    assert item.url == "https://www.facebook.com/200000000000003_300000000000002"


def test_the_school_s_own_answers_are_left_out():
    assert "200000000000003_300000000000003" not in comments()[0]


def test_the_next_page_is_asked_of_our_server_without_the_token_in_its_address():
    _, _, server = comments()
    assert [one.query.get("after") for one in server.asked if POSTS[2] in one.path] == [None, "MwZDZD"]
    for one in server.asked:
        assert "access_token" not in one.query
        assert "EAAB-in-the-answer" not in str(one)
        assert TOKEN not in one.line
        assert one.headers["authorization"] == f"Bearer {TOKEN}"
        assert one.path.startswith("/v26.0/")


def test_a_post_without_comments_is_not_read():
    assert set(read_posts(comments()[2])) == {POSTS[0], POSTS[2]}


def test_later_only_changed_posts_are_read_and_one_old_one_in_turn():
    now = [(POSTS[0], 1, "a"), (POSTS[1], 2, "a"), (POSTS[2], 3, "a")]

    def answers(asked):
        return posts(*now) if asked.path.endswith("/posts") else Reply({"data": []})

    with serving(answers) as server:
        connector = connect(server)
        cursor = connector.poll(COMMENT, None).cursor
        assert sorted(read_posts(server)) == sorted(POSTS)
        turns = []
        for change in ((0, 1, "a"), (1, 2, "a"), (1, 3, "a"), (2, 3, "b"), (0, 1, "a")):
            server.asked.clear()
            now[change[0]] = (POSTS[change[0]], *change[1:])
            cursor = connector.poll(COMMENT, cursor).cursor
            turns.append([POSTS.index(name) for name in read_posts(server)])
    changed = [[], [], [1], [2], []]
    assert [turn[: len(first)] for turn, first in zip(turns, changed, strict=True)] == changed
    assert all(len(turn) == len(first) + 1 for turn, first in zip(turns, changed, strict=True))
    assert {name for turn in turns for name in turn} == {0, 1, 2}


def test_a_post_whose_count_is_not_told_is_read_each_time():
    def answers(asked):
        return posts((POSTS[0], None, "a")) if asked.path.endswith("/posts") else Reply({"data": []})

    with serving(answers) as server:
        connector = connect(server)
        cursor = connector.poll(COMMENT, None).cursor
        connector.poll(COMMENT, cursor)
    assert read_posts(server) == [POSTS[0], POSTS[0]]


def test_a_comment_that_replaced_another_is_found_after_the_count_was_zero():
    now = [(POSTS[1], 1, "a"), (POSTS[2], 1, "a"), (POSTS[0], 1, "a")]
    there = [{"id": "c1", "message": "one"}]

    def answers(asked):
        if asked.path.endswith("/posts"):
            return posts(*now)
        return Reply({"data": list(there) if POSTS[0] in asked.path else []})

    with serving(answers) as server:
        connector = connect(server)
        cursor = connector.poll(COMMENT, None).cursor
        now[2] = (POSTS[0], 0, "a")
        cursor = connector.poll(COMMENT, cursor).cursor
        now[2], there[0] = (POSTS[0], 1, "a"), {"id": "c2", "message": "two"}
        assert texts(connector.poll(COMMENT, cursor)) == ["two"]


def test_the_cursor_forgets_posts_that_left_the_window():
    with serving(page_server) as server:
        connector = connect(server)
        cursor = connector.poll(COMMENT, None).cursor
        server.answers = lambda asked: posts((POSTS[2], 0, "z"))
        cursor = connector.poll(COMMENT, cursor).cursor
    assert list(json.loads(cursor)["posts"]) == [POSTS[2]]


def test_posts_older_than_the_window_are_left_alone_even_if_facebook_lists_them():
    def answers(asked):
        body = recorded("facebook/posts.json")
        body["data"][0]["created_time"] = "2026-01-01T08:00:00+0000"
        return Reply(body) if asked.path.endswith("/posts") else page_server(asked)

    with serving(answers) as server:
        connect(server).poll(COMMENT, None)
    assert read_posts(server) == [POSTS[0]]


def test_a_post_that_was_deleted_meanwhile_does_not_stop_the_others():
    def answers(asked):
        return GONE if asked.path.endswith(f"{POSTS[2]}/comments") else page_server(asked)

    with serving(answers) as server:
        connector = connect(server)
        page = connector.poll(COMMENT, None)
        assert texts(page) == ["nice"]
        with pytest.raises(
            ConnectorError
        ) as caught:  # still listed, still not found: the token cannot see it
            connector.poll(COMMENT, page.cursor)
    assert caught.value.permanent
    assert is_sentence(str(caught.value))


def long_thread(size):
    """A post with so many comments, in pages of 100 with numbers for tokens."""
    rows = [
        {"id": f"c{number:05}", "message": str(number), "created_time": "2026-11-18T09:00:00+0000"}
        for number in range(size)
    ]

    def answers(asked):
        if asked.path.endswith("/posts"):
            return posts((POSTS[0], len(rows), str(len(rows))))
        if asked.path.endswith("/visitor_posts"):
            return Reply({"data": []})
        start = int(asked.query.get("after", "0"))
        stop = min(start + 100, len(rows))
        onward = (
            {"next": f"https://graph.facebook.com/x?access_token=EAAB-in-the-answer&limit=100&after={stop}"}
            if stop < len(rows)
            else {}
        )
        return Reply({"data": rows[start:stop], "paging": {"cursors": {"after": str(stop)}, **onward}})

    return rows, answers


def test_a_thread_too_long_for_one_poll_goes_on_in_the_next_and_loses_nothing():
    rows, answers = long_thread(6_000)
    with serving(answers) as server:
        connector = connect(server)
        first = connector.poll(COMMENT, None)
        assert first.more
        assert "EAAB-in-the-answer" not in first.cursor
        rows.append({"id": "late", "message": "late", "created_time": "2026-11-18T10:00:00+0000"})
        items, cursor = drain(connector, COMMENT, first.cursor)
        seen = {item.external_id for item in (*first.items, *items)}
        assert seen == {row["id"] for row in rows}
        server.asked.clear()
        drain(connector, COMMENT, cursor)  # the count had moved meanwhile: read once more, then never again
        assert len(first.items) + len(items) == len(rows)


def test_comments_that_go_round_in_circles_are_left():
    def answers(asked):
        if asked.path.endswith("/posts"):
            return posts((POSTS[0], 1, "a"))
        if asked.path.endswith("/visitor_posts"):
            return Reply({"data": []})
        onward = "b" if asked.query.get("after") == "a" else "a"
        return Reply(
            {"data": [{"id": "c1", "message": "x"}], "paging": {"next": f"https://g/x?after={onward}"}}
        )

    with serving(answers) as server:
        page = connect(server).poll(COMMENT, None)
    assert texts(page) == ["x"]
    assert not page.more
    assert len(server.asked) < 6


def test_a_page_that_is_too_much_for_facebook_is_asked_for_in_smaller_pieces():
    rows, whole = long_thread(60)

    def answers(asked):
        if int(asked.query["limit"]) > 25 and asked.path.endswith("/comments"):
            return error(
                1,
                status=500,
                message="Please reduce the amount of data you're asking for, then retry your request",
            )
        return whole(asked)

    with serving(answers) as server:
        assert len(connect(server).poll(COMMENT, None).items) == len(rows)
        server.answers = lambda _: error(1, message="Please reduce the amount of data you're asking for")
        with pytest.raises(ConnectorError):
            connect(server).poll(COMMENT, None)
    assert len(server.asked) < 10


def test_what_is_said_under_a_visitors_post_is_read_too():
    def answers(asked):
        if asked.path.endswith("/visitor_posts"):
            return posts(("v1", 1, "a"))
        if asked.path.endswith("v1/comments"):
            return Reply({"data": [{"id": "c9", "message": "under a visitor's post"}]})
        return Reply({"data": []})

    with serving(answers) as server:
        page = connect(server).poll(COMMENT, None)
    assert texts(page) == ["under a visitor's post"]
    assert page.items[0].thread_id == "v1"


@pytest.mark.parametrize("refusal", [error(10), error(2500), GONE, error(None, status=404)])
def test_a_page_that_does_not_give_visitors_posts_still_gives_the_others(refusal):
    def answers(asked):
        return refusal if asked.path.endswith("/visitor_posts") else page_server(asked)

    with serving(answers) as server:
        assert len(connect(server).poll(COMMENT, None).items) > 2
