"""The end of keys: one that is destroyed takes everything that was sealed with it along, in every copy there is.

Emptying a row leaves what it held in older backups and in old blocks of the disk; without its key that is noise.
Once the caller's transaction is committed, `Store.checkpoint` takes the key out of the write-ahead log too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from monitor.domain import CaseState
from monitor.evidence import EMPTIED
from monitor.keyring import living_keys
from monitor.keys import Purpose, day_of, month_of
from monitor.sealed import COLUMNS, versions_of
from monitor.store import Store
from monitor.tables import CaseRow, EvidenceRow, ItemRow, OutboxRow
from monitor.tables_evidence import GivenRow
from monitor.tables_keys import SealingKeyRow
from monitor.tables_people import ClaimRow, FollowedRow
from monitor.tables_telling import TellingRow
from monitor.tables_watching import KeptDigestRow
from monitor.vault import KEY_ID

DESTROYED = "key destroyed"  # what the audit log says
_GOES = (OutboxRow, KeptDigestRow, ClaimRow, FollowedRow)


def destroy(
    session: Session, store: Store, case: CaseRow, *, actor: str, now: datetime, why: str = ""
) -> None:
    """Erase a case's content: its key, and whatever any row of it still holds. Its row, its copies' hashes and the audit
    log stay, and hold. `why` goes into the audit log: a few fixed words.

    Mails about it that wait are withdrawn. Destroying what is destroyed already does nothing.
    """
    keys = session.exec(living_keys(store.school, col(SealingKeyRow.purpose) == Purpose.CASE).where(
        SealingKeyRow.ref == str(case.id)
    )).all()  # fmt: skip
    emptied = _empty(session, store, case, actor, now)
    for key in keys:
        _end(store, key, now)
        session.add(key)
    session.flush()
    if keys or emptied:
        store.audit(session, at=now, actor=actor, happened=DESTROYED, thing=f"case {case.ref}", detail=why)


def destroy_unused(session: Session, store: Store, now: datetime) -> int:
    """Destroy every key that seals nothing any more, of closed cases and of days and months gone by; returns how many."""
    ended = [*_spent_cases(session, store), *_spent_times(session, store, now)]
    for key in ended:
        _end(store, key, now)
        session.add(key)
        case = session.get(CaseRow, int(key.ref)) if key.purpose == Purpose.CASE else None
        thing, why = f"{key.purpose} {case.ref if case else key.ref}", "it sealed nothing any more"
        store.audit(session, at=now, actor="schoolgate", happened=DESTROYED, thing=thing, detail=why)
    return len(ended)


def empty_erased(store: Store, now: datetime) -> int:
    """Empty or delete the rows whose key was destroyed: a restored backup holds some that were erased since it was made.
    Returns how many."""
    number = 0
    with store.write() as session:
        gone = session.exec(
            select(SealingKeyRow.key_id).where(
                SealingKeyRow.school_id == store.school, col(SealingKeyRow.destroyed_at).is_not(None)
            )
        ).all()
        for column in COLUMNS:
            rows = session.exec(
                select(column.table).where(
                    column.table.school_id == store.school, func.substr(column.there, 2, KEY_ID).in_(gone)
                )
            ).all()
            for row in rows:
                number += 1
                empty(session, store, row, "schoolgate", now)
            session.flush()
    return number


def _end(store: Store, key: SealingKeyRow, now: datetime) -> None:
    key.wrapped, key.destroyed_at = b"", now
    store.vault.let_go(key.key_id)


def _empty(session: Session, store: Store, case: CaseRow, actor: str, now: datetime) -> int:
    rows: list[Any] = list(session.exec(versions_of(store, case)))
    for column in COLUMNS:
        if column.of_case:
            its = (column.table.school_id == store.school, column.table.case_id == case.id)
            rows += session.exec(select(column.table).where(*its, func.length(column.there) > 0)).all()
    found = list({id(row): row for row in rows}.values())  # one may hold something in two columns
    for row in found:
        empty(session, store, row, actor, now)
    return len(found)


def empty(session: Session, store: Store, row: Any, actor: str, now: datetime) -> None:
    """What becomes of a row whose content is erased: it stays without it, or goes where it would be of no use."""
    if isinstance(row, OutboxRow) and row.lease_until is not None:
        row.failed_at = (
            row.failed_at or now
        )  # it may be on its way at this moment: whoever sends it marks this very row
    elif isinstance(row, _GOES) or (isinstance(row, TellingRow) and row.told_at is None):
        session.delete(row)
        if isinstance(row, OutboxRow):
            happened = f"mail withdrawn ({row.reason})"
            store.audit(
                session, at=now, actor=actor, happened=happened, thing=f"message {row.id}", detail="erased"
            )
        return
    for column in COLUMNS:
        if isinstance(row, column.table):
            setattr(row, column.column, b"")
    if isinstance(row, ItemRow):
        row.pruned_at = now
    session.add(row)
    named = "copy" if isinstance(row, EvidenceRow) else "given" if isinstance(row, GivenRow) else ""
    if named:
        thing = f"{named} {row.id}"
        store.audit(session, at=now, actor=actor, happened=EMPTIED, thing=thing, detail="erased")


def _spent_cases(session: Session, store: Store) -> list[SealingKeyRow]:
    spent = []
    for key in session.exec(
        living_keys(store.school, col(SealingKeyRow.purpose) == Purpose.CASE.value)
    ).all():
        case = session.get(CaseRow, int(key.ref))
        if case is None or (case.state == CaseState.CLOSED and not _holds(session, store, case)):
            spent.append(key)
    return spent


def _holds(session: Session, store: Store, case: CaseRow) -> bool:
    if session.exec(versions_of(store, case).limit(1)).first() is not None:
        return True
    return any(
        session.exec(
            select(column.table.id)
            .where(
                column.table.school_id == store.school,
                column.table.case_id == case.id,
                func.length(column.there) > 0,
            )
            .limit(1)
        ).first()
        is not None
        for column in COLUMNS
        if column.of_case
    )


def _spent_times(session: Session, store: Store, now: datetime) -> list[SealingKeyRow]:
    gone_by = ((col(SealingKeyRow.purpose) == Purpose.DAY.value) & (col(SealingKeyRow.ref) < day_of(now))) | (
        (col(SealingKeyRow.purpose) == Purpose.MONTH.value) & (col(SealingKeyRow.ref) < month_of(now))
    )
    candidates = session.exec(living_keys(store.school, gone_by)).all()
    if not candidates:
        return []
    used: set[bytes] = set()
    for column in COLUMNS:
        here = column.table.school_id == store.school
        if column.of_case:  # no more than the few that belong to none
            here &= column.table.case_id.is_(None)
        used.update(session.exec(select(func.substr(column.there, 2, KEY_ID)).where(here).distinct()))
    return [key for key in candidates if key.key_id not in used]
