"""How a family may prove its account beside the page: the table [claims], one table for each network at which it may
sign in, and [claims.mail] for the mailbox that it may write to.

Reads nothing and connects to nothing; `monitor.config` loads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field, SecretStr

from monitor.config_names import Address, WebAddress
from monitor.config_values import Line, Table
from monitor.settings_mailbox import MailboxAccount


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


class ClaimsMail(MailboxAccount):
    """The mailbox that families write to."""

    at: ClassVar[str] = "claims.mail"
    address: Address | None = Field(
        default=None, description="the address that families write to", examples=["my-account@school.example"]
    )


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
