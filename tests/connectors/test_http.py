from __future__ import annotations

import gzip
import json
import logging
import time
from datetime import UTC, datetime

import pytest
import requests

from connectors.answers import Answer, NotJson, Redirected, TookTooLong, Unusable
from connectors.http import Session
from tests.connectors.scripted import Reply, always, serving

HOST = "https://api.network.example"  # what an SDK believes that it talks to
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TOKEN = "EAAB-never-to-be-seen"


def session(server, **settings) -> Session:
    return Session(server.url, **settings)


def test_the_hard_coded_host_is_replaced_by_the_configured_one():
    with serving(always({"ok": 1})) as server:
        answer = session(server).get(f"{HOST}/2/users/me", params={"a": "b c"})
    assert answer.json() == {"ok": 1}
    assert [(one.path, one.query) for one in server.asked] == [("/2/users/me", {"a": "b c"})]


def test_a_base_url_may_have_a_path_before_the_network_s_own():
    with serving(always({})) as server:
        Session(f"{server.url}/mirror/").get(f"{HOST}/2/users/me")
    assert server.paths() == ["/mirror/2/users/me"]


@pytest.mark.parametrize(
    "address",
    ["http://api.network.example", "ftp://127.0.0.1", "api.network.example", "", "https://me:pw@api.example"],
)
def test_an_address_that_would_carry_a_token_in_clear_is_refused(address):
    with pytest.raises(ValueError, match="base_url must be"):
        Session(address)


@pytest.mark.parametrize(
    "address", ["http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1", "https://x.example"]
)
def test_loopback_may_speak_without_tls(address):
    Session(address)


def test_a_token_in_the_query_travels_in_the_header_instead():
    with serving(always({})) as server:
        session(server).get(f"{HOST}/me", params={"access_token": TOKEN, "fields": "id"})
    (asked,) = server.asked
    assert TOKEN not in asked.line
    assert asked.query == {"fields": "id"}
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"


def test_an_answer_that_drips_is_cut_at_the_total_deadline():
    def drip(out):
        for _ in range(200):
            out.write(b"5\r\n12345\r\n")
            out.flush()
            time.sleep(0.02)

    with serving(lambda _: Reply(write=drip, headers={"Transfer-Encoding": "chunked"})) as server:
        began = time.monotonic()
        with pytest.raises(TookTooLong):
            session(server, total=0.3).get(f"{HOST}/")
    assert time.monotonic() - began < 2


def test_headers_that_drip_are_cut_too():
    def drip(out):
        out.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(200):
            out.write(f"X-{number}: y\r\n".encode())
            out.flush()
            time.sleep(0.02)

    with serving(lambda _: Reply(status=0, write=drip)) as server:
        began = time.monotonic()
        with pytest.raises(TookTooLong):
            session(server, total=0.3).get(f"{HOST}/")
    assert time.monotonic() - began < 2


def test_a_server_that_says_nothing_is_left_after_the_read_timeout():
    began = time.monotonic()
    with (
        serving(lambda _: Reply(write=lambda _: time.sleep(2), headers={"Content-Length": "5"})) as server,
        pytest.raises(requests.RequestException),
    ):
        session(server, read=0.2).get(f"{HOST}/")
    assert time.monotonic() - began < 1.5


def test_all_the_answers_of_one_turn_share_its_time():
    with serving(always({})) as server:
        slow = session(server, turn=0.2)
        slow.begin()
        slow.get(f"{HOST}/")
        time.sleep(0.25)
        assert slow.hurried()
        with pytest.raises(TookTooLong):
            slow.get(f"{HOST}/")
        slow.begin()
        slow.get(f"{HOST}/")
    assert len(server.asked) == 2


def test_a_body_over_the_cap_is_thrown_away():
    with serving(always(json.dumps("x" * 200_000).encode())) as server:
        with pytest.raises(Unusable, match="more than"):
            session(server, max_bytes=100_000).get(f"{HOST}/")
        assert session(server).get(f"{HOST}/").ok


def test_the_cap_counts_what_comes_out_of_the_compression():
    bomb = gzip.compress(b'"' + b"x" * 5_000_000 + b'"')
    assert len(bomb) < 50_000
    with (
        serving(always(bomb, content_encoding="gzip")) as server,
        pytest.raises(Unusable, match="more than"),
    ):
        session(server, max_bytes=1_000_000).get(f"{HOST}/")


def test_a_torn_body_is_no_answer():
    with (
        serving(
            lambda _: Reply(write=lambda out: out.write(b'{"data": ['), headers={"Content-Length": "500"})
        ) as server,
        pytest.raises(requests.RequestException),
    ):
        session(server).get(f"{HOST}/")


