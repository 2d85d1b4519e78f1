"""The one database: how it is opened, written and read. Holds no judgement and no query of a stage.

SQLite in WAL with `synchronous=FULL`: an acknowledged transaction survives power loss. One connection writes, under
one lock, always with BEGIN IMMEDIATE (a deferred transaction that upgrades fails at once, whatever the busy timeout);
readers are `query_only`, so that a GET cannot write even by mistake.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, func
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, col, select

from monitor.audit import chained
from monitor.errors import StoreError
from monitor.tables import AuditRow
from monitor.vault import Vault

CLOSING = 10.0
_PRAGMAS = ("foreign_keys=ON", "busy_timeout=5000", "synchronous=FULL", "secure_delete=ON")


def _engine(path: Path, *, writes: bool) -> Engine:
    options: dict[str, Any] = {"connect_args": {"check_same_thread": False, "timeout": 5.0}}
    if writes:
        options["poolclass"] = StaticPool
    engine = create_engine(URL.create("sqlite", database=str(path)), **options)

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours, not the driver's guess
        if writes:
            connection.execute("PRAGMA journal_mode=WAL")
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if not writes:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


class Store:
    """The open database of one school, with the vault that seals what is private in it."""

    def __init__(self, path: Path, vault: Vault, *, school: str) -> None:
        self.path = path
        self.vault = vault
        self.school = school
        self._lock = threading.Lock()
        self._writer = _engine(path, writes=True)
        self._reader = _engine(path, writes=False)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed at the end of the block, rolled back on any exception. Never hold it across I/O."""
        with self._lock, Session(self._writer, expire_on_commit=False) as session:
            yield session
            session.commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view that cannot write: any statement that would raises OperationalError."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    def check(self) -> None:
        """Refuse to start on a database that is damaged, newer than this program, or made with another key."""
        try:
            with self.read() as session:
                says = session.connection().exec_driver_sql("PRAGMA quick_check(1)").scalar()
        except DatabaseError as error:
            raise StoreError(
                f"{self.path} is not a usable database ({type(error.orig).__name__}); keep the file and restore a backup"
            ) from error
        if says != "ok":
            raise StoreError(f"{self.path} is damaged: keep the file and restore a backup")

    def backup(self, target: Path) -> None:
        """A consistent copy through SQLite's online backup, made by the writer; `target` must not exist."""
        if target.exists():
            raise StoreError(f"{target} exists already; name a new file")
        target.touch(mode=0o600)
        with self._lock, self._writer.connect() as connection:
            source = connection.connection.driver_connection
            assert isinstance(source, sqlite3.Connection)
            copy = sqlite3.connect(target)
            try:
                source.backup(copy)
            finally:
                copy.close()

    def checkpoint(self) -> bool:
        """Move everything into the database file and empty the write-ahead log, where what was overwritten still
        stands. False when a reader kept it from that for as long as the busy timeout (5 s)."""
        with self._lock, self._writer.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            (busy, _, _) = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def close(self) -> None:
        """Once the transaction that runs has ended: SQLite's connection closed under another thread takes the process down.
        One that does not end in CLOSING seconds is left to the end of the process, as a crash would leave it."""
        self._reader.dispose()
        if self._lock.acquire(timeout=CLOSING):
            try:
                self._writer.dispose()
            finally:
                self._lock.release()

    def audit(
        self, session: Session, *, at: datetime, actor: str, happened: str, thing: str, detail: str = ""
    ) -> None:
        """Add one entry to the chain, in the caller's transaction: what is recorded and its record land together."""
        last = session.exec(
            select(AuditRow)
            .where(AuditRow.school_id == self.school)
            .order_by(col(AuditRow.seq).desc())
            .limit(1)
        ).first()
        session.add(
            chained(last, school=self.school, at=at, actor=actor, event=happened, thing=thing, detail=detail)
        )
        session.flush()

    def ready(self) -> bool:
        """Whether the writer answers: the watchdog's question."""
        try:
            with self.write() as session:
                session.exec(select(func.count()).select_from(AuditRow)).one()
        except OperationalError:
            return False
        return True
