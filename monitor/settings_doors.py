"""Whom the school turns to outside, and its own addresses for it: the table [doors].

Reads nothing and connects to nothing; `monitor.config` loads it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from monitor.config_names import Address, Phone
from monitor.config_toml import beside
from monitor.config_values import Line, Table


def _page(value: str) -> str:
    """Where families read a page of the school's: https, with a path."""
    text = value.strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if (
        parts.scheme != "https"
        or not parts.hostname
        or parts.username
        or any(sign.isspace() for sign in text)
    ):
        raise ValueError('is not an https address; write one such as "https://school.example/complaints"')
    return text


class Contact(Table):
    """How the school reaches its own local authority's officer."""

    name: Line | None = Field(default=None, description="what they are called", examples=["LADO, Northshire"])
    phone: Phone | None = Field(default=None, description="a telephone number", examples=["020 7946 0123"])
    email: Address | None = Field(
        default=None, description="a mail address", examples=["lado@northshire.example"]
    )


class Outside(Table):
    """`file` and `reports` are laid over what Schoolgate ships, key by key."""

    file: Path | None = Field(default=None, description="a file", examples=["doors.toml"])
    reports: Path | None = Field(default=None, description="a file", examples=["reports.toml"])
    complaints: Annotated[str, AfterValidator(_page)] | None = Field(
        default=None,
        description="the address of the school's complaints procedure",
        examples=["https://school.example/complaints"],
    )
    lado: Contact = Contact()


def place_doors(document: dict[str, Any], file: Path) -> None:
    """doors.file and doors.reports as written, from the configuration's folder."""
    doors = document.get("doors")
    if isinstance(doors, dict):
        for key in ("file", "reports"):
            beside(file, doors, key)
