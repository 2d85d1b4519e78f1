"""Who outside puts a time under the audit log: [evidence].

Reads nothing; `monitor.config` loads it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from monitor.config_names import host
from monitor.config_values import Table


def stamping_address(value: str) -> str:
    """The address of an authority. Plain http is usual and does no harm: what comes back is signed."""
    text = value.strip()
    example = 'write one such as "http://timestamp.digicert.com"'
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError(f"is not a web address; {example}") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password:
        raise ValueError(f"is not a web address; {example}")
    host(parts.hostname)
    if any(not " " < char < "\x7f" for char in text):
        raise ValueError(f"holds a character that no address has; {example}")
    return text


class Evidence(Table):
    """`timestamp_ca` is absolute once loaded: the root certificate (PEM) that stamps are checked against."""

    timestamp_url: Annotated[str, AfterValidator(stamping_address)] | None = Field(
        default=None,
        description="a time-stamping authority's address",
        examples=["http://timestamp.digicert.com"],
    )
    timestamp_ca: Path | None = Field(
        default=None, description="a file with that authority's root certificate", examples=["tsa-root.pem"]
    )

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.timestamp_url is None) != (self.timestamp_ca is None):
            raise ValueError("timestamp_url: and timestamp_ca belong together; write both, or leave both out")
        return self
