"""Which days the school is open: terms, inset days and bank holidays. Pure: days in, answers out.

Bank holidays of the four nations come from the library `holidays`, which follows the proclamations on gov.uk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

NATIONS = {"england": "ENG", "wales": "WLS", "scotland": "SCT", "northern_ireland": "NIR"}
SATURDAY = 5  # as datetime.weekday() counts
# The longest holiday that a list of terms can end with: eight weeks in Scotland and Northern Ireland, and some days.
# After it the list has run out, and nobody may be kept waiting by a list that somebody forgot to write on.
LONGEST_HOLIDAY = timedelta(days=63)


@lru_cache(maxsize=64)
def bank_holidays(nation: str, year: int) -> frozenset[date]:
    """The public holidays of one of NATIONS in a year. Raises KeyError for another nation."""
    from holidays.countries.united_kingdom import UnitedKingdom  # the import takes half a second

    days = UnitedKingdom(subdiv=NATIONS[nation], years=year)  # type: ignore[no-untyped-call]
    return frozenset(days)


@dataclass(frozen=True, slots=True)
class SchoolDays:
    """The school's calendar. `terms`: the first and last day of each stretch of lessons, a half-term being a gap between
    two; none: every week of the year. `closed`: inset days and whatever else is shut. `nation`: whose bank holidays
    are kept, None for none."""

    terms: tuple[tuple[date, date], ...] = ()
    closed: frozenset[date] = frozenset()
    nation: str | None = None

    def holiday(self, day: date) -> bool:
        """Whether the school is shut on a day that is no weekend by rule: out of term, inset day or bank holiday.

        Before the first term that is written down, and long after the last, the calendar knows nothing of terms.
        """
        if day in self.closed or (self.nation and day in bank_holidays(self.nation, day.year)):
            return True
        if not self.terms or any(first <= day <= last for first, last in self.terms):
            return False
        begins, ends = min(first for first, _ in self.terms), max(last for _, last in self.terms)
        return begins <= day <= ends + LONGEST_HOLIDAY

    def open(self, day: date) -> bool:
        """Whether it is a school day: a weekday that is no holiday."""
        return day.weekday() < SATURDAY and not self.holiday(day)

    def runs_out(self) -> date | None:
        """The last day that the terms speak of; None where none are written down."""
        return max((last for _, last in self.terms), default=None)
