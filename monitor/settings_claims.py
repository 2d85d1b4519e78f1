"""The networks at which a family may sign in to prove its account: the table [claims], one table a network.

Reads nothing and connects to nothing; `monitor.config` loads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, SecretStr

from monitor.config_names import WebAddress
from monitor.config_values import Line, Table


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
    x: SignIn | None = Field(default=None, description="a table", examples=[{"client_id": "schoolgate"}])
    facebook: FacebookSignIn | None = Field(
        default=None, description="a table", examples=[{"client_id": "1000000000000001"}]
    )

    @property
    def by_network(self) -> Mapping[str, SignIn]:
        return {name: one for name in type(self).model_fields if (one := getattr(self, name)) is not None}
