"""The real tweepy and the real facebook-sdk against the sandbox: what they return and what they raise."""

from __future__ import annotations

from collections.abc import Iterator

import facebook
import pytest
import tweepy

from monitor.sandbox.graph_api import serve_graph
from monitor.sandbox.x_api import serve_x
from tests.monitor.sandbox.networks import (
    NOON,
    PAGE,
    SCHOOL,
    ago,
    graph_client,
    tweepy_client,
)


@pytest.fixture
def x_url(school, faults) -> Iterator[str]:
    with serve_x(school, faults) as serving:
        yield serving.url


@pytest.fixture
def graph(page, faults) -> Iterator[facebook.GraphAPI]:
    with serve_graph(page, faults) as serving:
        yield graph_client(serving.url)


def test_tweepy_reads_mentions_with_their_authors_and_media(school, x_url):
    post = school.add_post(SCHOOL, "Fourteen crates", ago(hours=3))
    reply = school.add_post("kaz_wexmoor", "@StAldhelmsWex lovely", NOON, in_reply_to=post, media=True)
    answer = tweepy_client(x_url).get_users_mentions(
        SCHOOL,
        max_results=100,
        tweet_fields=["created_at", "conversation_id", "referenced_tweets", "entities"],
        expansions=["author_id", "attachments.media_keys"],
        user_fields=["description"],
        media_fields=["url"],
    )
    (shown,) = answer.data
    assert (shown.id, shown.created_at, shown.conversation_id) == (int(reply), NOON, int(post))
    assert shown.referenced_tweets[0].id == int(post)
    assert shown.entities["mentions"][0]["id"] == SCHOOL
    assert answer.includes["users"][0].description == "Mum of two"
    assert answer.includes["media"][0].url.startswith("https://")
    assert tweepy_client(x_url).get_users_mentions(SCHOOL, since_id=reply).data is None


def test_tweepy_pages_followers_lazily(school, x_url, faults):
    for number in range(5):
        school.follow(school.add_person(f"parent{number}", "Parent"), ago(hours=5 - number))
    pages = tweepy.Paginator(tweepy_client(x_url).get_users_followers, SCHOOL, max_results=2)
    assert [user.username for user in pages.flatten(limit=3)] == ["parent4", "parent3", "parent2"]
    assert len(faults.requests) == 2


def test_tweepy_hides_and_shows_with_an_oauth2_token_and_with_oauth1(school, x_url):
    post = school.add_post(SCHOOL, "Fourteen crates", ago(hours=3))
    reply = school.add_post("gaz_wex", "@StAldhelmsWex clowns", ago(hours=2), in_reply_to=post)
    client = tweepy_client(x_url)
    assert client.hide_reply(reply, user_auth=False).data == {"hidden": True}
    assert school.hidden_ids == {reply}
    signed = tweepy_client(
        x_url,
        consumer_key="consumer",
        consumer_secret="s1",
        access_token="access",
        access_token_secret="s2",
    )
    assert signed.unhide_reply(reply).data == {"hidden": False}
    assert not school.hidden_ids
    assert signed.get_me().data.username == "StAldhelmsWex"
    with pytest.raises(tweepy.Forbidden):
        client.hide_reply(post, user_auth=False)


def test_tweepy_is_told_of_a_missing_post_without_an_exception(x_url):
    answer = tweepy_client(x_url).get_tweet(20)
    assert answer.data is None
    assert answer.errors[0]["title"] == "Not Found Error"


@pytest.mark.parametrize(
    ("fault", "settings", "raised"),
    [
        ("rate_limited", {"reset": "1795176900"}, tweepy.TooManyRequests),
        ("html_503", {}, tweepy.TwitterServerError),
        ("revoked_token", {}, tweepy.Unauthorized),
        ("forbidden", {}, tweepy.Forbidden),
        ("credits_spent", {}, tweepy.HTTPException),
    ],
)
def test_tweepy_raises_what_it_raises_for_the_true_answers(x_url, faults, fault, settings, raised):
    faults.arm(fault, **settings)
    with pytest.raises(raised) as caught:
        tweepy_client(x_url).get_me(user_auth=False)
    if fault == "credits_spent":
        assert caught.value.response.status_code == 402
        assert "does not have any credits" in str(caught.value)


def test_tweepy_searches_a_conversation(school, x_url):
    post = school.add_post(SCHOOL, "Fourteen crates", ago(hours=3))
    reply = school.add_post("gaz_wex", "no handle here", ago(hours=2), in_reply_to=post)
    found = tweepy_client(x_url).search_recent_tweets(f"conversation_id:{post} is:reply", max_results=10)
    assert [row.id for row in found.data] == [int(reply)]
    with pytest.raises(tweepy.BadRequest, match="since_id"):
        tweepy_client(x_url).search_recent_tweets("bus", since_id=20)


def test_facebook_sdk_reads_posts_and_all_their_comments(page, graph):
    person = page.add_person("Kaz Holloway")
    post = page.add_post("Fourteen crates")
    made = [page.add_comment(post, person, f"comment {number}") for number in range(7)]
    assert graph.get_object("me")["id"] == PAGE
    listing = graph.get_connections("me", "posts", fields="id,comments.summary(true).limit(0).filter(stream)")
    assert listing["data"][0]["comments"]["summary"]["total_count"] == 7
    read = graph.get_all_connections(post, "comments", filter="stream", limit=3)
    assert [row["id"] for row in read] == made


def test_facebook_sdk_hides_deletes_and_blocks(page, graph):
    person = page.add_person("Gaz")
    comment = page.add_comment(page.add_post("Fourteen crates"), person, "clowns")
    assert graph.request(f"{graph.version}/{comment}", post_args={"is_hidden": "true"}) == {"success": True}
    assert graph.get_object(comment, fields="is_hidden")["is_hidden"] is True
    assert graph.put_object("me", "blocked", psid=person) == {person: True}
    assert [profile.id for profile in page.blocked] == [person]
    assert graph.delete_object(comment) == {"success": True}
    with pytest.raises(facebook.GraphAPIError, match="does not exist") as caught:
        graph.get_object(comment)
    assert caught.value.result["error"]["error_subcode"] == 33


@pytest.mark.parametrize(
    ("fault", "code"),
    [("revoked_token", 190), ("rate_limited", 80001), ("html_503", None), ("forbidden", 10)],
)
def test_facebook_sdk_raises_what_it_raises_for_the_true_answers(graph, faults, fault, code):
    faults.arm(fault)
    with pytest.raises(facebook.GraphAPIError) as caught:
        graph.get_object("me")
    assert caught.value.code == code


def test_facebook_sdks_own_old_version_is_dead(page, faults):
    with serve_graph(page, faults) as serving, pytest.raises(facebook.GraphAPIError, match="2635"):
        graph_client(serving.url, version="v3.1").get_object("me")
