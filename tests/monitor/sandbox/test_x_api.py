"""X on loopback, asked with plain requests: shapes, paging, refusals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitor.sandbox.faults import Faults
from monitor.sandbox.serve import Serving
from monitor.sandbox.x_api import x_app
from monitor.sandbox.x_objects import moment, snowflake
from monitor.sandbox.x_state import XState
from tests.monitor.sandbox.networks import NOON, SCHOOL, Asking, Stage, Watch, ago, x_school

MENTIONS = f"/2/users/{SCHOOL}/mentions"
FOLLOWERS = f"/2/users/{SCHOOL}/followers"


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def state(watch) -> XState:
    return x_school(watch)


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[Stage, str]]:
    behind = Stage()
    with Serving(behind) as serving:
        yield behind, serving.url


@pytest.fixture
def ask(stage, state, faults) -> Asking:
    behind, url = stage
    behind.app = x_app(state, faults, limits={"blocking": 2})
    return Asking(url, "x-user-token")


def mention(state: XState, number: int = 1) -> list[str]:
    return [
        state.add_post("kaz_wexmoor", f"@StAldhelmsWex hello {n}", ago(hours=number - n))
        for n in range(number)
    ]


def test_an_id_and_its_created_at_agree(state, ask):
    post = state.add_post("kaz_wexmoor", "@staldhelmswex hello", NOON)
    shown = ask.json(MENTIONS, **{"tweet.fields": "created_at"})["data"][0]
    assert shown["created_at"] == "2026-11-20T12:00:00.000Z"
    assert moment(post) == NOON
    assert snowflake(NOON) <= int(post) < snowflake(NOON) + (1 << 22)


def test_only_default_fields_come_unasked(state, ask):
    (post,) = mention(state)
    assert ask.json(MENTIONS)["data"] == [
        {"edit_history_tweet_ids": [post], "id": post, "text": "@StAldhelmsWex hello 0"}
    ]
    assert ask.json("/2/users/me")["data"] == {
        "id": SCHOOL,
        "name": "St Aldhelm's",
        "username": "StAldhelmsWex",
    }


def test_nothing_new_means_no_data_key_at_all(state, ask):
    (post,) = mention(state)
    assert ask.json(MENTIONS, since_id=post) == {"meta": {"result_count": 0}}


def test_mentions_come_newest_first_ten_at_a_time_and_paging_neither_skips_nor_repeats(state, ask):
    posts = mention(state, 23)
    seen, token, pages = [], {}, 0
    while True:
        answer = ask.json(MENTIONS, **token)
        seen += [row["id"] for row in answer["data"]]
        pages += 1
        assert answer["meta"]["newest_id"] == answer["data"][0]["id"]
        assert answer["meta"]["oldest_id"] == answer["data"][-1]["id"]
        state.add_post("gaz_wex", "@StAldhelmsWex in between")  # must not move the window
        if "next_token" not in answer["meta"]:
            break
        token = {"pagination_token": answer["meta"]["next_token"]}
    assert (seen, pages) == (posts[::-1], 3)


def test_the_previous_token_leads_back(state, ask):
    mention(state, 12)
    first = ask.json(MENTIONS, max_results=5)
    second = ask.json(MENTIONS, max_results=5, pagination_token=first["meta"]["next_token"])
    back = ask.json(MENTIONS, max_results=5, pagination_token=second["meta"]["previous_token"])
    assert back["data"] == first["data"]
    assert "previous_token" not in first["meta"]


def test_since_id_and_until_id_leave_out_their_own_post(state, ask):
    posts = mention(state, 4)
    answer = ask.json(MENTIONS, since_id=posts[0], until_id=posts[3])
    assert [row["id"] for row in answer["data"]] == [posts[2], posts[1]]


def test_times_bound_a_timeline_unless_an_id_does(state, ask):
    posts = mention(state, 3)  # 3, 2 and 1 hours ago
    assert len(ask.json(MENTIONS, start_time="2026-11-20T09:30:00Z")["data"]) == 2
    assert len(ask.json(MENTIONS, end_time="2026-11-20T10:30:00Z")["data"]) == 2
    both = ask.json(MENTIONS, since_id=posts[0], start_time="2026-11-20T10:30:00Z")
    assert len(both["data"]) == 2


def test_a_reply_to_a_reply_without_the_handle_is_found_by_its_conversation_only(state, ask):
    post = state.add_post(SCHOOL, "Fourteen crates", ago(hours=3))
    reply = state.add_post("kaz_wexmoor", "lovely", ago(hours=2), in_reply_to=post)
    deep = state.add_post("gaz_wex", "@kaz_wexmoor why", ago(hours=1), in_reply_to=reply)
    assert [row["id"] for row in ask.json(MENTIONS)["data"]] == [reply]
    found = ask.json("/2/tweets/search/recent", query=f"conversation_id:{post} -from:StAldhelmsWex")
    assert [row["id"] for row in found["data"]] == [deep, reply]
    assert (
        ask.json("/2/tweets/search/recent", query=f"conversation_id:{post} to:kaz_wexmoor")["data"][0]["id"]
        == deep
    )


def test_search_knows_or_brackets_and_phrases(state, ask):
    state.add_post("kaz_wexmoor", "the school bus is late", ago(hours=2))
    state.add_post("gaz_wex", "bus school", ago(hours=1))
    search = "/2/tweets/search/recent"
    assert ask.json(search, query='"school bus" OR (bus from:gaz_wex)')["meta"]["result_count"] == 2
    assert ask.json(search, query='"school bus" -from:kaz_wexmoor')["meta"]["result_count"] == 0
    assert ask(search, params={"query": "(bus OR"}).status_code == 400


def test_search_refuses_a_since_id_older_than_a_week_and_says_which_will_do(state, ask):
    old = snowflake(ago(days=8))
    answer = ask("/2/tweets/search/recent", params={"query": "bus", "since_id": old})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == (
        "'since_id' must be a tweet id created after 2026-11-13T12:00Z. "
        f"Please use a 'since_id' that is larger than {snowflake(ago(days=7))}"
    )
    assert ask(MENTIONS, params={"since_id": old}).status_code == 200  # timelines take any


def test_expansions_fill_includes_and_add_the_key_they_join_by(state, ask):
    post = state.add_post(SCHOOL, "Fourteen crates", ago(hours=3))
    state.add_post("kaz_wexmoor", "@StAldhelmsWex lovely", ago(hours=2), in_reply_to=post, media=True)
    answer = ask.json(
        MENTIONS,
        expansions="author_id,referenced_tweets.id,attachments.media_keys",
        **{"user.fields": "description,created_at", "media.fields": "url"},
    )
    (shown,) = answer["data"]
    (person,), (answered,), (media,) = (answer["includes"][kind] for kind in ("users", "tweets", "media"))
    assert shown["author_id"] == person["id"]
    assert person["description"] == "Mum of two"
    assert shown["referenced_tweets"] == [{"type": "replied_to", "id": answered["id"]}]
    assert shown["attachments"]["media_keys"] == [media["media_key"]]
    assert media["url"].startswith("https://pbs.twimg.com/")


def test_a_deleted_post_is_named_in_errors_where_it_was_answered(state, ask):
    post = state.add_post(SCHOOL, "Fourteen crates", ago(hours=3))
    state.add_post("kaz_wexmoor", "lovely", ago(hours=2), in_reply_to=post)
    state.delete_post(post)
    answer = ask.json(MENTIONS, expansions="referenced_tweets.id")
    assert answer["errors"][0]["resource_id"] == post
    assert "includes" not in answer
    assert ask.json(f"/2/tweets/{post}")["errors"][0]["detail"] == f"Could not find tweet with id: [{post}]."


def test_a_missing_post_is_an_error_inside_a_200(state, ask):
    (post,) = mention(state)
    answer = ask("/2/tweets", params={"ids": f"{post},20"})
    assert answer.status_code == 200
    assert [row["id"] for row in answer.json()["data"]] == [post]
    assert answer.json()["errors"] == [
        {
            "value": "20",
            "detail": "Could not find tweet with ids: [20].",
            "title": "Not Found Error",
            "resource_type": "tweet",
            "parameter": "ids",
            "resource_id": "20",
            "type": "https://api.twitter.com/2/problems/resource-not-found",
        }
    ]


def test_an_edited_post_has_a_new_id_that_comes_after_the_old_cursor(state, ask):
    old = state.add_post("kaz_wexmoor", "@StAldhelmsWex helo", ago(hours=2))
    new = state.edit_post(old, "@StAldhelmsWex hello", ago(hours=1))
    (shown,) = ask.json(MENTIONS, since_id=old)["data"]
    assert (shown["id"], shown["edit_history_tweet_ids"]) == (new, [old, new])
    assert len(ask.json(MENTIONS)["data"]) == 1
    assert ask.json(f"/2/tweets/{old}")["data"]["text"] == "@StAldhelmsWex helo"


def test_own_posts_leave_out_replies_when_asked(state, ask):
    post = state.add_post(SCHOOL, "Fourteen crates", ago(hours=3))
    reply = state.add_post("kaz_wexmoor", "lovely", ago(hours=2), in_reply_to=post)
    state.add_post(SCHOOL, "Thank you", ago(hours=1), in_reply_to=reply)
    path = f"/2/users/{SCHOOL}/tweets"
    assert len(ask.json(path)["data"]) == 2
    (shown,) = ask.json(path, exclude="replies,retweets", **{"tweet.fields": "public_metrics"})["data"]
    assert (shown["id"], shown["public_metrics"]["reply_count"]) == (post, 1)


def test_followers_come_newest_first_and_leave_again(state, ask):
    people = [state.add_person(f"parent{n}", f"Parent {n}") for n in range(7)]
    for number, person in enumerate(people):
        state.follow(person, ago(days=7 - number))
    first = ask.json(FOLLOWERS, max_results=3, **{"user.fields": "description"})
    assert [row["id"] for row in first["data"]] == people[:3:-1]
    state.unfollow(people[4])  # the one the token stands at
    second = ask.json(FOLLOWERS, max_results=3, pagination_token=first["meta"]["next_token"])
    assert [row["id"] for row in second["data"]] == people[3:0:-1]
    assert ask.json(FOLLOWERS)["meta"] == {"result_count": 6}


def test_a_blocked_person_is_listed_and_follows_no_more(state, ask):
    state.follow("gaz_wex")
    state.block("gaz_wex")
    assert ask.json(f"/2/users/{SCHOOL}/blocking")["data"][0]["username"] == "gaz_wex"
    assert "data" not in ask.json(FOLLOWERS)


def test_hiding_works_twice_is_seen_in_the_state_and_keeps_the_reply_in_mentions(state, ask):
    post = state.add_post(SCHOOL, "Fourteen crates", ago(hours=3))
    reply = state.add_post("gaz_wex", "@StAldhelmsWex clowns", ago(hours=2), in_reply_to=post)
    for _ in range(2):
        answer = ask(f"/2/tweets/{reply}/hidden", "PUT", json={"hidden": True})
        assert (answer.status_code, answer.json()) == (200, {"data": {"hidden": True}})
    assert state.hidden_ids == {reply}
    assert len(ask.json(MENTIONS)["data"]) == 1
    assert ask(f"/2/tweets/{reply}/hidden", "PUT", json={"hidden": False}).json() == {
        "data": {"hidden": False}
    }
    assert not state.hidden_ids


def test_what_is_no_reply_in_the_schools_conversation_cannot_be_hidden(state, ask):
    elsewhere = state.add_post("kaz_wexmoor", "@StAldhelmsWex hello", ago(hours=2))
    below = state.add_post("gaz_wex", "@StAldhelmsWex clowns", ago(hours=1), in_reply_to=elsewhere)
    own = state.add_post(SCHOOL, "Fourteen crates", ago(hours=1))
    for post in (elsewhere, below, own):
        answer = ask(f"/2/tweets/{post}/hidden", "PUT", json={"hidden": True})
        assert (answer.status_code, answer.json()["title"]) == (403, "Forbidden")
    assert ask("/2/tweets/20/hidden", "PUT", json={"hidden": True}).status_code == 404
    assert ask(f"/2/tweets/{below}/hidden", "PUT", json={"hidden": "yes"}).status_code == 400
    assert not state.hidden_ids


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"max_results": "4"}, "The `max_results` query parameter value [4] is not between 5 and 100"),
        ({"max_results": "many"}, "The `max_results` query parameter value [many] is not between 5 and 100"),
        ({"since_id": "x"}, "The `since_id` query parameter value [x] is not valid"),
        ({"pagination_token": "x"}, "The `pagination_token` query parameter value [x] is not valid"),
    ],
)
def test_a_wrong_parameter_is_refused_in_xs_words(ask, params, says):
    answer = ask(MENTIONS, params=params)
    ((name, value),) = params.items()
    assert answer.status_code == 400
    assert answer.json() == {
        "errors": [{"parameters": {name: [value]}, "message": says}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.twitter.com/2/problems/invalid-request",
    }


@pytest.mark.parametrize(
    "params",
    [{"colour": "red"}, {"tweet.fields": "shoe_size"}, {"expansions": "friends"}, {"start_time": "today"}],
)
def test_an_unknown_parameter_field_or_time_is_refused(ask, params):
    assert ask(MENTIONS, params=params).json()["title"] == "Invalid Request"


def test_without_a_known_token_there_is_nothing(ask):
    answer = Asking(ask.url, "wrong")("/2/users/me")
    assert (answer.status_code, answer.json()) == (
        401,
        {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"},
    )
    assert Asking(ask.url, None)("/2/users/me").status_code == 401


def test_an_application_token_reads_but_is_nobody(state, ask):
    (post,) = mention(state)
    app = Asking(ask.url, "x-app-token")
    assert app(MENTIONS).status_code == 200
    assert app("/2/users/me").json()["title"] == "Unsupported Authentication"
    assert app(f"/2/tweets/{post}/hidden", "PUT", json={"hidden": True}).status_code == 403


def test_a_token_without_the_scope_is_refused_and_one_that_is_revoked_too(state, ask):
    state.scopes.discard("follows.read")
    assert ask(FOLLOWERS).status_code == 403
    assert ask(MENTIONS).status_code == 200
    state.revoke()
    assert ask(MENTIONS).status_code == 401


def test_every_answer_counts_down_and_the_window_opens_again(ask, watch):
    path = f"/2/users/{SCHOOL}/blocking"
    seen = [ask(path) for _ in range(3)]
    assert [answer.status_code for answer in seen] == [200, 200, 429]
    assert [answer.headers["x-rate-limit-remaining"] for answer in seen] == ["1", "0", "0"]
    assert {answer.headers["x-rate-limit-limit"] for answer in seen} == {"2"}
    assert int(seen[2].headers["x-rate-limit-reset"]) == int(NOON.timestamp()) + 900
    assert seen[2].json()["title"] == "Too Many Requests"
    assert ask("/2/users/me").status_code == 200  # another endpoint, another window
    watch.pass_by(minutes=15)
    assert ask(path).status_code == 200


def test_spent_credit_stops_every_endpoint(state, ask):
    mention(state, 3)
    state.credits = 3
    assert len(ask.json(MENTIONS)["data"]) == 3
    answer = ask("/2/users/me")
    assert (answer.status_code, answer.json()["title"]) == (402, "CreditsDepleted")
    assert state.reads["mentions"] == 3


def test_only_its_owner_is_shown_a_confirmed_address(state, ask):
    shown = ask.json(
        "/2/users/by/username/KAZ_wexmoor", **{"user.fields": "confirmed_email,connection_status"}
    )
    assert "confirmed_email" not in shown["data"]
    assert shown["data"]["connection_status"] == ["none"]
    assert ask.json("/2/users/by/username/nobody")["errors"][0]["title"] == "Not Found Error"


def test_a_path_that_x_does_not_have_is_an_empty_404(ask):
    answer = ask("/2/usage/credits")
    assert (answer.status_code, answer.content) == (404, b"")


def test_hostile_text_survives_the_wire(state, ask):
    text = "@StAldhelmsWex \u202egnp\u202c <b>\x00 \ud800 \U0001f600 ’"
    state.add_post("gaz_wex", text)
    assert ask.json(MENTIONS)["data"][0]["text"] == text
