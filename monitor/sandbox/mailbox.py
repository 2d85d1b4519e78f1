"""The sandbox's mail server: takes every mail on 127.0.0.1 and keeps it, so that people and tests can read it.

It speaks real SMTP (aiosmtpd): STARTTLS with a certificate of its own, AUTH if asked to, and the faults that a school's
mail server shows. It must never pass a mail on, and it listens on no other address.
"""

from __future__ import annotations

import asyncio
import hmac
import threading
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from monitor.ports import Clock
from monitor.sandbox.loopback_tls import loopback_tls
from monitor.sandbox.mailbox_listener import HOST, Listener, abort

LARGEST = 5 * 1024 * 1024  # bytes; a mail of ours is a few kilobytes


class Fault(StrEnum):
    """What can go wrong at the server. The first two answer RCPT; the others come after the final dot."""

    BUSY = "busy"  # 451: try again later
    NO_SUCH_BOX = "no_such_box"  # 550: never
    FULL = "full"  # 552 after the final dot: the message is refused, nothing is kept
    CUT_KEPT = "cut_kept"  # the message is kept, but the line goes dead before the 250: whoever retries sends it twice
    CUT_LOST = "cut_lost"  # the line goes dead and nothing is kept
    HANG = "hang"  # nothing is kept and no answer comes, until the client gives up


_AT_RCPT = {
    Fault.BUSY: "451 4.3.2 System not accepting network messages, try again later",
    Fault.NO_SUCH_BOX: "550 5.1.1 No such mailbox here",
}


@dataclass(frozen=True, slots=True)
class Mail:
    """One accepted mail. `raw` is as it came over the line; `login` who signed in, if anybody; `number` from 1."""

    number: int
    at: datetime
    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    tls: bool
    login: str | None

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    def body(self, kind: str) -> str | None:
        """The "plain" or "html" body as text with plain line ends; None when there is none. What cannot be decoded shows as
        U+FFFD."""
        part = self.message.get_body((kind,))
        if part is None:
            return None
        try:
            text = str(part.get_content())
        except (LookupError, UnicodeDecodeError):  # a charset that nobody knows, or that lies
            payload = part.get_payload(decode=True)
            text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload)
        return text.replace("\r\n", "\n")


@dataclass(slots=True)
class _Planned:
    fault: Fault
    recipient: str | None
    left: int | None  # None: until cleared


