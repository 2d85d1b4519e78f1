"""The school's terms: which one ended last. Pure: `now` is passed in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Term(NamedTuple):
    """Both days included."""

    first: date
    last: date

    @property
    def name(self) -> str:
        """Autumn term 2026: by the month in which it begins."""
        season = "Autumn" if self.first.month >= 8 else "Spring" if self.first.month <= 3 else "Summer"  # noqa: PLR2004
        return f"{season} term {self.first.year}"


def usual_terms(year: int) -> tuple[Term, ...]:
    """About when English schools have term in a calendar year; no school's own dates."""
    return (
        Term(date(year, 1, 5), date(year, 3, 27)),
        Term(date(year, 4, 13), date(year, 7, 21)),
        Term(date(year, 9, 2), date(year, 12, 18)),
    )


def terms_of(stretches: Iterable[tuple[date, date]]) -> tuple[Term, ...]:
    """The terms that stretches of lessons make up: those of one season are one term, a half-term being a gap in it."""
    found: dict[str, Term] = {}
    for first, last in sorted(stretches):
        one = Term(first, last)
        begun = found.get(one.name, one)
        found[one.name] = Term(begun.first, max(begun.last, last))
    return tuple(found.values())


def ended_last(now: datetime, at: time, zone: ZoneInfo, terms: Sequence[Term] = ()) -> Term | None:
    """The newest term whose last day has had its `at` o'clock by now; None before the first. Without `terms`, the usual."""
    year = now.astimezone(zone).year
    known = terms or (*usual_terms(year - 1), *usual_terms(year))
    ended = [term for term in known if datetime.combine(term.last, at, zone) <= now]
    return max(ended, key=lambda term: term.last, default=None)


def ends_next(now: datetime, at: time, zone: ZoneInfo, terms: Sequence[Term] = ()) -> date | None:
    """The last day of the first term that has not ended; None when no further term is known."""
    year = now.astimezone(zone).year
    known = terms or (*usual_terms(year), *usual_terms(year + 1))
    return min((term.last for term in known if datetime.combine(term.last, at, zone) > now), default=None)
