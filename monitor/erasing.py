"""How what is kept of an item or a case is emptied for good, row by row: one place, so that nothing is forgotten.

Ids, times, hashes and the audit log stay: what was done can still be checked, and reading an item again makes nothing
new. Asks nothing: whether it may be done is monitor/subject_erase.py's to say. `Store.compact` then leaves no trace.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import Session, col

from monitor.key_ends import destroy
from monitor.store import Store
from monitor.tables import CaseRow, FindingRow, ItemRow
from monitor.tables_cases import PileRow, TargetRow
from monitor.tables_tuning import ProposalRow, TrialHitRow


def empty_item(session: Session, row: ItemRow, now: datetime) -> None:
    """One version of an item: its words, who wrote it, and what was found in it."""
    row.sealed, row.pruned_at, row.author_id = b"", now, None
    session.add(row)
    session.flush()
    for table in (FindingRow, TrialHitRow):
        _do(session, delete(table).where(col(table.item_id) == row.id))


def empty_case(session: Session, store: Store, case: CaseRow, now: datetime) -> None:
    """All that hangs on a case, and the key that sealed it: its items, copies, what people gave, reasons, mails, targets,
    why it was held. The case itself stays as a number with its times and outcome."""
    destroy(session, store, case, actor="schoolgate", now=now, why="erased on request")
    _do(session, update(ProposalRow).where(col(ProposalRow.case_id) == case.id).values(sealed=b""))
    _do(session, delete(TargetRow).where(col(TargetRow.case_id) == case.id))
    _do(session, update(PileRow).where(col(PileRow.case_id) == case.id).values(digest=b""))
    session.flush()


def _do(session: Session, statement: Any) -> None:
    session.exec(statement, execution_options={"synchronize_session": False})
