from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from connectors import account_problems
from monitor.domain import ActionKind, Author, Done, Item, ItemKind
from monitor.errors import ConnectorError
from tests.connectors.contract_world import TOKEN, is_sentence
from tests.connectors.facebook_server import COMMENT, GONE, PAGE, connect, error, page_server
from tests.connectors.scripted import Reply, always, recorded, serving

ITEM = Item("fb-main", ItemKind.COMMENT, "2_3", "words", Author("24000000000000001", None, "A Person"))


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (error(190, status=401, error_subcode=463), "expired"),
        (error(190, error_subcode=460), "password"),
        (error(190, error_subcode=458), "app"),
        (error("190", status=200), "token"),  # liberal: a number as text, and with HTTP 200
        (error(190), "token"),
        (error(102), "token"),
        (error(10, status=403), "permission"),
        (error(200, status=403), "permission"),
        (error(283), "permission"),
        (error(3), "permission"),
        (error(2635), "version"),
        (error(100, message="(#100) Tried accessing nonexisting field (x) on node type (Page)"), "version"),
        (error(2500, message="Unknown path components: /v99.0/1/posts"), "version"),
        (error(100, message="Invalid appsecret_proof provided in the API argument"), "app_secret"),
        (GONE, "page_id"),
    ],
)
def test_what_facebook_will_not_forgive_by_itself_names_the_cure(reply, says):
    with serving(lambda _: reply) as server:
        for kind in (ItemKind.COMMENT, ItemKind.VISITOR_POST, ItemKind.POST):
            with pytest.raises(ConnectorError) as caught:
                connect(server).poll(kind, None)
            assert caught.value.permanent
            assert says in str(caught.value)
            assert is_sentence(str(caught.value))


@pytest.mark.parametrize(
    "reply",
    [
        *(error(code, status=403) for code in (4, 17, 32, 341, 368, 613, 80001, 80014)),
        error(1, status=500),
        error(2, status=503, is_transient=True),
        error(99999, is_transient=True),
        error(100, message="(#100) Invalid parameter"),
        error(None),
        Reply({"message": "denied by the proxy"}, 403),
        Reply(b"<html>502</html>", 502),
        Reply(b"", 502),
        Reply({"data": 7}),
        Reply({"success": True}),
        Reply([]),
    ],
)
def test_what_passes_by_itself_is_not_permanent(reply):
    with serving(lambda _: reply) as server, pytest.raises(ConnectorError) as caught:
        connect(server).poll(COMMENT, None)
    assert not caught.value.permanent
    assert is_sentence(str(caught.value))


@pytest.mark.parametrize(
    ("minutes", "seconds"),
    [(5, 300), (0, 900), (1440, 3600), ("12", 720), (-4, 900), ("soon", 900), (None, 900)],
)
def test_a_pause_lasts_as_long_as_facebook_says(minutes, seconds):
    case = {"type": "pages", "call_count": 100, "total_time": 20, "estimated_time_to_regain_access": minutes}
    headers = {"x-business-use-case-usage": json.dumps({PAGE: [case]})}
    with serving(lambda _: error(80001, headers=headers)) as server, pytest.raises(ConnectorError) as caught:
        connect(server).poll(COMMENT, None)
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("header", ["", "rubbish", "[]", "{", '{"1": 7}', '{"1": [7]}'])
def test_a_usage_header_that_nobody_can_read_is_a_pause_like_any_other(header):
    headers = {"x-business-use-case-usage": header}
    with serving(lambda _: error(4, headers=headers)) as server, pytest.raises(ConnectorError) as caught:
        connect(server).poll(COMMENT, None)
    assert caught.value.retry_after == 900


def test_json_under_another_name_is_read():
    body = json.dumps(recorded("facebook/posts.json")).encode()
    with serving(always(body, content_type="text/javascript; charset=UTF-8")) as server:
        assert len(connect(server).poll(ItemKind.POST, None).items) == 3
    with serving(always(body)) as server:  # no content type at all
        assert len(connect(server).poll(ItemKind.POST, None).items) == 3


def test_a_secret_signs_every_request_and_the_version_is_the_configured_one():
    with serving(always({"data": []})) as server:
        connector = connect(server, app_secret="sssh", version="v27.0")
        connector.poll(COMMENT, None)
    proof = hmac.new(b"sssh", TOKEN.encode(), hashlib.sha256).hexdigest()
    assert [one.path for one in server.asked] == [f"/v27.0/{PAGE}/posts", f"/v27.0/{PAGE}/visitor_posts"]
    assert {one.query["appsecret_proof"] for one in server.asked} == {proof}


# acting


def network(*, after, success=True):
    """Takes every write; a later look shows `after`."""
    return lambda asked: (
        after
        if asked.method == "GET"
        else Reply(json.dumps(success).encode(), 200, {"Content-Type": "application/json"})
    )


@pytest.mark.parametrize("success", [True, {"success": True}, {"success": "true"}])
def test_hiding_is_looked_at_again(success):
    with serving(network(after=Reply({"is_hidden": True, "id": "2_3"}), success=success)) as server:
        outcome = connect(server).act(ActionKind.HIDE, ITEM)
    wrote, looked = server.asked
    assert (wrote.method, wrote.path, parse_qs(wrote.body.decode())) == (
        "POST",
        "/v26.0/2_3",
        {"is_hidden": ["true"]},
    )
    assert (looked.method, looked.query) == ("GET", {"fields": "is_hidden"})
    assert (outcome.done, outcome.read_back) == (Done.HIDDEN, True)


