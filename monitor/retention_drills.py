"""What is due to go of drills and of changes of rules. Rules over rows; changes nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from monitor.domain import CaseState
from monitor.drill_mark import PREFIX
from monitor.tables import CaseRow, DecisionRow, EvidenceRow, ItemRow
from monitor.tables_tuning import ProposalRow
from monitor.tuning import State

DRILL_KEPT = timedelta(days=30)  # its times are kept with the drill; what was invented is of use to nobody


def drill_rules(
    school: str, closed: timedelta, now: datetime
) -> Sequence[tuple[str, Any, Any, dict[str, Any]]]:
    """(counted, table, due, emptied to) of each; `closed`: for how long a closed case is kept."""
    drilled = select(CaseRow.id).where(
        CaseRow.school_id == school,
        CaseRow.state == CaseState.CLOSED.value,
        col(CaseRow.external_id).startswith(PREFIX),
        col(CaseRow.closed_at) < now - DRILL_KEPT,
    )
    unsealed = {"sealed": b""}
    return (
        (
            "items",
            ItemRow,
            col(ItemRow.pruned_at).is_(None)
            & (col(ItemRow.school_id) == school)
            & col(ItemRow.external_id).startswith(PREFIX)
            & (col(ItemRow.seen_at) < now - DRILL_KEPT)
            & col(ItemRow.id).not_in(select(CaseRow.item_id).where(CaseRow.state != CaseState.CLOSED.value)),
            {"sealed": b"", "pruned_at": now},
        ),
        (
            "evidence",
            EvidenceRow,
            (col(EvidenceRow.sealed) != b"") & col(EvidenceRow.case_id).in_(drilled),
            unsealed,
        ),
        (
            "reasons",
            DecisionRow,
            (col(DecisionRow.sealed) != b"") & col(DecisionRow.case_id).in_(drilled),
            unsealed,
        ),
        (
            "reasons",
            ProposalRow,
            (col(ProposalRow.sealed) != b"")
            & (col(ProposalRow.school_id) == school)
            & (col(ProposalRow.state) == State.WITHDRAWN.value)
            & (col(ProposalRow.decided_at) < now - closed),
            unsealed,
        ),
    )
