from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlmodel import select

from alerts.situation import SEALED as DECISION
from monitor import items, keys
from monitor.errors import StoreError
from monitor.evidence import EVIDENCE
from monitor.evidence_check import check
from monitor.key_rotation import begin, end, is_pending, reseal
from monitor.sealed import COLUMNS
from monitor.store import Store
from monitor.tables import AuditRow, DecisionRow, EvidenceRow, ItemRow
from monitor.tables_keys import SealingKeyRow
from monitor.vault import Vault
from tests.conftest import HandClock
from tests.monitor.aging import close, follow, read, rows_of, traces
from tests.monitor.test_assess import arrive

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW, THIRD = bytes(range(32)), b"n" * 32, b"t" * 32


@contextmanager
def opened(store: Store, master: bytes) -> Iterator[Store]:
    other = Store(store.path, Vault(master), school="school")
    try:
        yield other
    finally:
        other.close()


def fill(store: Store, clock: HandClock) -> None:
    """A case with a reason, a harmless item, a follower."""
    read(store, clock, "[threat critical] planted", "Lovely photos")
    close(store, clock, "Spoke with the family")
    follow(store, clock, "sam_example")


def as_an_older_version_did(store: Store) -> int:
    """Every sealed value as version 1; returns how many."""
    number = 0
    with store.write() as session:
        for column in COLUMNS:
            for row in session.exec(select(column.table)):
                value = store.vault.unseal(getattr(row, column.column), column.place)
                setattr(row, column.column, store.vault.seal(value, column.place))
                number += 1
        for key in session.exec(select(SealingKeyRow)):
            session.delete(key)
    return number


def everything(store: Store) -> tuple[list[str], list[bytes], list[bytes]]:
    """What people wrote, as it reads with this store's key."""
    return (
        [items.from_row(row, store.vault).text for row in rows_of(store, ItemRow)],
        [store.vault.unseal(row.sealed, EVIDENCE) for row in rows_of(store, EvidenceRow)],
        [store.vault.unseal(row.sealed, DECISION) for row in rows_of(store, DecisionRow)],
    )


def versions(store: Store) -> set[bytes]:
    return {
        getattr(row, column.column)[:1]
        for column in COLUMNS
        for row in rows_of(store, column.table)
        if getattr(row, column.column)
    }


def rotated(store: Store, clock: HandClock) -> None:
    begin(store, Vault(NEW), clock())
    with opened(store, NEW) as new:
        sum(reseal(new))
        assert end(new, clock())


@pytest.mark.parametrize("older", [False, True], ids=["keys", "made by an older version"])
def test_after_the_change_only_the_new_key_opens_and_everything_is_as_it_was(
    store: Store, clock: HandClock, older: bool
) -> None:
    fill(store, clock)
    if older:
        as_an_older_version_did(store)
    before = everything(store)
    rotated(store, clock)
    with opened(store, NEW) as new:
        assert everything(new) == before
        assert check(new).problems == []
    with opened(store, OLD) as old, pytest.raises(StoreError, match="does not open"):
        everything(old)
    assert versions(store) == {b"\x02"}


def test_while_it_lasts_both_keys_open_everything_and_may_store_more(store: Store, clock: HandClock) -> None:
    fill(store, clock)
    as_an_older_version_did(store)
    before = everything(store)
    begin(store, Vault(NEW), clock())
    with opened(store, OLD) as old, opened(store, NEW) as new:
        assert everything(old) == everything(new) == before
        clock.wait(days=1)
        read(old, clock, "[threat critical] by the old", first=10)
        read(new, clock, "[threat critical] by the new", first=20)
        assert everything(old) == everything(new)
        sum(reseal(new))
        end(new, clock())
        assert everything(new)[0][-2:] == ["[threat critical] by the old", "[threat critical] by the new"]


