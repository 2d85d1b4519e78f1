"""SQLite through apsw, as a DB-API module for SQLAlchemy: so that the program's own Store runs on a file system of ours.

`Driver(vfs)` is what `Store(..., driver=...)` and `schema.upgrade(..., driver=...)` take in place of Python's `sqlite3`.
Its errors are `sqlite3`'s own, with `sqlite_errorcode`. It is for measuring: it knows only what SQLAlchemy asks of it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import apsw


class Driver:
    """`committed` is called after every transaction that was acknowledged; `instead` replaces whole statements, for
    controls that must fail ("PRAGMA synchronous=FULL" by NORMAL)."""

    paramstyle, apilevel, threadsafety = "qmark", "2.0", 1
    sqlite_version_info = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    Binary = memoryview
    Error, InterfaceError, DatabaseError = sqlite3.Error, sqlite3.InterfaceError, sqlite3.DatabaseError
    OperationalError, IntegrityError, DataError = (
        sqlite3.OperationalError,
        sqlite3.IntegrityError,
        sqlite3.DataError,
    )
    InternalError, ProgrammingError = sqlite3.InternalError, sqlite3.ProgrammingError
    NotSupportedError, Warning = sqlite3.NotSupportedError, sqlite3.Warning
    Connection = sqlite3.Connection

    def __init__(
        self,
        vfs: str | None = None,
        *,
        committed: Callable[[], None] | None = None,
        instead: Mapping[str, str] | None = None,
    ) -> None:
        self.vfs = vfs
        self.committed = committed or (lambda: None)
        self.instead = instead or {}

    def connect(self, database: str, *, timeout: float = 5.0, **_: object) -> Connected:
        with _sqlite_errors():
            raw = apsw.Connection(database, vfs=self.vfs)
            raw.set_busy_timeout(int(timeout * 1000))
        return Connected(raw, self)


class Connected:
    """One connection. A transaction is begun by a statement and never by itself."""

    isolation_level: str | None = None

    def __init__(self, raw: apsw.Connection, driver: Driver) -> None:
        self.raw = raw
        self._driver = driver

    def cursor(self) -> Cursor:
        return Cursor(self.raw, self._driver.instead)

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Cursor:
        return self.cursor().execute(statement, values)

    def commit(self) -> None:
        if self.raw.in_transaction:
            with _sqlite_errors():
                self.raw.execute("COMMIT")
            self._driver.committed()

    def rollback(self) -> None:
        if self.raw.in_transaction:
            with _sqlite_errors():
                self.raw.execute("ROLLBACK")

    def close(self) -> None:
        with _sqlite_errors():
            self.raw.close()

    def create_function(self, name: str, arguments: int, call: Callable[..., Any], **_: object) -> None:
        self.raw.create_scalar_function(name, call, arguments)


class Cursor:
    """Rows are fetched at once: nothing of a statement is left open."""

    arraysize = 1

    def __init__(self, raw: apsw.Connection, instead: Mapping[str, str]) -> None:
        self._raw = raw
        self._instead = instead
        self._rows: list[tuple[Any, ...]] = []
        self.description: Sequence[tuple[Any, ...]] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Cursor:
        self.description = None
        cursor = self._raw.cursor()
        cursor.exec_trace = self._described
        before = self._raw.total_changes()
        with _sqlite_errors():
            cursor.execute(self._instead.get(statement, statement), tuple(values))
            self._rows = list(cursor)
        self.rowcount = self._raw.total_changes() - before if not self.description else -1
        if statement.lstrip()[:6].upper() in {"UPDATE", "DELETE", "INSERT"}:
            self.rowcount = self._raw.changes()
        self.lastrowid = self._raw.last_insert_rowid()
        return self

    def executemany(self, statement: str, many: Sequence[Sequence[Any]]) -> Cursor:
        changed = 0
        for values in many:
            self.execute(statement, values)
            changed += self.rowcount
        self.rowcount = changed
        return self

    def _described(self, cursor: apsw.Cursor, _statement: str, _values: object) -> bool:
        columns = cursor.get_description()
        self.description = [(column[0], *(None,) * 6) for column in columns] or None
        return True

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop(0) if self._rows else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        rows, self._rows = self._rows, []
        return rows

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        rows, self._rows = self._rows[: size or 1], self._rows[size or 1 :]
        return rows

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.fetchall())

    def close(self) -> None:
        self._rows = []


@contextlib.contextmanager
def _sqlite_errors() -> Iterator[None]:
    """What apsw raises, as `sqlite3` would have."""
    try:
        yield
    except apsw.Error as error:
        code = getattr(error, "extendedresult", 0) or getattr(error, "result", 1)
        kind = {
            apsw.SQLITE_CONSTRAINT: sqlite3.IntegrityError,
            apsw.SQLITE_CORRUPT: sqlite3.DatabaseError,
            apsw.SQLITE_NOTADB: sqlite3.DatabaseError,
        }.get(code & 0xFF, sqlite3.OperationalError)
        told = kind(str(error))
        told.sqlite_errorcode = code
        raise told from error
