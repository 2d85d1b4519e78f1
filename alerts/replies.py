"""What a mail server's refusals mean, as sentences for a technician. Never an address, a word of a mail or a secret."""

from __future__ import annotations

import re
import ssl
from typing import TypeGuard

import aiosmtplib

from alerts.safe import clean

SIGN_IN_CODES = frozenset({530, 534, 535, 538})  # RFC 4954 §6
FIRST_REPLY = 200
FIRST_REFUSAL = 400  # RFC 5321 §4.2.1
FIRST_PERMANENT = 500  # 5yz is "do not repeat"
_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")  # RFC 3463
_ADDRESS = re.compile(r"\S+@\S+")

# What the reply holds, and what to do; Microsoft 365's and Google's own codes among them.
_SIGN_IN_CURES = (
    ("5.7.139", "Microsoft 365 blocks this sign-in: allow SMTP AUTH for this mailbox, or use XOAUTH2."),
    ("5.7.30", "Microsoft 365 no longer takes passwords here: use XOAUTH2 or a relay connector."),
    ("5.7.57", "The server wants a sign-in before it sends: set mail.username and its password, or XOAUTH2."),
    ("5.7.3", "Check that this account may use SMTP AUTH and that the token is for this mailbox."),
    ("5.7.9", "Google wants an app password here: make one for this account, or use the relay."),
    ("5.7.8", "The user name or password is wrong: check mail.username and the password's file."),
)
_SENDER_CURE = (
    "The account that signs in may not send as mail.sender: give it Send As permission on that mailbox."
)
_SENDER_CURES = (("5.7.60", _SENDER_CURE), ("sendasdenied", _SENDER_CURE), ("5.7.57", _SIGN_IN_CURES[2][1]))

# Failures without a reply that can be read: the first type that fits, most particular first.
_BROKEN = (
    (aiosmtplib.SMTPConnectTimeoutError, "did not answer; check mail.host, mail.port and the firewall."),
    (aiosmtplib.SMTPTimeoutError, "stopped answering; it is tried again."),
    (aiosmtplib.SMTPConnectError, "cannot be reached; check mail.host, mail.port, DNS and the firewall."),
    (aiosmtplib.SMTPResponseException, "answered something that is not SMTP; check mail.host and mail.port."),
    (ConnectionError, "broke the connection off; it is tried again."),  # SMTPServerDisconnected is one
)


def sentence(error: Exception, where: str) -> str:
    """What went wrong between us and the server `where` (host:port), and its cure."""
    if is_reply(error):
        return f"{where} said {reply_of(error)}. {_meaning(error)}"
    fault = _tls_fault(error)
    if fault:
        return f"{where} has a TLS certificate that is not good ({fault}); mend it, or name its CA in mail.tls_ca_file."
    text = str(error).lower()
    if "starttls" in text and "not supported" in text:
        return f"{where} offers no STARTTLS, and mail is never sent in clear; use port 587, or 465 with tls."
    if "auth" in text and ("not supported" in text or "no suitable" in text):
        return f'{where} takes no sign-in; use its submission port (587), or auth = "none" for a relay.'
    what = next((says for kind, says in _BROKEN if isinstance(error, kind)), "")
    return f"{where} {what}" if what else f"{where} failed ({type(error).__name__}); it is tried again."


def is_reply(error: Exception) -> TypeGuard[aiosmtplib.SMTPResponseException]:
    """Whether the server said this; aiosmtplib gives what it cannot read the code -1."""
    return isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= FIRST_REPLY


def server_wide(error: aiosmtplib.SMTPResponseException) -> bool:
    """True when the refusal is about us and the server, not about this message or its recipient."""
    kinds = (aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPConnectError)
    return isinstance(error, kinds) or error.code in SIGN_IN_CODES or bool(_cure(_SENDER_CURES, error))


def reply_of(error: Exception) -> str:
    """The server's reply as code and enhanced code ("550 5.1.1"): its text may repeat an address."""
    if not is_reply(error):
        return ""
    enhanced = _ENHANCED.search(str(error.message))
    return f"{error.code} {enhanced[1]}" if enhanced else str(error.code)


def accepted(response: aiosmtplib.SMTPResponse) -> str:
    """The 250 and its words, such as the queue's number, without an address."""
    return f"{response.code} {_ADDRESS.sub('[address]', clean(response.message, 160))}"


def _meaning(error: aiosmtplib.SMTPResponseException) -> str:
    later = "It is tried again." if error.code < FIRST_PERMANENT else "It will not take this message."
    if isinstance(error, aiosmtplib.SMTPAuthenticationError) or error.code in SIGN_IN_CODES:
        return (
            _cure(_SIGN_IN_CURES, error)
            or "It refused the sign-in: check mail.username and the password or token."
        )
    cure = _cure(_SENDER_CURES, error)
    if cure:
        return cure
    return {
        aiosmtplib.SMTPSenderRefused: "It refuses mail from mail.sender: let it send from that address.",
        aiosmtplib.SMTPRecipientRefused: f"It refused the recipient: check the address in the configuration. {later}",
        aiosmtplib.SMTPDataError: f"It refused the message. {later}",
    }.get(type(error), "It is tried again.")


def _cure(cures: tuple[tuple[str, str], ...], error: aiosmtplib.SMTPResponseException) -> str:
    text = str(error.message).lower()
    return next((cure for sign, cure in cures if re.search(rf"(?<![\d.]){re.escape(sign)}(?!\d)", text)), "")


def _tls_fault(error: BaseException | None) -> str:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        if isinstance(error, ssl.SSLError):
            return error.reason or "TLS failed"
        error = error.__cause__ or error.__context__
    return ""