@pytest.mark.parametrize(
    ("action", "after", "success", "done", "read_back"),
    [
        (ActionKind.HIDE, Reply({"is_hidden": False}), True, Done.FAILED, True),
        (ActionKind.HIDE, Reply({"id": "2_3"}), True, Done.HIDDEN, False),
        (ActionKind.HIDE, Reply({"is_hidden": True}), {"success": False}, Done.FAILED, True),
        (ActionKind.HIDE, GONE, True, Done.GONE, False),
        (ActionKind.UNHIDE, Reply({"is_hidden": False}), True, Done.VISIBLE, True),
        (ActionKind.UNHIDE, Reply({"is_hidden": True}), True, Done.FAILED, True),
        (ActionKind.DELETE, GONE, True, Done.DELETED, True),
        (ActionKind.DELETE, Reply({"id": "2_3"}), True, Done.FAILED, True),
        (
            ActionKind.BLOCK,
            Reply({"data": [{"id": "24000000000000001"}]}),
            {"24000000000000001": True},
            Done.BLOCKED,
            True,
        ),
        (ActionKind.BLOCK, Reply({"data": []}), {"24000000000000001": True}, Done.BLOCKED, False),
        (ActionKind.BLOCK, Reply({"data": []}), {"24000000000000001": False}, Done.FAILED, False),
    ],
)
def test_what_truly_happened_is_said(action, after, success, done, read_back):
    with serving(network(after=after, success=success)) as server:
        outcome = connect(server).act(action, ITEM)
    assert (outcome.done, outcome.read_back) == (done, read_back)


@pytest.mark.parametrize("action", [ActionKind.HIDE, ActionKind.UNHIDE, ActionKind.DELETE])
def test_what_is_not_there_any_more_counts_as_done(action):
    with serving(lambda _: GONE) as server:
        assert connect(server).act(action, ITEM).done is Done.GONE


@pytest.mark.parametrize("code", [10, 200, 283])
def test_a_refusal_of_one_action_does_not_stop_the_account(code):
    with serving(lambda _: error(code, status=403)) as server:
        assert connect(server).act(ActionKind.HIDE, ITEM).done is Done.REFUSED


@pytest.mark.parametrize("action", [ActionKind.HIDE, ActionKind.DELETE, ActionKind.BLOCK])
@pytest.mark.parametrize(
    "reply", [Reply({"message": "denied by the proxy"}, 403), Reply({}, 404), error(190), error(4)]
)
def test_what_is_not_known_to_have_happened_is_an_error(action, reply):
    with serving(lambda _: reply) as server, pytest.raises(ConnectorError):
        connect(server).act(action, ITEM)


def test_a_person_whom_facebook_does_not_name_cannot_be_blocked():
    with serving(page_server) as server:
        item = connect(server).poll(ItemKind.COMMENT, None).items[2]
        before = len(server.asked)
        assert connect(server).act(ActionKind.BLOCK, item).done is Done.REFUSED
    assert len(server.asked) == before


# checking


def checked(told=None, *, me=PAGE, version="v26.0", usage=None):
    headers = {"facebook-api-version": version, "x-app-usage": json.dumps(usage or {"call_count": 3})}

    def answers(asked):
        if asked.path.endswith("/me"):
            return Reply({"id": me, "name": "St Aldhelm's"}, 200, headers)
        assert asked.method == "POST"
        assert parse_qs(asked.body.decode())["input_token"] == [TOKEN]
        return (
            told
            if isinstance(told, Reply)
            else Reply({"data": {**recorded("facebook/debug_token.json")["data"], **(told or {})}})
        )

    with serving(answers) as server:
        health = connect(server).check()
    return (
        health,
        {point.name: point for point in health.points},
        [point.name for point in health.points if not point.ok],
    )


def test_a_check_tells_when_the_token_ends():
    health, points, wrong = checked()
    assert (health.ok, wrong) == (True, [])
    assert points["expiry"].expires_at == datetime.fromtimestamp(1800000000, UTC)


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"told": {"data_access_expires_at": 1795300000}}, ["expiry"]),  # two days from now
        ({"told": {"expires_at": 1795000000}}, ["expiry"]),
        ({"told": {"scopes": ["pages_read_engagement"]}}, ["permissions"]),
        ({"told": {"is_valid": False}}, ["token"]),
        ({"told": {"data_access_expires_at": 0}}, []),
        ({"told": error(100)}, []),  # not told is not wrong
        ({"me": "10220000000000001"}, ["account"]),
        ({"version": "v27.0"}, ["version"]),
        ({"usage": {"call_count": 92}}, ["rate"]),
    ],
)
def test_a_check_names_what_is_wrong(changed, wrong):
    _health, points, found = checked(**changed)
    assert found == wrong
    assert all(is_sentence(points[name].says) for name in wrong)


# settings


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"token": "t"}, "page_id: is missing"),
        ({"page_id": 1, "token": "t", "version": "26"}, "version"),
        ({"page_id": 1, "token": "t", "post_window_days": 3}, "did you mean posts_window_days?"),
        ({"page_id": 1, "token": "t", "max_posts": 0}, "max_posts"),
    ],
)
def test_wrong_settings_are_told_by_key(settings, says):
    (problem,) = account_problems("facebook", settings)
    assert says in problem


def test_a_page_id_may_be_written_as_a_number():
    assert account_problems("facebook", {"page_id": 100, "token": "t"}) == []
