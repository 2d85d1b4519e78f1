"""X on loopback, asked with plain requests: shapes, paging, hiding."""

from __future__ import annotations

from monitor.sandbox.x_objects import moment, snowflake
from monitor.sandbox.x_state import XState
from tests.monitor.sandbox.networks import NOON, SCHOOL, ago

MENTIONS = f"/2/users/{SCHOOL}/mentions"
FOLLOWERS = f"/2/users/{SCHOOL}/followers"


def mention(school: XState, number: int = 1) -> list[str]:
    return [
        school.add_post("kaz_wexmoor", f"@StAldhelmsWex hello {n}", ago(hours=number - n))
        for n in range(number)
    ]


def test_an_id_and_its_created_at_agree(school, ask_x):
    post = school.add_post("kaz_wexmoor", "@staldhelmswex hello", NOON)
    shown = ask_x.json(MENTIONS, **{"tweet.fields": "created_at"})["data"][0]
    assert shown["created_at"] == "2026-11-20T12:00:00.000Z"
    assert moment(post) == NOON
    assert snowflake(NOON) <= int(post) < snowflake(NOON) + (1 << 22)


def test_only_default_fields_come_unasked(school, ask_x):
    (post,) = mention(school)
    assert ask_x.json(MENTIONS)["data"] == [
        {"edit_history_tweet_ids": [post], "id": post, "text": "@StAldhelmsWex hello 0"}
    ]
    assert ask_x.json("/2/users/me")["data"] == {
        "id": SCHOOL,
        "name": "St Aldhelm's",
        "username": "StAldhelmsWex",
    }


def test_nothing_new_means_no_data_key_at_all(school, ask_x):
    (post,) = mention(school)
    assert ask_x.json(MENTIONS, since_id=post) == {"meta": {"result_count": 0}}


def test_mentions_come_newest_first_ten_at_a_time_and_paging_neither_skips_nor_repeats(school, ask_x):
    posts = mention(school, 23)
    seen, token, pages = [], {}, 0
    while True:
        answer = ask_x.json(MENTIONS, **token)
        seen += [row["id"] for row in answer["data"]]
        pages += 1
        assert answer["meta"]["newest_id"] == answer["data"][0]["id"]
        assert answer["meta"]["oldest_id"] == answer["data"][-1]["id"]
        school.add_post("gaz_wex", "@StAldhelmsWex in between")  # must not move the window
        if "next_token" not in answer["meta"]:
            break
        token = {"pagination_token": answer["meta"]["next_token"]}
    assert (seen, pages) == (posts[::-1], 3)


def test_the_previous_token_leads_back(school, ask_x):
    mention(school, 12)
    first = ask_x.json(MENTIONS, max_results=5)
    second = ask_x.json(MENTIONS, max_results=5, pagination_token=first["meta"]["next_token"])
    back = ask_x.json(MENTIONS, max_results=5, pagination_token=second["meta"]["previous_token"])
    assert back["data"] == first["data"]
    assert "previous_token" not in first["meta"]


def test_since_id_and_until_id_leave_out_their_own_post(school, ask_x):
    posts = mention(school, 4)
    answer = ask_x.json(MENTIONS, since_id=posts[0], until_id=posts[3])
    assert [row["id"] for row in answer["data"]] == [posts[2], posts[1]]


def test_times_bound_a_timeline_unless_an_id_does(school, ask_x):
    posts = mention(school, 3)  # 3, 2 and 1 hours ago
    assert len(ask_x.json(MENTIONS, start_time="2026-11-20T09:30:00Z")["data"]) == 2
    assert len(ask_x.json(MENTIONS, end_time="2026-11-20T10:30:00Z")["data"]) == 2
    both = ask_x.json(MENTIONS, since_id=posts[0], start_time="2026-11-20T10:30:00Z")
    assert len(both["data"]) == 2


def test_a_reply_to_a_reply_without_the_handle_is_found_by_its_conversation_only(school, ask_x):
    post = school.add_post(SCHOOL, "Fourteen crates", ago(hours=3))
    reply = school.add_post("kaz_wexmoor", "lovely", ago(hours=2), in_reply_to=post)
    deep = school.add_post("gaz_wex", "@kaz_wexmoor why", ago(hours=1), in_reply_to=reply)
    assert [row["id"] for row in ask_x.json(MENTIONS)["data"]] == [reply]
    found = ask_x.json("/2/tweets/search/recent", query=f"conversation_id:{post} -from:StAldhelmsWex")
    assert [row["id"] for row in found["data"]] == [deep, reply]
    assert (
        ask_x.json("/2/tweets/search/recent", query=f"conversation_id:{post} to:kaz_wexmoor")["data"][0]["id"]
        == deep
    )


