"""The printed page of a master key. A part of the composition root: the page is set where the mails and sheets are."""

from __future__ import annotations

from datetime import datetime

from alerts.key_paper import key_page
from monitor.config import Settings
from monitor.vault import Vault


def page_of_key(settings: Settings, key: bytes, now: datetime) -> bytes:
    """A PDF. It is the key: whoever writes it down sees to who can read it."""
    return key_page(settings.school.name, key, Vault(key).fingerprint, now.astimezone(settings.school.zone))
