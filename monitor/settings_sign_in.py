"""How reviewers sign in beside the mailed code: the table [sign_in], and one table under [sign_in.oidc] for each account
service of the school's (Microsoft 365, Google Workspace, any with OpenID Connect).

Reads nothing and connects to nothing; `monitor.config` loads it.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from monitor.config_names import OAuthAddress
from monitor.config_values import Between, Line, Slug, Table

MICROSOFT, GOOGLE = "login.microsoftonline.com", "accounts.google.com"
_TENANT = re.compile(r"/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/v2\.0")


class Oidc(Table):
    """The school's own application at its account service."""

    title: Line = Field(description="what the button says", examples=["Microsoft 365"])
    issuer: OAuthAddress = Field(
        description="the issuer, as the service's own configuration document names it",
        examples=["https://accounts.google.com"],
    )
    client_id: Line = Field(description="the application's id", examples=["schoolgate"])
    client_secret: SecretStr = Field(description="the application's secret", examples=["…"])

    @model_validator(mode="after")
    def _one_tenant(self) -> Self:
        """Under common, organizations or consumers anybody's tenant may say any address (the flaw called nOAuth)."""
        parts = urlsplit(self.issuer)
        if parts.hostname == MICROSOFT and not _TENANT.fullmatch(parts.path):
            raise ValueError(
                "issuer: must name the school's own tenant by its number, such as "
                f"https://{MICROSOFT}/00000000-0000-0000-0000-000000000000/v2.0"
            )
        return self


class SignIn(Table):
    idle: Annotated[timedelta, Between("5m", "7d")] = Field(
        default=timedelta(hours=2), description="an interval", examples=["2h"]
    )
    remembered: Annotated[timedelta, Between("0s", "30d")] = Field(
        default=timedelta(days=30), description="an interval of at most 30 days; 0s: never", examples=["30d"]
    )
    oidc: dict[Slug, Oidc] = Field(
        default_factory=dict, description="tables", examples=[{"google": {"title": "Google"}}]
    )