def test_markup_comes_escaped_and_a_long_post_comes_whole_only_when_asked(school, ask_x):
    school.add_post("kaz_wexmoor", "@StAldhelmsWex PE kit & <b>more</b>", ago(hours=2))
    text = "@StAldhelmsWex " + "so & so " * 60
    school.add_post("kaz_wexmoor", text, ago(hours=1))
    long, short = ask_x.json(MENTIONS, **{"tweet.fields": "note_tweet"})["data"]
    assert short["text"] == "@StAldhelmsWex PE kit &amp; &lt;b&gt;more&lt;/b&gt;"
    assert "note_tweet" not in short
    assert long["note_tweet"]["text"] == text.replace("&", "&amp;")
    assert "… https://t.co/" in long["text"]
    assert len(long["text"].replace("&amp;", "&")) <= 280


def test_search_knows_or_brackets_and_phrases(school, ask_x):
    school.add_post("kaz_wexmoor", "the school bus is late", ago(hours=2))
    school.add_post("gaz_wex", "bus school", ago(hours=1))
    search = "/2/tweets/search/recent"
    assert ask_x.json(search, query='"school bus" OR (bus from:gaz_wex)')["meta"]["result_count"] == 2
    assert ask_x.json(search, query='"school bus" -from:kaz_wexmoor')["meta"]["result_count"] == 0
    assert ask_x.json(search, query='"8:30 bus"')["meta"]["result_count"] == 0
    assert ask_x(search, params={"query": "(bus OR"}).status_code == 400
    assert ask_x(search, params={"query": "since:yesterday"}).status_code == 400


def test_search_refuses_a_since_id_older_than_a_week_and_says_which_will_do(school, ask_x):
    old = snowflake(ago(days=8))
    answer = ask_x("/2/tweets/search/recent", params={"query": "bus", "since_id": old})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == (
        "'since_id' must be a tweet id created after 2026-11-13T12:00Z. "
        f"Please use a 'since_id' that is larger than {snowflake(ago(days=7))}"
    )
    assert ask_x(MENTIONS, params={"since_id": old}).status_code == 200  # timelines take any


