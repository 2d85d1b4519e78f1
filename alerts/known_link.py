"""Addresses that a network's answer holds: shown only when they lead to the network itself."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_NOT_IN_A_LINK = re.compile(
    r"[^\x21-\x7e]|[\\<>\"'`]"
)  # spaces, controls, turning signs, what a browser reads otherwise


def known_link(link: str, hosts: frozenset[str]) -> str:
    """`link` when it is https to one of `hosts` (or a name under one), else nothing: never an address that a
    network's answer made up."""
    if _NOT_IN_A_LINK.search(link):
        return ""
    try:
        parts = urlsplit(link)
    except ValueError:  # such as "https://[::1"
        return ""
    host = parts.hostname or ""
    if (
        parts.scheme != "https"
        or parts.username
        or not any(host == known or host.endswith(f".{known}") for known in hosts)
    ):
        return ""
    return link
