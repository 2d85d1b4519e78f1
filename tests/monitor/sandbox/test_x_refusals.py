"""X on loopback, asked with plain requests: what it refuses, counts and bills."""

from __future__ import annotations

import html

import pytest

from monitor.sandbox.x_state import XState
from tests.monitor.sandbox.networks import NOON, SCHOOL, Asking, ago

MENTIONS = f"/2/users/{SCHOOL}/mentions"
FOLLOWERS = f"/2/users/{SCHOOL}/followers"


def mention(school: XState, number: int = 1) -> list[str]:
    return [
        school.add_post("kaz_wexmoor", f"@StAldhelmsWex hello {n}", ago(hours=number - n))
        for n in range(number)
    ]


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"max_results": "4"}, "The `max_results` query parameter value [4] is not between 5 and 100"),
        ({"max_results": "many"}, "The `max_results` query parameter value [many] is not between 5 and 100"),
        ({"since_id": "x"}, "The `since_id` query parameter value [x] is not valid"),
        ({"pagination_token": "x"}, "The `pagination_token` query parameter value [x] is not valid"),
    ],
)
def test_a_wrong_parameter_is_refused_in_xs_words(ask_x, params, says):
    answer = ask_x(MENTIONS, params=params)
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
def test_an_unknown_parameter_field_or_time_is_refused(ask_x, params):
    assert ask_x(MENTIONS, params=params).json()["title"] == "Invalid Request"


def test_without_a_known_token_there_is_nothing(ask_x):
    answer = Asking(ask_x.url, "wrong")("/2/users/me")
    assert (answer.status_code, answer.json()) == (
        401,
        {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"},
    )
    assert Asking(ask_x.url, None)("/2/users/me").status_code == 401


def test_an_application_token_reads_but_is_nobody(school, ask_x):
    (post,) = mention(school)
    app = Asking(ask_x.url, "x-app-token")
    assert app(MENTIONS).status_code == 200
    assert app("/2/users/me").json()["title"] == "Unsupported Authentication"
    assert app(f"/2/tweets/{post}/hidden", "PUT", json={"hidden": True}).status_code == 403


def test_a_token_without_the_scope_is_refused_and_one_that_is_revoked_too(school, ask_x):
    school.scopes.discard("follows.read")
    assert ask_x(FOLLOWERS).status_code == 403
    assert ask_x(MENTIONS).status_code == 200
    school.revoke()
    assert ask_x(MENTIONS).status_code == 401


def test_every_answer_counts_down_and_the_window_opens_again(ask_x, watch):
    path = f"/2/users/{SCHOOL}/blocking"
    seen = [ask_x(path) for _ in range(3)]
    assert [answer.status_code for answer in seen] == [200, 200, 429]
    assert [answer.headers["x-rate-limit-remaining"] for answer in seen] == ["1", "0", "0"]
    assert {answer.headers["x-rate-limit-limit"] for answer in seen} == {"2"}
    assert int(seen[2].headers["x-rate-limit-reset"]) == int(NOON.timestamp()) + 900
    assert seen[2].headers["date"] == "Fri, 20 Nov 2026 12:00:00 GMT"
    assert seen[2].json()["title"] == "Too Many Requests"
    assert ask_x("/2/users/me").status_code == 200  # another endpoint, another window
    watch.pass_by(minutes=15)
    assert ask_x(path).status_code == 200


def test_spent_credit_stops_every_endpoint(school, ask_x):
    mention(school, 3)
    school.credits = 3
    assert len(ask_x.json(MENTIONS)["data"]) == 3
    answer = ask_x("/2/users/me")
    assert (answer.status_code, answer.json()["title"]) == (402, "CreditsDepleted")
    assert school.bill.served["mentions"] == 3


def test_only_its_owner_is_shown_a_confirmed_address(school, ask_x):
    shown = ask_x.json(
        "/2/users/by/username/KAZ_wexmoor", **{"user.fields": "confirmed_email,connection_status"}
    )
    assert "confirmed_email" not in shown["data"]
    assert "connection_status" not in shown["data"]
    assert ask_x.json("/2/users/by/username/nobody")["errors"][0]["title"] == "Not Found Error"


def test_a_path_that_x_does_not_have_is_an_empty_404(ask_x):
    answer = ask_x("/2/usage/credits")
    assert (answer.status_code, answer.content) == (404, b"")


def test_hostile_text_survives_the_wire(school, ask_x):
    text = "@StAldhelmsWex \u202egnp\u202c <b>\x00 \ud800 \U0001f600 ’"
    school.add_post("gaz_wex", text)
    assert html.unescape(ask_x.json(MENTIONS)["data"][0]["text"]) == text
