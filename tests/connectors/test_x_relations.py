"""How people stand with the account, by X's `connection_status`: what it says, and what its silence means."""

from __future__ import annotations

import pytest

from monitor.errors import ConnectorError
from monitor.ports import Relating, Relations
from tests.connectors.scripted import Reply, serving
from tests.connectors.x_server import OWN, connect, problem, profile

MISSING = {"resource_id": "9", "type": "https://api.twitter.com/2/problems/resource-not-found", "title": "Not Found Error"}  # fmt: skip


def person(name: str, *status: object) -> dict[str, object]:
    shown = {"id": name, "username": f"u{name}", "name": "N"}
    return shown | ({"connection_status": list(status)} if status else {})


def x(*people: dict[str, object], me: Reply | None = None, **more: object):
    """An X that knows these people, whose token is the account's own unless `me` says otherwise."""
    body = ({"data": list(people)} if people else {}) | more
    return lambda asked: (me or profile()) if asked.path == "/2/users/me" else Reply(body)


def asked_of(answers, ids=("1", "2", "3"), **settings) -> tuple[Relations, list]:
    with serving(answers) as server:
        connector = connect(server, **settings)
        assert isinstance(connector, Relating)
        return connector.relations(ids), server.asked


def test_each_stands_where_x_says():
    found, asked = asked_of(
        x(person("1", "followed_by", "following"), person("2", "blocking"), person("3", "muting"))
    )
    assert found == Relations(frozenset("1"), frozenset("2"), frozenset("3"), reads=10 + 30)
    assert asked[-1].path == "/2/users"
    assert asked[-1].query == {"ids": "1,2,3", "user.fields": "connection_status"}


def test_who_is_shown_without_a_connection_beside_one_with_it_has_none():
    found, _ = asked_of(x(person("1"), person("2", "followed_by")))
    assert (found.follow, found.neither) == (frozenset("2"), frozenset("1"))


def test_who_is_not_shown_at_all_is_in_none():
    found, _ = asked_of(x(person("2", "followed_by"), errors=[MISSING]))
    assert found == Relations(frozenset("2"), reads=10 + 10)


@pytest.mark.parametrize("status", [[], ["x"], "followed_by", {"followed_by": True}, 3, [["followed_by"]]])
def test_another_shape_never_makes_a_follower(status):
    found, _ = asked_of(x(person("1") | {"connection_status": status}))
    assert (found.follow, found.blocked) == (frozenset(), frozenset())


@pytest.mark.parametrize(
    "answers",
    [x(person("1"), person("2")), x(errors=[MISSING]), x(person("1") | {"connection_status": None})],
)
def test_an_answer_without_any_connection_tells_nothing(answers):
    found, _ = asked_of(answers)
    assert (found.follow, found.blocked, found.neither) == (frozenset(), frozenset(), frozenset())


def test_a_follower_who_is_blocked_as_well_follows():
    found, _ = asked_of(x(person("1", "followed_by", "blocking")))
    assert (found.follow, found.blocked) == (frozenset("1"), frozenset())


@pytest.mark.parametrize("me", [problem("app_only"), profile("somebody", "5")])
def test_only_the_account_s_own_sign_in_is_asked_with(me):
    def answers(asked):
        return me if asked.path == "/2/users/me" else profile()

    found, asked = asked_of(answers)
    assert (found.follow, found.blocked, found.neither) == (frozenset(), frozenset(), frozenset())
    assert all(one.path in {"/2/users/me", f"/2/users/{OWN}"} for one in asked)
    assert found.reads == 10 * (1 + (me.status == 200))


def test_whose_token_it_is_is_paid_for_once():
    with serving(x(person("1", "followed_by"))) as server:
        connector = connect(server)
        assert [connector.relations(["1"]).reads for _ in range(2)] == [20, 10]
        assert [one.path for one in server.asked] == ["/2/users/me", "/2/users", "/2/users"]


@pytest.mark.parametrize(
    "reply", [Reply({}), Reply({"data": [{"name": "N"}]}), Reply({}, 503), problem("credits")]
)
def test_an_answer_that_cannot_be_used_is_a_fault(reply):
    with serving(lambda asked: profile() if asked.path == "/2/users/me" else reply) as server:
        connector = connect(server)
        with pytest.raises(ConnectorError):
            connector.relations(["1"])
