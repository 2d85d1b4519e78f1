"""Assess: items not yet judged become findings, a verdict, a case with evidence, a notice: one transaction an item.

The judgement itself is passed in and pure. What cannot be judged is not let through: it goes to a human.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, func, select

from monitor import items, quarantine, unreadable
from monitor.cases import Opening, Told, open_or_update, record
from monitor.conflict import named_roles
from monitor.crash import point
from monitor.domain import Finding, ItemKind, Role, Severity, Verdict
from monitor.pile_on import PileOn
from monitor.pile_rows import Newcomer
from monitor.piles import gather
from monitor.ports import Clock
from monitor.quarantine import Stage
from monitor.store import Store
from monitor.tables import ItemRow

log = structlog.get_logger(__name__)
UNASSESSED = "unassessed"
_READ_BY = (Role.DSL, Role.CHAIR)  # what the machine could not read may be about the headteacher
REPEATS_WITHIN = timedelta(days=7)
_TRIES = quarantine.MOST
_RUN = "run"  # what a batch of items is called in the quarantine
_BATCH = 100
_JUDGED = frozenset({ItemKind.COMMENT, ItemKind.MENTION, ItemKind.VISITOR_POST})


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that assess asks of others: `look` finds, `weigh` concludes from that and from how many items of the
    same author had findings before, `route` says who is told, `people` holds the roles' names, `pile_on` is the measure of a
    pile-on."""

    look: Callable[[str], Sequence[Finding]]
    weigh: Callable[[Sequence[Finding], int], Verdict]
    route: Callable[[Sequence[Finding]], tuple[Role, ...]]
    people: Mapping[Role, str]
    opening: Opening
    pile_on: PileOn = field(default_factory=PileOn)


def assess(store: Store, judgement: Judgement, *, clock: Clock) -> int:
    """Judge what waits, oldest first; returns how many items were handled.

    Where the process ended in the last run, each item is counted before it is judged: one that ends the process _TRIES
    times goes to a person unjudged.
    """
    with store.read() as session:
        waiting = session.exec(
            select(ItemRow.id, ItemRow.kind)
            .where(
                ItemRow.school_id == store.school,
                col(ItemRow.assessed_at).is_(None),
                col(ItemRow.id).not_in(_set_aside(session, store)),
            )
            .order_by(col(ItemRow.id))
            .limit(_BATCH)
        ).all()
        if not waiting:
            return 0
        died = quarantine.was_left(session, store, Stage.ASSESS, _RUN)
        empty = unreadable.waiting(session, store)
    with store.write() as session:
        quarantine.tried(session, store, Stage.ASSESS, _RUN, clock())
    for item_id, kind in waiting:
        assert item_id is not None
        if died and _kills(store, judgement, item_id, clock()):
            continue
        if kind in _JUDGED and quarantine.item_thing(item_id) in empty:  # there is nothing in it to judge
            with store.write() as session:
                _to_a_person(session, store, judgement, item_id, clock())
            continue
        try:
            _assess_one(store, judgement, item_id, clock())
        except Exception as error:  # one poisoned item must not stop the rest
            log.exception("assess failed", item=item_id)
            _postpone(store, judgement, item_id, error, clock())
    with store.write() as session:
        quarantine.finished(session, store, Stage.ASSESS, _RUN, clock())
    return len(waiting)


def _set_aside(session: Session, store: Store) -> list[int]:
    """The items that wait for an administrator, without those that were asked to be tried again."""
    names = quarantine.things(session, store, Stage.ASSESS)
    names -= quarantine.things(session, store, Stage.ASSESS, again=True)
    return [quarantine.item_id(name) for name in names]


def _kills(store: Store, judgement: Judgement, item_id: int, now: datetime) -> bool:
    """Count a try at an item in a run after one in which the process ended; True when it is given to a person instead."""
    with store.write() as session:
        tries = quarantine.tried(session, store, Stage.ASSESS, quarantine.item_thing(item_id), now)
    if tries < _TRIES:  # the first end of the process was not counted: it was not known which item did it
        return False
    _give_up(store, judgement, item_id, None, now)
    return True


