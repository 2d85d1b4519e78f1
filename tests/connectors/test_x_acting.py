from __future__ import annotations

import json

import pytest

from monitor.domain import ActionKind, Done, Item, ItemKind
from monitor.errors import ConnectorError
from tests.connectors.contract_world import TOKEN, Ticking
from tests.connectors.scripted import Reply, always, recorded, serving
from tests.connectors.x_server import OWN, PROBLEMS, connect, names, problem


def reply_item(**changed) -> Item:
    return Item("x-main", ItemKind.MENTION, "40", "words", target_id="50", **changed)


def test_oauth1_keys_sign_what_is_sent():
    keys = dict.fromkeys(("api_key", "api_secret", "access_token", "access_secret"), TOKEN)
    with serving(always({"data": {"hidden": True}})) as server:
        outcome = connect(server, token=None, **keys).act(ActionKind.HIDE, reply_item())
    (asked,) = server.asked
    assert asked.headers["authorization"].startswith("OAuth ")
    assert (asked.method, asked.path, json.loads(asked.body)) == (
        "PUT",
        "/2/tweets/50/hidden",
        {"hidden": True},
    )
    assert outcome.done is Done.HIDDEN
    assert not outcome.read_back  # X's API has no way to look again, and we do not pretend


@pytest.mark.parametrize(
    ("reply", "done"),
    [
        (Reply({"data": {"hidden": False}}), Done.FAILED),
        (problem("no_such_post"), Done.GONE),
        (Reply({"errors": [PROBLEMS["no_such_post"]["body"]]}), Done.GONE),
        (problem("not_ours"), Done.REFUSED),
        (Reply({"title": "Forbidden", "detail": "Reply is already hidden."}, 403), Done.HIDDEN),
    ],
)
def test_what_truly_happened_is_said(reply, done):
    with serving(lambda _: reply) as server:
        assert connect(server).act(ActionKind.HIDE, reply_item()).done is done


@pytest.mark.parametrize(
    ("reply", "permanent"),
    [
        (Reply(b"<html>404</html>", 404), False),
        (Reply(b"", 404), False),
        (Reply(b"<html>filtered</html>", 403), False),
        (Reply({}), False),
        (Reply({"data": {}}), False),
        (problem("suspended"), True),
        (problem("app_only"), True),
        (problem("credits"), True),
    ],
)
def test_what_is_not_known_to_have_happened_is_an_error(reply, permanent):
    with serving(lambda _: reply) as server, pytest.raises(ConnectorError) as caught:
        connect(server).act(ActionKind.HIDE, reply_item())
    assert caught.value.permanent is permanent


# replies without the @mention


def test_replies_are_searched_for_only_when_asked_and_never_with_a_since_that_x_refuses():
    old, fresh = "1", str(((int(Ticking().now.timestamp()) * 1000 - 1288834974657) << 22) - 1)
    cursor = json.dumps({"mentions": {"since": "1"}, "replies": {"since": old}, "talks": ["77"]})
    row = {
        "id": fresh,
        "text": "not named",
        "author_id": "9",
        "conversation_id": "77",
        "in_reply_to_user_id": "9",
        "referenced_tweets": [{"type": "replied_to", "id": "78"}],
    }

    def answers(asked):
        found = asked.path == "/2/tweets/search/recent" and "since_id" not in asked.query
        return Reply({"data": [row]} if found else recorded("x/empty.json"))

    with serving(answers) as server:
        connect(server).poll(ItemKind.MENTION, cursor)
        assert server.paths() == [f"/2/users/{OWN}/mentions"]
        page = connect(server, read_replies=True).poll(ItemKind.MENTION, cursor)
        assert names(page) == [fresh]
        query = server.asked[-1].query
        assert query["query"] == "(to:StAldhelms OR conversation_id:77) -from:StAldhelms"
        assert "since_id" not in query
        connect(server, read_replies=True).poll(ItemKind.MENTION, page.cursor)
        assert server.asked[-1].query["since_id"] == fresh


def test_a_conversation_is_read_back_when_it_is_first_met():
    direct = {
        "id": "2000",
        "text": "hm",
        "author_id": "9",
        "conversation_id": "1000",
        "in_reply_to_user_id": OWN,
        "referenced_tweets": [{"type": "replied_to", "id": "1000"}],
    }
    nested = {
        **direct,
        "id": "1990",
        "in_reply_to_user_id": "9",
        "referenced_tweets": [{"type": "replied_to", "id": "1980"}],
    }

    def answers(asked):
        said = asked.query.get("query", "")
        return Reply(
            {"data": [direct] if said.startswith("(") else [nested]} if said else recorded("x/empty.json")
        )

    with serving(answers) as server:
        page = connect(server, read_replies=True).poll(
            ItemKind.MENTION, '{"mentions":{},"replies":{"since":"1995"}}'
        )
    assert names(page) == ["1990", "2000"]
    assert json.loads(page.cursor)["talks"] == ["1000"]
