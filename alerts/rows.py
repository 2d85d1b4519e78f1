"""Database rows to the values that mails show. Reads only; decides nothing about who is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from alerts.desk import Desk, Reader
from alerts.views import AlertView, GroupRow, Taken
from alerts.views_digest import WaitingCase
from alerts.words import family, guidance
from monitor import items
from monitor.domain import (
    ActionKind,
    Capability,
    Choice,
    Done,
    ItemKind,
    Means,
    Reason,
    Role,
    Severity,
    VerificationState,
)
from monitor.drill_mark import is_drill
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow, EvidenceRow, FindingRow, ItemRow, OutboxRow
from monitor.tables_cases import PileRow
from monitor.tables_people import FollowerRow

_NAMES = frozenset({"identifying"})
_REMOVING = frozenset({Choice.REMOVE, Choice.DELETE, Choice.RESTORE, Choice.UNDO})


def alert_view(
    session: Session,
    store: Store,
    desk: Desk,
    case: CaseRow,
    reader: Reader,
    *,
    reason: Reason,
    link: str,
    told: Sequence[Reader],
    escalates: tuple[datetime, Role] | None,
    reminder: int = 0,
) -> AlertView:
    """What one reader's mail about one case shows."""
    row = session.get_one(ItemRow, case.item_id)
    item = items.from_row(row, store.vault)
    findings = findings_of(session, row)
    leading = next((finding for finding in findings if finding.category == case.category), None)
    copied = session.exec(
        select(EvidenceRow.captured_at).where(
            EvidenceRow.case_id == case.id, EvidenceRow.item_id == case.item_id
        )
    ).first()
    first = session.exec(
        select(OutboxRow.created_at).where(OutboxRow.case_id == case.id).order_by(col(OutboxRow.id)).limit(1)
    ).first()
    author = _author(session, row)
    places = [one.address for one in told]
    return AlertView(
        ref=case.ref,
        drill=is_drill(case.external_id),
        reason=reason,
        category=case.category,
        severity=Severity(case.severity),
        network=case.network,
        kind=ItemKind(case.kind),
        account=desk.accounts.get(case.account, case.account),
        seen_at=row.seen_at,
        posted_at=row.posted_at,
        link=link,
        why=_with_pile(session, case, leading.reason if leading else ""),
        policy=guidance(leading.policy) if leading else "",
        author_state=author[0],
        author_role=author[1],
        copied_at=copied,
        has_media=item.has_media,
        removal=removal(session, case),
        removable=removable(desk.capabilities.get(case.network, {}), row),
        network_report=_reported(session, case),
        place=places.index(reader.address) + 1 if reader.address in places else len(places) + 1,
        of=max(len(places), 1) if reader.address in places else len(places) + 1,
        also_told=tuple(one.role for one in told if one.address != reader.address),
        escalates_at=escalates[0] if escalates else None,
        escalates_to=escalates[1] if escalates else None,
        first_told_at=first,
        reminder=reminder,
        text=item.text,
        spans=tuple((finding.start, finding.end) for finding in findings),
        hidden_spans=tuple((one.start, one.end) for one in findings if family(one.category) in _NAMES),
        found=tuple(dict.fromkeys(one.category for one in findings)),
    )


def _with_pile(session: Session, case: CaseRow, why: str) -> str:
    """Figures only: whom a pile-on is aimed at, and by whom, stands on the page."""
    items = session.exec(select(PileRow.items).where(PileRow.case_id == case.id)).first()
    return f"One of {items} comments against one target (a pile-on). {why}".strip() if items else why


def findings_of(session: Session, row: ItemRow) -> list[FindingRow]:
    return list(
        session.exec(select(FindingRow).where(FindingRow.item_id == row.id).order_by(col(FindingRow.start)))
    )


def removal(session: Session, case: CaseRow) -> Taken:
    """What truly came of hiding or deleting; nothing asked and still visible is an empty Taken."""
    last = session.exec(
        select(DecisionRow)
        .where(
            DecisionRow.case_id == case.id,
            col(DecisionRow.choice).in_([choice.value for choice in _REMOVING]),
            col(DecisionRow.done_at).is_not(None),
            DecisionRow.done != Done.UNDONE.value,
        )
        .order_by(col(DecisionRow.id).desc())
        .limit(1)
    ).first()
    later = last is not None and last.done_at and case.standing_at and case.standing_at > last.done_at
    if last is not None and last.done and not later:
        return Taken(Done(last.done), last.done_at)
    if later or case.standing != Done.VISIBLE:  # the network said since how it stands
        return Taken(Done(case.standing), case.standing_at)
    return Taken()


def removable(capabilities: Mapping[ActionKind, Capability], row: ItemRow) -> bool:
    """Whether the network lets us hide or delete this very item."""
    refused = set(row.refused.split(","))
    return any(
        action in capabilities and capabilities[action].means is Means.BY_API and action.value not in refused
        for action in (ActionKind.HIDE, ActionKind.DELETE)
    )


def group_row(session: Session, case: CaseRow) -> GroupRow:
    row = session.get_one(ItemRow, case.item_id)
    return GroupRow(
        ref=case.ref,
        drill=is_drill(case.external_id),
        category=case.category,
        network=case.network,
        kind=ItemKind(case.kind),
        seen_at=row.seen_at,
        removal=removal(session, case),
    )


def waiting_case(case: CaseRow) -> WaitingCase:
    return WaitingCase(
        ref=case.ref,
        category=case.category,
        network=case.network,
        since=case.opened_at,
        severity=Severity(case.severity),
    )


def _reported(session: Session, case: CaseRow) -> Taken:
    last = session.exec(
        select(DecisionRow)
        .where(
            DecisionRow.case_id == case.id,
            col(DecisionRow.done) == Done.REPORTED.value,
        )
        .order_by(col(DecisionRow.id).desc())
        .limit(1)
    ).first()
    return Taken(Done.REPORTED, last.done_at) if last else Taken()


def _author(session: Session, row: ItemRow) -> tuple[VerificationState | None, str | None]:
    """What is known of the author as a follower; None when the network did not even say who wrote it."""
    if row.author_id is None:
        return None, None
    follower = session.exec(
        select(FollowerRow).where(
            FollowerRow.school_id == row.school_id,
            FollowerRow.account == row.account,
            FollowerRow.external_id == row.author_id,
        )
    ).first()
    if follower is None:
        return VerificationState.UNVERIFIED, None
    return VerificationState(follower.state), follower.role
