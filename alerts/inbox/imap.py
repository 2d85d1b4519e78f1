"""A mailbox that people write to, over IMAP (RFC 3501). It is opened read-only: nothing in it is ever changed.

Certificates are always verified; clear text goes to this machine only. No address and no content in an error. Which
messages were read is kept in the database, so that the school may use, sort and empty the mailbox as it likes.
"""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from alerts.smtp import Security, Token, is_loopback
from monitor.deadline import Deadline
from monitor.errors import DeliveryError, InboxError

if TYPE_CHECKING:
    from imap_tools import BaseMailBox

MOST_BYTES = 256 * 1024  # of one message; its text comes before its pictures
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LATER = re.compile(r"\[(?:UNAVAILABLE|LIMIT|INUSE|SERVERBUG)\]", re.IGNORECASE)  # RFC 5530 §3
_NOT_INSTALLED = (
    "reading a mailbox needs an extra that is not installed; run `uv sync --frozen --extra imap`"
    " in the source, or install with `--extra imap` as docs/install.md says."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """Where people write to, and who we are there. `trusted`: the authserv-id of the server's own header, None where
    it writes none. `token` is asked for an access token (XOAUTH2) in place of `password`. Seconds for `timeout`, between two
    bytes."""

    host: str
    port: int
    username: str
    trusted: str | None
    security: Security = Security.TLS
    password: str | None = field(default=None, repr=False)
    token: Token | None = field(default=None, repr=False)
    folder: str = "INBOX"
    every: timedelta = timedelta(minutes=2)
    timeout: float = 20.0
    longest: float = 150.0  # seconds for all that is asked in one go
    table: str = "claims.mail"  # of the configuration

    @property
    def where(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def name(self) -> str:
        """What tells this mailbox from another."""
        return f"{self.host.lower()} {self.username.lower()} {self.folder}"


class Opened:
    """A folder that is open for reading. Its methods raise InboxError only."""

    def __init__(self, box: BaseMailBox, inbox: Inbox) -> None:
        self._box, self._inbox = box, inbox
        with _told(inbox):
            self.uid_validity = int(box.client.response("UIDVALIDITY")[1][0] or b"")

    def after(self, uid: int, since: date) -> list[int]:
        """The UIDs above `uid` of messages that arrived on `since` or later, in order."""
        # the month is written in English whatever this machine speaks (RFC 3501 §9, date-month)
        day = f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"
        with _told(self._inbox):
            found = self._box.uids(f"UID {uid + 1}:* SINCE {day}", charset=None)
            return sorted(
                number for number in map(int, found) if number > uid
            )  # n:* always names the last one

    def message(self, uid: int) -> bytes | None:
        """The first MOST_BYTES of a message; None when it is not there any more."""
        with _told(self._inbox):
            status, parts = self._box.client.uid("FETCH", str(uid), f"(UID BODY.PEEK[]<0.{MOST_BYTES}>)")
        if status != "OK":
            raise InboxError(f"{self._inbox.where} does not give its messages; it may be busy.")
        for one in parts:  # whatever else the server had to say stands between
            if isinstance(one, tuple) and b"BODY[]" in one[0].upper():
                return bytes(one[1][:MOST_BYTES])
        return None


@contextlib.contextmanager
def opened(inbox: Inbox) -> Iterator[Opened]:
    """Connect, secure, sign in, open the folder. Raises InboxError with a sentence for a technician."""
    try:
        from imap_tools import ImapToolsError
    except ImportError as error:
        raise InboxError(_NOT_INSTALLED, permanent=True) from error
    with Deadline(inbox.longest):  # a server that drips its answers must not hold the mailbox for ever
        with _told(inbox):
            box = _connected(inbox)
        try:
            with _told(inbox):
                _secure(box, inbox)
                _sign_in(box, inbox)
                _choose(box, inbox)
            yield Opened(box, inbox)
            # what is said to goodbye changes nothing: it is known already what was read
            with contextlib.suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
                box.logout()
        finally:
            with contextlib.suppress(OSError):
                box.client.shutdown()


@contextlib.contextmanager
def _told(inbox: Inbox) -> Iterator[None]:
    """What goes wrong at the server's end becomes a sentence."""
    from imap_tools import ImapToolsError

    try:
        yield
    except (OSError, imaplib.IMAP4.error, ImapToolsError, ValueError) as error:
        raise _problem(error, inbox) from error


def _connected(inbox: Inbox) -> BaseMailBox:
    from alerts.inbox.connecting import Clear, Secured

    if inbox.security is Security.NONE:
        if not is_loopback(inbox.host):
            raise InboxError(
                f'{inbox.table}.security is "none", which is for this machine only, and {inbox.host} is not; write "tls".',
                permanent=True,
            )
        return Clear(inbox.host, inbox.port, timeout=inbox.timeout)
    if inbox.security is Security.TLS:
        return Secured(inbox.host, inbox.port, timeout=inbox.timeout, ssl_context=_verifying())
    # imap-tools' own MailBoxStartTls leaves its socket open when the server refuses
    return Clear(inbox.host, inbox.port, timeout=inbox.timeout)


def _secure(box: BaseMailBox, inbox: Inbox) -> None:
    if inbox.security is not Security.STARTTLS:
        return
    if "STARTTLS" not in box.client.capabilities:
        raise InboxError(
            f'{inbox.where} does not offer STARTTLS; write {inbox.table}.security = "tls".', permanent=True
        )
    box.client.starttls(_verifying())


def _verifying() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _sign_in(box: BaseMailBox, inbox: Inbox) -> None:
    from imap_tools import MailboxLoginError

    try:
        if inbox.token is not None:
            box.xoauth2(inbox.username, _given(inbox.token), initial_folder=None)
        elif f"{inbox.username}{inbox.password}".isascii():
            box.login(inbox.username, inbox.password or "", initial_folder=None)
        else:
            box.login_utf8(inbox.username, inbox.password or "", initial_folder=None)
    except imaplib.IMAP4.abort:
        raise
    except (MailboxLoginError, imaplib.IMAP4.error) as error:
        if inbox.token is not None:
            inbox.token.forget()
        if _LATER.search(str(error)):
            raise InboxError(f"{inbox.where} takes nobody's sign-in at the moment.") from error
        raise InboxError(
            f"{inbox.where} refused the sign-in; check {inbox.table}.username and its"
            f" {'application' if inbox.token else 'password'}, and that IMAP is allowed for this mailbox.",
            permanent=True,
        ) from error


def _given(token: Token) -> str:
    try:
        return asyncio.run(_asked(token))
    except DeliveryError as error:
        raise InboxError(str(error)) from error


async def _asked(token: Token) -> str:
    return await token()


def _choose(box: BaseMailBox, inbox: Inbox) -> None:
    from imap_tools import MailboxFolderSelectError

    try:
        box.folder.set(inbox.folder, readonly=True)
    except MailboxFolderSelectError as error:
        raise InboxError(
            f'the mailbox has no folder "{inbox.folder}" that can be opened; correct {inbox.table}.folder.',
            permanent=True,
        ) from error


def _problem(error: Exception, inbox: Inbox) -> InboxError:
    where = inbox.where
    if isinstance(error, ssl.SSLCertVerificationError):
        return InboxError(
            f"{where} shows a certificate that this machine does not trust; check {inbox.table}.host, or have the"
            " school's own authority trusted here.",
            permanent=True,
        )
    if isinstance(error, OSError):
        return InboxError(_unreached(error, inbox))
    return InboxError(
        f"{where} broke off, or does not answer as an IMAP server does; check {inbox.table}.host and port."
    )


def _unreached(error: OSError, inbox: Inbox) -> str:
    if isinstance(error, ssl.SSLError):
        return f"{inbox.where} does not speak TLS as expected; check {inbox.table}.port and {inbox.table}.security."
    if isinstance(error, socket.gaierror):
        return f"{inbox.host} has no address; check {inbox.table}.host and this machine's DNS."
    if isinstance(error, TimeoutError):
        return f"{inbox.where} did not answer within {inbox.timeout:g} seconds; it may be busy or blocked."
    return (
        f"{inbox.where} cannot be reached ({error.strerror or type(error).__name__}); check {inbox.table}.host, its port"
        " and the firewall."
    )
