"""Deliver: rendered messages to the mail server, over one connection a batch. It marks nothing and retries nothing.

The outbox calls this after its lease is committed and marks each message after its receipt. A message whose answer
was lost counts as not sent: it is sent again with the same bytes, and a mail program shows it once.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass

import aiosmtplib
import structlog

from alerts.replies import FIRST_PERMANENT, FIRST_REFUSAL, accepted, is_reply, reply_of, sentence, server_wide
from alerts.smtp import MailServer, connected, quit_quietly, size_limit, tls_context
from monitor.errors import DeliveryError

log = structlog.get_logger(__name__)

LONGEST = 660.0  # seconds for one message: more than the longest reply (600 s), less than the outbox's lease (12 min)
DROPS_BEFORE_REST = 2  # answers lost in a row before the rest of a batch is left for the next one


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message for one recipient, as it was rendered. `id` is the outbox row's."""

    id: int
    recipient: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one message.

    `ok`: the server took it. `permanent`: this recipient will not get this message; else it stays in the outbox.
    `reply` is the server's code; `says` one sentence with the cure, empty when all is well. `unsure`: the server may
    have it, because the connection broke after the message was handed over. `about_content`: the recipient was
    taken and the message was not.
    """

    id: int
    ok: bool
    permanent: bool = False
    reply: str = ""
    says: str = ""
    unsure: bool = False
    about_content: bool = False


async def deliver_one(
    message: Outgoing, server: MailServer, context: ssl.SSLContext | None = None, *, within: float = LONGEST
) -> Receipt:
    """Send one message in at most `within` seconds in all: a server that drips its answers must not hold up the rest."""
    try:
        async with asyncio.timeout(within):
            return (await deliver_batch([message], server, context))[0]
    except TimeoutError:
        says = f"{server.where} took too long to answer; the message is tried again."
        return _logged(Receipt(message.id, ok=False, says=says, unsure=True))


async def deliver_batch(
    messages: Sequence[Outgoing],
    server: MailServer,
    context: ssl.SSLContext | None = None,
) -> list[Receipt]:
    """Send each message and return one receipt for each, in order; one refusal does not stop the others.

    Never raises for what a mail server does. `context` replaces the TLS context made from `server`.
    """
    receipts: list[Receipt] = []
    smtp: aiosmtplib.SMTP | None = None
    drops = 0
    try:
        context = context or tls_context(server)
        for message in messages:
            if smtp is None or not smtp.is_connected:
                smtp = await _reached(server, context, drops)
            receipt = await _send(smtp, message, server)
            drops = 0 if smtp.is_connected else drops + 1
            receipts.append(_logged(receipt))
    except DeliveryError as error:
        rest = messages[len(receipts) :]
        receipts += [_logged(Receipt(message.id, ok=False, says=str(error))) for message in rest]
    except BaseException:  # cancelled: no time to say goodbye
        if smtp is not None:
            smtp.close()
        raise
    if smtp is not None:
        await quit_quietly(smtp)
    return receipts


async def _reached(server: MailServer, context: ssl.SSLContext | None, drops: int) -> aiosmtplib.SMTP:
    if drops >= DROPS_BEFORE_REST:
        raise DeliveryError(
            f"{server.where} broke the connection off {drops} times running; it is tried again."
        )
    return await connected(server, context)


async def _send(smtp: aiosmtplib.SMTP, message: Outgoing, server: MailServer) -> Receipt:
    limit = size_limit(smtp)
    if limit is not None and len(message.message) > limit:
        says = f"The message has {len(message.message)} bytes and the mail server takes {limit}; raise its limit."
        return Receipt(message.id, ok=False, permanent=True, says=says, about_content=True)
    handed_over = False
    try:
        await smtp.mail(server.sender, options=[f"SIZE={len(message.message)}"] if limit else [])
        await smtp.rcpt(message.recipient)
        handed_over = True
        response = await smtp.data(message.message, timeout=server.reply_timeout)
    except ValueError:  # aiosmtplib's: not ASCII, or a control character
        await _reset(smtp)
        says = "The recipient's address cannot be written in SMTP; mend it in the configuration."
        return Receipt(message.id, ok=False, permanent=True, says=says)
    except (aiosmtplib.SMTPException, OSError) as error:
        return await _refused(smtp, message, server, error, handed_over=handed_over)
    return Receipt(message.id, ok=True, reply=accepted(response))


async def _refused(
    smtp: aiosmtplib.SMTP, message: Outgoing, server: MailServer, error: Exception, *, handed_over: bool
) -> Receipt:
    says = sentence(error, server.where)
    if not is_reply(error):
        smtp.close()  # a reply that comes late would be taken for the next command's
        return Receipt(message.id, ok=False, says=says, unsure=handed_over)
    await _reset(smtp)
    permanent = error.code >= FIRST_PERMANENT and not server_wide(error)
    unsure = handed_over and error.code < FIRST_REFUSAL
    return Receipt(
        message.id,
        ok=False,
        permanent=permanent,
        reply=reply_of(error),
        says=says,
        unsure=unsure,
        about_content=permanent and handed_over,
    )


async def _reset(smtp: aiosmtplib.SMTP) -> None:
    """Forget the refused message's envelope; a server that cannot do that is left, and the next message connects anew."""
    if not smtp.is_connected:
        return
    try:
        await smtp.rset()
    except (aiosmtplib.SMTPException, OSError):
        smtp.close()


def _logged(receipt: Receipt) -> Receipt:
    if receipt.ok:
        log.info("mail accepted", id=receipt.id)
    else:
        log.warning("mail not accepted", id=receipt.id, permanent=receipt.permanent, reply=receipt.reply)
    return receipt