def test_expansions_fill_includes_and_add_the_key_they_join_by(school, ask_x):
    post = school.add_post(SCHOOL, "Fourteen crates", ago(hours=3))
    school.add_post("kaz_wexmoor", "@StAldhelmsWex lovely", ago(hours=2), in_reply_to=post, media=True)
    answer = ask_x.json(
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


def test_a_deleted_post_is_named_in_errors_where_it_was_answered(school, ask_x):
    post = school.add_post(SCHOOL, "Fourteen crates", ago(hours=3))
    school.add_post("kaz_wexmoor", "lovely", ago(hours=2), in_reply_to=post)
    school.delete_post(post)
    answer = ask_x.json(MENTIONS, expansions="referenced_tweets.id")
    assert answer["errors"][0]["resource_id"] == post
    assert "includes" not in answer
    assert (
        ask_x.json(f"/2/tweets/{post}")["errors"][0]["detail"] == f"Could not find tweet with id: [{post}]."
    )


def test_a_missing_post_is_an_error_inside_a_200(school, ask_x):
    (post,) = mention(school)
    answer = ask_x("/2/tweets", params={"ids": f"{post},20"})
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


def test_an_edited_post_has_a_new_id_that_comes_after_the_old_cursor(school, ask_x):
    old = school.add_post("kaz_wexmoor", "@StAldhelmsWex helo", ago(hours=2))
    new = school.edit_post(old, "@StAldhelmsWex hello", ago(hours=1))
    (shown,) = ask_x.json(MENTIONS, since_id=old)["data"]
    assert (shown["id"], shown["edit_history_tweet_ids"]) == (new, [old, new])
    assert len(ask_x.json(MENTIONS)["data"]) == 1
    assert ask_x.json(f"/2/tweets/{old}")["data"]["text"] == "@StAldhelmsWex helo"


def test_own_posts_leave_out_replies_when_asked(school, ask_x):
    post = school.add_post(SCHOOL, "Fourteen crates", ago(hours=3))
    reply = school.add_post("kaz_wexmoor", "lovely", ago(hours=2), in_reply_to=post)
    school.add_post(SCHOOL, "Thank you", ago(hours=1), in_reply_to=reply)
    path = f"/2/users/{SCHOOL}/tweets"
    assert len(ask_x.json(path)["data"]) == 2
    (shown,) = ask_x.json(path, exclude="replies,retweets", **{"tweet.fields": "public_metrics"})["data"]
    assert (shown["id"], shown["public_metrics"]["reply_count"]) == (post, 1)


def test_followers_come_newest_first_and_leave_again(school, ask_x):
    people = [school.add_person(f"parent{n}", f"Parent {n}") for n in range(7)]
    for number, person in enumerate(people):
        school.follow(person, ago(days=7 - number))
    first = ask_x.json(FOLLOWERS, max_results=3, **{"user.fields": "description"})
    assert [row["id"] for row in first["data"]] == people[:3:-1]
    school.unfollow(people[4])  # the one the token stands at
    second = ask_x.json(FOLLOWERS, max_results=3, pagination_token=first["meta"]["next_token"])
    assert [row["id"] for row in second["data"]] == people[3:0:-1]
    assert ask_x.json(FOLLOWERS)["meta"] == {"result_count": 6}


def test_a_blocked_person_is_listed_and_follows_no_more(school, ask_x):
    school.follow("gaz_wex")
    school.block("gaz_wex")
    assert ask_x.json(f"/2/users/{SCHOOL}/blocking")["data"][0]["username"] == "gaz_wex"
    assert "data" not in ask_x.json(FOLLOWERS)


def test_hiding_works_twice_is_seen_in_the_state_and_keeps_the_reply_in_mentions(school, ask_x):
    post = school.add_post(SCHOOL, "Fourteen crates", ago(hours=3))
    reply = school.add_post("gaz_wex", "@StAldhelmsWex clowns", ago(hours=2), in_reply_to=post)
    for _ in range(2):
        answer = ask_x(f"/2/tweets/{reply}/hidden", "PUT", json={"hidden": True})
        assert (answer.status_code, answer.json()) == (200, {"data": {"hidden": True}})
    assert school.hidden_ids == {reply}
    assert len(ask_x.json(MENTIONS)["data"]) == 1
    assert ask_x(f"/2/tweets/{reply}/hidden", "PUT", json={"hidden": False}).json() == {
        "data": {"hidden": False}
    }
    assert not school.hidden_ids


def test_what_is_no_reply_in_the_schools_conversation_cannot_be_hidden(school, ask_x):
    elsewhere = school.add_post("kaz_wexmoor", "@StAldhelmsWex hello", ago(hours=2))
    below = school.add_post("gaz_wex", "@StAldhelmsWex clowns", ago(hours=1), in_reply_to=elsewhere)
    own = school.add_post(SCHOOL, "Fourteen crates", ago(hours=1))
    for post in (elsewhere, below, own):
        answer = ask_x(f"/2/tweets/{post}/hidden", "PUT", json={"hidden": True})
        assert (answer.status_code, answer.json()["title"]) == (403, "Forbidden")
    assert ask_x("/2/tweets/20/hidden", "PUT", json={"hidden": True}).status_code == 404
    assert ask_x(f"/2/tweets/{below}/hidden", "PUT", json={"hidden": "yes"}).status_code == 400
    assert not school.hidden_ids


def test_several_people_are_looked_up_at_once_with_how_they_stand_with_the_account(school, ask_x):
    school.follow("kaz_wexmoor")
    school.follow(school.user_id, of="kaz_wexmoor")
    school.block("gaz_wex")
    stranger = school.add_person("nobody_much", "Nobody")
    ids = [school.person(name).id for name in ("kaz_wexmoor", "gaz_wex")]
    asked = {"ids": ",".join([*ids, stranger, "404"]), "user.fields": "connection_status"}
    answer = ask_x.json("/2/users", **asked)
    assert [one.get("connection_status") for one in answer["data"]] == [
        ["followed_by", "following"],
        ["blocking"],
        None,
    ]
    assert [one["resource_id"] for one in answer["errors"]] == ["404"]
    assert school.bill.served["users"] == 3
    ask_x.session.headers["Authorization"] = "Bearer x-app-token"
    assert not any("connection_status" in one for one in ask_x.json("/2/users", **asked)["data"])


def test_people_are_looked_up_by_their_numbers_and_a_hundred_at_most(ask_x):
    for ids in ("", "kaz_wexmoor", ",".join(map(str, range(1, 102)))):
        assert ask_x("/2/users", params={"ids": ids}).status_code == 400
