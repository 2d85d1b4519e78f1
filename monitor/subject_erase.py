"""What of a person's data may be erased on their request (Article 17 UK GDPR), what is kept and why, and the erasing.

A school may keep what it needs to protect children and to carry out its public task (Article 17(3)(b) and (e)); the reasons
are few and fixed, so that whoever asked can be told them. The plan is made again, row by row, in the transaction that
erases: what was held or opened meanwhile stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlmodel import Session, col, or_, select

from monitor.domain import CaseState, VerificationState
from monitor.erasing import empty_case, empty_item
from monitor.holds import held_author, held_cases
from monitor.retention import note_erased
from monitor.retention_cases import around
from monitor.store import Store
from monitor.subject import Asked, Kept, find
from monitor.tables import CaseRow, DecisionRow, ItemRow, OutboxRow
from monitor.tables_people import FollowerRow
from monitor.tables_telling import TellingRow

# Families whose closed cases are part of a child's or a safeguarding record until their retention ends
# (Keeping children safe in education, part one "record keeping" and part four).
PROTECTED = frozenset(
    {
        "threat", "grooming", "child_at_risk", "self_harm_encouragement", "extremism", "bullying", "sexual",
        "staff_allegation", "discrimination", "drugs_weapons",
    }
)  # fmt: skip


class Why(StrEnum):
    """Why something is kept."""

    HELD = "it is held for an inquiry or a claim, or because the person asked for it (Articles 17(3)(e), 18)"
    OPEN = "its case is open or something of it is still to be carried out (Article 17(3)(b))"
    PROTECTION = "it is part of a safeguarding record until its retention ends (Article 17(3)(b))"
    UNJUDGED = "nobody has judged it yet; ask again tomorrow"
    FOLLOWS = (
        "the account follows the school now, and the network would give it again; block or remove it first"
    )
    AROUND = "an open or held case answers it or stands under it (Article 17(3)(b) and (e))"
    COPY = "it stands in the sealed copy of another case, which may not be changed; it goes with that case"
    REGISTER = (
        "it is of the school office's records; it goes when the office takes it out and imports them again"
    )


class Step(NamedTuple):
    """`thing` is an id, such as "item 17"; `kept` is None for what is, or would be, erased."""

    thing: str
    kept: Why | None


def plan(session: Session, store: Store, kept: Kept) -> Sequence[Step]:
    """Every row about the person, and what becomes of it."""
    by_item = {(one.account, one.kind, one.external_id): one for one in kept.cases}
    steps = [
        Step(
            f"item {row.id}",
            _item_stays(session, store, row, by_item.get((row.account, row.kind, row.external_id))),
        )
        for row in kept.items
        if row.pruned_at is None
    ]
    steps += [Step(f"case {case.ref}", _case_stays(session, store, case)) for case in kept.cases]
    steps += [Step(f"copy {row.id}", Why.COPY) for row in kept.around]
    for name, rows in (("claim", kept.claims), ("decision on a follower", kept.decided)):
        for one in rows:
            held = one.external_id is not None and _held(session, store, one.network, one.external_id)
            steps.append(Step(f"{name} {one.id}", Why.HELD if held else None))
    for row in kept.followers:
        follows = row.state != VerificationState.LEFT.value
        held = _held(session, store, row.network, row.external_id)
        steps.append(Step(f"follower {row.id}", Why.HELD if held else Why.FOLLOWS if follows else None))
    steps += [Step(f"followed {row.id}", Why.FOLLOWS) for row in kept.followed]
    if kept.register:
        steps.append(Step(f"register, {len(kept.register)} keyed hashes", Why.REGISTER))
    return steps


def erase(store: Store, asked: Asked, *, by: str, now: datetime) -> tuple[Sequence[Step], bool]:
    """Erase what may be erased, in one transaction; what became of each, and whether no trace is left in the database's
    files. False: a reader was in the way, and the next pruning does it."""
    with store.write() as session:
        kept = find(session, store, asked)
        steps = plan(session, store, kept)
        gone = {step.thing for step in steps if step.kept is None}
        for row in kept.items:
            if f"item {row.id}" in gone:
                empty_item(session, row, now)
        for case in kept.cases:
            if f"case {case.ref}" in gone:
                empty_case(session, store, case, now)
        _forget(session, kept, gone)
        note_erased(session, store, len(gone))
        store.audit(
            session,
            at=now,
            actor=by,
            happened="erased on request",
            thing="rights request",
            detail=f"{len(gone)} erased, {len(steps) - len(gone)} kept",
        )
    return steps, store.compact()


def _item_stays(session: Session, store: Store, row: ItemRow, case: CaseRow | None) -> Why | None:
    if row.author_id is not None and _held(session, store, row.network, row.author_id):
        return Why.HELD
    if case is not None:
        return _case_stays(session, store, case)
    if row.assessed_at is None:
        return Why.UNJUDGED
    answered = select(ItemRow.id).where(
        ItemRow.id == row.id, or_(*(col(ItemRow.external_id).in_(ids) for ids in around(store.school)))
    )
    if session.exec(answered).first() is not None:
        return Why.AROUND
    follower = select(FollowerRow.id).where(
        FollowerRow.item_id == row.id, FollowerRow.state != VerificationState.LEFT.value
    )
    return Why.FOLLOWS if session.exec(follower).first() is not None else None


def _case_stays(session: Session, store: Store, case: CaseRow) -> Why | None:
    held = select(CaseRow.id).where(CaseRow.id == case.id, col(CaseRow.id).in_(held_cases(store.school)))
    if session.exec(held).first() is not None:
        return Why.HELD
    waiting = (
        select(DecisionRow.id).where(DecisionRow.case_id == case.id, col(DecisionRow.done_at).is_(None)),
        select(TellingRow.id).where(TellingRow.case_id == case.id, col(TellingRow.told_at).is_(None)),
        select(OutboxRow.id).where(
            OutboxRow.case_id == case.id, col(OutboxRow.sent_at).is_(None), col(OutboxRow.failed_at).is_(None)
        ),
    )
    if case.state != CaseState.CLOSED.value or any(session.exec(one).first() is not None for one in waiting):
        return Why.OPEN
    return Why.PROTECTION if case.category.partition(".")[0] in PROTECTED else None


def _held(session: Session, store: Store, network: str, author_id: str) -> bool:
    return bool(session.exec(select(held_author(store.school, network, author_id))).one())


def _forget(session: Session, kept: Kept, gone: set[str]) -> None:
    """Claims, decisions, and who followed once. A follower's row stays with the network's id, so that a return is told
    apart from a new account."""
    for claim in kept.claims:
        if f"claim {claim.id}" in gone:
            session.delete(claim)
    for decision in kept.decided:
        if f"decision on a follower {decision.id}" in gone:
            decision.sealed, decision.handle = b"", None
            session.add(decision)
    for follower in kept.followers:
        if f"follower {follower.id}" in gone:
            follower.handle, follower.person, follower.role, follower.possible = None, None, None, ""
            session.add(follower)
