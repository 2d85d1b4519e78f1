"""A mailbox that Schoolgate reads over IMAP, and whose word it takes for who wrote. Read, never changed.

Reads nothing and connects to nothing; `monitor.config` loads it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from monitor.config_names import Host
from monitor.config_values import Between, Line
from monitor.settings_mail import MailAccount

IMAP_TLS, IMAP_CLEAR = 993, frozenset({143})  # RFC 8314 §3.2
UNNAMED = "unnamed"  # authserv_id of a server that leaves its name out of the header, as Microsoft 365 does


class MailboxAccount(MailAccount):
    host: Host = Field(description="the IMAP server's name", examples=["imap.school.example"])
    port: int = Field(default=993, ge=1, le=65_535, description="a port", examples=[993])
    security: Literal["starttls", "tls", "none"] = Field(
        default="tls", description="how the connection is protected", examples=["tls"]
    )
    auth: Literal["password", "xoauth2"] = Field(
        default="password", description="how to sign in at the mail server", examples=["password"]
    )
    authserv_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$")] = Field(
        description="the name that the school's mail server puts first into its Authentication-Results header",
        examples=["mx.school.example"],
    )
    folder: Line = Field(default="INBOX", description="a folder of the mailbox", examples=["INBOX"])
    every: Annotated[timedelta, Between("30s", "24h")] = Field(
        default=timedelta(minutes=2), description="an interval", examples=["2m"]
    )
    timeout: Annotated[timedelta, Between("1s", "1m")] = Field(
        default=timedelta(seconds=20), description="an interval", examples=["20s"]
    )

    @property
    def trusted(self) -> str | None:
        """The authserv-id of the server's own header; None where it writes none."""
        return None if self.authserv_id == UNNAMED else self.authserv_id

    @model_validator(mode="after")
    def _can_sign_in(self) -> Self:
        if wrong := self.cannot_sign_in(IMAP_TLS, IMAP_CLEAR):
            raise ValueError("\n".join(wrong))
        return self
