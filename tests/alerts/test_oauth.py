from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import pytest

from alerts.oauth import Credentials, TokenSource
from monitor.errors import DeliveryError


class TokenServer:
    """An OAuth token address on 127.0.0.1."""

    def __init__(self, status: int, answer: bytes, **headers: str) -> None:
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/token"

    def __enter__(self) -> Self:
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


class SetClock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def source(url: str, clock: SetClock) -> TokenSource:
    given = Credentials(token_url=url, client_id="gate", client_secret="s3cret", scope="mail/.default")
    return TokenSource(given, clock, timeout=2)


async def test_a_token_is_kept_until_five_minutes_before_it_expires() -> None:
    clock = SetClock()
    with TokenServer(200, b'{"access_token": "t0ken", "expires_in": 3600, "token_type": "Bearer"}') as there:
        token = source(there.url, clock)
        assert await token() == "t0ken"
        clock.now += timedelta(minutes=54)
        await token()
        assert len(there.asked) == 1
        clock.now += timedelta(minutes=2)
        await token()
        assert len(there.asked) == 2
        token.forget()
        await token()
    assert len(there.asked) == 3
    assert "grant_type=client_credentials" in there.asked[0]
    assert "scope=mail%2F.default" in there.asked[0]


@pytest.mark.parametrize(
    ("status", "answer", "says"),
    [
        (401, b'{"error": "invalid_client", "error_description": "s3cret is wrong"}', "401 invalid_client"),
        (200, b"<html>log in</html>", "something unreadable"),
        (200, b'{"token": "other"}', "gave no token (200)"),
        (200, b'["access_token"]', "gave no token (200)"),
    ],
)
async def test_no_token_is_a_sentence_without_the_secret(status: int, answer: bytes, says: str) -> None:
    with TokenServer(status, answer) as there, pytest.raises(DeliveryError) as caught:
        await source(there.url, SetClock())()
    assert says in str(caught.value)
    assert "s3cret" not in str(caught.value)


async def test_the_secret_does_not_follow_a_redirect() -> None:
    with (
        TokenServer(200, b'{"access_token": "stolen"}') as other,
        TokenServer(307, b"{}", Location=other.url) as there,
        pytest.raises(DeliveryError),
    ):
        await source(there.url, SetClock())()
    assert other.asked == []


def test_a_token_address_in_clear_is_refused() -> None:
    with pytest.raises(ValueError, match="must start with https"):
        Credentials(token_url="http://login.example/token", client_id="g", client_secret="s", scope="m")


def test_credentials_do_not_show_their_secret() -> None:
    given = Credentials(
        token_url="https://login.example/token", client_id="g", client_secret="s3cret", scope="m"
    )
    assert "s3cret" not in repr(given)
