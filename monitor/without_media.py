"""Values as a network returned them, with every web address taken out but the item's own. Pure.

For what may be an indecent picture of a child: a copy must not lead to it (UKCIS, "Sharing nudes and semi-nudes").
Names, ids and the item's own address stay: they are what the police, CEOP or the IWF ask for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{0,15}:(?://|\\/\\/)|//|www\.)[^\s\"'<>]+"  # https://…, //cdn…, www.…
    r"|data:[^\s\"'<>]+"
    r"|\b(?:[a-z0-9-]+\.)+[a-z]{2,24}/[^\s\"'<>]+",  # pic.twitter.com/…
    re.IGNORECASE,
)
SAYS = "[address left out]"


def without_addresses(value: Any, *, kept: str | None) -> Any:
    """The same JSON value, where `SAYS` stands for each web address in any of its texts or keys, but for `kept`."""
    if isinstance(value, str):
        return _ADDRESS.sub(lambda found: found[0] if found[0] == kept else SAYS, value)
    if isinstance(value, Mapping):
        return {_key(key): without_addresses(one, kept=kept) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [without_addresses(one, kept=kept) for one in value]
    return value


def _key(key: object) -> str:
    return _ADDRESS.sub(SAYS, str(key))
