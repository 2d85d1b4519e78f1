from __future__ import annotations

import pytest

from monitor.domain import Author, ItemKind
from monitor.errors import ConnectorError
from tests.connectors.scripted import Reply, recorded, serving
from tests.connectors.x_server import OWN, connect, names, problem, profile


def follower_server(*pages):
    """Pages of follower ids, newest first."""

    def answers(asked):
        number = int(asked.query.get("pagination_token", "0"))
        rows = [{"id": name, "username": f"u{name}", "name": "N"} for name in pages[number]]
        onward = {"next_token": str(number + 1)} if number + 1 < len(pages) else {}
        return Reply(
            {"data": rows, "meta": {"result_count": len(rows), **onward}}
            if rows
            else recorded("x/empty.json")
        )

    return answers


def test_followers_without_a_handle_survive():
    with serving(
        lambda asked: Reply(
            recorded("x/followers.json")
            if "pagination_token" not in asked.query
            else {"meta": {"result_count": 0}}
        )
    ) as server:
        page = connect(server).poll(ItemKind.FOLLOWER, None)
    assert names(page) == ["900000000000000010", "900000000000000011", "900000000000000012"]
    assert page.items[0].author == Author("900000000000000010", None, "A Suspended One")
    assert page.items[0].url == "https://x.com/i/user/900000000000000010"
    assert page.items[2].author.bio == "Dad, runner, terrible baker"


def test_the_first_listing_of_followers_is_whole_and_later_ones_stop_at_the_first_known():
    with serving(follower_server(["3", "2"], ["1"])) as server:
        connector = connect(server)
        first = connector.poll(ItemKind.FOLLOWER, None)
        server.answers = follower_server(["4", "3"], ["2", "1"])
        second = connector.poll(ItemKind.FOLLOWER, first.cursor)
    assert (names(first), first.complete, first.reads) == (["1", "2", "3"], True, 3)
    assert (names(second), second.complete, second.reads) == (["3", "4"], False, 2)
    assert [one.query["max_results"] for one in server.asked] == ["1000", "1000", "3"]


def test_a_page_of_strangers_leads_to_the_next():
    with serving(follower_server(["2", "1"])) as server:
        connector = connect(server)
        first = connector.poll(ItemKind.FOLLOWER, None)
        server.answers = follower_server(["9", "8"], ["7", "6"], ["5"], ["4"], ["3", "2"], ["1"])
        page = connector.poll(ItemKind.FOLLOWER, first.cursor)
    assert names(page) == ["2", "3", "4", "5", "6", "7", "8", "9"]
    assert [one.query["max_results"] for one in server.asked[1:]] == ["3", "20", "100", "400", "1000"]


def test_the_first_known_may_have_left():
    with serving(follower_server(["3", "2", "1"])) as server:
        connector = connect(server)
        first = connector.poll(ItemKind.FOLLOWER, None)
        server.answers = follower_server(["4", "2"], ["1"])
        page = connector.poll(ItemKind.FOLLOWER, first.cursor)
    assert names(page) == ["2", "4"]
    assert page.reads == 2


def test_who_left_and_follows_again_is_told_of_though_they_are_known():
    with serving(follower_server(["3", "2", "1"])) as server:
        connector = connect(server)
        first = connector.poll(ItemKind.FOLLOWER, None)
        server.answers = follower_server(["1", "3", "2"])
        page = connector.poll(ItemKind.FOLLOWER, first.cursor)
    assert "1" in names(page)


def test_an_empty_list_where_there_were_followers_is_a_fault_and_no_departure():
    with serving(follower_server(["3", "2", "1"])) as server:
        connector = connect(server)
        first = connector.poll(ItemKind.FOLLOWER, None)
        server.answers = follower_server([])
        with pytest.raises(ConnectorError) as caught:
            connector.poll(ItemKind.FOLLOWER, first.cursor)
        assert not caught.value.permanent
        assert connector.poll(ItemKind.FOLLOWER, None).complete is False


def test_the_account_is_found_by_the_token_once():
    with serving(
        lambda asked: profile() if asked.path == "/2/users/me" else Reply(recorded("x/empty.json"))
    ) as server:
        connector = connect(server, user_id="")
        connector.poll(ItemKind.MENTION, None)
        connector.poll(ItemKind.POST, None)
    assert server.paths() == ["/2/users/me", f"/2/users/{OWN}/mentions", f"/2/users/{OWN}/tweets"]


@pytest.mark.parametrize("me", [problem("app_only"), profile("SomebodyElse", "5")])
def test_an_app_s_token_or_another_s_finds_the_account_by_its_handle(me):
    def answers(asked):
        if asked.path == "/2/users/me":
            return me
        return (
            profile() if asked.path == "/2/users/by/username/StAldhelms" else Reply(recorded("x/empty.json"))
        )

    with serving(answers) as server:
        connector = connect(server, user_id="")
        connector.poll(ItemKind.POST, None)
        assert server.paths()[-1] == f"/2/users/{OWN}/tweets"
        health = connector.check()
    wrong = [point.name for point in health.points if not point.ok]
    assert wrong == ["permissions"]


def test_a_check_notices_a_handle_that_is_not_the_account_s():
    with serving(lambda _: profile("OldHandle")) as server:
        health = connect(server).check()
    assert [point.name for point in health.points if not point.ok] == ["account"]


def test_a_check_names_spent_credit():
    with serving(lambda _: problem("credits")) as server:
        health = connect(server).check()
    assert [(point.name, "console" in point.says) for point in health.points] == [("credit", True)]
