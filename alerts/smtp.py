"""How to reach the mail server: where it is, TLS, who we are there.

Certificates are always verified. Clear text goes to this machine only. No address and no content in an error.
"""

from __future__ import annotations

import ipaddress
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import aiosmtplib

from alerts.replies import sentence
from monitor.errors import DeliveryError

_LONGEST_SIZE = 20  # figures; a longer number is no size of a message
LONG_REPLY = 600.0  # seconds: RFC 5321 §4.5.3.2.6 lets a server think this long after the final dot


class Security(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"  # this machine only


class Token(Protocol):
    """Gives an access token; `forget` is called when the mail server did not like the last one."""

    async def __call__(self) -> str: ...

    def forget(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail goes out and who we are there. Seconds for both timeouts; `sender` is the envelope's address.

    `token` is asked for an access token (XOAUTH2) in place of `password`; either needs `username`.
    """

    host: str
    port: int
    sender: str
    local_hostname: str  # what EHLO says; looking it up can be slow or wrong
    security: Security = Security.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    token: Token | None = field(default=None, repr=False)
    timeout: float = 20.0
    reply_timeout: float = LONG_REPLY
    tls_ca_file: Path | None = None

    @property
    def where(self) -> str:
        return f"{self.host}:{self.port}"


def tls_context(server: MailServer) -> ssl.SSLContext | None:
    """Verifying TLS with this machine's own certificates, and those of `tls_ca_file`; None for clear text.

    Raises DeliveryError when the file cannot be used.
    """
    if server.security is Security.NONE:
        return None
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if server.tls_ca_file:
        try:
            context.load_verify_locations(cafile=server.tls_ca_file)
        except OSError as error:  # ssl.SSLError is one
            raise DeliveryError(
                f"mail.tls_ca_file {server.tls_ca_file} cannot be read as certificates; give a PEM file that this"
                " service may read."
            ) from error
    return context


def client(server: MailServer, context: ssl.SSLContext | None) -> aiosmtplib.SMTP:
    """A client that is not connected yet. Raises DeliveryError for clear text to another machine."""
    if server.security is Security.NONE and not is_loopback(server.host):
        raise DeliveryError(
            f'mail.security is "none", which is for a mail server on this machine only, and {server.host} is not;'
            ' write "starttls".'
        )
    return aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        local_hostname=server.local_hostname,
        timeout=server.timeout,
        use_tls=server.security is Security.TLS,
        start_tls=server.security is Security.STARTTLS,
        tls_context=context,
    )


async def sign_in(smtp: aiosmtplib.SMTP, server: MailServer) -> None:
    """Say who we are, where the server wants to know. Raises aiosmtplib.SMTPException or DeliveryError."""
    if server.username is None:
        return
    if server.token is None:
        await smtp.login(server.username, server.password or "")
        return
    if "xoauth2" not in smtp.server_auth_methods:
        raise DeliveryError(
            'The mail server does not take XOAUTH2; write mail.auth = "password", or name the server that does.'
        )
    try:
        await smtp.auth_xoauth2(server.username, await server.token())
    except aiosmtplib.SMTPAuthenticationError:
        server.token.forget()
        raise


async def connected(server: MailServer, context: ssl.SSLContext | None) -> aiosmtplib.SMTP:
    """Connect, secure, greet, sign in. Raises DeliveryError with a sentence for a technician."""
    smtp = client(server, context)
    try:
        await smtp.connect()
        await smtp.ehlo()
        await sign_in(smtp, server)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        smtp.close()
        raise DeliveryError(sentence(error, server.where)) from error
    except BaseException:
        smtp.close()
        raise
    return smtp


async def quit_quietly(smtp: aiosmtplib.SMTP) -> None:
    """Leave. What the server says to that changes nothing: every message has its own answer already."""
    with suppress(aiosmtplib.SMTPException, OSError):
        if smtp.is_connected:
            await smtp.quit()
    smtp.close()


def size_limit(smtp: aiosmtplib.SMTP) -> int | None:
    """The most bytes a message may have (RFC 1870), if the server says; aiosmtplib does not check it."""
    said = smtp.esmtp_extensions.get("size", "").strip()
    return int(said) or None if said.isascii() and said.isdigit() and len(said) < _LONGEST_SIZE else None


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() in {"localhost", "localhost.localdomain"}
