"""The script stands on both networks as it was written, in order, once."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from monitor.domain import ItemKind
from monitor.sandbox.day import load_script
from monitor.sandbox.graph_objects import GoneError
from monitor.sandbox.graph_state import GraphState
from monitor.sandbox.script import Delete, Follow, Phase, Unfollow
from monitor.sandbox.stage import Stage
from monitor.sandbox.x_objects import UnknownError
from monitor.sandbox.x_state import XState

EVENING = datetime(2026, 11, 20, 18, tzinfo=UTC)


@pytest.fixture(scope="module")
def script():
    return load_script()


@pytest.fixture
def stage(script):
    x, facebook = script.accounts["x"], script.accounts["facebook"]
    return Stage(
        script,
        XState(handle=x.handle, name=x.name, token="t", clock=lambda: EVENING, user_id=x.external_id),
        GraphState(page_id=facebook.external_id, page_name=facebook.name, token="t", clock=lambda: EVENING),
    )


def test_everybody_has_an_id_of_their_own_and_the_school_keeps_its(stage, script):
    ids = [*stage.people.values(), *(account.external_id for account in script.accounts.values())]
    assert len(set(ids)) == len(ids)
    assert stage.x.person(stage.x.user_id).username == script.accounts["x"].handle
    assert stage.graph.person(stage.graph.page.id).name == script.accounts["facebook"].name


def test_the_baseline_is_what_is_older_than_the_first_poll(stage, script):
    played = stage.play(Phase.BASELINE)
    follows = [each for each in script.entries if isinstance(each, Follow)]
    old = {each.id for each in (*script.posts, *script.said, *follows) if each.at < script.school.first_poll}
    assert set(played) == old
    assert stage.next_at >= script.school.first_poll
    followers = {person.id for _, person in stage.x.followers()}
    assert followers == {stage.ids[each.id] for each in follows if each.phase is Phase.BASELINE}


def test_the_whole_day_stands_on_the_networks(stage, script):
    stage.play(Phase.BASELINE)
    stage.play(Phase.DAY)
    gone = {each.of for each in script.entries if isinstance(each, Delete)}
    kept = [each for each in script.said if each.id not in gone]
    kinds = Counter((each.network, each.kind) for each in kept)
    visitors = stage.graph.posts(own=False)
    comments = [each for post in stage.graph.posts() for each in stage.graph.comments(post.id, stream=True)]
    assert len(visitors) == kinds["facebook", ItemKind.VISITOR_POST]
    assert len(comments) == kinds["facebook", ItemKind.COMMENT]
    mentions = stage.x.mentions_of(stage.x.user_id)
    assert {post.root for post in mentions} == {stage.ids[each.id] for each in kept if each.network == "x"}
    assert len(stage.x.posts_of(stage.x.user_id)) + len(stage.graph.posts(visitors=False)) == len(
        script.posts
    )
    left = {each.by for each in script.entries if isinstance(each, Unfollow)}
    follows = {each.by for each in script.entries if isinstance(each, Follow)}
    assert len(stage.x.followers()) == len(follows - left)
    assert stage.next_at is None
    assert stage.left_out == []


def test_nothing_is_played_twice(stage):
    whole = stage.play()
    assert len(whole) == len(stage.ids)
    assert stage.play() == {}


def test_it_stops_at_the_moment_and_goes_on_from_there(stage):
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    stage.play(until=noon)
    assert "f-reading" in stage.ids  # at noon
    assert "x-leet" not in stage.ids  # 12:02
    assert "x-leet" in stage.play()


def test_an_answer_on_x_begins_with_those_it_answers_and_stands_in_their_thread(stage):
    stage.play()
    answer = stage.x.post(stage.ids["x-wetwipe-defended"])
    assert answer.text.startswith("@jk_wex_2026 @StAldhelmsWex Please don't")
    assert answer.replied_to == stage.ids["x-wetwipe"]
    assert answer.conversation_id == stage.ids["x-football"]
    assert stage.x.post(stage.ids["x-welsh"]).text.startswith("@StAldhelmsWex Bore da!")
    assert stage.x.post(stage.ids["x-press"]).text.startswith("Hi @StAldhelmsWex")


def test_an_edit_keeps_its_place_and_a_deletion_takes_it_away(stage):
    stage.play(until=datetime(2026, 11, 20, 15, 30, tzinfo=UTC))
    comment = stage.ids["f-dressed-up"]
    assert "okafor" not in stage.graph.entry(comment).message
    stage.play()
    assert "okafor" in stage.graph.entry(comment).message
    assert stage.ids["edited.f-dressed-up"] == comment
    newest = stage.x.post(stage.ids["edited.x-bomb"])
    assert newest.text.startswith("@StAldhelmsWex Those flapjacks")
    assert newest.root == stage.ids["x-bomb"] != newest.id
    with pytest.raises(UnknownError):
        stage.x.post(stage.ids["x-leet"])
    with pytest.raises(GoneError):
        stage.graph.entry(stage.ids["f-rat-two"])


def test_what_the_school_removed_cannot_be_answered_and_whoever_is_blocked_writes_no_more(stage):
    stage.play(until=datetime(2026, 11, 20, 11, 12, tzinfo=UTC))
    stage.graph.remove(stage.ids["f-threat-gates"])
    stage.graph.block(stage.people["mick"])
    stage.play()
    assert {"f-threat-answered", "f-address", "f-homophobic", "f-trans"} <= set(stage.left_out)
    assert not set(stage.left_out) & set(stage.ids)
    assert "f-rat" in stage.ids


def test_hostile_names_reach_the_network_as_they_are(stage, script):
    author = stage.graph.person(stage.people["injector"])
    assert author.name == "=?utf-8?q?hi=0ABcc:_evil=40x.example?="
    assert stage.graph.person(stage.people["bidi"]).name == script.people["bidi"].name
