"""The fault switches, over real HTTP, from Python and from outside; and that none of them outlives its server."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import requests

from monitor.sandbox.faults import CONTROL, KNOWN, Faults
from monitor.sandbox.graph_api import graph_app, serve_graph
from monitor.sandbox.serve import Serving
from monitor.sandbox.x_api import serve_x, x_app
from tests.monitor.sandbox.networks import SCHOOL, Asking, Watch, facebook_school, x_school

ME = "/2/users/me"
FOLLOWERS = f"/2/users/{SCHOOL}/followers"


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Faults, str]]:
    faults = Faults()
    state = x_school(Watch())
    for number in range(6):
        state.follow(state.add_person(f"parent{number}", f"Parent {number}"))
    with serve_x(state, faults) as serving:
        yield faults, serving.url


@pytest.fixture
def switches(shared) -> Faults:
    shared[0].clear()
    return shared[0]


@pytest.fixture
def ask(shared) -> Asking:
    return Asking(shared[1], "x-user-token")


def followers(ask: Asking, **params: object) -> list[str]:
    return [row["username"] for row in ask.json(FOLLOWERS, **params).get("data", [])]


def test_a_switch_holds_for_its_number_of_requests(switches, ask):
    switches.arm("html_503", times=2)
    seen = [ask(ME) for _ in range(3)]
    assert [answer.status_code for answer in seen] == [503, 503, 200]
    assert "text/html" in seen[0].headers["content-type"]


def test_a_switch_may_hold_until_cleared_and_for_some_paths_only(switches, ask):
    switches.arm("error_500", times=None, path="/followers")
    assert [ask(path).status_code for path in (FOLLOWERS, ME, FOLLOWERS)] == [500, 200, 500]
    switches.clear("error_500")
    assert ask(FOLLOWERS).ok


@pytest.mark.parametrize("reset", ["0", "5", "-5", "99999999999999", "Fri, 20 Nov 2026 12:30:00 GMT", None])
def test_a_429_comes_with_the_reset_that_was_chosen(switches, ask, reset):
    switches.arm("rate_limited", reset=reset, retry_after=reset)
    answer = ask(ME)
    assert (answer.status_code, answer.json()["title"]) == (429, "Too Many Requests")
    assert answer.headers.get("x-rate-limit-reset") == reset
    assert answer.headers.get("retry-after") == reset


@pytest.mark.parametrize(
    ("name", "status", "title"),
    [
        ("revoked_token", 401, "Unauthorized"),
        ("credits_spent", 402, "CreditsDepleted"),
        ("forbidden", 403, "Forbidden"),
    ],
)
def test_x_refuses_in_its_own_shape(switches, ask, name, status, title):
    switches.arm(name)
    answer = ask(ME)
    assert (answer.status_code, answer.json()["title"]) == (status, title)


def test_json_that_breaks_off_has_an_honest_length(switches, ask):
    switches.arm("malformed_json")
    answer = ask(ME)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_a_truncated_body_is_shorter_than_it_said(switches, ask):
    switches.arm("truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        ask(ME)
    assert ask(ME).ok


def test_a_reset_connection_is_a_reset(switches, ask):
    switches.arm("reset")
    with pytest.raises(requests.ConnectionError, match="reset"):
        ask(ME)


def test_a_captive_portal_and_a_redirect_to_another_host(switches, ask):
    switches.arm("html_200")
    assert "text/html" in ask(ME).headers["content-type"]
    switches.arm("redirect")
    moved = ask(ME)
    assert (moved.status_code, moved.headers["location"]) == (302, "https://elsewhere.example/")


def test_answers_may_be_told_word_for_word_be_far_too_long_or_break_off_in_gzip(switches, ask):
    switches.arm("raw", body='{"data": NaN}', status=202, headers={"x-odd": "1"})
    odd = ask(ME)
    assert (odd.status_code, odd.text, odd.headers["x-odd"]) == (202, '{"data": NaN}', "1")
    switches.arm("oversize", megabytes=3)
    assert len(ask(ME).content) > 3 << 20
    switches.arm("bad_gzip")
    with pytest.raises((requests.exceptions.ContentDecodingError, requests.JSONDecodeError)):
        ask(ME).json()


def test_a_slow_drip_is_the_true_answer_byte_by_byte(switches, ask):
    switches.arm("slow_drip", interval=0.001)
    assert ask(ME).json()["data"]["id"] == SCHOOL


def test_lists_may_come_empty_doubled_or_mixed(switches, ask):
    whole = followers(ask)
    switches.arm("empty_list")
    assert followers(ask) == []
    switches.arm("duplicates")
    assert followers(ask) == [name for name in whole for _ in (1, 2)]
    switches.arm("shuffled")
    mixed = followers(ask)
    assert mixed != whole
    assert sorted(mixed) == sorted(whole)


def test_a_cyclic_page_leads_to_itself(switches, ask):
    switches.arm("cyclic", times=None)
    first = ask.json(FOLLOWERS, max_results=2)
    second = ask.json(FOLLOWERS, max_results=2, pagination_token=first["meta"]["next_token"])
    third = ask.json(FOLLOWERS, max_results=2, pagination_token=second["meta"]["next_token"])
    assert first["data"] == second["data"] == third["data"]


def test_a_page_may_come_twice_and_then_go_on(switches, ask):
    switches.arm("cyclic")
    seen, token = [], {}
    while True:
        answer = ask.json(FOLLOWERS, max_results=3, **token)
        seen.append(len(answer["data"]))
        if "next_token" not in answer["meta"]:
            break
        token = {"pagination_token": answer["meta"]["next_token"]}
    assert seen == [3, 3, 3]


def test_a_paging_token_may_be_forgotten(switches, ask):
    token = ask.json(FOLLOWERS, max_results=2)["meta"]["next_token"]
    switches.arm("stale_token")
    assert ask(FOLLOWERS).ok  # a first page has no token to forget
    assert ask(FOLLOWERS, params={"pagination_token": token}).status_code == 400
    assert ask(FOLLOWERS, params={"pagination_token": token}).ok


def test_a_list_switch_is_not_used_up_by_what_is_no_list(switches, ask):
    switches.arm("empty_list")
    ask(ME)
    assert followers(ask) == []


def test_switches_are_turned_from_outside(switches, ask):
    outside = Asking(ask.url, None)
    armed = outside(
        CONTROL, "POST", json={"name": "rate_limited", "times": 1, "path": "", "reset": "-1"}
    ).json()
    assert armed["armed"] == [{"name": "rate_limited", "times": 1, "path": "", "reset": "-1"}]
    assert armed["known"].keys() == KNOWN.keys()
    assert ask(ME).headers["x-rate-limit-reset"] == "-1"
    outside(CONTROL, "POST", json={"name": "html_503", "times": None})
    assert outside(CONTROL, "DELETE").json()["armed"] == []
    assert ask(ME).ok


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"name": "flood"}', "There is no fault 'flood'"),
        (b'{"name": "reset", "times": 0}', "whole number from 1"),
        (b'{"times": 2}', 'the key "name"'),
        (b"[]", 'the key "name"'),
        (b"\xff", "must be JSON"),
    ],
)
def test_a_wrong_switch_is_refused_in_one_sentence(switches, ask, body, says):
    answer = ask(CONTROL, "POST", data=body)
    assert answer.status_code == 400
    assert says in answer.json()["error"]
    assert switches.armed() == []


def test_what_was_asked_is_on_record_without_the_control_page(switches, ask):
    before = len(switches.requests)
    ask(FOLLOWERS, params={"max_results": 3})
    ask(CONTROL)
    assert list(switches.requests)[before:] == [f"GET {FOLLOWERS}?max_results=3"]


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        ("revoked_token", {}, (400, 190, 460)),
        ("expired_token", {}, (400, 190, 463)),
        ("forbidden", {}, (403, 10, None)),
        ("forbidden", {"code": 200}, (403, 200, None)),
        ("rate_limited", {}, (400, 80001, None)),
        ("rate_limited", {"code": 4}, (403, 4, None)),
        ("rate_limited", {"code": 17}, (400, 17, None)),
        ("rate_limited", {"code": 32}, (403, 32, None)),
        ("error_code", {"code": 2}, (500, 2, None)),
        ("error_code", {"code": 100, "subcode": 33}, (400, 100, 33)),
        ("error_code", {"code": 190, "subcode": 458, "status": 401}, (401, 190, 458)),
    ],
)
def test_graph_refuses_in_its_own_shape(faults, name, settings, expected):
    faults.arm(name, **settings)
    with serve_graph(facebook_school(Watch()), faults) as serving:
        answer = Asking(serving.url, "page-token")("/v26.0/me")
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error.get("error_subcode")) == expected
        assert "x-business-use-case-usage" in answer.headers or name != "rate_limited"
        assert Asking(serving.url, "page-token")("/v26.0/me").ok


def test_graphs_lists_are_shaped_too(faults):
    state = facebook_school(Watch())
    person = state.add_person("Kaz Holloway")
    post = state.add_post("Fourteen crates")
    for number in range(5):
        state.add_comment(post, person, f"comment {number}")
    with serve_graph(state, faults) as serving:
        ask = Asking(serving.url, "page-token")
        faults.arm("empty_list", path="/comments")
        assert len(ask.json("/me/posts")["data"]) == 1
        assert ask.json(f"/{post}/comments")["data"] == []
        faults.arm("cyclic", times=None)
        first = ask.json(f"/{post}/comments", limit=2)
        second = ask.json(f"/{post}/comments", limit=2, after=first["paging"]["cursors"]["after"])
        assert first["data"] == second["data"]


@pytest.mark.parametrize(("name", "settings"), [("slow_drip", {"interval": 60}), ("hang", {})])
def test_nothing_that_hangs_outlives_its_server(faults, name, settings):
    faults.arm(name, **settings)
    ended = []

    def wait(url: str) -> None:
        with pytest.raises(requests.RequestException):
            Asking(url, "x-user-token")(ME, timeout=30)
        ended.append(name)

    serving = serve_x(x_school(Watch()), faults).start()
    thread = threading.Thread(target=wait, args=(serving.url,))
    thread.start()
    while not faults.requests:
        time.sleep(0.005)
    started = time.monotonic()
    serving.stop()
    thread.join(5)
    assert ended == [name]
    assert time.monotonic() - started < 1.5  # sooner than the server would have given up on it


def test_a_client_that_gives_up_frees_a_drip(faults):
    faults.arm("slow_drip", interval=60)
    with serve_x(x_school(Watch()), faults) as serving:
        with pytest.raises(requests.RequestException), requests.Session() as session:
            session.get(serving.url + ME, headers={"Authorization": "Bearer x-user-token"}, timeout=(1, 0.2))
        assert Asking(serving.url, "x-user-token")(ME).ok


def test_a_stopped_server_answers_nobody_and_may_be_stopped_again(faults):
    serving = serve_x(x_school(Watch()), faults).start()
    port = serving.port
    serving.stop()
    serving.stop()
    with socket.socket() as line, pytest.raises(ConnectionRefusedError):
        line.connect(("127.0.0.1", port))
    with Serving(x_app(x_school(Watch()), faults), port=port) as again:
        assert Asking(again.url, "x-user-token")(ME).ok


def test_a_taken_port_is_an_error_at_once(faults):
    with serve_x(x_school(Watch()), faults) as serving, pytest.raises(OSError, match="in use"):
        Serving(graph_app(facebook_school(Watch()), faults), port=serving.port)
