"""The check of everything that evidence rests on: the audit log whole and uncut, each copy as it was when it was bound.

Reads only. What is no longer kept is told apart from what is missing. It cannot see that somebody who may write to the
database made the whole log anew: for that there are the heads that went out in mails and time stamps.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from monitor.audit import Anchor, broken_at
from monitor.errors import ErasedError, StoreError
from monitor.evidence import COPIED, EMPTIED, EVIDENCE
from monitor.given import FILE, GIVEN
from monitor.key_ends import DESTROYED
from monitor.store import Store
from monitor.tables import AuditRow, CaseRow, EvidenceRow, PruneRow
from monitor.tables_evidence import GivenRow, HeadRow

SHORTEST_HEAD = 8  # figures
_BOUND = re.compile(r"sha256 ([0-9a-f]{64}), case (\S+?), (.*)")
_GOES_ON = re.compile(r"; the log goes on from entry (\d+) ([0-9a-f]{64})$")


@dataclass
class Report:
    """What was found. `problems` is one sentence each; it holds when there is none."""

    entries: int = 0
    first: int = 0
    last: int = 0
    head: str = ""
    heads: int = 0
    copies: int = 0
    given: int = 0
    no_longer_kept: int = 0
    older_than_log: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class _Bound:
    sha256: str
    ref: str
    what: str


@dataclass
class _Log:
    """What the audit log says of evidence. `tails` are the entries' hashes by number."""

    bound: dict[str, _Bound] = field(default_factory=dict)
    emptied: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)  # cases
    hashes: dict[int, str] = field(default_factory=dict)
    goes_on: Anchor | None = None
    oldest_at: datetime | None = None


def check(store: Store, heads: Sequence[str] = ()) -> Report:
    """Check the whole school. `heads`: the first figures, 8 at least, of hashes that digests or sheets named."""
    report = Report()
    with store.read() as session:
        log, anchor = _Log(), _anchor(session, store, report)
        broken = broken_at(_read(session, store, log, report), anchor)
        if broken is not None:
            report.problems.append(f"the audit log is changed or cut at entry {broken}")
            _rest(session, store, log, report)
        _kept_front(session, store, log, anchor, report)
        _known_heads(session, store, log, anchor, heads, report)
        _copies(session, store, log, report)
        _given(session, store, log, report)
        for thing, one in log.bound.items():
            report.problems.append(
                f"{thing} (case {one.ref}) is missing: the audit log says that it was kept"
            )
    return report


def _anchor(session: Session, store: Store, report: Report) -> Anchor:
    state = session.exec(select(PruneRow).where(PruneRow.school_id == store.school)).first()
    anchor = Anchor(state.audit_seq, state.audit_hash) if state else Anchor(0, "0" * 64)
    report.first = anchor.seq + 1
    report.last, report.head = anchor
    return anchor


def _entries(session: Session, store: Store) -> Iterator[AuditRow]:
    mine = select(AuditRow).where(AuditRow.school_id == store.school).order_by(col(AuditRow.seq))
    yield from session.exec(mine.execution_options(yield_per=1000))


def _read(session: Session, store: Store, log: _Log, report: Report) -> Iterator[AuditRow]:
    for row in _entries(session, store):
        _note(row, log, report)
        yield row


def _rest(session: Session, store: Store, log: _Log, report: Report) -> None:
    """Behind a break too, so that only what is truly missing is called so."""
    for row in _entries(session, store):
        if row.seq not in log.hashes:
            _note(row, log, report)


def _note(row: AuditRow, log: _Log, report: Report) -> None:
    report.entries += 1
    log.oldest_at = log.oldest_at or row.at
    report.last, report.head = row.seq, row.hash
    log.hashes[row.seq] = row.hash
    if row.event in {COPIED, GIVEN} and (found := _BOUND.fullmatch(row.detail)):
        log.bound[row.thing] = _Bound(*found.groups())
    elif row.event == EMPTIED:
        log.emptied.add(row.thing)
    elif row.event == DESTROYED:
        log.erased.add(row.thing)
    elif row.event == "pruned" and (gone := _GOES_ON.search(row.detail)):
        log.goes_on = Anchor(int(gone[1]), gone[2])


def _kept_front(session: Session, store: Store, log: _Log, anchor: Anchor, report: Report) -> None:
    state = session.exec(select(PruneRow).where(PruneRow.school_id == store.school)).first()
    finished = state is None or state.removed == "{}"
    if finished and log.goes_on is not None and log.goes_on != anchor:
        report.problems.append(
            f"the audit log begins at entry {anchor.seq + 1}, but pruning left it from entry {log.goes_on.seq + 1} on"
        )


