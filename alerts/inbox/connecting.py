"""imap-tools' mailboxes over connections that a Deadline can shut, from the server's greeting on. Needs the extra `imap`."""

from __future__ import annotations

import imaplib
import socket

from imap_tools import MailBox, MailBoxUnencrypted

from monitor.deadline import watch


class _Watched(imaplib.IMAP4):
    def _create_socket(self, timeout: float | None) -> socket.socket:
        made: socket.socket = super()._create_socket(timeout)  # type: ignore[misc]
        watch(made)
        return made


class _WatchedTls(imaplib.IMAP4_SSL):
    def _create_socket(self, timeout: float | None) -> socket.socket:
        made: socket.socket = imaplib.IMAP4._create_socket(self, timeout)  # type: ignore[attr-defined]  # noqa: SLF001
        watch(made)
        secured: socket.socket = self.ssl_context.wrap_socket(made, server_hostname=self.host)
        return secured


class Clear(MailBoxUnencrypted):
    """In clear, or to be secured with STARTTLS."""

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return _Watched(self._host, self._port, self._timeout)


class Secured(MailBox):
    """TLS from the first byte."""

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return _WatchedTls(self._host, self._port, timeout=self._timeout, ssl_context=self._ssl_context)
