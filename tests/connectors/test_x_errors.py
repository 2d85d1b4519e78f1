from __future__ import annotations

import time

import pytest

from monitor.domain import ItemKind
from monitor.errors import ConnectorError
from tests.connectors.contract import is_sentence
from tests.connectors.scripted import Reply, always, serving
from tests.connectors.x_server import connect, problem


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("credits", "credit"),
        ("usage_cap", "cap"),
        ("unauthorized", "token"),
        ("bad_token", "token"),
        ("app_only", "sign-in"),
        ("not_enrolled", "console"),
        ("suspended", "suspended"),
        ("read_only", "permissions"),
        ("no_such_account", "handle"),
        ("protected", "sign in"),
    ],
)
def test_what_x_will_not_forgive_by_itself_names_the_cure(name, says):
    with serving(lambda _: problem(name)) as server:
        for kind in (ItemKind.MENTION, ItemKind.FOLLOWER, ItemKind.POST):
            with pytest.raises(ConnectorError) as caught:
                connect(server).poll(kind, None)
            assert caught.value.permanent
            assert says in str(caught.value)
            assert is_sentence(str(caught.value))


@pytest.mark.parametrize("body", [b"", b"<html>pay</html>", b"[]"])
def test_a_402_needs_no_words(body):
    with serving(always(body, 402)) as server, pytest.raises(ConnectorError) as caught:
        connect(server).poll(ItemKind.MENTION, None)
    assert caught.value.permanent
    assert "credit" in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"<html>denied</html>", b"{}", b"[]"])
def test_a_filter_s_403_is_not_x_s(body):
    with (
        serving(always(body, 403, content_type="text/html")) as server,
        pytest.raises(ConnectorError) as caught,
    ):
        connect(server).poll(ItemKind.MENTION, None)
    assert not caught.value.permanent
    assert "filter" in str(caught.value)


@pytest.mark.parametrize(
    "reset",
    ["soon", "", "Fri, 20 Nov 2026 09:10:00 GMT", "1e999", "-1", "0", "99999999999999999999999", None],
)
def test_an_odd_reset_is_a_pause_like_any_other(reset):
    headers = {} if reset is None else {"x-rate-limit-reset": reset}
    with (
        serving(lambda _: problem("too_many", **headers)) as server,
        pytest.raises(ConnectorError) as caught,
    ):
        connect(server).poll(ItemKind.MENTION, None)
    assert not caught.value.permanent
    assert 60 <= caught.value.retry_after <= 3600


def test_a_page_token_that_died_half_way_costs_nothing():
    posts = [{"id": str(number), "text": "x", "author_id": "9"} for number in range(1000, 700, -1)]

    def answers(asked):
        if asked.query.get("pagination_token") == "dead":
            return problem("stale_token")
        below = [post for post in posts if int(post["id"]) < int(asked.query.get("until_id", 9999))]
        page = [post for post in below if int(post["id"]) > int(asked.query["since_id"])][:100]
        token = "dead" if len(page) == 100 else None
        return Reply(
            {"data": page, "meta": {"result_count": len(page), **({"next_token": token} if token else {})}}
        )

    with serving(answers) as server:
        page = connect(server).poll(ItemKind.MENTION, '{"mentions":{"since":"700"}}')
    assert [item.external_id for item in page.items] == [str(number) for number in range(701, 1001)]
    assert not page.more


def test_a_since_that_x_refuses_is_read_down_to_from_the_top():
    def answers(asked):
        if "since_id" in asked.query:
            return problem("old_since")
        start = 50 if asked.query.get("pagination_token") is None else 20
        rows = [{"id": str(number), "text": "x"} for number in range(start, start - 30, -1)]
        return Reply({"data": rows, "meta": {"next_token": f"t{start}", "result_count": 30}})

    with serving(answers) as server:
        page = connect(server).poll(ItemKind.MENTION, '{"mentions":{"since":"15"}}')
    assert [item.external_id for item in page.items] == [str(number) for number in range(16, 51)]


def test_a_slow_network_is_read_in_several_turns():
    def answers(asked):
        time.sleep(0.05)
        top = int(asked.query.get("pagination_token", 9000))
        return Reply({"data": [{"id": str(top), "text": "x"}], "meta": {"next_token": str(top - 1)}})

    with serving(answers) as server:
        connector = connect(server, max_pages=100)
        connector.session._turn = 0.4
        for _ in range(2):  # each call has its own time
            server.asked.clear()
            page = connector.poll(ItemKind.MENTION, '{"mentions":{"since":"1"}}')
            assert page.more
            assert 1 < len(server.asked) < 9
