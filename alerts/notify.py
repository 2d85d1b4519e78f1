"""Notify: notices that are due are shared out to their readers, and each reader's shares become mails in the outbox.

Says nothing new about a case: assess and the reminder clock leave the notices, this only tells. A notice is shared out
in one transaction, a mail is made in another; what lies between is rows, so a crash loses nothing and tells nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, select

from alerts.crowd import Batch, Share, batches, shares_of
from alerts.desk import Desk
from alerts.rows import group_row
from alerts.tell import tell
from alerts.tellings import recent_of, share_out
from monitor.crash import point
from monitor.domain import Severity
from monitor.hours import may_tell
from monitor.incidents import open_incident
from monitor.ports import Clock
from monitor.set_back import ahead
from monitor.store import Store
from monitor.tables import CaseRow, NoticeRow
from monitor.tables_telling import TellingRow

log = structlog.get_logger(__name__)
_AGAIN = timedelta(minutes=5)  # before what could not be told is tried again


def notify(store: Store, desk: Desk, *, clock: Clock) -> int:
    """Compose what is due and may go at this hour; returns how many notices were handled."""
    now = clock()
    with store.read() as session:
        due = session.exec(
            select(NoticeRow.id, NoticeRow.severity)
            .where(
                NoticeRow.school_id == store.school,
                col(NoticeRow.composed_at).is_(None),
                (col(NoticeRow.not_before) <= now) | ahead(NoticeRow.created_at, now),
            )
            .order_by(col(NoticeRow.severity).desc(), col(NoticeRow.id))
        ).all()
    ready = [notice for notice, severity in due if may_tell(Severity(severity), now, desk.hours)]
    for notice in ready:
        if notice is not None:
            _share_or_say(store, desk, notice, now)
    for recipient, shares in _waiting(store, now).items():
        with store.read() as session:
            recent = recent_of(session, store, recipient, now)
        for batch in batches(shares, recent, now, desk.hours, desk.mails_per_hour):
            _tell_or_say(store, desk, batch, now)
    return len(ready)


def _share_or_say(store: Store, desk: Desk, notice: int, now: datetime) -> None:
    try:
        with store.write() as session:
            share_out(session, store, desk, session.get_one(NoticeRow, notice), now)
    except Exception as error:
        log.exception("notice could not be shared out", notice=notice)
        with store.write() as session:
            session.get_one(NoticeRow, notice).not_before = now + _AGAIN
            _loud(session, store, notice, error, now)


def _waiting(store: Store, now: datetime) -> dict[str, list[Share]]:
    """The shares that nobody was told of yet, by recipient."""
    with store.read() as session:
        rows = session.exec(
            select(TellingRow)
            .where(
                TellingRow.school_id == store.school,
                col(TellingRow.told_at).is_(None),
                (col(TellingRow.due_at) <= now) | ahead(TellingRow.created_at, now),
            )
            .order_by(col(TellingRow.severity).desc(), col(TellingRow.id))
        ).all()
    by_recipient: dict[str, list[tuple[int, int, str, int]]] = {}
    for row in rows:
        assert row.id is not None
        by_recipient.setdefault(row.recipient, []).append((row.id, row.case_id, row.reason, row.severity))
    return {recipient: shares_of(theirs) for recipient, theirs in by_recipient.items()}


def _tell_or_say(store: Store, desk: Desk, batch: Batch, now: datetime) -> None:
    """Make one mail. A case that cannot be told is made loud, and must not silence the others of its mail."""
    try:
        with store.write() as session:
            tell(session, store, desk, batch, now)
            point("notify.composed")
        point("notify.stored")
    except Exception as error:
        log.exception("notify failed", shares=[share.ids for share in batch.shares])
        wrong = [share for share in batch.shares if not _can_be_told(store, share)]
        with store.write() as session:
            for share in wrong or batch.shares:
                _later(session, store, share.ids, error, now)
        if rest := tuple(share for share in batch.shares if wrong and share not in wrong):
            _tell_or_say(store, desk, Batch(rest, batch.together), now)


def _can_be_told(store: Store, share: Share) -> bool:
    with store.read() as session:
        try:
            group_row(session, session.get_one(CaseRow, share.case_id))
        except Exception:  # noqa: BLE001 - whatever it is, it was logged, and is made loud by the caller
            return False
    return True


def _later(session: Session, store: Store, ids: Sequence[int], error: Exception, now: datetime) -> None:
    for row_id in ids:
        row = session.get_one(TellingRow, row_id)
        row.due_at = now + _AGAIN
        _loud(session, store, row.notice_id, error, now)


def _loud(session: Session, store: Store, notice: int, error: Exception, now: datetime) -> None:
    """The administrator hears of it, and it is tried again after a while rather than at every tick."""
    open_incident(
        store,
        session,
        f"notify:{notice}",
        says=f"an alert could not be composed ({type(error).__name__}); its case is on the page all the same",
        cure="Open the page's list of cases now, and report this with the log.",
        now=now,
    )
