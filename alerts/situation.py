"""What is true of one case now, read from its rows: the same facts for the page and for the POST. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import Session, col, select

from alerts.offers import REMOVALS, Situation, Undo
from monitor import items
from monitor.domain import ActionKind, Capability, CaseState, Choice, Done, Item, Role
from monitor.hours import Hours
from monitor.retrying import UNDO_FOR
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow, EvidenceRow, ItemRow

SEALED = "decision.sealed"


class Deciding(Protocol):
    """What deciding needs to know of the school, whether by the page or by a mail."""

    @property
    def store(self) -> Store: ...
    @property
    def capabilities(self) -> Mapping[str, Mapping[ActionKind, Capability]]: ...
    @property
    def may_hide(self) -> Callable[[str], bool]: ...
    @property
    def hours(self) -> Hours | None: ...  # None: whoever is asked is told at once, at any hour
    def to_be_asked(self, case: CaseRow) -> Role | None:
        """The safeguarding lead, where they may be brought into this case: in it already or named in it, None."""
        ...


_REPORTS = frozenset({Choice.REPORT.value, Choice.REPORTED.value})
_ON_NETWORK = frozenset({Choice.REMOVE, Choice.DELETE, Choice.RESTORE, Choice.UNDO})


def said(desk: Deciding, row: DecisionRow) -> dict[str, Any]:
    """What the reviewer gave as `why` and `reason`; nothing when it is no longer kept."""
    if not row.sealed:
        return {}
    words: dict[str, Any] = desk.store.vault.unseal_json(row.sealed, SEALED)
    return words


def decisions_of(desk: Deciding, session: Session, case: CaseRow) -> Sequence[DecisionRow]:
    """Oldest first."""
    return session.exec(
        select(DecisionRow)
        .where(DecisionRow.school_id == desk.store.school, DecisionRow.case_id == case.id)
        .order_by(col(DecisionRow.seq))
    ).all()


def copies_of(desk: Deciding, session: Session, case: CaseRow) -> Sequence[EvidenceRow]:
    """Oldest first: one for each version that its author made of it."""
    return session.exec(
        select(EvidenceRow)
        .where(EvidenceRow.school_id == desk.store.school, EvidenceRow.case_id == case.id)
        .order_by(col(EvidenceRow.id))
    ).all()


def item_of(desk: Deciding, row: ItemRow) -> Item | None:
    """The item as it was polled; None when its content is no longer kept."""
    if row.pruned_at is not None or not row.sealed:
        return None
    return items.from_row(row, desk.store.vault)


def undo_of(case: CaseRow, decisions: Sequence[DecisionRow], now: datetime) -> Undo | None:
    """What can still be taken back. A deletion waits until it may go out and can be taken back as long as it was not
    sent; hiding goes out at once, and is undone by showing it again."""
    steps = [row for row in decisions if row.choice in _ON_NETWORK and row.done != Done.UNDONE]
    last = steps[-1] if steps else None
    if last is None or Choice(last.choice) not in REMOVALS:
        return None
    sent = last.attempts > 0
    if last.choice == Choice.DELETE:
        waits = last.done_at is None and not sent
        return Undo(Choice.DELETE, last.next_attempt_at, sent=False) if waits else None
    until = last.created_at + UNDO_FOR
    hidden = last.done == Done.HIDDEN and case.standing == Done.HIDDEN
    return Undo(Choice.REMOVE, until, sent) if now < until and (last.done_at is None or hidden) else None


def situation_of(desk: Deciding, session: Session, case: CaseRow, now: datetime | None = None) -> Situation:
    """`now`: the time that a taking back is measured by; None where nobody can take anything back (a mail)."""
    decisions = decisions_of(desk, session, case)
    return Situation(
        network=case.network,
        category=case.category,
        state=CaseState(case.state),
        standing=Done(case.standing),
        item=item_of(desk, session.get_one(ItemRow, case.item_id)),
        copied=any(copy.item_id == case.item_id and copy.sealed for copy in copies_of(desk, session, case)),
        waiting=any(row.done_at is None for row in decisions),
        reported=any(
            row.choice in _REPORTS and row.done == Done.REPORTED and row.item_id == case.item_id
            for row in decisions
        ),
        undo=undo_of(case, decisions, now) if now else None,
        unhidable=any(
            row.choice == Choice.REMOVE and row.done == Done.REFUSED and row.item_id == case.item_id
            for row in decisions
        ),
    )
