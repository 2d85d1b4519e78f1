"""The change of the master key: every key in the database is wrapped anew, and what is sealed with them stays as it is.

While it lasts both master keys open everything, so that nobody is locked out, whatever goes wrong: the present key reaches
the wrapping key of the coming one, and the coming one what the present one sealed itself (version 1). It ends when the
service runs with the coming key. Killed anywhere, it goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlmodel import Session, col, func, select

from monitor import keys
from monitor.crash import point
from monitor.errors import StoreError
from monitor.keyring import as_value, living, living_keys
from monitor.keys import SEALING, Purpose
from monitor.ports import Clock
from monitor.sealed import COLUMNS, Sealed, belongs_to
from monitor.store import Store
from monitor.tables_keys import SealingKeyRow
from monitor.vault import KEPT, PLAIN_SEALING, Vault, key_id_of, wrapped

log = structlog.get_logger(__name__)
BATCH = 200  # rows a transaction
_WRAPPED = frozenset({*SEALING, Purpose.SECRET})


def begin(store: Store, coming: Vault, now: datetime) -> int:
    """Wrap every key by the coming master key, in one transaction; returns how many. 0: that was done before.

    A change to another key that was begun and not ended is given up for this one. StoreError when `coming` is the
    present key, or the store was opened with the coming one of a change that has not ended.
    """
    vault = store.vault
    if coming.fingerprint == vault.fingerprint:
        raise StoreError("the new key is the one that is in use already; name another file for a new one")
    with store.write() as session:
        keys.present(session, store, now)
        before = living(session, store.school, Purpose.NEXT)
        if before is not None and before.ref == coming.fingerprint:
            return 0
        if before is not None and before.ref == vault.fingerprint:
            raise StoreError(
                "the change to the present key has not ended; start the service once, then try again"
            )
        number = _wrap_all(session, store, coming, now)
        for purpose in (Purpose.NEXT, Purpose.LAST):
            _drop(session, store, purpose, now)
        keys.put(
            session, store, Purpose.NEXT, coming.fingerprint, coming.wrapping, now,
            with_key=vault.wrapping, fingerprint=vault.fingerprint,
        )  # fmt: skip
        keys.put(
            session, store, Purpose.LAST, vault.fingerprint, vault.derived(PLAIN_SEALING), now,
            with_key=coming.wrapping, fingerprint=coming.fingerprint,
        )  # fmt: skip
        _audit(session, store, "change of the master key begun", coming.fingerprint, now)
    point("keys.rewrapped")
    return number


def _wrap_all(session: Session, store: Store, coming: Vault, now: datetime) -> int:
    for name in KEPT:
        if living(session, store.school, Purpose.SECRET, name) is None:
            keys.add(session, store, Purpose.SECRET, name, store.vault.derived(name), now)
    rows = session.exec(living_keys(store.school).where(col(SealingKeyRow.purpose).in_(_WRAPPED))).all()
    for row in rows:
        key = store.vault.unwrap(as_value(row))
        row.wrapped_by = coming.fingerprint
        row.wrapped = wrapped(key, as_value(row), coming.wrapping)
        session.add(row)
    session.flush()
    return len(rows)


def end(store: Store, now: datetime) -> bool:
    """Let go of the master key that was, once the store is open with the coming one; False where nothing is to end.

    Everything of version 1 must have been sealed anew (`reseal`); StoreError while something is left that would be lost.
    """
    ours = store.vault.fingerprint
    with store.read() as session:
        coming = living(session, store.school, Purpose.NEXT)
    if coming is None or coming.ref != ours:
        return False
    if _left(store):
        raise StoreError(
            "the change of the master key cannot end: not everything is sealed anew yet; run it again"
        )
    with store.write() as session:
        last = living(session, store.school, Purpose.LAST)
        others = living_keys(store.school).where(
            SealingKeyRow.wrapped_by != ours, col(SealingKeyRow.purpose).in_(_WRAPPED)
        )
        if last is None or session.exec(others).first() is not None:
            raise StoreError(
                "the change of the master key cannot end: keys are missing; put the former key back"
            )
        store.vault.unwrap(as_value(last))  # opens: what it cannot open was damaged before
        for purpose in (Purpose.NEXT, Purpose.LAST, Purpose.MASTER):
            _drop(session, store, purpose, now)
        keys.present(session, store, now)
        _audit(session, store, "change of the master key ended", ours, now)
    point("keys.ended")
    return True


def _drop(session: Session, store: Store, purpose: Purpose, now: datetime) -> None:
    for row in session.exec(living_keys(store.school).where(SealingKeyRow.purpose == purpose.value)):
        row.wrapped, row.destroyed_at = b"", now
        session.add(row)
    session.flush()


def _audit(session: Session, store: Store, happened: str, fingerprint: str, now: datetime) -> None:
    store.audit(session, at=now, actor="schoolgate", happened=happened, thing=f"key {fingerprint[:8]}")


def is_pending(session: Session, store: Store) -> bool:
    """Whether a change has begun and not ended."""
    return living(session, store.school, Purpose.NEXT) is not None


def reseal(store: Store, batch: int = BATCH) -> Iterator[int]:
    """Give every value of version 1 the key that it belongs to, `batch` rows a transaction; yields how many after each.

    What does not open stays as it is, and is told of in the log by its place and number.
    """
    for column in COLUMNS:
        last = 0
        while ids := _plain(store, column, last, batch):
            done = 0
            with store.write() as session:
                for row in session.exec(select(column.table).where(column.table.id.in_(ids))):
                    done += _reseal(session, store, column, row)
            last = ids[-1]
            point("keys.resealed")
            yield done


def _plain(store: Store, column: Sealed, after: int, most: int) -> list[int]:
    with store.read() as session:
        return list(
            session.exec(
                select(column.table.id)
                .where(
                    column.table.school_id == store.school,
                    column.table.id > after,
                    func.substr(column.there, 1, 1) == b"\x01",
                )
                .order_by(column.table.id)
                .limit(most)
            )
        )


def _left(store: Store) -> bool:
    """Whether anything of version 1 still opens; what was damaged before does not, and holds up nothing."""
    for column in COLUMNS:
        last = 0
        while ids := _plain(store, column, last, BATCH):
            with store.read() as session:
                rows = session.exec(select(column.table).where(column.table.id.in_(ids))).all()
            if any(_value(store, column, row) is not None for row in rows):
                return True
            last = ids[-1]
    return False


def _value(store: Store, column: Sealed, row: object) -> bytes | None:
    try:
        return store.vault.unseal(getattr(row, column.column), column.place)
    except StoreError:
        return None


def _reseal(session: Session, store: Store, column: Sealed, row: object) -> int:
    sealed: bytes = getattr(row, column.column)
    if not sealed or key_id_of(sealed) is not None:
        return 0  # emptied or sealed anew since it was found
    value = _value(store, column, row)
    if value is None:
        log.error("a sealed value does not open", where=column.place, id=row.id)  # type: ignore[attr-defined]
        return 0
    setattr(row, column.column, belongs_to(session, store, column, row).seal(value, column.place))
    session.add(row)
    return 1


@dataclass
class Resealing:
    """What the running service does of all this: a batch a turn until nothing is left; then it ends a change of keys."""

    store: Store
    clock: Clock
    batch: int = BATCH
    _batches: Iterator[int] | None = field(default=None, init=False)
    _done: bool = field(default=False, init=False)

    def turn(self) -> int:
        """Returns how many values were sealed anew. After a failure the next turn looks again from the start."""
        if self._done:
            return 0
        batches, self._batches = self._batches or reseal(self.store, self.batch), None
        for number in batches:
            self._batches = batches
            return number
        end(self.store, self.clock())
        self._done = True
        return 0
