"""The one database: how it is opened, written and read. Holds no judgement and no query of a stage.

SQLite in WAL with `synchronous=FULL`: an acknowledged transaction survives power loss. One connection writes, under
one lock, always with BEGIN IMMEDIATE (a deferred transaction that upgrades fails at once, whatever the busy timeout);
readers are `query_only`, so that a GET cannot write even by mistake. A disk or a file that failed is not touched again.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, func
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool, Pool, StaticPool
from sqlmodel import Session, col, select

from monitor.audit import chained
from monitor.errors import StoreError, StoreFailedError
from monitor.keyring import StoredKeys
from monitor.store_failure import failure, is_busy, is_full
from monitor.tables import AuditRow
from monitor.vault import Vault

_TRIES = 4  # for the writer's lock, while another process holds it: one try is as long as the busy timeout
_CHECKPOINT_EVERY = 100  # commits
CLOSING = 10.0  # seconds
_PRAGMAS = ("foreign_keys=ON", "busy_timeout=5000", "synchronous=FULL", "secure_delete=ON")


def _engine(path: Path, driver: Any, *, writes: bool, pool: type[Pool] | None = None) -> Engine:
    options: dict[str, Any] = {"connect_args": {"check_same_thread": False, "timeout": 5.0}}
    if driver is not None:
        options["module"] = driver
    if pool is not None:
        options["poolclass"] = pool
    engine = create_engine(URL.create("sqlite", database=str(path)), **options)

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours, not the driver's guess
        if writes:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA wal_autocheckpoint=0")  # SQLite's own keeps its errors to itself
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if not writes:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


class Store:
    """The open database of one school, with the vault that seals what is private in it. `driver`: a DB-API module that
    SQLite is spoken to through; None: Python's own."""

    def __init__(self, path: Path, vault: Vault, *, school: str, driver: Any = None) -> None:
        self.path = path
        self.school = school
        self._lock = threading.Lock()
        self._commits = 0
        self.failed: StoreFailedError | None = None
        self.on_failure: Callable[[StoreFailedError], None] = lambda _error: (
            None
        )  # called once, where it failed
        self._writer = _engine(path, driver, writes=True, pool=StaticPool)
        self._reader = _engine(path, driver, writes=False)
        # connections of its own: whoever looks for a key may hold one of the others already
        keys = _engine(path, driver, writes=False, pool=NullPool)
        self.vault = vault.bound(StoredKeys(keys, school))
        for engine in (self._writer, self._reader, keys):
            event.listen(engine, "handle_error", lambda context: self._stop_if(context.original_exception))

    def _stop_if(self, cause: BaseException) -> None:
        """Raise StoreFailedError where this error says that the disk or the file failed; the first is told."""
        error = failure(self.path, cause)
        if error is None:
            return
        if self.failed is None:
            self.failed = error
            self.on_failure(error)
        raise error from cause

    def _refuse_if_failed(self) -> None:
        if self.failed is not None:
            raise self.failed

    def _begin(self, session: Session) -> None:
        """BEGIN IMMEDIATE, asked for again while another process (a backup, somebody's tool) holds the database."""
        for tried in range(1, _TRIES + 1):
            try:
                session.connection()
            except OperationalError as error:
                if tried == _TRIES or not is_busy(error.orig):
                    raise
                session.rollback()
            else:
                return

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed at the end of the block, rolled back on any exception. Never hold it across I/O."""
        with self._lock, Session(self._writer, expire_on_commit=False) as session:
            self._refuse_if_failed()
            self._begin(session)
            yield session
            session.commit()
            self._commits += 1
            if self._commits % _CHECKPOINT_EVERY == 0:
                self._checkpoint("PASSIVE")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view that cannot write: any statement that would raises OperationalError."""
        self._refuse_if_failed()
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    def check(self) -> None:
        """Refuse a database that is damaged: StoreFailedError. At every start and every night; reads the whole file."""
        with self.read() as session:
            says = session.connection().exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if says != "ok":
            self.failed = StoreFailedError.damaged(self.path, "quick_check")
            self.on_failure(self.failed)
            raise self.failed

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
        with self._lock:
            return self._checkpoint("TRUNCATE")

    def compact(self) -> bool:
        """Write the whole database file anew. `secure_delete` alone leaves pieces of what was deleted in pages that
        SQLite put in order before (measured by bench/traces.py); VACUUM leaves none. False as for `checkpoint`."""
        with self._lock:
            return (
                self._checkpoint("TRUNCATE")
                and self._straight("VACUUM") is not None
                and self._checkpoint("TRUNCATE")
            )

    def _checkpoint(self, how: str) -> bool:
        (busy, *_) = self._straight(f"PRAGMA wal_checkpoint({how})") or (1,)
        return not busy

    def _straight(self, statement: str) -> tuple[Any, ...] | None:
        """Past SQLAlchemy, which would begin a transaction first: the first row, empty where there is none. None: there was
        no room, or another process was in the way."""
        self._refuse_if_failed()
        connection = self._writer.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(statement)
            row = tuple(cursor.fetchone() or ()) if cursor.description else ()
            cursor.close()
        except sqlite3.Error as error:
            self._stop_if(error)
            if not is_full(error) and not is_busy(error):
                raise
            return None
        finally:
            connection.close()
        return row

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
        except (OperationalError, StoreFailedError):
            return False
        return True
