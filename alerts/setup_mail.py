"""From the configuration to mail servers and mailboxes: the one that sends, and those that are read. Reads no database."""

from __future__ import annotations

import socket

from alerts.desk import Replies
from alerts.inbox.imap import Inbox
from alerts.inbox.reading import Mailbox
from alerts.oauth import Credentials, TokenSource
from alerts.smtp import MailServer, Security
from monitor.config import Settings
from monitor.domain import Role
from monitor.ports import Clock
from monitor.settings_mail import MailAccount
from monitor.settings_mailbox import MailboxAccount


def replies_of(settings: Settings) -> Replies | None:
    """Where alerts may be answered by mail, if they may."""
    replies = settings.replies
    if replies is None:
        return None
    return Replies(
        address=replies.address,
        plus=replies.plus,
        valid=replies.valid,
        holders={role: person.email for role in Role if (person := settings.roles.named(role))},
    )


def mail_server_of(settings: Settings, clock: Clock) -> MailServer:
    mail = settings.mail
    return MailServer(
        host=mail.host,
        port=mail.port,
        sender=mail.sender,
        local_hostname=socket.gethostname() or "localhost",
        security=Security(mail.security),
        username=mail.username if mail.auth != "none" else None,
        password=mail.password.get_secret_value() if mail.auth == "password" and mail.password else None,
        token=_token_of(mail, clock),
        timeout=mail.timeout.total_seconds(),
    )


def _token_of(mail: MailAccount, clock: Clock) -> TokenSource | None:
    if mail.auth != "xoauth2" or mail.oauth_client_secret is None:
        return None
    return TokenSource(
        Credentials(
            token_url=str(mail.oauth_token_url),
            client_id=mail.oauth_client_id,
            client_secret=mail.oauth_client_secret.get_secret_value(),
            scope=mail.oauth_scope,
            table=mail.at,
        ),
        clock,
    )


def claims_mailbox_of(settings: Settings, clock: Clock, networks: tuple[str, ...]) -> Mailbox | None:
    """The mailbox that families write to, if there is one. `networks`: as `claim_networks` of `page_of`."""
    mail = settings.claims.mail
    if mail is None:
        return None
    return Mailbox(inbox_of(mail, clock), networks)


def inbox_of(mail: MailboxAccount, clock: Clock) -> Inbox:
    """A mailbox that is read."""
    return Inbox(
        host=mail.host,
        port=mail.port,
        username=mail.username,
        trusted=mail.trusted,
        security=Security(mail.security),
        password=mail.password.get_secret_value() if mail.password else None,
        token=_token_of(mail, clock),
        folder=mail.folder,
        every=mail.every,
        timeout=mail.timeout.total_seconds(),
        table=mail.at,
    )
