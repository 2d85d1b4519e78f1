"""Invented figures of a week and of a term."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from alerts.views_digest import CaseFacts, WaitingCase
from alerts.views_report import AccountFigures, FiguresView
from monitor.domain import Role, Severity

NOW = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)


def figures(**changes: object) -> FiguresView:
    values: dict[str, object] = {
        "first": date(2026, 11, 14),
        "last": date(2026, 11, 20),
        "accounts": (
            AccountFigures(name="@StElsewhere", network="x", made=1008, missed=0),
            AccountFigures(
                name="St Elsewhere Primary School",
                network="facebook",
                made=991,
                missed=17,
                gaps=((NOW - timedelta(days=3, hours=7, minutes=47), NOW - timedelta(days=3, hours=5)),),
            ),
        ),
        "read": 1212,
        "found": (("insult", 7), ("threat", 1), ("staff_allegation", 2)),
        "noted": (("spam", 31), ("complaint", 3)),
        "decided": 14,
        "false_alarms": 3,
        "to_tell": tuple(timedelta(minutes=number) for number in (1, 2, 2, 3, 4, 4, 5, 40, 61, 720)),
        "to_answer": tuple(timedelta(minutes=number) for number in (3, 9, 12, 20, 31, 300)),
        "waiting": (
            WaitingCase(
                ref="SM-0142",
                category="threat",
                network="facebook",
                since=NOW - timedelta(hours=2),
                severity=Severity.CRITICAL,
                facts=CaseFacts(taken_by=Role.DSL, copies=1, earlier=1),
            ),
        ),
        "new_followers": 9,
        "followers": (("Verified", 212), ("Not verified", 31), ("Organisations", 3)),
        "reads": 8400,
        "pounds": Decimal("6.32"),
        "chain_head": "3f9a0c77d1e2" + "0" * 52,
    }
    return FiguresView(**(values | changes))  # type: ignore[arg-type]