def test_torn_compression_is_no_answer():
    with (
        serving(always(gzip.compress(b'{"data": []}' * 90)[:20], content_encoding="gzip")) as server,
        pytest.raises(requests.RequestException),
    ):
        session(server).get(f"{HOST}/")


def test_no_redirect_is_followed_and_no_token_goes_astray():
    with (
        serving(always({"stolen": True})) as elsewhere,
        serving(always(b"", 302, Location=elsewhere.url)) as server,
        pytest.raises(Redirected),
    ):
        session(server, token=TOKEN).get(f"{HOST}/")
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    "body", [b"<html>Blocked by the school's filter</html>", b"", b'{"data": [', b"[" * 100_000]
)
def test_a_success_that_is_not_json_is_refused(body):
    with serving(always(body, content_type="application/json")) as server, pytest.raises(NotJson):
        session(server).get(f"{HOST}/")


def test_limits_and_date_of_the_last_answer_are_kept_and_nothing_else():
    headers = {
        "x_rate_limit_remaining": "7",
        "Date": "Fri, 20 Nov 2026 09:00:00 GMT",
        "Set_Cookie": "id=1",
        "x_app_usage": "{}",
    }
    with serving(always({"error": {"code": 4}}, 403, **headers)) as server:
        one = session(server)
        one.get(f"{HOST}/")
        one.get(f"{HOST}/")
    assert one.last == Answer(
        403,
        {"x-rate-limit-remaining": "7", "date": "Fri, 20 Nov 2026 09:00:00 GMT", "x-app-usage": "{}"},
        {"error": {"code": 4}},
    )
    assert "cookie" not in server.asked[1].headers


def test_a_netrc_cannot_replace_our_sign_in(tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine api.network.example login other password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serving(always({})) as server:
        session(server, token=TOKEN).get(f"{HOST}/")
    assert server.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_loopback_is_reached_past_the_proxies(monkeypatch):
    with serving(always({"proxied": True})) as proxy, serving(always({})) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert session(server).get(f"{HOST}/").json() == {}
    assert proxy.asked == []
    assert len(server.asked) == 1


def test_the_sdks_loggers_say_nothing_at_debug(caplog):
    caplog.set_level(logging.DEBUG)
    with serving(always({})) as server:
        session(server, token=TOKEN).get(f"{HOST}/", params={"access_token": TOKEN})
    for name in ("tweepy", "tweepy.client", "urllib3.connectionpool", "oauthlib.oauth1", "requests_oauthlib"):
        assert not logging.getLogger(name).isEnabledFor(logging.INFO)
    assert caplog.records == []


def test_no_exception_text_holds_a_token():
    with pytest.raises(requests.RequestException) as caught:
        Session("http://127.0.0.1:1").get(f"{HOST}/me", params={"access_token": TOKEN})
    assert TOKEN not in str(caught.value)


HOUR, QUARTER, MINUTE = 3600, 900, 60
SENT = "Fri, 20 Nov 2026 09:00:00 GMT"
RESET = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-rate-limit-reset": str(RESET + 300), "date": SENT}, 300),
        ({"x-rate-limit-reset": str(RESET + 300)}, 300),  # no Date: our own clock
        (
            {"x-rate-limit-reset": str(RESET + 5000), "date": "Fri, 20 Nov 2026 10:20:00 GMT"},
            200,
        ),  # our clock is slow
        ({"x-rate-limit-reset": str(RESET + 5), "date": SENT}, MINUTE),
        ({"x-rate-limit-reset": "0", "date": SENT}, MINUTE),
        ({"x-rate-limit-reset": "-1", "date": SENT}, MINUTE),
        ({"x-rate-limit-reset": "99999999999999999999", "date": SENT}, HOUR),
        ({"x-rate-limit-reset": "9" * 400, "date": SENT}, QUARTER),
        ({"x-rate-limit-reset": "Fri, 20 Nov 2026 09:10:00 GMT", "date": SENT}, 600),
        ({"x-rate-limit-reset": "soon", "date": SENT}, QUARTER),
        ({"x-rate-limit-reset": "nan", "date": "yesterday"}, QUARTER),
        ({"retry-after": "120"}, 120),
        ({"retry-after": "0"}, MINUTE),
        ({"retry-after": "-5"}, MINUTE),
        ({"retry-after": "86400"}, HOUR),
        ({"retry-after": "Fri, 20 Nov 2026 09:05:00 GMT", "date": SENT}, 300),
        ({"retry-after": "rubbish", "x-rate-limit-reset": str(RESET + 70), "date": SENT}, 70),
        ({}, QUARTER),
    ],
)
def test_how_long_to_leave_a_network_alone(headers, seconds):
    assert Answer(429, headers).wait(NOW) == seconds