def test_keyed_hashes_stay_the_same(store: Store, clock: HandClock) -> None:
    before = store.vault.digest("email", "a@b.example"), store.vault.key("message-id")
    rotated(store, clock)
    with opened(store, NEW) as new:
        assert (new.vault.digest("email", "a@b.example"), new.vault.key("message-id")) == before
    assert Vault(NEW).digest("email", "a@b.example") != before[0]


def test_what_was_stored_is_known_again_and_not_taken_for_new(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "Lovely photos")
    rotated(store, clock)
    with opened(store, NEW) as new:
        arrive(new, clock, "Lovely photos")
        assert len(rows_of(new, ItemRow)) == 1


def test_once_it_ended_the_old_key_can_store_nothing(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "Lovely photos")
    with opened(store, OLD) as old:
        rotated(store, clock)
        clock.wait(days=1)
        with pytest.raises(StoreError, match="give the service the right key file"):
            arrive(old, clock, "By whoever was not restarted", first=2)


def test_it_does_not_end_while_the_old_key_is_in_use(store: Store, clock: HandClock) -> None:
    fill(store, clock)
    begin(store, Vault(NEW), clock())
    assert not end(store, clock())
    with store.read() as session:
        assert is_pending(session, store)


def test_asked_again_it_does_not_begin_again(store: Store, clock: HandClock) -> None:
    fill(store, clock)
    assert begin(store, Vault(NEW), clock()) == 5  # case, day, month and two secrets
    assert begin(store, Vault(NEW), clock()) == 0
    assert [row.event for row in rows_of(store, AuditRow)].count("change of the master key begun") == 1


def test_a_change_can_be_given_up_for_another_key_when_the_new_one_is_lost(
    store: Store, clock: HandClock
) -> None:
    fill(store, clock)
    as_an_older_version_did(store)
    before = everything(store)
    begin(store, Vault(NEW), clock())
    read(store, clock, "[threat critical] since", first=10)
    before = everything(store)
    begin(store, Vault(THIRD), clock())
    with opened(store, THIRD) as third:
        assert everything(third) == everything(store) == before
        sum(reseal(third))
        assert end(third, clock())
        assert everything(third) == before
    with opened(store, NEW) as lost, pytest.raises(StoreError):
        everything(lost)


@pytest.mark.parametrize(
    ("master", "says"), [(OLD, "in use already"), (b"x" * 31, "32 bytes")], ids=["the same", "short"]
)
def test_a_key_that_cannot_be_is_refused(store: Store, clock: HandClock, master: bytes, says: str) -> None:
    with pytest.raises(StoreError, match=says):
        begin(store, Vault(master), clock())


def test_a_third_key_waits_until_the_second_is_the_only_one(store: Store, clock: HandClock) -> None:
    begin(store, Vault(NEW), clock())
    with opened(store, NEW) as new, pytest.raises(StoreError, match="start the service once"):
        begin(new, Vault(THIRD), clock())


def test_the_old_key_can_go_into_no_case_that_the_new_one_cannot_open(store: Store, clock: HandClock) -> None:
    """A service that has not been restarted goes on making keys while the change lasts."""
    begin(store, Vault(NEW), clock())
    with store.write() as session:
        sealed = keys.for_case(session, store, 77, clock()).seal(b"late", EVIDENCE)
    with opened(store, NEW) as new:
        end(new, clock())
        assert new.vault.unseal(sealed, EVIDENCE) == b"late"


def test_nothing_that_opened_with_the_old_key_is_left_in_the_files(store: Store, clock: HandClock) -> None:
    fill(store, clock)
    left = [row.wrapped for row in rows_of(store, SealingKeyRow)]
    begin(store, Vault(NEW), clock())
    left += [row.wrapped for row in rows_of(store, SealingKeyRow) if row.purpose in {"next", "last"}]
    with opened(store, NEW) as new:
        sum(reseal(new))
        assert end(new, clock())
        assert traces(store.path, left, 12) > 0
        assert new.checkpoint()
    assert traces(store.path, left, 12) == 0
