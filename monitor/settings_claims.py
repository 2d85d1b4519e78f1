"""How families prove their accounts: the table [claims], with one table for each network at which they may sign in.

Reads nothing and connects to nothing; `monitor.config` loads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import Field, SecretStr

from monitor.config_names import WebAddress
from monitor.config_values import Between, Line, Table


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


class Claims(Table):
    letter_valid: Annotated[timedelta, Between("7d", "365d")] = Field(
        default=timedelta(weeks=8), description="an interval", examples=["56d"]
    )
    x: SignIn | None = Field(default=None, description="a table", examples=[{"client_id": "schoolgate"}])
    facebook: FacebookSignIn | None = Field(
        default=None, description="a table", examples=[{"client_id": "1000000000000001"}]
    )

    @property
    def by_network(self) -> Mapping[str, SignIn]:
        found = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: one for name, one in found.items() if isinstance(one, SignIn)}
