"""The mail that tells a reviewer what became of a remembered phone or computer. Pure: reads no clock, no database and no
network. It has no link: a mail that says "press here if it was not you" is what a thief would send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerts import words
from alerts.envelope import Stamp
from alerts.mime import assembled
from alerts.render import rendered


@dataclass(frozen=True, slots=True)
class DeviceNews:
    """`label`: fixed words (alerts/device_words.py). `copied`: it is remembered no more, since somebody showed an old copy
    of its cookie; otherwise it was just remembered, until `until`."""

    device_id: int
    label: str
    at: datetime
    until: datetime
    copied: bool = False


def compose_device(news: DeviceNews, stamp: Stamp) -> bytes:
    time = words.LocalTime(stamp.house.zone)
    values = {
        "school": stamp.house.school,
        "version": stamp.house.version,
        "link": None,
        "tone": "high" if news.copied else "calm",
        "label": news.label,
        "at": time.full(news.at),
        "until": time.full(news.until),
        "copied": news.copied,
        "your_role": words.role_words(stamp.role, stamp.house.jurisdiction),
    }
    return assembled(rendered("device", values), stamp, None)
