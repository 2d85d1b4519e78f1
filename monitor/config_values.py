"""The kinds of value a configuration key can hold, each with the sentence that says what is wrong with a bad one.

Pure: reads no file, no clock and no network. A ValueError here never quotes the value; whoever reports it may.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_plain_validator_function

SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
INTERVAL = re.compile(r"(?:[0-9]{1,6}[dhms])+")
CLOCK = re.compile(r"([0-9]{2}):([0-9]{2})")
SLUG = re.compile(r"(?=.{1,40}$)[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
LONGEST_LINE = 200


def parse_interval(text: str) -> timedelta:
    """A length of time such as "10m", "1h", "30s", "14d" or "2h30m": whole numbers, each with its unit, longest first.

    Raises ValueError with the cure.
    """
    parts = re.findall(r"([0-9]+)([dhms])", text) if INTERVAL.fullmatch(text) else []
    units = [unit for _, unit in parts]
    if not parts or units != [unit for unit in SECONDS if unit in units]:
        raise ValueError('is not an interval; write a number with s, m, h or d such as "10m" or "2h30m"')
    return timedelta(seconds=sum(int(number) * SECONDS[unit] for number, unit in parts))


def interval_text(interval: timedelta) -> str:
    """The interval as it is written in the configuration: timedelta(minutes=90) is "1h30m"."""
    left = int(interval.total_seconds())
    words = []
    for unit, seconds in SECONDS.items():
        number, left = divmod(left, seconds)
        if number:
            words.append(f"{number}{unit}")
    return "".join(words) or "0s"


def _interval(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    bare_number = isinstance(value, int) and not isinstance(value, bool)
    if bare_number:
        raise ValueError(f'has no unit; write it in quotation marks with s, m, h or d such as "{value}m"')
    return parse_interval(value if isinstance(value, str) else "")


@dataclass(frozen=True, slots=True)
class Between:
    """Makes a timedelta key read "10m", with both bounds included: Annotated[timedelta, Between("10s", "24h")]."""

    least: str
    most: str

    def bounded(self, value: Any) -> timedelta:
        found = _interval(value)
        if not parse_interval(self.least) <= found <= parse_interval(self.most):
            raise ValueError(f'is out of range; write an interval from "{self.least}" to "{self.most}"')
        return found

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_plain_validator_function(self.bounded)


def parse_clock(text: str) -> time:
    """A time of day such as "08:00"."""
    found = CLOCK.fullmatch(text)
    if found is None or int(found[1]) >= 24 or int(found[2]) >= 60:  # noqa: PLR2004
        raise ValueError('is not a time of day; write hours and minutes such as "08:00"')
    return time(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True)
class Waking:
    """The hours of a day, local time, in which a mail may interrupt. `end` is excluded; time.max stands for 24:00."""

    start: time
    end: time

    def contains(self, at: time) -> bool:
        return self.start <= at < self.end or self.end == time.max <= at

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{'24:00' if self.end == time.max else format(self.end, '%H:%M')}"


def waking(value: Any) -> Waking:
    """The span that a text such as "06:30-21:00" names."""
    if isinstance(value, Waking):
        return value
    start, dash, end = value.partition("-") if isinstance(value, str) else ("", "", "")
    if not dash:
        raise ValueError('is not a span of hours; write two times such as "06:30-21:00"')
    span = Waking(
        parse_clock(start.strip()), time.max if end.strip() == "24:00" else parse_clock(end.strip())
    )
    if span.start >= span.end:
        raise ValueError('ends before it starts; write the earlier time first such as "06:30-21:00"')
    return span


def digest_time(value: Any) -> time:
    """A time of day that exists exactly once on every day of the year in the United Kingdom."""
    at = value if isinstance(value, time) else parse_clock(value if isinstance(value, str) else "")
    if time(0, 59) <= at <= time(2, 1):
        raise ValueError(
            'falls in the hour that is skipped or doubled when the clocks change; write a time outside 00:59-02:01 such as "08:00"'
        )
    return at


def line(value: str) -> str:
    """One line that a person reads, and that is safe in a mail header: no control or direction characters."""
    text = unicodedata.normalize("NFC", value.strip())
    if not text:
        raise ValueError("is empty; write it out")
    if len(text) > LONGEST_LINE:
        raise ValueError(f"is too long; write at most {LONGEST_LINE} characters")
    if any(unicodedata.category(character)[0] == "C" or character in "\u2028\u2029" for character in text):
        raise ValueError("holds a line break or an invisible character; write it again by hand on one line")
    return text


def slug(value: str) -> str:
    if not SLUG.fullmatch(value):
        raise ValueError('is not a key; write small letters, digits and hyphens such as "x-main"')
    return value


def timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (OSError, ValueError, KeyError) as unknown:  # ZoneInfoNotFoundError is a KeyError
        raise ValueError('is not a time zone; write one such as "Europe/London"') from unknown
    return value


def days(value: Any) -> Any:
    """Every day, where "all" stands for it."""
    return WEEKDAYS if value == "all" else value


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Line = Annotated[str, AfterValidator(line)]
Slug = Annotated[str, AfterValidator(slug)]


class Table(BaseModel):
    """One table of config.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=True)
