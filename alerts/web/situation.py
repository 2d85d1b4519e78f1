"""What is true of one case now, read from its rows: the same facts for the page and for the POST. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from alerts.web.context import PageContext
from alerts.web.offers import Situation
from monitor import items
from monitor.domain import CaseState, Choice, Done, Item
from monitor.tables import CaseRow, DecisionRow, EvidenceRow, ItemRow

SEALED = "decision.sealed"
_REPORTS = frozenset({Choice.REPORT.value, Choice.REPORTED.value})


def said(page: PageContext, row: DecisionRow) -> dict[str, Any]:
    """What the reviewer gave as `why` and `reason`; nothing when it is no longer kept."""
    if not row.sealed:
        return {}
    words: dict[str, Any] = page.store.vault.unseal_json(row.sealed, SEALED)
    return words


def decisions_of(page: PageContext, session: Session, case: CaseRow) -> Sequence[DecisionRow]:
    """Oldest first."""
    return session.exec(
        select(DecisionRow)
        .where(DecisionRow.school_id == page.store.school, DecisionRow.case_id == case.id)
        .order_by(col(DecisionRow.seq))
    ).all()


def copies_of(page: PageContext, session: Session, case: CaseRow) -> Sequence[EvidenceRow]:
    """Oldest first: one for each version that its author made of it."""
    return session.exec(
        select(EvidenceRow)
        .where(EvidenceRow.school_id == page.store.school, EvidenceRow.case_id == case.id)
        .order_by(col(EvidenceRow.id))
    ).all()


def item_of(page: PageContext, row: ItemRow) -> Item | None:
    """The item as it was polled; None when its content is no longer kept."""
    if row.pruned_at is not None or not row.sealed:
        return None
    return items.from_row(row, page.store.vault)


def situation_of(page: PageContext, session: Session, case: CaseRow) -> Situation:
    decisions = decisions_of(page, session, case)
    return Situation(
        network=case.network,
        category=case.category,
        state=CaseState(case.state),
        standing=Done(case.standing),
        item=item_of(page, session.get_one(ItemRow, case.item_id)),
        copied=any(copy.item_id == case.item_id and copy.sealed for copy in copies_of(page, session, case)),
        waiting=any(row.done_at is None for row in decisions),
        reported=any(
            row.choice in _REPORTS and row.done == Done.REPORTED and row.item_id == case.item_id
            for row in decisions
        ),
    )
