"""The two networks' states without HTTP: what the script of a day may do to them, from any thread."""

from __future__ import annotations

import threading

import pytest

from monitor.sandbox.graph_objects import GoneError, NotAllowedError
from monitor.sandbox.x_objects import RefusedError, UnknownError
from tests.monitor.sandbox.networks import NOON, PAGE, SCHOOL, Watch, ago, facebook_school, x_school


def test_ids_stay_in_order_and_apart_when_many_post_in_the_same_millisecond():
    state = x_school(Watch())
    made: list[str] = []

    def post() -> None:
        made.extend(state.add_post("kaz_wexmoor", "hello") for _ in range(50))

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 200
    assert len(state.posts()) == 200
    assert {post.created_at for post in state.posts()} == {NOON}


def test_people_are_found_by_id_or_handle_and_handles_are_taken_once():
    state = x_school(Watch())
    person = state.person("@KAZ_wexmoor")
    assert state.person(person.id) is person
    state.change_person("kaz_wexmoor", handle="kaz_moved")
    assert state.person(person.id).username == "kaz_moved"
    with pytest.raises(UnknownError):
        state.person("kaz_wexmoor")
    with pytest.raises(ValueError, match="taken"):
        state.add_person("KAZ_moved", "Another")
    with pytest.raises(ValueError, match="1 to 15"):
        state.add_person("no spaces", "Nobody")


def test_a_handle_inside_an_address_or_a_longer_handle_is_no_mention():
    state = x_school(Watch())
    state.add_post("kaz_wexmoor", "write to me@staldhelmswex.example or @StAldhelmsWexFans")
    assert state.mentions_of(SCHOOL) == []
    state.add_post("kaz_wexmoor", "(@staldhelmswex!)")
    assert len(state.mentions_of(SCHOOL)) == 1


def test_what_the_school_says_of_itself_is_no_mention():
    state = x_school(Watch())
    state.add_post(SCHOOL, "follow us @StAldhelmsWex")
    assert state.mentions_of(SCHOOL) == []


def test_a_hidden_reply_stays_hidden_when_it_is_edited_and_is_gone_when_deleted():
    state = x_school(Watch())
    post = state.add_post(SCHOOL, "Fourteen crates", ago(hours=3))
    reply = state.add_post("gaz_wex", "clowns", ago(hours=2), post)
    state.set_hidden(reply, True)
    edited = state.edit_post(reply, "utter clowns")
    assert state.is_hidden(edited)
    state.delete_post(edited)
    with pytest.raises(UnknownError):
        state.post(reply)
    with pytest.raises(UnknownError):
        state.set_hidden(reply, True)


def test_an_edit_cannot_come_before_what_it_changes():
    state = x_school(Watch())
    post = state.add_post("gaz_wex", "clowns", NOON)
    with pytest.raises(ValueError, match="later"):
        state.edit_post(post, "sorry", ago(hours=1))


def test_a_conversation_hides_725_replies_and_no_more():
    state = x_school(Watch())
    post = state.add_post(SCHOOL, "Fourteen crates")
    replies = [state.add_post("gaz_wex", "clowns", in_reply_to=post) for _ in range(726)]
    for reply in replies[:725]:
        state.set_hidden(reply, True)
    with pytest.raises(RefusedError):
        state.set_hidden(replies[725], True)
    state.set_hidden(replies[0], True)  # hidden already
    state.set_hidden(replies[1], False)
    state.set_hidden(replies[725], True)


def test_following_again_makes_it_the_newest_follow():
    state = x_school(Watch())
    state.follow("kaz_wexmoor", ago(days=3))
    state.follow("gaz_wex", ago(days=2))
    state.follow("kaz_wexmoor", ago(days=1))
    assert [person.username for _, person in state.followers()] == ["kaz_wexmoor", "gaz_wex"]


def test_a_deleted_facebook_post_takes_everything_under_it_along():
    state = facebook_school(Watch())
    person = state.add_person("Kaz Holloway")
    post = state.add_post("Fourteen crates")
    comment = state.add_comment(post, person, "Lovely")
    answer = state.add_comment(comment, PAGE, "Thank you")
    state.set_hidden(comment, True)
    state.delete(post)
    for gone in (post, comment, answer):
        with pytest.raises(GoneError):
            state.entry(gone)
    assert not state.hidden_ids


def test_the_page_cannot_hide_or_block_itself():
    state = facebook_school(Watch())
    comment = state.add_comment(state.add_post("Fourteen crates"), PAGE, "And two more")
    with pytest.raises(NotAllowedError):
        state.set_hidden(comment, True)
    with pytest.raises(NotAllowedError):
        state.block(PAGE)


def test_nobody_writes_on_the_page_without_being_somebody():
    state = facebook_school(Watch())
    with pytest.raises(GoneError):
        state.add_visitor_post("1", "hello")
    with pytest.raises(ValueError, match="already"):
        state.add_person("Double", person_id=PAGE)


def test_a_comment_moves_the_updated_time_of_its_post_and_not_its_created_time():
    state = facebook_school(Watch())
    person = state.add_person("Kaz Holloway")
    post = state.add_post("Fourteen crates", ago(hours=5))
    comment = state.add_comment(post, person, "Lovely", ago(hours=3))
    state.add_comment(comment, person, "Really", ago(hours=2))
    assert (state.entry(post).created_at, state.entry(post).updated_at) == (ago(hours=5), ago(hours=2))


def test_facebook_answers_have_two_levels():
    state = facebook_school(Watch())
    person = state.add_person("Kaz Holloway")
    top = state.add_comment(state.add_post("Fourteen crates"), person, "one")
    answer = state.add_comment(top, person, "two")
    deeper = state.add_comment(answer, person, "three")
    assert state.entry(deeper).parent_id == top
    assert [entry.id for entry in state.comments(top)] == [answer, deeper]
