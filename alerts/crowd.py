"""Which notices go out by themselves and which together, so that nobody can fill a mailbox by writing a lot.

Pure of wording: it puts notices into batches, and `alerts/notify.py` tells each batch. Nothing is dropped here: what
does not go now is due still.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from monitor.domain import Reason, Severity
from monitor.store import Store
from monitor.tables import NoticeRow, OutboxRow

NAGS = frozenset({Reason.REMINDER.value, Reason.ESCALATION.value})
SINGLES = 10  # notices an hour that each get a mail of their own; a school's worst real hour has a handful
APART = timedelta(minutes=5)  # between two mails that put a crowd together
_HOUR = timedelta(hours=1)


def batches(session: Session, store: Store, due: Sequence[NoticeRow], now: datetime) -> list[list[int]]:
    """The ids of `due` (worst first) in the batches in which they are told: one alone, or a group in one mail.

    What can wait is always a group. What cannot goes alone until SINGLES in an hour have; the rest is told together,
    worst first, every APART.
    """
    calm: list[int] = []
    pressing: list[int] = []
    for notice in due:
        assert notice.id is not None
        calm_one = notice.severity <= Severity.MEDIUM and notice.reason not in NAGS
        (calm if calm_one else pressing).append(notice.id)
    alone = pressing[: max(SINGLES - _told_within_the_hour(session, store, now), 0)]
    crowd = pressing[len(alone) :]
    if crowd and _told_together_lately(session, store, now):
        crowd = []
    return [*([one] for one in alone), *(group for group in (crowd, calm) if group)]


def _told_within_the_hour(session: Session, store: Store, now: datetime) -> int:
    return session.exec(
        select(func.count())
        .select_from(NoticeRow)
        .where(
            NoticeRow.school_id == store.school,
            col(NoticeRow.composed_at) > now - _HOUR,
            (col(NoticeRow.severity) > Severity.MEDIUM.value) | col(NoticeRow.reason).in_(NAGS),
        )
    ).one()


def _told_together_lately(session: Session, store: Store, now: datetime) -> bool:
    return (
        session.exec(
            select(OutboxRow.id).where(
                OutboxRow.school_id == store.school,
                OutboxRow.reason == Reason.GROUPED.value,
                col(OutboxRow.created_at) > now - APART,
            )
        ).first()
        is not None
    )
