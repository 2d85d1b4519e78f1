from __future__ import annotations

import hashlib
import sqlite3
import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from monitor import schema
from monitor.audit import broken_at
from monitor.errors import StoreError
from monitor.evidence import EVIDENCE
from monitor.evidence_check import check
from monitor.store import Store
from monitor.tables import AuditRow, SpendRow
from monitor.vault import Vault
from tests.conftest import MORNING


def spend(month: str) -> SpendRow:
    return SpendRow(school_id="school", network="x", month=month, reads=1)


def test_the_migrations_make_exactly_the_tables(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    assert schema.upgrade(path) == (None, schema.head())
    schema.drift(path)
    assert schema.upgrade(path) == (schema.head(), schema.head())


def test_followers_of_an_older_database_are_judged_again_so_that_claims_find_them(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    schema.upgrade(path, "0002")
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO item (id, school_id, account, network, kind, external_id, version, target_id, sealed, digest,"
            " seen_at, baseline, hidden, refused, attempts) VALUES (1, 's', 'a', 'x', 'follower', '7', 1, '7', x'', x'',"
            " '2026-11-20 09:00:00', 0, 0, '', 0)"
        )
        connection.execute(
            "INSERT INTO follower (school_id, account, network, external_id, item_id, state, reason, first_seen_at,"
            " verified_at) VALUES ('s', 'a', 'x', '7', 1, 'unverified', '', '2026-11-20 09:00:00', '2026-11-20 09:00:00')"
        )
    connection.close()
    schema.upgrade(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT state, handle, verified_at FROM follower").fetchall() == [
            ("unverified", None, None)
        ]
    connection.close()


def test_copies_of_an_older_database_are_bound_to_the_audit_log(tmp_path: Path, vault: Vault) -> None:
    path = tmp_path / "old.db"
    schema.upgrade(path, "0009")
    body = b'{"text":"planted"}'
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO item (id, school_id, account, network, kind, external_id, version, target_id, sealed, digest,"
            " seen_at, baseline, hidden, refused, attempts) VALUES (1, 's', 'a', 'x', 'comment', '7', 1, '7', x'', x'',"
            " '2026-11-20 09:00:00', 0, 0, '', 0)"
        )
        connection.execute(
            "INSERT INTO cases (id, school_id, number, ref, account, network, kind, external_id, item_id, category,"
            " severity, state, roles, bypassed, opened_at, standing, decisions) VALUES (1, 's', 1, 'SM-0001', 'a', 'x',"
            " 'comment', '7', 1, 'threat', 4, 'open', '', '', '2026-11-20 09:00:00', 'visible', 0)"
        )
        for sealed in (vault.seal(body, EVIDENCE), b""):
            connection.execute(
                "INSERT INTO evidence (school_id, case_id, item_id, captured_at, sha256, sealed)"
                " VALUES ('s', 1, (SELECT 1 + count(*) FROM evidence), '2026-11-20 09:00:00', ?, ?)",
                (hashlib.sha256(body).hexdigest(), sealed),
            )
    connection.close()
    schema.upgrade(path)
    store = Store(path, vault, school="s")
    report = check(store)
    store.close()
    assert report.problems == []
    assert (report.copies, report.no_longer_kept, report.entries) == (2, 1, 3)


def test_a_new_database_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "state" / "new.db"
    schema.upgrade(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    schema.upgrade(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match=r"newer Schoolgate \(revision 9999\)"):
        schema.upgrade(path)


def test_what_fails_in_a_transaction_leaves_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as session:
        session.add(spend("2026-11"))
        session.flush()
        raise RuntimeError
    with store.read() as session:
        assert session.exec(select(SpendRow)).all() == []


def test_a_reader_cannot_write(store: Store) -> None:
    with store.read() as session:
        session.add(spend("2026-11"))
        with pytest.raises(OperationalError, match="readonly"):
            session.commit()


def test_every_commit_is_synced_to_the_disk(store: Store) -> None:
    with store.write() as session:
        connection = session.connection()
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1


def test_many_threads_write_one_after_another(store: Store) -> None:
    def add(month: int) -> None:
        for day in range(5):
            with store.write() as session:
                session.add(spend(f"{month}-{day}"))

    threads = [threading.Thread(target=add, args=(month,)) for month in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as session:
        assert len(session.exec(select(SpendRow)).all()) == 40


def test_a_damaged_database_is_named_and_kept(tmp_path: Path, vault: Vault) -> None:
    path = tmp_path / "bad.db"
    path.write_bytes(b"this is not a database" * 400)
    store = Store(path, vault, school="school")
    with pytest.raises(StoreError, match="not a usable database"):
        store.check()
    store.close()
    assert path.exists()


def test_a_backup_is_whole_and_never_overwrites(store: Store, tmp_path: Path, vault: Vault) -> None:
    with store.write() as session:
        session.add(spend("2026-11"))
    target = tmp_path / "copy.db"
    store.backup(target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    copy = Store(target, vault, school="school")
    with copy.read() as session:
        assert session.exec(select(SpendRow.month)).all() == ["2026-11"]
    copy.close()
    with pytest.raises(StoreError, match="exists already"):
        store.backup(target)


def chain(store: Store) -> list[AuditRow]:
    with store.read() as session:
        return list(session.exec(select(AuditRow).order_by(AuditRow.seq)))  # type: ignore[arg-type]


def fill(store: Store) -> None:
    for number in range(4):
        with store.write() as session:
            store.audit(
                session, at=MORNING, actor="schoolgate", happened="case opened", thing=f"case {number}"
            )


def test_the_audit_chain_holds(store: Store) -> None:
    fill(store)
    assert [row.seq for row in chain(store)] == [1, 2, 3, 4]
    assert broken_at(chain(store)) is None


@pytest.mark.parametrize(
    ("tamper", "at"),
    [
        ("UPDATE audit SET thing = 'case 9' WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 3", 3),
        ("DELETE FROM audit WHERE seq = 1", 1),
        ("UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE seq = 4", 4),
    ],
)
def test_a_changed_audit_entry_is_noticed(store: Store, tamper: str, at: int) -> None:
    fill(store)
    with sqlite3.connect(store.path) as connection:
        connection.execute(tamper)
    connection.close()
    assert broken_at(chain(store)) == at


def test_the_audit_entry_and_what_it_records_land_together(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as session:
        store.audit(session, at=MORNING, actor="schoolgate", happened="case opened", thing="case 1")
        raise RuntimeError
    assert chain(store) == []


def test_closing_waits_for_the_transaction_that_another_thread_is_in(store: Store) -> None:
    ended: list[str] = []
    inside, leave = threading.Event(), threading.Event()

    def write() -> None:
        with store.write() as session:
            session.connection()
            inside.set()
            leave.wait(5)
            ended.append("written")

    def close() -> None:
        store.close()
        ended.append("closed")

    writer, closer = threading.Thread(target=write), threading.Thread(target=close)
    writer.start()
    inside.wait(5)
    closer.start()
    closer.join(0.2)
    leave.set()
    writer.join()
    closer.join()
    assert ended == ["written", "closed"]
