"""An IMAP server on loopback (RFC 3501), as much of it as a reader meets, with the faults that a real one has."""

from __future__ import annotations

import base64
import contextlib
import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tests.conftest import MORNING


@dataclass
class Kept:
    """One message as the server keeps it."""

    uid: int
    raw: bytes
    arrived: date
    flags: set[str] = field(default_factory=set)


@dataclass
class Mailroom:
    """What the server holds and does. `faults` are looked at once a command: "SEARCH": "drop" | "NO ..." | "BYE" | "BAD ..." |
    a line."""

    username: str = "my-account@school.example"
    password: str = "marker-imap-password"
    token: str = ""
    uid_validity: int = 1
    next_uid: int = 1
    folders: tuple[str, ...] = ("INBOX",)
    messages: list[Kept] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    gone: set[int] = field(
        default_factory=set
    )  # UIDs that are found, and not there any more when they are fetched
    breaks_at: int = 0  # the UID at which the connection ends
    said: list[str] = field(default_factory=list)  # every command, without what is secret
    tls: ssl.SSLContext | None = None
    port: int = 0

    def arrive(self, raw: bytes, at: datetime = MORNING) -> int:
        kept = Kept(self.next_uid, raw, at.date())
        self.messages.append(kept)
        self.next_uid += 1
        return kept.uid

    def renumber(self) -> None:
        """As after a restored backup: other UIDs, another UIDVALIDITY."""
        self.uid_validity += 1
        self.next_uid = 1
        for kept in self.messages:
            kept.uid, self.next_uid = self.next_uid, self.next_uid + 1


class _Goodbye(Exception):  # noqa: N818 - the end of a conversation
    pass


class _Conversation(socketserver.StreamRequestHandler):
    room: Mailroom
    implicit_tls: bool

    def handle(self) -> None:
        with contextlib.suppress(_Goodbye, OSError):
            if self.implicit_tls:
                self._secure()
            self._say(self.room.faults.get("greeting", "* OK IMAP4rev1 ready"))
            while line := self.rfile.readline(65_536):
                self._command(line.decode().rstrip("\r\n"))

    def finish(self) -> None:
        with contextlib.suppress(OSError):  # whoever is at the other end may have gone
            super().finish()
        self.connection.close()

    def _secure(self) -> None:
        assert self.room.tls is not None
        secured = self.room.tls.wrap_socket(self.connection, server_side=True)
        self.connection = secured
        self.rfile, self.wfile = secured.makefile("rb"), secured.makefile("wb", buffering=0)

    def _say(self, line: str | bytes) -> None:
        self.wfile.write((line.encode() if isinstance(line, str) else line) + b"\r\n")

    def _command(self, line: str) -> None:
        tag, _, rest = line.partition(" ")
        name, _, arguments = rest.partition(" ")
        name = name.upper()
        if name == "UID":
            name, _, arguments = arguments.partition(" ")
            name = name.upper()
        self.room.said.append(name if name in {"LOGIN", "AUTHENTICATE"} else f"{name} {arguments}".strip())
        if fault := self.room.faults.get(name):
            self._fail(fault, tag)
        else:
            getattr(self, f"_{name.lower()}")(tag, arguments)

    def _fail(self, fault: str, tag: str) -> None:
        if fault == "drop":
            raise _Goodbye
        if fault == "BYE":
            self._say("* BYE going down")
            raise _Goodbye
        self._say(f"{tag} {fault}" if fault.startswith(("NO", "BAD")) else fault)

    def _capability(self, tag: str, arguments: str) -> None:
        offered = "IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2"
        starttls = " STARTTLS" if self.room.tls and not isinstance(self.connection, ssl.SSLSocket) else ""
        self._say(f"* CAPABILITY {offered}{starttls}")
        self._say(f"{tag} OK done")

    def _starttls(self, tag: str, arguments: str) -> None:
        self._say(f"{tag} OK begin")
        self._secure()

    def _login(self, tag: str, arguments: str) -> None:
        given = re.findall(r'"((?:[^"\\]|\\.)*)"', arguments)
        self._signed_in(tag, given == [self.room.username, self.room.password])

    def _authenticate(self, tag: str, arguments: str) -> None:
        self._say("+ ")
        said = base64.b64decode(self.rfile.readline()).decode()
        plain = f"\0{self.room.username}\0{self.room.password}"
        bearer = f"user={self.room.username}\1auth=Bearer {self.room.token}\1\1"
        self._signed_in(tag, said == (bearer if arguments == "XOAUTH2" else plain))

    def _signed_in(self, tag: str, well: bool) -> None:
        self._say(f"{tag} OK done" if well else f"{tag} NO [AUTHENTICATIONFAILED] no")

    def _examine(self, tag: str, arguments: str) -> None:
        if arguments.strip('"') not in self.room.folders:
            self._say(f"{tag} NO no such folder")
            return
        self._say(f"* {len(self.room.messages)} EXISTS")
        self._say(f"* OK [UIDVALIDITY {self.room.uid_validity}] valid")
        self._say(f"{tag} OK [READ-ONLY] done")

    def _search(self, tag: str, arguments: str) -> None:
        asked = re.fullmatch(r"UID (\d+):\* SINCE (\d+-[A-Z][a-z]{2}-\d{4})", arguments)
        if asked is None:
            self._say(f"{tag} BAD what?")
            return
        least = int(asked[1])
        since = datetime.strptime(asked[2], "%d-%b-%Y").date()  # noqa: DTZ007 - a day
        last = max((kept.uid for kept in self.room.messages), default=0)
        found = [
            str(kept.uid)
            for kept in reversed(self.room.messages)  # in no order that anybody promised
            if (kept.uid >= least or kept.uid == last) and kept.arrived >= since
        ]
        self._say(" ".join(["* SEARCH", *found]))
        self._say(f"{tag} OK done")

    def _fetch(self, tag: str, arguments: str) -> None:
        asked = re.fullmatch(r"(\d+) \(UID BODY\.PEEK\[\]<0\.(\d+)>\)", arguments)
        if asked is None:
            self._say(f"{tag} BAD what?")
            return
        uid = int(asked[1])
        if uid == self.room.breaks_at:
            raise _Goodbye
        for number, kept in enumerate(self.room.messages, start=1):
            if kept.uid == uid and uid not in self.room.gone:
                raw = kept.raw[: int(asked[2])]
                self._say(f"* {number} FETCH (FLAGS ())")  # a server may say such a thing at any time
                self._say(f"* {number} FETCH (UID {kept.uid} BODY[]<0> {{{len(raw)}}}".encode())
                self.wfile.write(raw)
                self._say(")")
        self._say(f"{tag} OK done")

    def _store(self, tag: str, arguments: str) -> None:
        self._say(f"{tag} NO the folder is open for reading only")

    def _logout(self, tag: str, arguments: str) -> None:
        self._say("* BYE")
        self._say(f"{tag} OK done")
        raise _Goodbye


@contextlib.contextmanager
def serving(room: Mailroom, *, implicit_tls: bool = False) -> Iterator[Mailroom]:
    """`room` on a loopback port of its own; `implicit_tls` speaks TLS from the first byte (needs `room.tls`)."""

    class Conversation(_Conversation):
        pass

    Conversation.room, Conversation.implicit_tls = room, implicit_tls

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """What the reader does to a connection is its own business."""

    with Server(("127.0.0.1", room.port), Conversation) as server:
        room.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield room
        finally:
            server.shutdown()
            thread.join()
