"""What reading X is billed, in the unit of an owned read, and how many followers it says there are."""

from __future__ import annotations

import pytest

from monitor.domain import Count, ItemKind
from monitor.errors import ConnectorError
from tests.connectors.scripted import Reply, recorded, serving
from tests.connectors.x_server import OWN, connect, listing, profile


def metrics(**more):
    return lambda _: Reply({"data": {"id": OWN, "username": "StAldhelms", "name": "St A", **more}})


def read(kind, answers, **settings):
    with serving(answers) as server:
        return connect(server, **settings).poll(kind, None).reads


FOUND = len(recorded("x/mentions.json")["data"])


@pytest.mark.parametrize(
    ("kind", "name", "own", "full"),
    [
        (ItemKind.MENTION, "x/mentions.json", 1, 5),
        (ItemKind.POST, "x/mentions.json", 1, 5),
    ],
)
def test_an_owned_read_is_the_unit_and_another_s_app_pays_more(kind, name, own, full):
    assert read(kind, listing(name)) == own * FOUND
    assert read(kind, listing(name), owns_app=False) == full * FOUND


def test_a_follower_costs_ten_units_where_the_account_does_not_own_the_app():
    def answers(asked):
        rows = [{"id": str(number), "username": f"u{number}", "name": "N"} for number in range(1, 4)]
        return Reply({"data": rows, "meta": {"result_count": 3}})

    assert read(ItemKind.FOLLOWER, answers) == 3
    assert read(ItemKind.FOLLOWER, answers, owns_app=False) == 30


def test_what_a_search_found_costs_five_units_whoever_owns_the_app():
    def answers(asked):
        return Reply(recorded("x/mentions.json" if "search" in asked.path else "x/empty.json"))

    first = read(ItemKind.MENTION, answers, read_replies=True)
    assert first > 0
    assert first % (5 * FOUND) == 0


def test_the_number_of_followers_is_the_profile_s_and_costs_one_profile():
    with serving(metrics(public_metrics={"followers_count": 1234})) as server:
        assert connect(server).count(ItemKind.FOLLOWER) == Count(1234, reads=10)
    assert server.asked[0].path == f"/2/users/{OWN}"
    assert server.asked[0].query["user.fields"] == "public_metrics"


def test_only_followers_are_counted():
    with serving(metrics()) as server:
        assert connect(server).count(ItemKind.MENTION) is None
    assert server.asked == []


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"public_metrics": None},
        {"public_metrics": {"followers_count": "many"}},
        {"public_metrics": {"followers_count": -1}},
    ],
)
def test_a_profile_without_a_number_is_a_fault(more):
    with serving(metrics(**more)) as server, pytest.raises(ConnectorError):
        connect(server).count(ItemKind.FOLLOWER)


def test_a_check_says_what_it_cost_once():
    with serving(lambda _: profile()) as server:
        connector = connect(server)
        assert [connector.check().reads, connector.check().reads] == [10, 10]


def test_a_check_that_got_no_profile_costs_nothing():
    with serving(lambda _: Reply({}, 503)) as server:
        assert connect(server).check().reads == 0
