"""The mail that invites a family to claim its account. Pure: reads no clock, no database and no network."""

from __future__ import annotations

from alerts import words
from alerts.envelope import Stamp, need_link
from alerts.mime import assembled
from alerts.render import rendered


def compose_invitation(network: str, link: str, stamp: Stamp) -> bytes:
    """`link` is the claim page's address. The handle is not in it: mailboxes are read by others too."""
    need_link(link)
    values = {
        "school": stamp.house.school,
        "version": stamp.house.version,
        "link": link,
        "tone": "calm",
        "network": words.network_words(network)[0],
    }
    return assembled(rendered("invitation", values), stamp, link)