class Mailbox:
    """A mail server between `start` and `stop`, or inside a `with` block. Used once; any thread may ask it.

    `credentials` (name, password) makes AUTH compulsory: PLAIN, LOGIN, or XOAUTH2 with the password as the token.
    `starttls=False` offers no TLS, to see that a client refuses. `certificate` (PEM) is what a client must trust.
    `port` 0 lets the system choose; read `port` after `start`.
    """

    host = HOST

    def __init__(
        self,
        *,
        clock: Clock,
        credentials: tuple[str, str] | None = None,
        starttls: bool = True,
        port: int = 0,
    ) -> None:
        self.clock = clock
        self.credentials = credentials
        context, self.certificate = loopback_tls() if starttls else (None, "")
        self._changed = threading.Condition()
        self._mails: list[Mail] = []
        self._faults: list[_Planned] = []
        self._shown: list[Fault] = []
        self._listener = Listener(
            lambda loop: SMTP(
                _Receiver(self),
                hostname="mailbox.example",  # the default asks the resolver
                ident="Schoolgate sandbox",
                enable_SMTPUTF8=True,
                data_size_limit=LARGEST,
                tls_context=context,
                require_starttls=starttls,
                auth_required=credentials is not None,
                auth_require_tls=starttls,
                authenticator=self._authenticated,
                loop=loop,
            ),
            port,
        )

    # what came

    def all(self) -> list[Mail]:
        """Every mail, oldest first."""
        with self._changed:
            return list(self._mails)

    def to(self, address: str) -> list[Mail]:
        """The mails for one address (any case), oldest first."""
        wanted = address.lower()
        return [mail for mail in self.all() if wanted in (name.lower() for name in mail.recipients)]

    def number(self, number: int) -> Mail | None:
        return next((mail for mail in self.all() if mail.number == number), None)

    def wait(self, count: int, *, to: str | None = None, seconds: float = 10.0) -> list[Mail]:
        """The mails (for `to`) once there are `count`; TimeoutError when they do not come."""

        def found() -> list[Mail]:
            return self.all() if to is None else self.to(to)

        with self._changed:
            if not self._changed.wait_for(lambda: len(found()) >= count, seconds):
                raise TimeoutError(f"{len(found())} of {count} mails came within {seconds:g} seconds.")
            return found()

    def wait_shown(self, fault: Fault, *, seconds: float = 10.0) -> None:
        """Until a client has met this fault; TimeoutError when none does."""
        with self._changed:
            if not self._changed.wait_for(lambda: fault in self._shown, seconds):
                raise TimeoutError(f"No client met {fault} within {seconds:g} seconds.")

    def keep(
        self, sender: str, recipients: Sequence[str], raw: bytes, *, tls: bool, login: str | None
    ) -> Mail:
        with self._changed:
            mail = Mail(len(self._mails) + 1, self.clock(), sender, tuple(recipients), raw, tls, login)
            self._mails.append(mail)
            self._changed.notify_all()
        return mail

    # what goes wrong

    def plan(self, fault: Fault, *, recipient: str | None = None, times: int | None = 1) -> None:
        """Show this fault to mails for `recipient` (None: to all), so many times (None: until `mend`)."""
        with self._changed:
            self._faults.append(_Planned(fault, recipient.lower() if recipient else None, times))

    def mend(self) -> None:
        with self._changed:
            self._faults.clear()

    def fault_for(self, recipients: Sequence[str], among: Callable[[Fault], bool]) -> Fault | None:
        """The first planned fault of this stage for any of them; it counts as shown."""
        names = {name.lower() for name in recipients}
        with self._changed:
            for planned in self._faults:
                if among(planned.fault) and (planned.recipient is None or planned.recipient in names):
                    if planned.left is not None:
                        planned.left -= 1
                    self._faults = [each for each in self._faults if each.left != 0]
                    self._shown.append(planned.fault)
                    self._changed.notify_all()
                    return planned.fault
        return None

    # running

    @property
    def port(self) -> int:
        return self._listener.port

    def start(self) -> Self:
        self._listener.start()
        return self

    def stop(self) -> None:
        """Drop every connection and free the port; the mails stay readable. A second stop does nothing."""
        self._listener.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _authenticated(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any
    ) -> AuthResult:
        if self.credentials is None or not isinstance(given, LoginPassword):
            return AuthResult(success=False, handled=False)
        name, password = (each.encode() for each in self.credentials)
        good = given.login == name and hmac.compare_digest(given.password, password)
        return AuthResult(success=good, handled=False, auth_data=given.login.decode("utf-8", "replace"))


class _Receiver:
    """aiosmtpd's hooks: faults first, then keep the mail."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        fault = self.mailbox.fault_for([address], lambda fault: fault in _AT_RCPT)
        if fault is not None:
            return _AT_RCPT[fault]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        fault = self.mailbox.fault_for(envelope.rcpt_tos, lambda fault: fault not in _AT_RCPT)
        if fault is Fault.FULL:
            return "552 5.2.2 Mailbox full"
        if fault in {None, Fault.CUT_KEPT}:
            self.mailbox.keep(
                envelope.mail_from or "",
                envelope.rcpt_tos,
                envelope.original_content or b"",
                tls=session.ssl is not None,
                login=session.auth_data if session.authenticated else None,
            )
        if fault is None:
            return "250 2.0.0 OK: kept"
        if fault is not Fault.HANG:
            abort(server)
        gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        return await gone  # never set: the lost connection cancels this

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """RFC 7628's predecessor: base64 of "user=" name ^A "auth=Bearer " token ^A ^A."""
        try:
            user, bearer, *_ = b64decode(args[1], validate=True).decode().split("\x01")
        except (IndexError, ValueError):
            return AuthResult(success=False, handled=False)
        name, token = user.removeprefix("user="), bearer.removeprefix("auth=Bearer ")
        return server._authenticate("XOAUTH2", LoginPassword(name.encode(), token.encode()))  # noqa: SLF001
