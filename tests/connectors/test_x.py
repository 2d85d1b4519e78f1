from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from connectors import account_problems
from monitor.domain import ActionKind, Author, ItemKind
from monitor.errors import ConnectorError
from monitor.sandbox.faults import Faults
from monitor.sandbox.x_api import serve_x
from monitor.sandbox.x_state import XState
from tests.connectors.contract import Contract
from tests.connectors.contract_world import TOKEN, Ticking, World, is_sentence
from tests.connectors.scripted import Reply, always, recorded, serving
from tests.connectors.x_server import connect, listing

PERSON = "p0"


class TestXContract(Contract):
    @pytest.fixture
    def world(self):
        clock, faults = Ticking(), Faults()
        state = XState(handle="StAldhelms", name="St Aldhelm's", token=TOKEN, clock=clock)
        person = state.add_person(PERSON, "A Person")
        root = state.add_post(state.user_id, "Term starts")
        count = iter(range(10_000))

        def follow(text):
            follower = state.add_person(f"f{next(count)}", "A Follower", bio=text)
            state.follow(follower)
            return follower

        write = {
            ItemKind.MENTION: lambda text: state.add_post(person, f"@StAldhelms {text}", in_reply_to=root),
            ItemKind.POST: lambda text: state.add_post(state.user_id, text),
            ItemKind.FOLLOWER: follow,
        }
        with serve_x(state, faults) as server:
            yield World(
                network="x",
                settings={"base_url": server.url, "token": TOKEN, "max_pages": 2},
                faults=faults,
                write=write,
                edit=lambda name, text: state.edit_post(name, f"@StAldhelms {text}"),
                delete=state.delete_post,
                is_hidden=state.is_hidden,
                moderated=ItemKind.MENTION,
                clock=clock,
            )


def mention(server_name="x/mentions.json"):
    with serving(listing(server_name)) as server:
        page = connect(server).poll(ItemKind.MENTION, None)
    return {item.external_id: item for item in page.items}, page, server


def test_a_mention_reads_as_it_was_posted():
    items, _, _ = mention()
    item = items["1991400000000000040"]
    assert item.text == "@StAldhelms Thank you for a lovely Y4 assembly & the singing <3"
    assert item.author == Author(
        "900000000000000001", "kazinvented", "Kaz Invented", "Mum of two, tea drinker"
    )
    assert item.posted_at == datetime(2026, 11, 19, 16, 2, 11, tzinfo=UTC)
    assert item.url == "https://x.com/kazinvented/status/1991400000000000050"
    assert (item.parent_id, item.thread_id) == ("1991400000000000010", "1991400000000000010")
    assert item.has_media
    assert item.raw["data"]["id"] == "1991400000000000050"
    assert item.raw["includes"]["users"][0]["username"] == "kazinvented"


def test_an_edited_post_keeps_its_name_and_is_acted_on_by_its_newest_id():
    items, _, _ = mention()
    assert items["1991400000000000040"].target_id == "1991400000000000050"


def test_of_two_versions_in_one_answer_the_newest_stands():
    def version(number):
        return {
            "id": str(number),
            "text": f"v{number}",
            "edit_history_tweet_ids": [str(one) for one in range(10, number + 1)],
        }

    body = {"data": [version(12), {"id": "11", "text": "another"}, version(10)]}
    with serving(lambda _: Reply(body)) as server:
        page = connect(server).poll(ItemKind.MENTION, None)
    assert {item.external_id: (item.text, item.target_id) for item in page.items} == {
        "10": ("v12", "12"),
        "11": ("another", "11"),
    }


def test_a_long_post_is_read_whole():
    items, _, _ = mention()
    assert items["1991400000000000030"].text.endswith("several hundred more characters.")


def test_hiding_is_offered_only_where_the_school_may_have_started_the_conversation():
    items, _, _ = mention()
    offered = {name: ActionKind.HIDE not in item.refused for name, item in items.items()}
    assert offered == {
        "1991400000000000040": True,  # a reply to the school's post
        "1991400000000000030": False,  # a post of its own
        "1991400000000000025": False,  # a reply to somebody else's post
        "1991400000000000024": True,  # further down: only X knows who started it
    }


def test_an_author_that_x_does_not_show_is_known_by_id_alone():
    items, _, _ = mention()
    assert items["1991400000000000025"].author == Author("900000000000000003")
    assert items["1991400000000000025"].url == "https://x.com/i/status/1991400000000000025"


def test_our_own_posts_are_no_mentions_and_reads_count_what_x_bills():
    items, page, server = mention()
    assert "1991400000000000023" not in items
    assert page.reads == 5
    (asked,) = server.asked
    assert asked.query["max_results"] == "100"
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"


def test_a_quiet_poll_reads_nothing():
    with serving(listing("x/empty.json")) as server:
        connector = connect(server)
        page = connector.poll(ItemKind.MENTION, '{"mentions":{"since":"1991400000000000050"}}')
    assert (page.items, page.reads, page.more) == ((), 0, False)
    assert server.asked[0].query["since_id"] == "1991400000000000050"
    assert json.loads(page.cursor)["mentions"]["since"] == "1991400000000000050"


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "text",
        7,
        None,
        {"data": {"id": "1"}},
        {"data": [{"text": "no id"}]},
        {"data": [7]},
        {"meta": {"result_count": 3}},
        {"message": "Blocked by the proxy"},
    ],
)
def test_an_answer_of_another_shape_is_no_quiet_day(body):
    with (
        serving(always(json.dumps(body).encode(), content_type="application/json")) as server,
        pytest.raises(ConnectorError) as caught,
    ):
        connect(server).poll(ItemKind.MENTION, None)
    assert not caught.value.permanent
    assert is_sentence(str(caught.value))


@pytest.mark.parametrize("handle", ["../evil", "a/b?c=d", "x y", "https://evil.example", "", "\u202eevil"])
def test_a_strange_handle_never_becomes_part_of_an_address(handle):
    body = recorded("x/mentions.json")
    body["includes"]["users"][0]["username"] = handle
    with serving(lambda _: Reply(body)) as server:
        page = connect(server).poll(ItemKind.MENTION, None)
    assert page.items[-1].url == "https://x.com/i/status/1991400000000000050"


# settings


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "token"),
        (
            {"token": "t", "api_key": "k", "api_secret": "s", "access_token": "t", "access_secret": "s"},
            "one of the two",
        ),
        ({"api_key": "k"}, "all of"),
        ({"token": "t", "max_page": 3}, "max_page: is no key of an account on X; did you mean max_pages?"),
        ({"token": "t", "max_pages": 0}, "max_pages"),
        ({"token": "t", "base_url": "http://api.twitter.com"}, "https://"),
    ],
)
def test_wrong_settings_are_told_by_key(settings, says):
    problems = account_problems("x", settings)
    assert len(problems) == 1
    assert says in problems[0]


def test_an_unknown_network_is_told_with_a_guess():
    assert "did you mean facebook?" in account_problems("facebok", {})[0]
