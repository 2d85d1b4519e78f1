"""How what is kept of an item or a case is emptied for good, row by row: one place, so that nothing is forgotten.

Ids, times, hashes and the audit log stay: what was done can still be checked, and reading an item again makes nothing
new. Asks nothing: whether it may be done is monitor/subject_erase.py's to say. `Store.compact` then leaves no trace.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from monitor.evidence import EMPTIED
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow, EvidenceRow, FindingRow, ItemRow, OutboxRow
from monitor.tables_cases import PileRow, TargetRow
from monitor.tables_evidence import GivenRow
from monitor.tables_holds import HoldRow
from monitor.tables_telling import TellingRow
from monitor.tables_tuning import ProposalRow, TrialHitRow

ERASED = "erased"  # what the audit log says beside each copy, where pruning says "pruned"


def empty_item(session: Session, row: ItemRow, now: datetime) -> None:
    """One version of an item: its words, who wrote it, and what was found in it."""
    row.sealed, row.pruned_at, row.author_id = b"", now, None
    session.add(row)
    session.flush()
    for table in (FindingRow, TrialHitRow):
        _do(session, delete(table).where(col(table.item_id) == row.id))


def empty_case(session: Session, store: Store, case: CaseRow, now: datetime) -> None:
    """All that hangs on a case but its items: copies, what people gave, reasons, mails, targets, proposals, why it was
    held. The case itself stays as a number with its times and outcome."""
    for copy in _of(session, EvidenceRow, case):
        copy.sealed = b""
        _audit(session, store, f"copy {copy.id}", now)
    for given in _of(session, GivenRow, case):
        given.sealed = given.said = b""
        _audit(session, store, f"given {given.id}", now)
    rows: tuple[Any, ...] = (DecisionRow, OutboxRow, TellingRow, ProposalRow, HoldRow)
    for table in rows:
        _do(session, update(table).where(table.case_id == case.id).values(sealed=b""))
    _do(session, delete(TargetRow).where(col(TargetRow.case_id) == case.id))
    _do(session, update(PileRow).where(col(PileRow.case_id) == case.id).values(digest=b""))
    session.flush()


def _of(session: Session, table: Any, case: CaseRow) -> Any:
    return session.exec(select(table).where(table.case_id == case.id, table.sealed != b"")).all()


def _do(session: Session, statement: Any) -> None:
    session.exec(statement, execution_options={"synchronize_session": False})


def _audit(session: Session, store: Store, thing: str, now: datetime) -> None:
    store.audit(session, at=now, actor="schoolgate", happened=EMPTIED, thing=thing, detail=ERASED)
