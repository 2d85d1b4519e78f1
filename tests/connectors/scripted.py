"""A real HTTP server on 127.0.0.1 that answers what a test wrote down, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

RECORDED = Path(__file__).parent / "recorded"


def recorded(name: str) -> Any:
    """An answer of tests/connectors/recorded, such as "x/mentions.json"."""
    return json.loads((RECORDED / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]  # lower-case names
    body: bytes
    line: str


@dataclass(frozen=True)
class Reply:
    """`body` is JSON unless it is bytes. `write` takes over the socket after the head, for drips and torn answers; with
    status 0 it writes the head as well."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    write: Callable[[Any], None] | None = None


Answers = Callable[[Asked], Reply]


@dataclass
class Server:
    url: str
    asked: list[Asked]
    answers: Answers

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]


@contextmanager
def serving(answers: Answers) -> Iterator[Server]:
    """`answers` may be replaced while it runs: server.answers = ..."""
    server: Server

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self) -> None:
            parts = urlsplit(self.path)
            asked = Asked(
                method=self.command,
                path=parts.path,
                query={name: values[0] for name, values in parse_qs(parts.query).items()},
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(self.headers.get("content-length") or 0)),
                line=self.path,
            )
            server.asked.append(asked)
            reply = server.answers(asked)
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            headers = dict(reply.headers)
            if not isinstance(reply.body, bytes):
                headers.setdefault("Content-Type", "application/json; charset=utf-8")
            if reply.write is None:
                headers.setdefault("Content-Length", str(len(body)))
            if reply.status:
                self.send_response(reply.status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
            try:
                if reply.write is not None:
                    self.close_connection = True
                    reply.write(self.wfile)
                else:
                    self.wfile.write(body)
            except OSError:
                self.close_connection = True  # the client hung up, which some tests are about

        do_GET = do_POST = do_PUT = do_DELETE = do_CONNECT = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

        def send_response(self, code: int, message: str | None = None) -> None:
            self.send_response_only(code, message)  # without Date and Server, which tests set themselves

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # a torn connection is what a test asked for

    with Quiet(("127.0.0.1", 0), Handler) as http:
        server = Server(f"http://127.0.0.1:{http.server_address[1]}", [], answers)
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


def always(body: Any = b"", status: int = 200, **headers: str) -> Answers:
    """The same answer to everything; header names with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Reply(body, status, named)
