"""A human's decision becomes a row. One write transaction; it never talks to a network: the act stage does.

Two decisions cannot share a case's `seq`, so a second click, a colleague's earlier decision or an old page in
another tab changes nothing (ASVS 5.0 2.3.3, 2.3.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from alerts.handing import HANDING, all_offers, hand_over, open_again
from alerts.offers import DISMISSALS, NOT_A_PROBLEM, OUTCOMES, REMOVALS, Offer, Undo
from alerts.situation import SEALED, Deciding, said, situation_of
from monitor import keys, rechecks
from monitor.domain import CaseState, Choice, Done, Role
from monitor.pile_rows import follow
from monitor.retrying import UNDO_FOR
from monitor.tables import CaseRow, DecisionRow

LONGEST_REASON = 2000  # characters
LONGEST_REFERENCE = 200
_WITHOUT_THE_NETWORK = HANDING | frozenset({Choice.ACKNOWLEDGE, Choice.DISMISS, Choice.CLOSE, Choice.TOLD})


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form said. `seq` and `item_id` are what was on the page when it was shown."""

    choice: Choice
    seq: int
    item_id: int
    why: str = ""  # a key of DISMISSALS or OUTCOMES; of an outside door for TOLD
    reason: str = ""  # in the reviewer's own words
    reference: str = ""  # what the network, or whoever was told, gave as theirs
    to: str = ""  # TOLD: the name of whoever was told
    at: str = ""  # TOLD: when (ISO 8601, UTC)


class Result(StrEnum):
    STORED = "stored"
    SAME = "same"  # this very decision is there already: a second click
    STALE = "stale"  # somebody decided, or the author edited, since the page was shown
    NOT_OFFERED = "not_offered"
    NEEDS_REASON = "needs_reason"
    NEEDS_TIME = "needs_time"  # whom and when: one of them is missing or cannot be


def decide(
    desk: Deciding, session: Session, case: CaseRow, role: Role, asked: Asked, now: datetime
) -> Result:
    """Store one decision of a reviewer who may see the case, or say why not. In the caller's write transaction."""
    if asked.seq != case.decisions or asked.item_id != case.item_id:
        return Result.SAME if _is_stored(desk, session, case, role, asked) else Result.STALE
    now_true = situation_of(desk, session, case, now)
    offer = all_offers(desk, now_true, case).get(asked.choice)
    if offer is None:
        return Result.NOT_OFFERED
    if not _reason_given(asked):
        return Result.NEEDS_REASON
    if asked.choice is Choice.TOLD and not (asked.why and asked.to and asked.at):
        return Result.NEEDS_TIME
    done, complete = _at_once(offer)
    if asked.choice is Choice.UNDO and now_true.undo and _taken_back(desk, session, case, now_true.undo, now):
        done, complete = Done.UNDONE, True
    deletes = asked.choice is Choice.DELETE and not complete
    row = DecisionRow(
        school_id=desk.store.school,
        case_id=case.id or 0,
        item_id=case.item_id,
        seq=asked.seq,
        choice=asked.choice.value,
        role=role.value,
        sealed=keys.for_case(session, desk.store, case.id, now).seal_json(_said(asked), SEALED),
        created_at=now,
        next_attempt_at=now + UNDO_FOR if deletes else now,
        done_at=now if complete else None,
        done=done.value if done else None,
        detail="A person does it on the network, with the steps on this page." if done is Done.ASKED else "",
    )
    session.add(row)
    session.flush()
    if done in {Done.ASKED, Done.REPORTED} or asked.choice is Choice.TOLD:  # what others do is looked for too
        rechecks.schedule(session, desk.store, row, now)
    case.decisions += 1
    if asked.choice is Choice.ASK_DSL:
        hand_over(desk, session, case, now)
    _move(case, role, asked, done, now)
    session.add(case)
    session.flush()
    follow(session, case, case.outcome)  # what is gathered under it goes with it
    desk.store.audit(
        session,
        at=now,
        actor=role.value,
        happened=f"{asked.choice.value} decided",
        thing=f"case {case.ref}",
        detail=f"decision {asked.seq + 1}, item {asked.item_id}"
        + (f", {asked.why}" if asked.choice is Choice.TOLD else ""),
    )
    return Result.STORED


def _taken_back(desk: Deciding, session: Session, case: CaseRow, undo: Undo, now: datetime) -> bool:
    """End a removal that nobody has begun to carry out, on record as undone. False when the network may have had it:
    then the act stage takes it back there."""
    row = session.exec(
        select(DecisionRow)
        .where(
            DecisionRow.school_id == desk.store.school,
            DecisionRow.case_id == case.id,
            DecisionRow.choice == undo.choice.value,
            col(DecisionRow.done_at).is_(None),
            DecisionRow.attempts == 0,
        )
        .order_by(col(DecisionRow.seq).desc())
    ).first()
    if row is None:
        return False
    row.done_at, row.done, row.detail = now, Done.UNDONE.value, "Taken back before it was carried out."
    return True


def _said(asked: Asked) -> dict[str, str]:
    more = {"reference": asked.reference, "to": asked.to, "at": asked.at}
    return {"why": asked.why, "reason": asked.reason} | {name: text for name, text in more.items() if text}


def _is_stored(desk: Deciding, session: Session, case: CaseRow, role: Role, asked: Asked) -> bool:
    row = session.exec(
        select(DecisionRow).where(
            DecisionRow.school_id == desk.store.school,
            DecisionRow.case_id == case.id,
            DecisionRow.seq == asked.seq,
        )
    ).first()
    return (
        row is not None
        and (row.choice, row.role, row.item_id) == (asked.choice.value, role.value, asked.item_id)
        and said(desk, row) == _said(asked)
    )


def _reason_given(asked: Asked) -> bool:
    """Decisions and their reasons are kept in writing (KCSIE): what ends a case needs both."""
    if asked.choice is Choice.DISMISS:
        return asked.why in DISMISSALS and (asked.why != "other" or bool(asked.reason))
    if asked.choice is Choice.CLOSE:
        return asked.why in OUTCOMES and bool(asked.reason)
    return asked.choice is not Choice.REOPEN or bool(asked.reason)


def _at_once(offer: Offer) -> tuple[Done | None, bool]:
    """(what is true now, whether nothing is left to do). Only the act stage may say that a network did something."""
    if offer.choice is Choice.REPORTED:
        return Done.REPORTED, True
    if offer.by_hand:
        return Done.ASKED, True
    return None, offer.choice in _WITHOUT_THE_NETWORK


def _move(case: CaseRow, role: Role, asked: Asked, done: Done | None, now: datetime) -> None:
    if case.state == CaseState.OPEN:  # whatever was decided, somebody is on it
        case.state, case.acknowledged_at, case.acknowledged_by = CaseState.ACKNOWLEDGED.value, now, role.value
    if asked.choice is Choice.REOPEN:
        open_again(case, role, now)
    if asked.choice in {Choice.DISMISS, Choice.CLOSE}:
        dismissed = asked.choice is Choice.DISMISS
        case.state, case.closed_at, case.closed_by = CaseState.CLOSED.value, now, role.value
        case.outcome = NOT_A_PROBLEM if dismissed else OUTCOMES[asked.why]
        # fixed words only: the reviewer's own may name a child, and stay sealed in the decision
        case.closing_reason = DISMISSALS[asked.why] if dismissed else None
    if done is Done.ASKED and asked.choice in REMOVALS:
        case.standing, case.standing_at = done.value, now
