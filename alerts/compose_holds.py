"""The mail that asks, once a term, whether what is held must still be kept. Pure: reads no clock, no database and no network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from alerts import words
from alerts.envelope import Stamp, need_link, need_reference
from alerts.mime import assembled
from alerts.render import rendered

MOST = 30  # named in one mail


class HeldView(NamedTuple):
    """`ref` is empty where everything of one account is held."""

    ref: str
    since: datetime


def compose_holds(held: Sequence[HeldView], term: str, link: str, stamp: Stamp) -> bytes:
    """References and days; why something is held stands on the page."""
    need_link(link)
    for one in held:
        if one.ref:
            need_reference(one.ref)
    time = words.LocalTime(stamp.house.zone)
    values = {
        "school": stamp.house.school,
        "version": stamp.house.version,
        "link": link,
        "tone": "calm",
        "count": len(held),
        "term": term,
        "rows": [(one.ref or "One account", f"held since {time.full(one.since)}") for one in held[:MOST]],
        "more": max(len(held) - MOST, 0),
        "your_role": words.role_words(stamp.role, stamp.house.jurisdiction),
    }
    return assembled(rendered("holds", values), stamp, link)
