"""Decisions on followers as rows: made in bulk, taken back one by one, with the steps on the network that follow.

Everything happens in the caller's write transaction. A decision is bound to the network's stable id: it holds at every
account of the school on that network, and for whoever leaves and comes back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, func, select, update

from monitor import keys
from monitor.domain import ActionKind, Capability, Item, ItemKind, Means, Verification, VerificationState
from monitor.following import Decided, FollowerChoice, Shown, with_decision
from monitor.store import Store
from monitor.tables_people import FollowerDecisionRow, FollowerRow, FollowerStepRow

SEALED = "follower_decision.sealed"
BY_HAND = (ActionKind.REMOVE_FOLLOWER, ActionKind.BLOCK)
Able = Mapping[str, Mapping[ActionKind, Capability]]  # what each network can do, by its name
Standing = tuple[FollowerStepRow, FollowerRow, FollowerDecisionRow]


def decide(
    store: Store,
    session: Session,
    followers: Sequence[FollowerRow],
    choice: FollowerChoice,
    *,
    role: str,
    who: str,
    reason: str,
    review_on: date | None,
    able: Able,
    now: datetime,
) -> None:
    """Store one decision for each account behind `followers`, with its steps. `who` and `reason` are sealed."""
    sealer = keys.for_month(session, store, now)
    for follower in {(row.network, row.external_id): row for row in followers}.values():
        made = FollowerDecisionRow(
            school_id=store.school,
            network=follower.network,
            external_id=follower.external_id,
            handle=follower.handle,
            choice=choice.value,
            role=role,
            sealed=sealer.seal_json({"reason": reason, "who": who}, SEALED),
            decided_at=now,
            review_on=review_on,
        )
        session.add(made)
        session.flush()
        assert made.id is not None
        for row in _everywhere(store, session, follower.network, follower.external_id):
            _applied(row, Decided(choice, row.handle == made.handle, review_on), now)
            session.add(row)
            step = _step(choice, able.get(row.network, {}))
            if step is not None:
                _add_step(store, session, row, made.id, *step, now)
        store.audit(
            session,
            at=now,
            actor=role,
            happened=f"follower {'approved' if choice is FollowerChoice.ORGANISATION else 'turned away'}",
            thing=f"follower {follower.id}",
            detail=f"review on {review_on.isoformat()}" if review_on else "",
        )


def undo(store: Store, session: Session, follower: FollowerRow, *, role: str, now: datetime) -> bool:
    """Take back the decision that stands; False when there is none. The follower is looked up again."""
    row = decision_of(store, session, follower.network, follower.external_id)
    if row is None:
        return False
    row.undone_at, row.undone_by = now, role
    session.add(row)
    session.exec(
        update(FollowerRow)
        .where(
            col(FollowerRow.school_id) == store.school,
            col(FollowerRow.network) == follower.network,
            col(FollowerRow.external_id) == follower.external_id,
            col(FollowerRow.state) != VerificationState.LEFT.value,
        )
        .values(state=VerificationState.NEW.value, reason="", verified_at=None)
    )
    store.audit(
        session,
        at=now,
        actor=role,
        happened="decision on a follower taken back",
        thing=f"follower {follower.id}",
        detail=row.choice,
    )
    return True


def decision_of(store: Store, session: Session, network: str, external_id: str) -> FollowerDecisionRow | None:
    """The decision that stands for an account."""
    return session.exec(
        select(FollowerDecisionRow)
        .where(
            FollowerDecisionRow.school_id == store.school,
            FollowerDecisionRow.network == network,
            FollowerDecisionRow.external_id == external_id,
            col(FollowerDecisionRow.undone_at).is_(None),
        )
        .order_by(col(FollowerDecisionRow.id).desc())
        .limit(1)
    ).first()


def decided_of(store: Store, session: Session, follower: FollowerRow, handle: bytes | None) -> Decided | None:
    """The same as a value; `handle` is the keyed hash of the one that the account has now."""
    row = decision_of(store, session, follower.network, follower.external_id)
    return Decided(FollowerChoice(row.choice), row.handle == handle, row.review_on) if row else None


def said_of(store: Store, row: FollowerDecisionRow) -> Mapping[str, str]:
    """`reason` and `who`; empty when they are no longer kept."""
    words: dict[str, Any] = store.vault.unseal_json(row.sealed, SEALED) if row.sealed else {}
    return {name: str(words.get(name, "")) for name in ("reason", "who")}


def steps(store: Store, session: Session, account: str | None = None) -> list[Standing]:
    """The steps of the decisions that stand (at one account, or all), oldest first."""
    query = (
        select(FollowerStepRow, FollowerRow, FollowerDecisionRow)
        .join(FollowerRow, col(FollowerRow.id) == FollowerStepRow.follower_id)
        .join(FollowerDecisionRow, col(FollowerDecisionRow.id) == FollowerStepRow.decision_id)
        .where(FollowerStepRow.school_id == store.school, col(FollowerDecisionRow.undone_at).is_(None))
        .order_by(col(FollowerStepRow.id))
    )
    if account is not None:
        query = query.where(FollowerRow.account == account)
    # of several decisions on one account that were not taken back, the newest stands
    newest = {
        (network, external_id): made
        for network, external_id, made in session.exec(
            select(
                FollowerDecisionRow.network,
                FollowerDecisionRow.external_id,
                func.max(FollowerDecisionRow.id),
            )
            .where(
                FollowerDecisionRow.school_id == store.school,
                col(FollowerDecisionRow.undone_at).is_(None),
            )
            .group_by(FollowerDecisionRow.network, FollowerDecisionRow.external_id)
        )
    }
    return [
        (step, row, made)
        for step, row, made in session.exec(query).all()
        if newest.get((row.network, row.external_id)) == made.id
    ]


def say(
    store: Store, session: Session, step: FollowerStepRow, action: ActionKind, *, role: str, now: datetime
) -> None:
    """A person says that they did it on the network; it is believed until the network shows otherwise."""
    step.action, step.said_at, step.said_by = action.value, now, role
    step.shown, step.shown_at, step.asked_at = Shown.NOTHING.value, None, None
    session.add(step)
    store.audit(
        session,
        at=now,
        actor=role,
        happened=f"{action.value.replace('_', ' ')} said to be done",
        thing=f"follower {step.follower_id}",
    )


def show(store: Store, session: Session, step: FollowerStepRow, shown: Shown, now: datetime) -> None:
    """The network was looked at; what is new in it is written down once."""
    if step.shown != shown:
        store.audit(
            session,
            at=now,
            actor="schoolgate",
            happened="follower read back",
            thing=f"follower {step.follower_id}",
            detail=shown.value.replace("_", " "),
        )
    step.shown, step.shown_at = shown.value, now
    session.add(step)


def seen_again(store: Store, session: Session, account: str, items: Collection[Item], now: datetime) -> None:
    """Whoever stands in a list of followers follows, whatever was said or shown before."""
    listed = {item.external_id for item in items if item.kind is ItemKind.FOLLOWER}
    if not listed:
        return
    for step, follower, made in steps(store, session, account):
        if follower.external_id not in listed or made.choice != FollowerChoice.REJECT:
            continue
        if step.said_at is not None or step.shown or step.done is not None:
            show(store, session, step, Shown.FOLLOWS, now)


def _everywhere(store: Store, session: Session, network: str, external_id: str) -> Sequence[FollowerRow]:
    return session.exec(
        select(FollowerRow).where(
            FollowerRow.school_id == store.school,
            FollowerRow.network == network,
            FollowerRow.external_id == external_id,
            FollowerRow.state != VerificationState.LEFT.value,
        )
    ).all()


def _applied(row: FollowerRow, decided: Decided, now: datetime) -> None:
    """The state at once, so that the page shows it; the verify stage comes to the same."""
    judged = Verification(VerificationState(row.state), row.reason, row.person, row.role)
    after = with_decision(judged, decided)
    if row.state != VerificationState.NEW or decided.choice is FollowerChoice.REJECT:
        row.state, row.reason, row.person, row.role = (
            after.state.value,
            after.reason,
            after.person,
            after.role,
        )
    if row.state != VerificationState.NEW:
        row.verified_at = now


def _step(choice: FollowerChoice, able: Mapping[ActionKind, Capability]) -> tuple[ActionKind, Means] | None:
    """What is to be done on the network, and by whom; None where nothing can be."""
    if choice is FollowerChoice.ORGANISATION:
        accept = able.get(ActionKind.ACCEPT_FOLLOWER)
        by_api = accept is not None and accept.means is Means.BY_API
        return (ActionKind.ACCEPT_FOLLOWER, Means.BY_API) if by_api else None
    remove, block = (able.get(action) for action in BY_HAND)
    if remove is not None and remove.means is not Means.NONE:
        return ActionKind.REMOVE_FOLLOWER, remove.means
    if block is not None and block.means is Means.GUIDED:  # never by API: to block was not what was decided
        return ActionKind.BLOCK, Means.GUIDED
    return None


def _add_step(
    store: Store,
    session: Session,
    row: FollowerRow,
    decision_id: int,
    action: ActionKind,
    means: Means,
    now: datetime,
) -> None:
    assert row.id is not None
    session.add(
        FollowerStepRow(
            school_id=store.school,
            follower_id=row.id,
            decision_id=decision_id,
            action=action.value,
            means=means.value,
            made_at=now,
            next_attempt_at=now if means is Means.BY_API else None,
        )
    )