def _assess_one(store: Store, judgement: Judgement, item_id: int, now: datetime) -> None:
    with store.read() as session:
        row = session.get_one(ItemRow, item_id)
        item = items.from_row(row, store.vault)
        before = _earlier(session, row, now)
    judged = row.kind in _JUDGED
    verdict = judgement.weigh(judgement.look(item.text), before) if judged else Verdict(None, None)
    point("assess.judged")
    with store.write() as session:
        row = session.get_one(ItemRow, item_id)
        if row.assessed_at is not None:
            return
        row.assessed_at = now
        record(session, store, row, verdict)
        if judged and _matters(row, verdict):
            _open(store, session, judgement, row, verdict, item.text, now)
        quarantine.finished(session, store, Stage.ASSESS, quarantine.item_thing(item_id), now)
    point("assess.stored")


def _earlier(session: Session, row: ItemRow, now: datetime) -> int:
    """How many other items of this author had findings of medium or worse in the last REPEATS_WITHIN."""
    if row.author_id is None:
        return 0
    return session.exec(
        select(func.count(func.distinct(ItemRow.external_id))).where(
            ItemRow.school_id == row.school_id,
            ItemRow.network == row.network,
            ItemRow.author_id == row.author_id,
            ItemRow.external_id != row.external_id,
            col(ItemRow.severity) >= Severity.MEDIUM.value,
            col(ItemRow.kind).in_(_JUDGED),
            col(ItemRow.assessed_at) > now - REPEATS_WITHIN,
        )
    ).one()


def _matters(row: ItemRow, verdict: Verdict) -> bool:
    """What stood there before the first poll alerts on nothing but critical; its findings are kept for the digest."""
    return not row.baseline or verdict.severity is Severity.CRITICAL or verdict.severity is None


def _open(
    store: Store,
    session: Session,
    judgement: Judgement,
    row: ItemRow,
    verdict: Verdict,
    text: str,
    now: datetime,
) -> None:
    alleged = any(finding.category == "staff_allegation" for finding in verdict.findings)
    named = named_roles(text, judgement.people)
    bypassed = named if alleged else frozenset()
    told = Told(judgement.route(verdict.findings), bypassed)
    case = open_or_update(session, store, row, verdict, judgement.opening, told=told, now=now)
    if case is not None:
        newcomer = Newcomer(case, row, verdict, told, text, named)
        gather(session, store, newcomer, judgement.opening, judgement.pile_on, now)


def _postpone(store: Store, judgement: Judgement, item_id: int, error: Exception, now: datetime) -> None:
    with store.write() as session:  # by itself, so that the tries are counted whatever comes next
        row = session.get_one(ItemRow, item_id)
        row.attempts += 1
        if row.attempts < _TRIES:
            return
    _give_up(store, judgement, item_id, error, now)


def _give_up(
    store: Store, judgement: Judgement, item_id: int, error: Exception | None, now: datetime
) -> None:
    """To a person, and into the quarantine; where not even its case can be made, into the quarantine alone."""
    try:
        with store.write() as session:
            _to_a_person(session, store, judgement, item_id, now)
            quarantine.set_aside(session, store, Stage.ASSESS, quarantine.item_thing(item_id), now, error)
    except Exception as worse:  # it stays unassessed, in nobody's way, and is told of
        log.exception("postpone failed", item=item_id)
        with store.write() as session:
            quarantine.set_aside(session, store, Stage.ASSESS, quarantine.item_thing(item_id), now, worse)


def _to_a_person(session: Session, store: Store, judgement: Judgement, item_id: int, now: datetime) -> None:
    row = session.get_one(ItemRow, item_id)
    if row.assessed_at is not None:
        return
    row.assessed_at = now
    finding = Finding(
        UNASSESSED,
        Severity.MEDIUM,
        "schoolgate.unassessed",
        "Schoolgate could not assess this; a person must read it",
        (0, 0),
    )
    verdict = Verdict(Severity.MEDIUM, UNASSESSED, (finding,))
    record(session, store, row, verdict)
    open_or_update(session, store, row, verdict, judgement.opening, told=Told(_READ_BY), now=now)


def replay(session: Session, store: Store, thing: str) -> bool:
    """Have an item of the quarantine judged once more; what a person was asked to do stays until the verdict says more.
    False when its text is no longer kept."""
    row = session.get(ItemRow, quarantine.item_id(thing))
    if row is None or row.school_id != store.school or row.pruned_at is not None:
        return False
    row.assessed_at, row.attempts = None, _TRIES - 1
    return True


def leave(session: Session, store: Store, thing: str, now: datetime) -> None:
    """An item of the quarantine is left as it is: it counts as handled, or it would be kept for ever."""
    row = session.get(ItemRow, quarantine.item_id(thing))
    if row is not None and row.school_id == store.school and row.assessed_at is None:
        row.assessed_at = now
