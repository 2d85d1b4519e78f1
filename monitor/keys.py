"""The keys that rows are sealed with: one for each case, each day and each month, made when it is first wanted.

To destroy a key is to erase everything that was sealed with it, in every copy of the database that lies anywhere
(monitor/key_ends.py). Always in the caller's transaction, so that no sealed row can be stored without its key.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from enum import StrEnum

from sqlmodel import Session

from monitor.errors import StoreError
from monitor.keyring import as_value, living
from monitor.store import Store
from monitor.tables_keys import SealingKeyRow
from monitor.vault import KEY_ID, LAST, MASTER, NEXT, SECRET, Sealer, WrappedKey, wrapped

_ANOTHER = (
    "storage.master_key is not the key that this database is sealed with (key {ours}, and the database has {theirs}); "
    "give the service the right key file and restart it"
)


class Purpose(StrEnum):
    """What a key is for. The last four are for the change of the master key (monitor/key_rotation.py)."""

    CASE = "case"  # everything of one case
    DAY = "day"  # what was taken in on one day and is in no case
    MONTH = "month"  # what is kept for longer and belongs to no case: people, digests, proposals
    SECRET = SECRET  # a sub-key that outlives the master key that it came from
    MASTER = "master"  # which master key the others are wrapped by; opens nothing itself
    NEXT = NEXT  # the wrapping key of the coming master key, wrapped by the present one
    LAST = LAST  # what version 1 was sealed with under the master key that goes, wrapped by the coming one


SEALING = frozenset({Purpose.CASE, Purpose.DAY, Purpose.MONTH})


def for_case(session: Session, store: Store, case_id: int | None, now: datetime) -> Sealer:
    """Seals everything that belongs to one case; without a case as `for_month`."""
    return (
        for_month(session, store, now)
        if case_id is None
        else _for(session, store, Purpose.CASE, str(case_id), now)
    )


def for_day(session: Session, store: Store, now: datetime) -> Sealer:
    """Seals what is taken in today and is kept for a short time."""
    return _for(session, store, Purpose.DAY, day_of(now), now)


def for_month(session: Session, store: Store, now: datetime) -> Sealer:
    """Seals what belongs to no case and is kept for longer."""
    return _for(session, store, Purpose.MONTH, month_of(now), now)


def day_of(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}"


def month_of(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m}"


def _for(session: Session, store: Store, purpose: Purpose, ref: str, now: datetime) -> Sealer:
    row = living(session, store.school, purpose, ref)
    if row is None:
        key = os.urandom(MASTER)
        key_id = add(session, store, purpose, ref, key, now)
        return Sealer(store.vault, key_id, store.vault.hold(key_id, key))
    return Sealer(store.vault, row.key_id, store.vault.opener(as_value(row)))


def add(session: Session, store: Store, purpose: Purpose, ref: str, key: bytes, now: datetime) -> bytes:
    """Wrap a key by the master key that counts and store it; returns its id."""
    with_key, fingerprint = _wrapping(session, store, now)
    return put(session, store, purpose, ref, key, now, with_key=with_key, fingerprint=fingerprint)


def put(
    session: Session,
    store: Store,
    purpose: Purpose,
    ref: str,
    key: bytes,
    now: datetime,
    *,
    with_key: bytes,
    fingerprint: str,
) -> bytes:
    """Store a key wrapped by this very one; returns its id."""
    new = WrappedKey(store.school, os.urandom(KEY_ID), purpose.value, ref, b"", fingerprint)
    session.add(
        SealingKeyRow(
            school_id=new.school,
            key_id=new.key_id,
            purpose=new.purpose,
            ref=new.ref,
            wrapped=wrapped(key, new, with_key),
            wrapped_by=fingerprint,
            made_at=now,
        )
    )
    session.flush()
    return new.key_id


def _wrapping(session: Session, store: Store, now: datetime) -> tuple[bytes, str]:
    """What a new key is wrapped with: while the master key is being changed, by the coming one already."""
    vault = store.vault
    check(session, store)
    coming = living(session, store.school, Purpose.NEXT)
    if coming is not None and coming.ref != vault.fingerprint:
        return vault.unwrap(as_value(coming)), coming.ref
    present(session, store, now)
    return vault.wrapping, vault.fingerprint


def present(session: Session, store: Store, now: datetime) -> None:
    """Note which master key counts, where no other does; StoreError where one does."""
    check(session, store)
    if living(session, store.school, Purpose.MASTER) is None:
        vault = store.vault
        fingerprint = vault.fingerprint
        put(
            session,
            store,
            Purpose.MASTER,
            fingerprint,
            bytes(MASTER),
            now,
            with_key=vault.wrapping,
            fingerprint=fingerprint,
        )


def check(session: Session, store: Store) -> None:
    """StoreError when the master key is not one that this database's keys are wrapped by: with it, nothing may be stored."""
    present = living(session, store.school, Purpose.MASTER)
    coming = living(session, store.school, Purpose.NEXT)
    known = [row.ref for row in (present, coming) if row is not None]
    if known and store.vault.fingerprint not in known:
        raise StoreError(_ANOTHER.format(ours=store.vault.fingerprint[:8], theirs=known[0][:8]))
