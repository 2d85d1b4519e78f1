"""Is mail ready? Every step up to the message itself, each with its cure; nothing is sent."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

import aiosmtplib

from alerts.mime import header_probe
from alerts.replies import sentence
from alerts.smtp import MailServer, Security, client, quit_quietly, sign_in, size_limit, tls_context
from monitor.checked import HealthPoint
from monitor.errors import DeliveryError

ENOUGH = 256 * 1024  # bytes: our largest mail has far less


async def probe(server: MailServer, recipients: Sequence[tuple[str, str]] = ()) -> list[HealthPoint]:
    """Resolve, connect, TLS, EHLO, sign in, sender, recipients: one point a step, up to the first that fails.

    `recipients`: who it is, in words, and the address. They are asked after with RCPT and then forgotten with RSET: no DATA, so nobody gets a mail.
    """
    points = [_headers()]
    try:
        points.append(await _resolved(server))
        smtp = client(server, tls_context(server))
    except DeliveryError as error:
        return [*points, HealthPoint("mail server", ok=False, says=str(error))]
    step = "connect"
    try:
        # aiosmtplib's connect also does STARTTLS; the sentence tells which of the two failed
        await smtp.connect()
        points.append(HealthPoint(step, ok=True, says=f"{server.where} answers."))
        points.append(_secured(smtp, server))
        step = "EHLO"
        await smtp.ehlo()
        points.append(_greeted(smtp))
        step = "sign-in"
        await sign_in(smtp, server)
        points.append(_signed_in(server))
        step = "sender"
        await smtp.mail(server.sender)
        points.append(HealthPoint(step, ok=True, says="The server takes mail from mail.sender."))
        step = "recipients"
        points += [await _asked(smtp, server, who, to) for who, to in recipients]
        await smtp.rset()
    except DeliveryError as error:
        points.append(HealthPoint(step, ok=False, says=str(error)))
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        points.append(HealthPoint(step, ok=False, says=sentence(error, server.where)))
    finally:
        await quit_quietly(smtp)
    return points


def _headers() -> HealthPoint:
    problem = header_probe()
    return HealthPoint("mail headers", ok=problem is None, says=problem or "Python keeps headers apart.")


async def _resolved(server: MailServer) -> HealthPoint:
    found: list[Any]
    try:
        loop = asyncio.get_running_loop()
        found = await asyncio.wait_for(
            loop.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM), server.timeout
        )
    except (OSError, UnicodeError) as error:  # asyncio's TimeoutError is an OSError
        raise DeliveryError(
            f"{server.host} has no address; check mail.host and this machine's DNS."
        ) from error
    return HealthPoint(
        "DNS", ok=True, says=f"{server.host} has {len({entry[4][0] for entry in found})} address(es)."
    )


def _secured(smtp: aiosmtplib.SMTP, server: MailServer) -> HealthPoint:
    if server.security is Security.NONE:
        return HealthPoint("TLS", ok=True, says="In clear, to this machine only.")
    cipher = smtp.get_transport_info("cipher")
    return HealthPoint("TLS", ok=True, says=f"Verified, {cipher[1] if cipher else 'TLS'}.")


def _greeted(smtp: aiosmtplib.SMTP) -> HealthPoint:
    limit = size_limit(smtp)
    if limit is not None and limit < ENOUGH:
        return HealthPoint(
            "EHLO", ok=False, says=f"The server takes messages up to {limit} bytes; allow {ENOUGH}."
        )
    return HealthPoint(
        "EHLO", ok=True, says=f"Messages up to {limit} bytes." if limit else "No size limit is named."
    )


def _signed_in(server: MailServer) -> HealthPoint:
    if server.username is None:
        return HealthPoint("sign-in", ok=True, says="None is configured; the server knows us by our address.")
    return HealthPoint("sign-in", ok=True, says="XOAUTH2 accepted." if server.token else "Password accepted.")


async def _asked(smtp: aiosmtplib.SMTP, server: MailServer, name: str, to: str) -> HealthPoint:
    try:
        await smtp.rcpt(to)
    except aiosmtplib.SMTPRecipientRefused as error:
        return HealthPoint(name, ok=False, says=sentence(error, server.where))
    return HealthPoint(name, ok=True, says="The server takes mail for this address.")
