"""Every column that holds something sealed, and whose key each row of it belongs to. A list, and no more.

A table's column is its own place: "item.sealed" opens nowhere else (monitor/vault.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from monitor import keys
from monitor.domain import ItemKind
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow, EvidenceRow, ItemRow, OutboxRow
from monitor.tables_evidence import GivenRow
from monitor.tables_holds import HoldRow
from monitor.tables_people import ClaimRow, FollowedRow, FollowerDecisionRow
from monitor.tables_telling import TellingRow
from monitor.tables_tuning import ProposalRow
from monitor.tables_watching import KeptDigestRow
from monitor.vault import Sealer


@dataclass(frozen=True, slots=True)
class Sealed:
    """One column. `made` names the column that says when its value came; `of_case`: whether `case_id` says whose it is."""

    table: Any
    column: str
    made: str
    of_case: bool = False

    @property
    def place(self) -> str:
        return f"{self.table.__tablename__}.{self.column}"

    @property
    def there(self) -> Any:
        """The column itself, for queries."""
        return getattr(self.table, self.column)


COLUMNS = (
    Sealed(ItemRow, "sealed", "seen_at"),
    Sealed(EvidenceRow, "sealed", "captured_at", of_case=True),
    Sealed(GivenRow, "sealed", "entered_at", of_case=True),
    Sealed(GivenRow, "said", "entered_at", of_case=True),
    Sealed(DecisionRow, "sealed", "created_at", of_case=True),
    Sealed(OutboxRow, "sealed", "created_at", of_case=True),
    Sealed(TellingRow, "sealed", "created_at", of_case=True),
    Sealed(ProposalRow, "sealed", "proposed_at"),  # belongs to the rule: it stands when its case is long gone
    Sealed(HoldRow, "sealed", "placed_at", of_case=True),
    Sealed(KeptDigestRow, "sealed", "created_at"),
    Sealed(ClaimRow, "sealed", "created_at"),
    Sealed(FollowerDecisionRow, "sealed", "decided_at"),
    Sealed(FollowedRow, "sealed", "seen_at"),
)


def belongs_to(session: Session, store: Store, column: Sealed, row: Any) -> Sealer:
    """What this row of this column is sealed with."""
    made: datetime = getattr(row, column.made)
    if isinstance(row, ItemRow):
        case_id = session.exec(select(CaseRow.id).where(*_of_item(store, row))).first()
        if case_id is None:
            short = row.kind != ItemKind.FOLLOWER.value
            return (keys.for_day if short else keys.for_month)(session, store, made)
        return keys.for_case(session, store, case_id, made)
    return keys.for_case(session, store, row.case_id if column.of_case else None, made)


def _of_item(store: Store, row: ItemRow) -> tuple[Any, ...]:
    return (
        CaseRow.school_id == store.school,
        CaseRow.account == row.account,
        CaseRow.kind == row.kind,
        CaseRow.external_id == row.external_id,
    )


def versions_of(store: Store, case: CaseRow) -> Any:
    """The query for every version of a case's item that still holds something."""
    return select(ItemRow).where(
        ItemRow.school_id == store.school,
        ItemRow.account == case.account,
        ItemRow.kind == case.kind,
        ItemRow.external_id == case.external_id,
        col(ItemRow.pruned_at).is_(None),
    )
