from __future__ import annotations

from datetime import UTC, date, datetime

from monitor.incidents import open_incidents
from monitor.school_days import SchoolDays
from monitor.store import Store
from monitor.term_dates import note_calendar
from tests.making import HOURS, with_calendar

ENDS = with_calendar(SchoolDays(terms=((date(2026, 9, 3), date(2027, 7, 21)),)))
MORE = with_calendar(
    SchoolDays(terms=((date(2026, 9, 3), date(2027, 7, 21)), (date(2027, 9, 2), date(2028, 7, 20))))
)


def says(store: Store) -> list[str]:
    with store.read() as session:
        return [one.says for one in open_incidents(session, store.school)]


def test_the_administrator_hears_in_time_that_the_calendar_ends(store: Store) -> None:
    note_calendar(store, ENDS, datetime(2027, 7, 7, 12, tzinfo=UTC))
    assert says(store) == []
    note_calendar(store, ENDS, datetime(2027, 7, 8, 12, tzinfo=UTC))
    assert says(store) == ["the school calendar ends on 21 Jul 2027"]
    note_calendar(store, MORE, datetime(2027, 7, 9, 12, tzinfo=UTC))
    assert says(store) == []


def test_a_school_without_a_calendar_hears_nothing(store: Store) -> None:
    note_calendar(store, HOURS, datetime(2027, 7, 8, 12, tzinfo=UTC))
    assert says(store) == []
