"""The school's own telephone numbers and domains, which everybody may write down. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_COUNTRY = re.compile(r"^(?:00)?44(?=\d{9,10}$)")
_DOMAIN = re.compile(r"@\s*([\w.-]+)")


class OwnContacts:
    """Knows a contact detail of the school when it sees one, however it is spaced."""

    def __init__(self, phones: Iterable[str] = (), domains: Iterable[str] = ()) -> None:
        self._phones = frozenset(filter(None, (_digits(phone) for phone in phones)))
        self._domains = tuple(domain.lower().removeprefix("@") for domain in domains)

    def holds(self, detail: str) -> bool:
        """Whether these words are one of the school's own numbers, or an address at one of its domains."""
        if _digits(detail) in self._phones:
            return True
        named = _DOMAIN.search(detail.lower())
        return named is not None and any(
            named[1] == domain or named[1].endswith(f".{domain}") for domain in self._domains
        )


def _digits(text: str) -> str:
    return _COUNTRY.sub("0", "".join(character for character in text if character in "0123456789"))
