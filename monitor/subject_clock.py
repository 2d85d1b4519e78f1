"""By when a request must be answered: one calendar month (Articles 12(3) UK GDPR; ICO, "How long do we have to comply?").

The month also runs in school holidays. Pure.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from monitor.school_days import SATURDAY, bank_holidays


def answer_by(received: date, nation: str) -> date:
    """The same day of the next month, or its last; where that is a weekend or bank holiday, the next working day."""
    year, month = received.year + received.month // 12, received.month % 12 + 1
    due = date(year, month, min(received.day, calendar.monthrange(year, month)[1]))
    while due.weekday() >= SATURDAY or due in bank_holidays(nation, due.year):
        due += timedelta(days=1)
    return due
