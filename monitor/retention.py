"""Retention: what may no longer be kept is emptied or deleted, in small transactions, and the audit chain still holds.

Runs by age alone and judges nothing. Never touches what is open, what waits to be judged, or whoever still follows.
An item's row stays, with its ids and its digest, so that reading it again makes nothing new.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, update
from sqlmodel import Session, col, func, select

from monitor.audit import BEGINNING, Anchor, broken_at
from monitor.crash import point
from monitor.evidence import EMPTIED, goes_on_from
from monitor.holds import oldest_held
from monitor.incidents import open_incident
from monitor.key_ends import destroy_unused
from monitor.retention_files import old_copies, remove
from monitor.retention_rules import Keep, Rule, rules
from monitor.store import Store
from monitor.tables import AuditRow, PruneRow

EVERY = timedelta(days=1)
BATCH = 200  # rows a transaction
ROOM = 3  # times the database file must be free to write it anew


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many of each. Items, reasons and evidence were emptied and keep their rows; the others were deleted."""

    items: int = 0
    findings: int = 0
    reasons: int = 0
    evidence: int = 0
    messages: int = 0
    links: int = 0
    codes: int = 0
    sign_ins: int = 0
    reply_codes: int = 0
    devices: int = 0
    letters: int = 0
    targets: int = 0
    claims: int = 0
    family_codes: int = 0
    incidents: int = 0
    heads: int = 0
    digests: int = 0
    coverage: int = 0
    followed: int = 0
    upgrade_copies: int = 0
    erased: int = field(
        default=0, compare=False
    )  # on request, since the last run; nothing that pruning foresees
    keys: int = field(
        default=0, compare=False
    )  # follows from the others, and is not foreseen by `would_prune`
    audit_entries: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """Only what is not nothing, by name."""
        return {name: number for name, number in asdict(self).items() if number}


def is_due(store: Store, now: datetime) -> bool:
    """Whether the last run that finished was a day ago, or never."""
    with store.read() as session:
        state = _state_of(session, store)
    finished = state.finished_at if state else None
    return finished is None or not finished <= now < finished + EVERY


def chain_goes_on_from(session: Session, store: Store) -> Anchor:
    """What the oldest audit entry that is kept must follow from, for monitor.audit.broken_at."""
    state = _state_of(session, store)
    return Anchor(state.audit_seq, state.audit_hash) if state else BEGINNING


def chain_broken_at(store: Store) -> int | None:
    """The first audit entry that does not follow from the one before; None when the whole chain holds."""
    with store.read() as session:
        rows = select(AuditRow).where(AuditRow.school_id == store.school).order_by(col(AuditRow.seq))
        return broken_at(session.exec(rows), chain_goes_on_from(session, store))


def would_prune(store: Store, keep: Keep, now: datetime) -> Pruned:
    """What `prune` would do now; changes nothing."""
    counts: dict[str, int] = {}
    with store.read() as session:
        for rule in rules(store.school, keep, now):
            query = select(func.count()).select_from(rule.table).where(rule.due)
            counts[rule.counted] = counts.get(rule.counted, 0) + session.exec(query).one()
        old = _old_entries(store, session, now - keep.audit)
        counts["upgrade_copies"] = len(old_copies(store.path, now))
        counts["audit_entries"] = session.exec(select(func.count()).select_from(AuditRow).where(old)).one()
    return Pruned(**counts)


def prune(store: Store, keep: Keep, now: datetime) -> Pruned:
    """Prune everything that is due; returns what went since the last run that finished, a killed one's work included.
    Last, keys that seal nothing any more are destroyed: with them, what old backups still hold of it is gone too.

    Killed anywhere, the next run goes on where this one stopped. A run finishes when nothing of what it removed is
    left in the database file or the write-ahead log; until then `is_due` stays true. Where the disk has no room to write
    the file anew, that waits for the next day.
    """
    old = _old_entries_now(store, now - keep.audit)
    for rule in rules(store.school, keep, now):
        for ids in _batches(store, rule):
            _apply(store, rule, ids, now)
            point("prune.batch")
    while _prune_entries(store, old, now):
        point("prune.batch")
    with store.write() as session:
        if ended := destroy_unused(session, store, now):
            _note(session, store, "keys", ended)
    point("prune.batch")
    for copy in old_copies(store.path, now):
        remove(copy)
        with store.write() as session:
            _note(session, store, "upgrade_copies", 1)
    return _finish(store, now)


def _batches(store: Store, rule: Rule) -> Iterator[Sequence[int]]:
    """The ids that are due, a batch at a time, found without holding up the writer."""
    last = 0
    while True:
        with store.read() as session:
            ids = session.exec(
                select(rule.table.id)
                .where(rule.due, rule.table.id > last)
                .order_by(rule.table.id)
                .limit(BATCH)
            ).all()
        if not ids:
            return
        yield ids
        last = ids[-1]


