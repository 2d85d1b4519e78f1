"""Changes of rules that reviewers propose after a false alarm: on trial, taken over, withdrawn. Always audited.

On trial a change is counted and acts on nothing: `try_out` says which new findings it would have taken away. Who may propose
and who may decide is the page's to hold; what a change can take away at all is held in monitor/detectors/changes.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from sqlmodel import Session, col, func, select

from monitor import items, keys, triage
from monitor.detectors.changes import Change, Kind
from monitor.domain import Finding, Role
from monitor.drill_mark import PREFIX
from monitor.errors import StoreError
from monitor.ports import Clock
from monitor.store import Store
from monitor.tables import CaseRow, FindingRow, ItemRow
from monitor.tables_tuning import ProposalRow, TrialHitRow

SEALED = "proposal.sealed"
TRIAL = timedelta(
    days=7
)  # at least this long on trial before it may be taken over: a school week with its weekend
MOST_OPEN = 20  # on trial at once
_A_TURN = 20  # items judged once more in one turn, so that trials hold up no new comment
log = structlog.get_logger(__name__)


class State(StrEnum):
    TRIAL = "trial"
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


def active_changes(store: Store) -> tuple[Change, ...]:
    """The changes that count now. One that does not open is left out: more is found then, never less."""
    with store.read() as session:
        rows = session.exec(
            select(ProposalRow)
            .where(ProposalRow.school_id == store.school, ProposalRow.state == State.ACTIVE.value)
            .order_by(col(ProposalRow.id))
        ).all()
    return tuple(change for row in rows if (change := change_of(store, row)) is not None)


def words_of(store: Store, row: ProposalRow) -> dict[str, Any]:
    """What is sealed in a proposal: rule, kind, phrase, words, comment; empty when it is no longer kept or was changed."""
    if not row.sealed:
        return {}
    try:
        said: dict[str, Any] = store.vault.unseal_json(row.sealed, SEALED)
    except StoreError:
        log.error("a change of a rule does not open", rule=row.rule)  # noqa: TRY400 - the trace says no more
        return {}
    return said if said["rule"] == row.rule and said["kind"] == row.kind else {}


def change_of(store: Store, row: ProposalRow) -> Change | None:
    said = words_of(store, row)
    return Change(said["rule"], Kind(said["kind"]), tuple(said["words"])) if said else None


def open_proposals(session: Session, school: str) -> Sequence[ProposalRow]:
    """On trial or active, oldest first."""
    return session.exec(
        select(ProposalRow)
        .where(ProposalRow.school_id == school, ProposalRow.state != State.WITHDRAWN.value)
        .order_by(col(ProposalRow.id))
    ).all()


def propose(
    session: Session,
    store: Store,
    case: CaseRow,
    change: Change,
    *,
    category: str,
    phrase: str,
    comment: str,
    role: Role,
    now: datetime,
) -> ProposalRow | None:
    """Put a change on trial; None when MOST_OPEN are already. The same change is not put there twice."""
    there = open_proposals(session, store.school)
    for row in there:
        if change_of(store, row) == change:
            return row
    if sum(row.state == State.TRIAL for row in there) >= MOST_OPEN:
        return None
    sealed = {
        "rule": change.rule,
        "kind": change.kind.value,
        "words": list(change.words),
        "phrase": phrase,
        "comment": comment,
    }
    row = ProposalRow(
        school_id=store.school,
        case_id=case.id or 0,
        rule=change.rule,
        kind=change.kind.value,
        category=category,
        sealed=keys.for_month(session, store, now).seal_json(sealed, SEALED),
        proposed_at=now,
        proposed_by=role.value,
        looked_to=now,
        looked_id=session.exec(select(func.max(ItemRow.id))).one() or 0,
    )
    session.add(row)
    session.flush()
    _audit(session, store, row, role, "change of a rule proposed", now, detail=f"case {case.ref}")
    return row


def decide(session: Session, store: Store, row: ProposalRow, to: State, role: Role, now: datetime) -> None:
    """Take a change over (`State.ACTIVE`) or withdraw it."""
    hits = session.exec(
        select(func.count()).select_from(TrialHitRow).where(TrialHitRow.proposal_id == row.id)
    ).one()
    row.state, row.decided_at, row.decided_by = to.value, now, role.value
    session.add(row)
    happened = "change of a rule taken over" if to is State.ACTIVE else "change of a rule withdrawn"
    _audit(session, store, row, role, happened, now, detail=f"would have changed {hits}")


def _audit(
    session: Session, store: Store, row: ProposalRow, role: Role, happened: str, now: datetime, detail: str
) -> None:
    thing = f"proposal {row.id}"
    detail = f"{row.rule} {row.kind}, {detail}"
    store.audit(session, at=now, actor=role.value, happened=happened, thing=thing, detail=detail)


def try_out(
    store: Store, judged: Callable[[str, Sequence[Change]], Sequence[Finding]], *, clock: Clock
) -> int:
    """Judge once more, with each change on trial, what was found since by the rule that it changes; note what it would
    have taken away. `judged`: the findings of a text with the school's changes and extra ones. Returns how many."""
    with store.read() as session:
        trials = [row for row in open_proposals(session, store.school) if row.state == State.TRIAL]
    left, found = _A_TURN, 0
    for row in trials:
        looked, hits = _try_one(store, row, judged, clock(), left)
        left, found = left - looked, found + hits
        if left <= 0:
            break
    return found


def _try_one(
    store: Store,
    trial: ProposalRow,
    judged: Callable[[str, Sequence[Change]], Sequence[Finding]],
    now: datetime,
    most: int,
) -> tuple[int, int]:
    """(how many items were looked at, how many of them the change would have changed)."""
    change = change_of(store, trial)
    if change is None:
        return 0, 0
    with store.read() as session:
        new = (col(ItemRow.assessed_at) > trial.looked_to) | (col(ItemRow.id) > trial.looked_id)
        rows = session.exec(
            found_since(store.school, trial.rule, trial.looked_to).where(new).limit(most)
        ).all()
    hits: list[TrialHitRow] = []
    for row in rows:
        if row.id is None or row.pruned_at is not None:
            continue
        text = items.from_row(row, store.vault).text
        before, after = judged(text, ()), judged(text, (change,))
        if any(one.detector == trial.rule and one not in after for one in before):
            left = triage.triage(after).severity
            hits.append(
                TrialHitRow(
                    school_id=store.school,
                    proposal_id=trial.id or 0,
                    item_id=row.id,
                    at=now,
                    left=left.value if left else None,
                )
            )
    if rows:
        with store.write() as session:
            kept = session.get_one(ProposalRow, trial.id)
            kept.looked_to = rows[-1].assessed_at or kept.looked_to
            kept.looked_id = rows[-1].id or 0
            session.add_all(hits)
    return len(rows), len(hits)


def found_since(school: str, rule: str, since: datetime) -> Any:
    """Items that were judged since then, in which a rule found something, in the order in which they were judged. The
    baseline and drills are left out."""
    return (
        select(ItemRow)
        .join(FindingRow, col(FindingRow.item_id) == col(ItemRow.id))
        .where(
            ItemRow.school_id == school,
            col(ItemRow.assessed_at) >= since,
            col(ItemRow.baseline).is_(False),
            ~col(ItemRow.external_id).startswith(PREFIX),
            FindingRow.detector == rule,
        )
        .distinct()
        .order_by(col(ItemRow.assessed_at), col(ItemRow.id))
    )
