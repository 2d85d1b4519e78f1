"""`python -m bench.keys [--full]`: a change of the master key killed at random moments, and erased cases looked for in older
copies. Everything is invented and lies in a folder that goes at the end."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, select

from bench.attack import Attack, command
from monitor import items, schema
from monitor.domain import Author, Item, ItemKind
from monitor.errors import StoreError
from monitor.evidence import EVIDENCE, keep_evidence
from monitor.evidence_check import check
from monitor.key_ends import destroy, empty_erased
from monitor.key_rotation import begin, end, reseal
from monitor.sealed import COLUMNS
from monitor.store import Store
from monitor.tables import CaseRow, EvidenceRow, ItemRow
from monitor.vault import Vault

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
OLD, NEW = bytes(range(32)), bytes(range(32, 64))
ITEMS, CASES = 120, 12
BATCH = 10  # rows a transaction: many moments to be killed at


@contextmanager
def opened(path: Path, master: bytes) -> Iterator[Store]:
    store = Store(path, Vault(master), school="school")
    try:
        yield store
    finally:
        store.close()


def made(path: Path) -> None:
    """A database whose items an older version sealed, and whose cases have keys."""
    schema.upgrade(path)
    with opened(path, OLD) as store:
        with store.write() as session:
            for number in range(ITEMS):
                session.add(_item(store, number))
        with store.write() as session:
            for row in session.exec(select(ItemRow).limit(CASES)).all():
                keep_evidence(session, store, _case(session, row), row, NOW)
        store.checkpoint()


def _item(store: Store, number: int) -> ItemRow:
    item = Item(
        account="page",
        kind=ItemKind.COMMENT,
        external_id=str(number),
        text=f"An invented comment, number {number}",
        author=Author("a1", "sam_example", "Sam Example"),
        posted_at=NOW,
    )
    return items.to_row(
        item, store.vault, school="school", network="facebook", version=1, now=NOW, baseline=False
    )


def _case(session: Session, row: ItemRow) -> CaseRow:
    assert row.id is not None
    case = CaseRow(
        school_id="school",
        number=row.id,
        ref=f"SM-{row.id:04d}",
        account=row.account,
        network=row.network,
        kind=row.kind,
        external_id=row.external_id,
        item_id=row.id,
        category="threat",
        severity=4,
        opened_at=NOW,
    )
    session.add(case)
    session.flush()
    return case


def read(store: Store) -> list[bytes]:
    """Everything that is sealed, opened."""
    with store.read() as session:
        return [
            store.vault.unseal(sealed, column.place)
            for column in COLUMNS
            for row in session.exec(select(column.table).order_by(column.table.id))
            if (sealed := getattr(row, column.column))
        ]


def change(path: Path) -> None:
    """The whole change of the master key, from wherever it stands."""
    with opened(path, OLD) as store:
        if not _ended(store):
            begin(store, Vault(NEW), NOW)
    with opened(path, NEW) as store:
        sum(reseal(store, BATCH))
        end(store, NOW)


def _ended(store: Store) -> bool:
    try:
        read(store)
    except StoreError:
        return True
    return False


def killed(path: Path, after: float) -> bool:
    """Change the key in a process that gets SIGKILL after so many seconds; whether it died of that."""
    child = os.fork()
    if child == 0:
        try:
            change(path)
        finally:
            os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def kills(folder: Path, times: int, *, seed: int = 6) -> Attack:
    """So many kills, each of a change from its beginning. Violations: what no longer opens as it was, by a key that should
    open it, at once or after the change was gone on with; an audit log that does not hold."""
    first, path = folder / "first.db", folder / "killed.db"
    made(first)
    with opened(first, OLD) as store:
        before = sorted(read(store))
    began = time.monotonic()
    shutil.copy(first, path)
    change(path)
    longest = (time.monotonic() - began) * 1.2
    chance = random.Random(seed)
    died = tried = wrong = 0
    while died < times and tried < times * 20:
        tried += 1
        for name in (path, *folder.glob("killed.db-*")):
            name.unlink(missing_ok=True)
        shutil.copy(first, path)
        if not killed(path, chance.uniform(0, longest)):
            continue  # it was through before
        died += 1
        wrong += not _whole(path, before)
    return Attack(
        "Changing the master key loses nothing and locks nobody out",
        "SIGKILL at random moments of the change",
        died,
        wrong,
    )


def _whole(path: Path, before: list[bytes]) -> bool:
    with opened(path, OLD) as old, opened(path, NEW) as new:
        opens = [_opens(store, before) for store in (old, new)]
    change(path)
    with opened(path, NEW) as store:
        return any(opens) and _opens(store, before) and check(store).holds and not _older(store)


def _opens(store: Store, before: list[bytes]) -> bool:
    try:
        return sorted(read(store)) == before
    except StoreError:
        return False


def _older(store: Store) -> bool:
    """Whether anything is still sealed as an older version did."""
    with store.read() as session:
        return any(row.sealed[:1] == b"\x01" for row in session.exec(select(ItemRow)))


def erased(folder: Path) -> Attack:
    """Every case erased, and looked for in a copy of the database from before, with the keys of today. Violations: what
    opens of an erased case, what does not open of another, a log that does not hold."""
    path, copy = folder / "erased.db", folder / "copy.db"
    made(path)
    wrong = 0
    with opened(path, OLD) as store:
        store.backup(copy)
        for number in range(1, CASES + 1, 2):  # every other one
            with store.write() as session:
                case = session.exec(select(CaseRow).where(CaseRow.number == number)).one()
                destroy(session, store, case, actor="dsl", now=NOW)
        wrong += not check(store).holds
    with sqlite3.connect(copy) as there:
        there.execute("ATTACH ? AS now", (str(path),))
        there.execute("DELETE FROM main.sealing_key")
        there.execute("INSERT INTO main.sealing_key SELECT * FROM now.sealing_key")
    there.close()
    tried = 0
    with opened(copy, OLD) as store:
        with store.read() as session:
            copies = session.exec(select(EvidenceRow).order_by(EvidenceRow.case_id)).all()  # type: ignore[arg-type]
        for row in copies:
            tried += 1
            wrong += _readable(store, row) is (row.case_id % 2 == 1)
        empty_erased(store, NOW)
        wrong += not check(store).holds
    return Attack(
        "What was erased is gone from older copies too, and nothing else is",
        "opening every copy of evidence in a backup from before",
        tried,
        wrong,
    )


def _readable(store: Store, row: EvidenceRow) -> bool:
    try:
        store.vault.unseal(row.sealed, EVIDENCE)
    except StoreError:
        return False
    return True


def measure(full: bool) -> list[Attack]:
    with tempfile.TemporaryDirectory() as folder:
        return [kills(Path(folder), 1000 if full else 20), erased(Path(folder))]


if __name__ == "__main__":
    sys.exit(command(measure, "keys: the change of the master key, killed; erased cases, looked for"))