def _apply(store: Store, rule: Rule, ids: Sequence[int], now: datetime) -> None:
    """One transaction. What stopped being due since it was found (a case that opened again) stays."""
    which = rule.table.id.in_(ids) & rule.due
    statement: Any = (
        delete(rule.table).where(which)
        if rule.emptied is None
        else update(rule.table).where(which).values(**rule.emptied)
    )
    with store.write() as session:
        named = session.exec(select(rule.table.id).where(which)).all() if rule.named else []
        gone = session.exec(statement, execution_options={"synchronize_session": False}).rowcount
        for one in named:
            store.audit(
                session,
                at=now,
                actor="schoolgate",
                happened=EMPTIED,
                thing=f"{rule.named} {one}",
                detail="pruned",
            )
        _note(session, store, rule.counted, gone)


def _old_entries(store: Store, session: Session, before: datetime) -> ColumnElement[bool]:
    """The oldest entries up to the first that must stay: young, or as old as the oldest case that is held. The newest
    always stays, for the next one follows it."""
    mine = col(AuditRow.school_id) == store.school
    held_since = oldest_held(session, store.school)
    before = min(before, held_since) if held_since else before
    first_kept = session.exec(select(func.min(AuditRow.seq)).where(mine, AuditRow.at >= before)).one()
    newest = session.exec(select(func.max(AuditRow.seq)).where(mine)).one()
    return mine & (col(AuditRow.seq) < (first_kept or newest or 0))


def _old_entries_now(store: Store, before: datetime) -> ColumnElement[bool]:
    """As it is before pruning itself writes entries."""
    with store.read() as session:
        return _old_entries(store, session, before)


def _prune_entries(store: Store, old: ColumnElement[bool], now: datetime) -> bool:
    """Delete the oldest entries and keep the last one's number and hash, in one transaction; False when none went.

    A chain that does not hold is not touched: pruning would bury what somebody changed.
    """
    with store.write() as session:
        entries = session.exec(select(AuditRow).where(old).order_by(col(AuditRow.seq)).limit(BATCH)).all()
        if not entries:
            return False
        state = _state(session, store)
        broken = broken_at(entries, Anchor(state.audit_seq, state.audit_hash))
        if broken is not None:
            open_incident(
                store,
                session,
                "audit",
                says=f"the audit chain is broken at entry {broken}; its old entries are kept",
                cure="Keep the database file and tell the safeguarding lead.",
                now=now,
            )
            return False
        last = entries[-1]
        state.audit_seq, state.audit_hash = last.seq, last.hash
        for entry in entries:
            session.delete(entry)
        _note(session, store, "audit_entries", len(entries))
    return True


def _finish(store: Store, now: datetime) -> Pruned:
    with store.read() as session:
        state = _state_of(session, store)
    written = state.removed if state else "{}"
    removed = Pruned(**json.loads(written))
    roomy = shutil.disk_usage(store.path.parent).free > ROOM * store.path.stat().st_size
    if not (store.compact() if removed.counts and roomy else store.checkpoint()):
        return removed  # a reader was in the way; the next run tries again
    with store.write() as session:
        state = _state(session, store)
        if state.removed != written:
            return removed  # another process prunes too, and finishes
        state.finished_at = now
        if removed.counts and roomy:  # else the next day's run ends it, whatever it removes itself
            state.removed = "{}"
            detail = ", ".join(f"{name} {number}" for name, number in removed.counts.items())
            if removed.audit_entries:
                detail += goes_on_from(state.audit_seq, state.audit_hash)
            store.audit(
                session, at=now, actor="schoolgate", happened="pruned", thing="retention", detail=detail
            )
    return removed


def note_erased(session: Session, store: Store, number: int) -> None:
    """That this much was erased on request, in the transaction that did it: the next run leaves no trace of it."""
    if number:
        _note(session, store, "erased", number)


def _note(session: Session, store: Store, counted: str, number: int) -> None:
    """Count in the same transaction, so that the audit entry tells the truth after a kill too."""
    state = _state(session, store)
    counts = json.loads(state.removed)
    counts[counted] = counts.get(counted, 0) + number
    state.removed = json.dumps(counts)


def _state_of(session: Session, store: Store) -> PruneRow | None:
    return session.exec(select(PruneRow).where(PruneRow.school_id == store.school)).first()


def _state(session: Session, store: Store) -> PruneRow:
    state = _state_of(session, store)
    if state is None:
        state = PruneRow(school_id=store.school)
        session.add(state)
    return state
