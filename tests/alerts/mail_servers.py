"""Real mail servers on 127.0.0.1 for the tests: a well-behaved one with TLS, and one that follows a script."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from alerts.smtp import MailServer, Security

SENDER = "schoolgate@st-elsewhere.example"
PASSWORD = "correct horse"


@dataclass
class Certificate:
    """A self-signed certificate, and what a server needs to show it."""

    ca_file: Path
    context: ssl.SSLContext


def make_certificate(folder: Path, host: str = "127.0.0.1", *, days: int = 1) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    alt = x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([alt]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    ca_file, key_file = folder / f"{host}.{days}.pem", folder / f"{host}.{days}.key"
    ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca_file, key_file)
    return Certificate(ca_file, context)


@dataclass
class Mailbox:
    """aiosmtpd's handler: keeps what arrives, refuses whom it is told to refuse."""

    taken: list[tuple[str, bytes]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)  # recipient → reply to RCPT
    senders: list[str] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.connections.add(id(session))
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.original_content, bytes)
        self.senders.append(str(envelope.mail_from))
        self.taken.append((envelope.rcpt_tos[0], envelope.original_content))
        return f"250 2.0.0 queued as {len(self.taken)} for {envelope.rcpt_tos[0]}"


def mail_server(port: int, **changes: Any) -> MailServer:
    """Settings for a server on 127.0.0.1, in clear unless `changes` say otherwise."""
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "sender": SENDER,
        "local_hostname": "gate.st-elsewhere.example",
        "security": Security.NONE,
        "timeout": 2.0,
        "reply_timeout": 2.0,
    }
    return MailServer(**(values | changes))


def password_checker(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    return AuthResult(success=data.password == PASSWORD.encode())


@asynccontextmanager
async def aiosmtpd_server(
    mailbox: Mailbox, certificate: Certificate | None = None, **options: Any
) -> AsyncIterator[int]:
    """Its port. With a certificate STARTTLS is offered and demanded."""
    tls = {"tls_context": certificate.context, "require_starttls": True} if certificate else {}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, hostname="mx.test", loop=loop, **(tls | options)), "127.0.0.1", 0
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


@dataclass
class Script:
    """What a scripted server says to each command (the first that fits), and what it was told."""

    answers: dict[str, str] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    hanging: asyncio.Event = field(default_factory=asyncio.Event)  # set when an answer is HANG

    def reply(self, line: str) -> str:
        usual = {"EHLO": "250 mx.test", "DATA": "354 go on", "QUIT": "221 bye", "AUTH": "235 in"}
        verb = line[:4].upper()
        for start, answer in self.answers.items():
            if line.upper().startswith(start):
                return answer
        return usual.get(verb, "250 ok")


DROP = "drop"  # an answer: close the connection
HANG = "hang"  # an answer: say nothing more


@asynccontextmanager
async def scripted_server(script: Script, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Its port. In clear, or TLS from the start with `context`."""
    hung = asyncio.Event()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        try:
            await _converse(script, reader, writer, hung)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        hung.set()
        server.close()
        await server.wait_closed()
        await asyncio.gather(*tasks)


async def _converse(
    script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hung: asyncio.Event
) -> None:
    say: Callable[[str], None] = lambda text: writer.write(text.encode() + b"\r\n")  # noqa: E731
    greeting = script.answers.get("GREETING", "220 mx.test")
    if greeting == HANG:
        await hung.wait()
        return
    say(greeting)
    while line := (await reader.readline()).decode().rstrip("\r\n"):
        script.heard.append(line)
        answer = script.reply(line)
        if answer.startswith("354"):
            say(answer)
            script.bodies.append(await reader.readuntil(b"\r\n.\r\n"))
            answer = script.answers.get("DOT", "250 2.0.0 taken")
        if answer == DROP:
            return
        if answer == HANG:
            script.hanging.set()
            await hung.wait()
            return
        say(answer)
        if line.upper() == "QUIT":
            return
