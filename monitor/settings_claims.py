"""How a family may prove its account beside the page: the table [claims], one table for each network at which it may
sign in, and [claims.mail] for the mailbox that it may write to.

Reads nothing and connects to nothing; `monitor.config` loads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator

from monitor.config_names import Address, Host, WebAddress
from monitor.config_values import Between, Line, Table
from monitor.settings_mail import MailAccount

IMAP_TLS, IMAP_CLEAR = 993, frozenset({143})  # RFC 8314 §3.2
UNNAMED = "unnamed"  # claims.mail.authserv_id of a server that leaves its name out of the header, as Microsoft 365 does


class SignIn(Table):
    """The school's own application at the network, which its followers sign in through."""

    client_id: Line = Field(description="the application's id", examples=["schoolgate"])
    client_secret: SecretStr = Field(description="the application's secret", examples=["…"])
    base_url: WebAddress | None = Field(  # only for tests: stands for all of the network's servers
        default=None, description="the start of an address", examples=["https://api.school.example"]
    )


class FacebookSignIn(SignIn):
    version: Annotated[str, Field(pattern=r"^v[0-9]{1,3}\.[0-9]{1,2}$")] = Field(
        default="v26.0", description="a version of the Graph API", examples=["v26.0"]
    )


class ClaimsMail(MailAccount):
    """The mailbox that families write to. It is read, never changed."""

    at: ClassVar[str] = "claims.mail"
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
    address: Address | None = Field(
        default=None, description="the address that families write to", examples=["my-account@school.example"]
    )
    folder: Line = Field(default="INBOX", description="a folder of the mailbox", examples=["INBOX"])
    every: Annotated[timedelta, Between("30s", "24h")] = Field(
        default=timedelta(minutes=2), description="an interval", examples=["2m"]
    )
    timeout: Annotated[timedelta, Between("1s", "1m")] = Field(
        default=timedelta(seconds=20), description="an interval", examples=["20s"]
    )

    @model_validator(mode="after")
    def _can_sign_in(self) -> Self:
        if wrong := self.cannot_sign_in(IMAP_TLS, IMAP_CLEAR):
            raise ValueError("\n".join(wrong))
        return self


class Claims(Table):
    x: SignIn | None = Field(default=None, description="a table", examples=[{"client_id": "schoolgate"}])
    facebook: FacebookSignIn | None = Field(
        default=None, description="a table", examples=[{"client_id": "1000000000000001"}]
    )
    mail: ClaimsMail | None = Field(
        default=None, description="a table", examples=[{"host": "imap.school.example"}]
    )

    @property
    def by_network(self) -> Mapping[str, SignIn]:
        """The networks where families may sign in."""
        given = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: one for name, one in given.items() if isinstance(one, SignIn)}
