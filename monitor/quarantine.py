"""Quarantine: what fails, or ends the process, MOST times is set aside, told of and kept for another try. Knows no stage.

The rule is Mailman's: a queue file that survives three crashes goes to the bad queue, where people can see it and put it
back. A thing is counted before it is handled, so that one that kills the process is counted too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from monitor.incidents import close_incident, open_incident
from monitor.store import Store
from monitor.tables_quarantine import QuarantineRow

MOST = 3  # tries in vain
AREA = "quarantine"  # of the incidents: one a stage
_ITEM = "item "


class Stage(StrEnum):
    """Where things may be set aside, and in what words that is told."""

    INGEST = "ingest"
    ASSESS = "assess"
    DELIVER = "deliver"
    LETTERS = "letter"
    ANSWERS = "reply"


_SAYS = {
    Stage.INGEST: "could not be stored as the network sent it; a person was asked to read it there",
    Stage.ASSESS: "could not be assessed; a person was asked to read what could be shown",
    Stage.DELIVER: "could not be sent as written; a plain mail with the link went in place of what tells of a case",
    Stage.LETTERS: "from families could not be taken in",
    Stage.ANSWERS: "in answer to alerts could not be taken in; what they ask must be done on the page",
}
_THINGS = {
    Stage.INGEST: "item",
    Stage.ASSESS: "item",
    Stage.DELIVER: "mail",
    Stage.LETTERS: "message",
    Stage.ANSWERS: "message",
}


def item_thing(item_id: int | None) -> str:
    """What an item is called here."""
    return f"{_ITEM}{item_id}"


def item_id(thing: str) -> int:
    """The number of the item that is called so."""
    return int(thing.removeprefix(_ITEM))


def tried(session: Session, store: Store, stage: Stage, thing: str, now: datetime) -> int:
    """Count a try before it is made, in the caller's transaction; returns how many there were, with this one."""
    row = _row(session, store, stage, thing)
    if row is None:
        row = QuarantineRow(school_id=store.school, stage=stage.value, thing=thing, first_at=now, last_at=now)
    row.tries, row.last_at, row.why, row.again_at = row.tries + 1, now, "", None
    session.add(row)
    session.flush()
    return row.tries


def tries(session: Session, store: Store, stage: Stage, thing: str) -> int:
    """How often it was tried since it last went well."""
    row = _row(session, store, stage, thing)
    return row.tries if row is not None else 0


def finished(session: Session, store: Store, stage: Stage, thing: str, now: datetime) -> None:
    """It was handled: forget the tries, and end the incident with the last thing that was set aside."""
    row = _row(session, store, stage, thing)
    if row is None:
        return
    was_aside, name = row.aside_at is not None, _name(row)
    session.delete(row)
    session.flush()
    if was_aside:
        store.audit(session, at=now, actor="schoolgate", happened="quarantine ended", thing=name)
        _close_if_empty(session, store, stage, now)


def set_aside(
    session: Session, store: Store, stage: Stage, thing: str, now: datetime, error: Exception | None = None
) -> None:
    """Keep it out of the stage's way until somebody asks for another try. `error` None: the process ended each time."""
    row = _row(session, store, stage, thing)
    if row is None:
        tried(session, store, stage, thing, now)
        row = _row(session, store, stage, thing)
        assert row is not None
    row.why = type(error).__name__ if error is not None else ""
    row.last_at, row.again_at, row.dropped_at = now, None, None
    if row.aside_at is None:
        row.aside_at = now
        store.audit(session, at=now, actor="schoolgate", happened="set aside", thing=_name(row), detail=thing)
    session.flush()
    number = session.exec(select(func.count()).select_from(_open(store, stage).subquery())).one()
    things = _THINGS[stage] if number == 1 else f"{_THINGS[stage]}s"
    why = f"the last with {row.why}" if row.why else "the last ended the process again and again"
    open_incident(
        store,
        session,
        f"{AREA}:{stage.value}",
        says=f"{number} {things} {_SAYS[stage]} ({why})",
        cure="`schoolgate quarantine list` names them. Report this with the log; when it is mended,"
        " `schoolgate quarantine replay all` tries them again, `drop` leaves them.",
        now=now,
    )


def listed(session: Session, store: Store) -> Sequence[QuarantineRow]:
    """What is set aside, oldest first."""
    rows = select(QuarantineRow).where(
        QuarantineRow.school_id == store.school,
        col(QuarantineRow.aside_at).is_not(None),
        col(QuarantineRow.dropped_at).is_(None),
    )
    return session.exec(rows.order_by(col(QuarantineRow.id))).all()


def things(session: Session, store: Store, stage: Stage, *, again: bool = False) -> frozenset[str]:
    """The names of what is set aside at a stage; with `again` those alone that somebody wants tried once more."""
    asked = _aside(store, stage)
    if again:
        asked = asked.where(col(QuarantineRow.again_at).is_not(None))
    return frozenset(row.thing for row in session.exec(asked))


def was_left(session: Session, store: Store, stage: Stage, thing: str) -> bool:
    """Whether a try at it began and never ended."""
    return _row(session, store, stage, thing) is not None


def again(session: Session, store: Store, row: QuarantineRow, now: datetime) -> None:
    """Let it be tried once more; it stays listed until that went well."""
    row.again_at, row.tries = now, MOST - 1
    store.audit(session, at=now, actor="administrator", happened="quarantine replay", thing=_name(row))


def drop(session: Session, store: Store, row: QuarantineRow, now: datetime) -> None:
    """Leave it as it is, and end the incident with the last one."""
    stage = Stage(row.stage)
    store.audit(session, at=now, actor="administrator", happened="quarantine dropped", thing=_name(row))
    row.dropped_at, row.again_at = now, None
    session.flush()
    _close_if_empty(session, store, stage, now)


def _close_if_empty(session: Session, store: Store, stage: Stage, now: datetime) -> None:
    if session.exec(_open(store, stage)).first() is None:
        close_incident(store, session, f"{AREA}:{stage.value}", now=now)


def _name(row: QuarantineRow) -> str:
    return f"quarantine {row.id}"


def _aside(store: Store, stage: Stage) -> SelectOfScalar[QuarantineRow]:
    return select(QuarantineRow).where(
        QuarantineRow.school_id == store.school,
        QuarantineRow.stage == stage.value,
        col(QuarantineRow.aside_at).is_not(None),
    )


def _open(store: Store, stage: Stage) -> SelectOfScalar[QuarantineRow]:
    return _aside(store, stage).where(col(QuarantineRow.dropped_at).is_(None))


def _row(session: Session, store: Store, stage: Stage, thing: str) -> QuarantineRow | None:
    return session.exec(
        select(QuarantineRow).where(
            QuarantineRow.school_id == store.school,
            QuarantineRow.stage == stage.value,
            QuarantineRow.thing == thing,
        )
    ).first()
