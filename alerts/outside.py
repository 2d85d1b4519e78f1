"""Whom outside the school may be told of a case: each with what it asks, how it is reached, and its clock. Pure.

Read from `doors.toml`. What a school tells them goes from a person's own telephone or form: nothing is sent from here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from monitor.errors import ConfigError

WORKING_DAY = "working_day"
CLOSES = time(17)  # of an office: what is due in one working day is due while somebody is there to take it
_KEYS = frozenset({"name", "when", "phone", "page", "mail", "for", "needs", "clock", "after_report", "warns"})
_PHONE = re.compile(r"[0-9+() ]{2,30}")
_KEY = re.compile(r"[a-z][a-z_]{0,30}")  # it goes into the audit chain


@dataclass(frozen=True, slots=True)
class Door:
    """One of them. `needs` is a checklist; `clock` WORKING_DAY or nothing; `page` an https address, for the page only."""

    key: str
    name: str
    when: str
    categories: frozenset[str]
    needs: tuple[str, ...]
    phone: str = ""
    page: str = ""
    mail: str = ""
    clock: str = ""
    warns: str = ""
    after_report: bool = False

    @property
    def host(self) -> str:
        return urlsplit(self.page).hostname or ""

    @property
    def dial(self) -> str:
        """The number as a tel: link takes it."""
        return re.sub(r"[^0-9+]", "", self.phone)

    def reached(self, *, name: str = "", phone: str = "", mail: str = "") -> Door:
        """The same door with the school's own contact."""
        return replace(self, name=name or self.name, phone=phone or self.phone, mail=mail or self.mail)


def due(
    door: Door, known_at: datetime, zone: ZoneInfo, is_working_day: Callable[[date], bool]
) -> datetime | None:
    """When they must have been told of what the school knew at `known_at`; None without a clock. One working day: by the
    same hour of the next one, and before CLOSES."""
    if door.clock != WORKING_DAY:
        return None
    local = known_at.astimezone(zone)
    day = local.date() + timedelta(days=1)
    for _ in range(30):  # no holiday of an office is longer
        if is_working_day(day):
            break
        day += timedelta(days=1)
    hour = local.time() if is_working_day(local.date()) else CLOSES
    return datetime.combine(day, min(hour, CLOSES), zone).astimezone(known_at.tzinfo)


def doors_in(tables: Mapping[str, Mapping[str, Any]], worded: Callable[[str], str]) -> tuple[Door, ...]:
    """The doors of a merged file, in its order. Raises ConfigError with one sentence for each mistake."""
    problems: list[str] = []
    found = []
    for key, table in tables.items():
        wrong = list(_wrong(key, table))
        problems += wrong
        if not wrong:
            found.append(_door(key, table, worded))
    if problems:
        raise ConfigError(problems)
    return tuple(found)


def _door(key: str, table: Mapping[str, Any], worded: Callable[[str], str]) -> Door:
    return Door(
        key=key,
        name=table["name"],
        when=worded(table["when"]),
        categories=frozenset(table["for"]),
        needs=tuple(worded(text) for text in table["needs"]),
        phone=table.get("phone", ""),
        page=table.get("page", ""),
        mail=table.get("mail", ""),
        clock=table.get("clock", ""),
        warns=worded(table.get("warns", "")),
        after_report=table.get("after_report", False) is True,
    )


def _wrong(key: str, table: Mapping[str, Any]) -> list[str]:
    at = f"door.{key}"
    if not _KEY.fullmatch(key):
        return [f"{at}: is no key; write small letters and underscores, such as door.local_police."]
    if unknown := sorted(set(table) - _KEYS):
        return [f"{at}.{unknown[0]}: is unknown; the keys are {', '.join(sorted(_KEYS))}."]
    wrong = [
        f"{at}.{name}: must be a sentence in quotation marks."
        for name in ("name", "when", "phone", "page", "mail", "clock", "warns")
        if not isinstance(table.get(name, "" if name not in {"name", "when"} else None), str)
    ]
    wrong += [
        f"{at}.{name}: must be a list, such as ['The address of the post']."
        for name in ("for", "needs")
        if not isinstance(table.get(name), list) or not all(isinstance(one, str) for one in table[name])
    ]
    if wrong:
        return wrong
    if table.get("page") and urlsplit(table["page"]).scheme != "https":
        wrong.append(f"{at}.page: must begin with https://.")
    if table.get("phone") and not _PHONE.fullmatch(table["phone"]):
        wrong.append(f"{at}.phone: is no telephone number; write figures and spaces.")
    if table.get("clock", "") not in {"", WORKING_DAY}:
        wrong.append(f'{at}.clock: must be "{WORKING_DAY}", or be left out.')
    return wrong