def _known_heads(
    session: Session, store: Store, log: _Log, anchor: Anchor, given: Sequence[str], report: Report
) -> None:
    """What was said to the outside must still be in the log."""
    known = session.exec(
        select(HeadRow).where(HeadRow.school_id == store.school).order_by(col(HeadRow.seq))
    ).all()
    for row in known:
        if row.seq <= anchor.seq:
            continue  # pruned since
        report.heads += 1
        if log.hashes.get(row.seq) != row.hash:
            report.problems.append(
                f"the audit log has lost or changed entry {row.seq}, which was its newest on {row.at:%Y-%m-%d %H:%M} UTC"
                f" ({row.said_in})"
            )
    everything = [
        *log.hashes.values(),
        *([anchor.hash] if anchor.seq else []),
        *(row.hash for row in known if row.seq <= anchor.seq),
    ]
    for head in given:
        if not any(one.startswith(head.lower()) for one in everything):
            report.problems.append(
                f"no entry of the audit log has the head {head}: the log was cut or made anew since, or is another school's"
            )


def _copies(session: Session, store: Store, log: _Log, report: Report) -> None:
    refs = _refs(session, store)
    rows = select(EvidenceRow).where(EvidenceRow.school_id == store.school).order_by(col(EvidenceRow.id))
    for row in session.exec(rows.execution_options(yield_per=100)):
        report.copies += 1
        where = (refs.get(row.case_id, ""), f"item {row.item_id}")
        _one(store, log, report, row, thing=f"copy {row.id}", place=EVIDENCE, where=where)


def _given(session: Session, store: Store, log: _Log, report: Report) -> None:
    refs = _refs(session, store)
    rows = select(GivenRow).where(GivenRow.school_id == store.school).order_by(col(GivenRow.id))
    for row in session.exec(rows.execution_options(yield_per=4)):
        report.given += 1
        where = (refs.get(row.case_id, ""), f"{row.kind} of {row.size} bytes")
        _one(store, log, report, row, thing=f"given {row.id}", place=FILE, where=where)


def _refs(session: Session, store: Store) -> dict[int | None, str]:
    cases = session.exec(select(CaseRow.id, CaseRow.ref).where(CaseRow.school_id == store.school))
    return dict(cases.all())


def _one(
    store: Store,
    log: _Log,
    report: Report,
    row: EvidenceRow | GivenRow,
    *,
    thing: str,
    place: str,
    where: tuple[str, str],
) -> None:
    """One piece of evidence against what the log says of it. Found, it is taken off the log's list."""
    says: Callable[[str], Any] = lambda what: report.problems.append(f"{thing} (case {where[0]}) {what}")  # noqa: E731
    bound = log.bound.pop(thing, None)
    made_at = row.captured_at if isinstance(row, EvidenceRow) else row.entered_at
    if bound is None and report.first > 1 and log.oldest_at is not None and made_at <= log.oldest_at:
        report.older_than_log += 1
    elif bound is None:
        says("is not in the audit log")
    elif bound.sha256 != row.sha256:
        says("has another hash than the audit log")
    elif (bound.ref, bound.what) != where:
        says("belongs to another case or item than the audit log says")
    _content(store, log, report, row, thing=thing, place=place, ref=where[0], in_log=bound is not None)


def _content(
    store: Store,
    log: _Log,
    report: Report,
    row: EvidenceRow | GivenRow,
    *,
    thing: str,
    place: str,
    ref: str,
    in_log: bool,
) -> None:
    """Whether what it holds is still what was hashed, where it is kept at all."""
    says: Callable[[str], Any] = lambda what: report.problems.append(f"{thing} (case {ref}) {what}")  # noqa: E731
    if not row.sealed:
        report.no_longer_kept += 1
        if thing not in log.emptied and in_log:
            says("was emptied, and not by pruning")
        return
    try:
        body = store.vault.unseal(row.sealed, place)
    except ErasedError:
        report.no_longer_kept += 1
        if f"case {ref}" not in log.erased:
            says("cannot be read any more: its key was destroyed, and the audit log does not say so")
        return
    except StoreError:
        says("does not open: it was changed, or the key is another")
        return
    if hashlib.sha256(body).hexdigest() != row.sha256:
        says("does not match its hash")
